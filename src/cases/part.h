// cases/part.h — the part of a book that one unit's decision reads, as a book of its own.
//
// In:       a book and one of its units.
// Out:      a Book with that unit alone, and where its nouns went.
// Promises: deciding the unit in the part gives what deciding it in the whole gives, to the byte: every row that any
//           floor looks up for these accounts is there, in the same order, and indices still follow ids.
#pragma once

#include <cstdint>
#include <vector>

#include "book/book.h"
#include "orders/orders.h"

namespace lotwright {

struct Part {
  Book book;
  std::vector<std::uint32_t> accounts;    // place in the part by place in the whole; nobody where it was left out
  std::vector<std::uint32_t> securities;  // the same
};

// `more_models`, places in Book::models, come along though none of the accounts follows them.
[[nodiscard]] Part part_of(const Book& book, const DecisionUnit& unit,
                           const std::vector<std::uint32_t>& more_models = {});

// The same result with its indices into the part. One that names something the part lacks is a Defect.
[[nodiscard]] AccountResult in_part(const Part& part, AccountResult result);

}  // namespace lotwright
