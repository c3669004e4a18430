// solution/attempt.h — one complete try at an account under a given set of relaxed rules: every cell of T solved and
// bounded, the best plan found. Internal to solution/.
#pragma once

#include <memory>
#include <optional>

#include "numerics/ascent.h"
#include "solution/holding_plan.h"
#include "solution/solution.h"

namespace lotwright {

struct Attempt {
  Problem problem;
  std::optional<HoldingPlan> plan;  // the best found; refers to `problem`
  double bound = 0.0;               // dollars
  double cash_price = 0.0;          // the cash row's multiplier
  double gain_budget_price = 0.0;   // dollars the bound falls by per dollar more of the budget, at the plan's prices
  double tax_budget_price = 0.0;
  ShadowPrices shadow_prices;       // of the region that the plan came from
  bool proven_quiet = false;        // ended by the proof that no orders improve by as much as is asked for
  HoldingPlan::Broken broken;       // limits the best plan could not keep

  [[nodiscard]] bool feasible() const { return broken.none(); }
};

// `attempt.problem` must not move afterwards: the plan refers to it. `improvement_min`, dollars: where the account's
// shadow prices prove that no orders improve by as much, holding everything ends the attempt; 0: it is never ended so.
[[nodiscard]] std::unique_ptr<Attempt> attempt(const CheckedUnit& unit, const CheckedAccount& account,
                                               const tax::UnitProgress& progress, const PoseOptions& options,
                                               const Effort& effort, double improvement_min = 0.0);

}  // namespace lotwright
