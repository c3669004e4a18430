// run/play.h — a saved case decided again, and compared with what was decided when it was saved.
//
// In:       a Case (cases/case.h).
// Out:      the rows a run writes about the unit now, and every row that differs from the saved ones.
// Promises: the engine version that saved a case plays it to the same bytes on every machine. Another version plays it
//           too; `engine_version` of the case tells that it may differ for good reasons.
// Refuses:  a case whose risk model is no covariance.
#pragma once

#include <string>
#include <vector>

#include "cases/case.h"
#include "run/rebalance.h"

namespace lotwright {

// One row that only one side has.
struct Difference {
  std::string table;  // "decided_orders" ...
  bool saved = true;  // false: it was decided now
  std::vector<std::string> cells;
};

struct Played {
  std::string saved_by;  // the engine version of the case
  std::string played_by;
  Date as_of;
  cases::TextTables decided;
  cases::TextTables breaches;  // of the case: what the verifier refused when it was saved
  std::vector<Difference> differences;

  [[nodiscard]] bool same() const { return differences.empty(); }
};

[[nodiscard]] Result<Played> play(const Case& saved, const Steps& steps);

// What a person reads: same or not, the orders, the rows that differ.
[[nodiscard]] std::string text_of(const Played& played);
[[nodiscard]] std::string json_of(const Played& played);

}  // namespace lotwright
