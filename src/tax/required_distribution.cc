#include "tax/required_distribution.h"

#include <algorithm>
#include <array>

#include "base/defect.h"

namespace lotwright::tax {
namespace {

constexpr int age_min = 72;
// 26 CFR 1.401(a)(9)-9(c), tenths of a year by age from 72 to 120.
constexpr std::array periods = {274, 265, 255, 246, 237, 229, 220, 211, 202, 194, 185, 177, 168,  // 72 to 84
                                160, 152, 144, 137, 129, 122, 115, 108, 101, 95,  89,  84,  78,   // 85 to 97
                                73,  68,  64,  60,  56,  52,  49,  46,  43,  41,  39,  37,  35,   // 98 to 110
                                34,  33,  31,  30,  29,  28,  27,  25,  23,  20};                 // 111 to 120

}  // namespace

int first_distribution_year(Date born) {
  const int year = born.civil().year;
  return year + (year < 1951 ? 72 : year < 1960 ? 73 : 75);
}

Date last_day_to_distribute(Date born, int year) {
  return year == first_distribution_year(born) ? Date::of(year + 1, 4, 1) : Date::of(year, 12, 31);
}

int distribution_period_tenths(int age) {
  require(age >= age_min, "a distribution period is asked for below the age of 72");
  return periods[std::min(static_cast<std::size_t>(age - age_min), periods.size() - 1)];
}

Money required_distribution(Date born, int year, Money balance) {
  require(year >= distribution_year_min && !balance.is_negative(), "a distribution is asked for that no table tells");
  if (year < first_distribution_year(born)) return {};
  const int period = distribution_period_tenths(year - born.civil().year);
  const std::int64_t a_cent_each_period = cent.count() * period;
  const Int128 cents = (Int128{balance.count()} * 10 + a_cent_each_period - 1) / a_cent_each_period;
  return Money::of_count(static_cast<std::int64_t>(cents) * cent.count());
}

}  // namespace lotwright::tax
