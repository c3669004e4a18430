// units/apportion.h — an exact count divided by shares so that the parts add up to it.
#pragma once

#include <vector>

#include "units/fixed.h"

namespace lotwright {

// `total` >= 0 divided in proportion to `shares` (none negative, not all zero): each part is rounded down, and what is
// left over given one by one to the largest remainders, the earlier first. The parts sum to `total`. `total` times the
// sum of the shares must stay below 2^127.
[[nodiscard]] std::vector<std::int64_t> apportion(std::int64_t total, const std::vector<Int128>& shares);

}  // namespace lotwright
