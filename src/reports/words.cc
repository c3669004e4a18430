#include "reports/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lotwright::reports {

std::string usd(Price price) { return "$" + grouped(price.to_string(2)); }

std::string usd(double amount) {
  const std::string digits = fmt::format("{:.2f}", std::abs(amount));
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  return (amount < 0.0 && !zero ? "-$" : "$") + grouped(digits);
}

std::string percent(double fraction, int decimals) { return fmt::format("{:.{}f} %", 100.0 * fraction, decimals); }

std::string listed(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::string title_of(const Security& security) {
  const std::string& name = security.name.empty() ? security.symbol : security.name;
  return name.empty() || name == security.id.text ? security.id.text : security.id.text + " (" + name + ")";
}

std::string term_in_words(Term term) { return term == Term::long_term ? "long-term" : "short-term"; }

}  // namespace lotwright::reports
