// book/model_change.h — which request for another model holds.
#pragma once

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

}  // namespace lotwright
