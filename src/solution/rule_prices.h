// solution/rule_prices.h — what each rule that stands in the way of an account's orders costs a year, at most.
//
// In:       a decided account: how it was posed, the attempt that was made, and the objective of its orders.
// Out:      one price for each rule that seems to bind: the objective less a lower bound that holds without that rule
//           (limits on one security: without any such limit on it). No orders, were it lifted, are better by more.
// Promises: the bound is one of weak duality like every other, so "at most" holds whatever the few steps of the climb
//           reached. Rules that bind too little to be seen, and bounds too loose to be of use, are left out; what
//           is left out is not said to be free.
// Refuses:  law and lot facts: nobody can lift them.
#pragma once

#include <vector>

#include "solution/attempt.h"
#include "solution/solution.h"

namespace lotwright {

// `objective_after`: dollars, of the orders as settled. Largest price first.
[[nodiscard]] std::vector<RulePrice> rule_prices(const CheckedUnit& unit, const CheckedAccount& account,
                                                 const tax::UnitProgress& progress, const PoseOptions& options,
                                                 const Attempt& made, const objective::Outcome& after,
                                                 double objective_after);

}  // namespace lotwright
