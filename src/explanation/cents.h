// explanation/cents.h — dollars computed in double become cents that add up.
#pragma once

#include <optional>
#include <vector>

#include "units/amounts.h"

namespace lotwright {

// Nearest cent, half away from zero.
[[nodiscard]] Money to_cents(double dollars);

// The same; nullopt where it is more than a trillion dollars: weights of next to nothing say nothing.
[[nodiscard]] std::optional<Money> to_cents_if_sane(double dollars);

// The least whole cent that is not below `dollars`; what lies within a millionth of a cent counts as on it.
[[nodiscard]] Money up_to_cents(double dollars);

// Each of `dollars` to the cent by largest remainder: rounded down, and the cents that `total` then lacks go one each
// to those that lost most (equal ones in order). The result adds up to `total`, a whole number of cents, exactly.
[[nodiscard]] std::vector<Money> apportion(const std::vector<double>& dollars, Money total);

}  // namespace lotwright
