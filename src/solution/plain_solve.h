// solution/plain_solve.h — an account decided, without what only deciding it again can tell: what directed trades cost,
// and what an unmet request runs into. Internal to solution/.
#pragma once

#include "solution/solution.h"

namespace lotwright {

[[nodiscard]] Solution solve_plainly(const CheckedUnit& unit, const CheckedAccount& account,
                                     const tax::UnitProgress& progress, const Effort& effort);

// Dollars: the objective after the solution's orders.
[[nodiscard]] double objective_after(const CheckedUnit& unit, const CheckedAccount& account,
                                     const tax::UnitProgress& progress, const Solution& solution);

}  // namespace lotwright
