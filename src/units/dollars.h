// units/dollars.h — dollars as a person reads them.
#pragma once

#include <string>

#include "units/amounts.h"

namespace lotwright {

// "$1,234.50", "-$0.07": to the cent, half away from zero.
[[nodiscard]] std::string usd(Money amount);
// "$1,235": to the dollar, half away from zero.
[[nodiscard]] std::string whole_usd(Money amount);
// Commas into the whole part of plain digits: "1234567.50" is "1,234,567.50".
[[nodiscard]] std::string grouped(std::string digits);

}  // namespace lotwright
