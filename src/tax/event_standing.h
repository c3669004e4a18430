// tax/event_standing.h — which rows of the past hold: an event told twice happened once, one that is taken back never
// did; and what all that holds sums up to.
#pragma once

#include <optional>
#include <vector>

#include "book/ledger.h"

namespace lotwright::tax {

struct StandingRow {
  std::size_t number = 0;        // of the row
  std::optional<Failure> fault;  // another row of its id says something else; a sum of the ledger is beyond its limit
  bool holds = true;             // what its faults concern; not where all rows of its id are pending
};

// In file order. Rows that stand may have faults of their own.
struct Standing {
  std::vector<StandingRow> opening_lots;
  std::vector<StandingRow> events;
  std::vector<StandingRow> actions;
  std::vector<Failure> findings;  // reversals of nothing, and in a circle
};

[[nodiscard]] Standing standing_of(const LedgerBook& book);

}  // namespace lotwright::tax
