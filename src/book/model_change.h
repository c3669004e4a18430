// book/model_change.h — which request for another model holds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "book/book.h"

namespace lotwright {

// Of one account's requests, by id, the model_change that is due: the newest by due_on, of the same day the last.
// Null where none is due on `as_of`.
template <class Requests>
[[nodiscard]] auto due_model_change(Requests&& requests, Date as_of) {
  decltype(&*std::begin(requests)) newest = nullptr;
  for (auto& request : requests) {
    if (request.kind != RequestKind::model_change || request.due_on > as_of) continue;
    if (newest == nullptr || newest->due_on <= request.due_on) newest = &request;
  }
  return newest;
}

// What the account follows today, by a due request or its own row; a place in Book::models that may not be there.
[[nodiscard]] inline std::uint32_t model_followed(const Book& book, AccountIndex index) {
  const auto* newest =
      due_model_change(std::ranges::equal_range(book.requests, index, {}, &Request::account), book.firm.as_of);
  return newest == nullptr ? book.account(index).model_index : newest->model_index;
}

}  // namespace lotwright
