// tax/event_standing.h — which rows of the past hold: an event told twice happened once, one that is taken back never did.
#pragma once

#include <vector>

#include "book/ledger.h"

namespace lotwright::tax {

// Numbers of rows, in file order. Of rows that stand some may still have faults; those of one id and different content
// have one more each.
struct Standing {
  std::vector<std::size_t> events;
  std::vector<std::size_t> actions;
  std::vector<Failure> findings;  // reversals of nothing, and in a circle
};

// Adds to the rows' faults where one id has different contents.
[[nodiscard]] Standing standing_of(LedgerBook& book);

}  // namespace lotwright::tax
