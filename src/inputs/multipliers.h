// inputs/multipliers.h — shadow prices as they stand in multipliers.csv and in a saved case: one name and one number a
// row.
//
// Example:  {"cash", -0.012}, {"factor:1", 0.35}, {"factor:2", -0.07}
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "book/book.h"

namespace lotwright::inputs {

using NamedPrices = std::vector<std::pair<std::string, double>>;

// Sorted by name; factors are "factor:1" and on.
[[nodiscard]] NamedPrices named(const ShadowPrices& prices);

// And back, from rows sorted by name. nullopt: a factor between the first and the last is missing.
[[nodiscard]] std::optional<ShadowPrices> unnamed(NamedPrices rows);

}  // namespace lotwright::inputs
