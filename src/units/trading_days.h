// units/trading_days.h — Monday to Friday without the exchange's holidays, by rule: the days on which trades settle
// and a plan decides.
//
// Promises: no clock and no table of years: the holidays of the New York Stock Exchange as its rule 7.2 has them (New
//           Year, Martin Luther King, Washington, Good Friday, Memorial, Juneteenth from 2022, Independence, Labor,
//           Thanksgiving, Christmas), one that falls on a Sunday kept on Monday, on a Saturday on Friday, but for New
//           Year, which then falls away. Days on which it closed for anything else are not known.
#pragma once

#include <vector>

#include "units/date.h"

namespace lotwright {

[[nodiscard]] bool is_trading_day(Date day);

// The first trading day not before `day`.
[[nodiscard]] Date trading_day_from(Date day);

// Those after `from`, up to and with `to`.
[[nodiscard]] int trading_days_between(Date from, Date to);

// The same day `months` later; the last of its month where that is shorter.
[[nodiscard]] Date months_later(Date day, int months);

inline constexpr int trading_days_a_year = 252;

// When a plan that begins on `first` decides, year by year: once, 2, 4 or 12 times the same day of a later month, 52
// times every seventh day, 252 times every trading day; always the trading day from there on, but for `first` itself.
// Refuses another number by a Defect.
[[nodiscard]] std::vector<std::vector<Date>> decision_days(Date first, int years, int a_year);

}  // namespace lotwright
