// explanation/unusual_words.h — what a firm's own test found, as a person reads it. Internal to explanation/.
#pragma once

#include <string>

#include "orders/orders.h"

namespace lotwright {

// For exceptions.csv: dollars to the cent, counts whole, fractions to a tenth of a basis point.
[[nodiscard]] std::string figure(ExceptionMeasure measure, double value);

// "turnover 63.5 %, limit 30.0 %; of $38,463 sold: 71 % harvesting losses ($27,310), ...; a person decides".
[[nodiscard]] std::string unusual_in_words(const Book& book, const AccountResult& result, const ExceptionRule& rule,
                                           double value);

// Value and limit in their unit, with as many digits as tell them apart: {"63.5 %", "30.0 %"}.
[[nodiscard]] std::pair<std::string, std::string> shown(ExceptionMeasure measure, double value, double limit);

}  // namespace lotwright
