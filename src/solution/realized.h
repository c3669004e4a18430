// solution/realized.h — what finished orders realize of what due requests ask for, and why they do not where they fall
// short. Internal to solution/.
#pragma once

#include <string>

#include "problem/problem.h"
#include "solution/solution.h"

namespace lotwright {

// The rule of the request that a sale serves; empty: none.
[[nodiscard]] std::string request_served(const CheckedAccount& account, const Trade& trade);

// A review for each realization that the orders miss by more than rounding: what was reached, and by what the rest is
// kept, in dollars.
[[nodiscard]] Findings missed_realizations(const CheckedUnit& unit, const CheckedAccount& account,
                                           const tax::UnitProgress& progress, const Relaxed& relaxed,
                                           const AccountTrades& trades);

}  // namespace lotwright
