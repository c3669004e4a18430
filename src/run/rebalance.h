// run/rebalance.h — the main path: one decision unit from checked facts to verified orders.
#pragma once

#include <vector>

#include "orders/orders.h"
#include "solution/solution.h"

namespace lotwright {

struct UnitOutcome {
  std::vector<AccountResult> accounts;  // in the unit's order
  std::vector<std::string> defects;     // refusals of the verifier and broken invariants, for the log
};

[[nodiscard]] UnitOutcome rebalance(const Book& book, const FactorRisk& risk, const DecisionUnit& unit,
                                    const Effort& effort);

}  // namespace lotwright
