// testing/strange_accounts.h — accounts that a solver may stumble over, by kind and seed: degenerate risk, prices of a
// millionth, nothing that is free to move, rules that cannot all be kept.
//
// In:       a kind of `strange_kinds()` and a seed.
// Out:      a book of one account of 1 to some 120 names in which the kind's twist was made; the kind `mixed` makes
//           two to four twists, `household` is a random_book.
// Promises: the same kind and seed make the same book on every machine. Some kinds are `heavy`: much larger accounts.
// Example:  const Book book = strange_book("twins", 17);
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "book/book.h"

namespace lotwright {

struct StrangeKind {
  std::string_view name;
  bool heavy = false;  // thousands of names or lots
};

[[nodiscard]] std::vector<StrangeKind> strange_kinds();

// A Defect where there is no such kind.
[[nodiscard]] Book strange_book(std::string_view kind, std::uint64_t seed);

}  // namespace lotwright
