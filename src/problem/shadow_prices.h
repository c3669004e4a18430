// problem/shadow_prices.h — the multipliers of a problem under the names that its limits keep from day to day.
//
// In:       a Problem, and prices of its rows and factors or of those of an earlier day.
// Out:      the same prices by name, and back on the rows that are there today.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "problem/problem.h"

namespace lotwright {

// By row of the program: "cash", "short", "long", "net", "tax_budget", "buys", "sells", "names", "band:" + its
// restriction or setting, "goal:" + its first request.
[[nodiscard]] std::vector<std::string> row_names(const Problem& problem);

// Prices of zero are left out of the rows, never of the factors.
[[nodiscard]] ShadowPrices shadow_prices(const Problem& problem, const numerics::Multipliers& at);

// Rows that have no price begin at zero, prices of rows that are not there are passed over. nullopt: there are none,
// they are of another number of factors, or one is no number.
[[nodiscard]] std::optional<numerics::Multipliers> multipliers(const Problem& problem, const ShadowPrices& prices);

}  // namespace lotwright
