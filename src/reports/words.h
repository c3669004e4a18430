// reports/words.h — numbers and rules as they are read aloud.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "book/book.h"
#include "units/dollars.h"

namespace lotwright::reports {

using lotwright::usd;
// "$1,234.50", "-$0.07": to the cent.
[[nodiscard]] std::string usd(double amount);
// A price with every decimal it has.
[[nodiscard]] std::string usd(Price price);
// A fraction as "12.34 %".
[[nodiscard]] std::string percent(double fraction, int decimals = 2);
// "a", "a and b", "a, b and c"
[[nodiscard]] std::string listed(const std::vector<std::string>& parts);
// "USEQ (US stocks)", or the id alone where there is no name.
[[nodiscard]] std::string title_of(const Security& security);
[[nodiscard]] std::string term_in_words(Term term);

}  // namespace lotwright::reports
