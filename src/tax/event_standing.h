// tax/event_standing.h — which rows of the past hold: an event told twice happened once, one that is taken back never
// did.
#pragma once

#include <optional>
#include <vector>

#include "book/ledger.h"

namespace lotwright::tax {

struct StandingRow {
  std::size_t number = 0;                // of the row
  std::optional<Failure> contradiction;  // another row of its id says something else
};

// In file order. Rows that stand may have faults of their own.
struct Standing {
  std::vector<StandingRow> events;
  std::vector<StandingRow> actions;
  std::vector<Failure> findings;  // reversals of nothing, and in a circle
};

[[nodiscard]] Standing standing_of(const LedgerBook& book);

}  // namespace lotwright::tax
