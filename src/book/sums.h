// book/sums.h — limits that are too much together, by the fewest of them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "units/amounts.h"

namespace lotwright {

using NamedWeights = std::vector<std::pair<std::string, Weight>>;

// Of weights that sum to more than 1 the largest that still do, as words: "a 0.7 and b 0.5 sum to 1.2, which is more
// than 1". Without any one of them the others sum to at most 1, and no fewer exceed it. Empty where all fit.
[[nodiscard]] std::string fewest_above_one(NamedWeights weights);

}  // namespace lotwright
