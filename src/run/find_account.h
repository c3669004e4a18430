// run/find_account.h — the account of a book by its id.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "book/book.h"

namespace lotwright {

// Nothing where the book has no such account.
[[nodiscard]] inline std::optional<AccountIndex> find_account(const Book& book, std::string_view id) {
  const auto id_of = [](const Account& one) { return std::string_view(one.id.text); };
  const auto at = std::ranges::lower_bound(book.accounts, id, {}, id_of);
  if (at == book.accounts.end() || at->id.text != id) return std::nullopt;
  return AccountIndex{static_cast<std::uint32_t>(at - book.accounts.begin())};
}

// What is said of an id that the book does not have: ids like it.
[[nodiscard]] Failure unknown_account(const Book& book, const std::string& wanted);

}  // namespace lotwright
