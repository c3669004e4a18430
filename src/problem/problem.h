// problem/problem.h — one checked account becomes a mathematical program whose rows and columns keep their names.
//
// In:       a CheckedAccount, what earlier accounts of the unit did, and the rules relaxed so far.
// Out:      a Problem: objective terms (dollars), and a numerics::Program in weights of investable value.
// Promises: coefficients come from objective::Terms; a test compares the two on random points. Row and name indices lead
//           back to lines, bands and rules.
#pragma once

#include <string>
#include <vector>

#include "checks/checks.h"
#include "objective/objective.h"
#include "tax/wash_sale.h"

namespace lotwright {

// The formula's constants for one account, before its orders. Used by the solver, by `evaluate` and by reasons.
[[nodiscard]] objective::Terms terms_of(const CheckedUnit& unit, const CheckedAccount& account,
                                        const tax::UnitProgress& progress);

}  // namespace lotwright
