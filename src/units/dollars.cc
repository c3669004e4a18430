#include "units/dollars.h"

#include <algorithm>

namespace lotwright {

std::string grouped(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t i = point; i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string usd(Money amount) {
  const Money rounded = round_to_cent(amount);
  return (rounded.is_negative() ? "-$" : "$") + grouped(rounded.abs().to_string(2));
}

std::string whole_usd(Money amount) {
  const std::int64_t half = amount.is_negative() ? -Money::scale / 2 : Money::scale / 2;
  const std::int64_t whole = (amount.count() / Money::scale) + (amount.count() % Money::scale + half) / Money::scale;
  return (whole < 0 ? "-$" : "$") + grouped(std::to_string(whole < 0 ? -whole : whole));
}

}  // namespace lotwright
