#include "units/trading_days.h"

#include <algorithm>
#include <array>

#include "base/defect.h"

namespace lotwright {
namespace {

constexpr int monday = 0;
constexpr int thursday = 3;
constexpr int saturday = 5;

// Easter Sunday of the Gregorian calendar: the Sunday after the full moon that the tables of 1582 give.
Date easter(int year) {
  const int golden = year % 19;
  const int century = year / 100;
  const int leap_dropped = century - century / 4;
  const int moon = (leap_dropped - (8 * century + 13) / 25 + 19 * golden + 15) % 30;
  const int full = moon - (moon / 28) * (1 - (29 / (moon + 1)) * ((21 - golden) / 11));
  const int weekday = (year + year / 4 + full + 2 - leap_dropped) % 7;
  const int days = full - weekday;  // after 28 March
  return Date::of(year, 3, 28) + days;
}

// The `number`th of its weekday in a month, or with -1 the last.
bool is_weekday_of_month(Date day, int weekday, int number) {
  const CivilDay civil = day.civil();
  if (day.weekday() != weekday) return false;
  if (number < 0) return civil.day + 7 > days_in_month(civil.year, civil.month);
  return (civil.day - 1) / 7 + 1 == number;
}

struct FixedHoliday {
  int month;
  int day;
  int first_year;
  bool on_friday_before;  // where it falls on a Saturday
};

constexpr auto fixed_holidays =
    std::to_array<FixedHoliday>({{1, 1, 0, false}, {6, 19, 2022, true}, {7, 4, 0, true}, {12, 25, 0, true}});

bool is_fixed_holiday(Date day) {
  const auto falls_on = [](Date date, const FixedHoliday& one) {
    const CivilDay civil = date.civil();
    return civil.month == one.month && civil.day == one.day && civil.year >= one.first_year;
  };
  return std::ranges::any_of(fixed_holidays, [&](const FixedHoliday& one) {
    if (falls_on(day, one)) return true;
    if (day.weekday() == monday) return falls_on(day - 1, one);
    return one.on_friday_before && (day + 1).weekday() == saturday && falls_on(day + 1, one);
  });
}

bool is_moving_holiday(Date day) {
  switch (day.civil().month) {
    case 1:
      return is_weekday_of_month(day, monday, 3);
    case 2:
      return is_weekday_of_month(day, monday, 3);
    case 5:
      return is_weekday_of_month(day, monday, -1);
    case 9:
      return is_weekday_of_month(day, monday, 1);
    case 11:
      return is_weekday_of_month(day, thursday, 4);
    default:
      return day == easter(day.civil().year) - 2;
  }
}

// Days of one year of the plan, from `begin` to before `end`.
std::vector<Date> days_of_year(Date begin, Date end, int a_year) {
  std::vector<Date> days;
  if (a_year == trading_days_a_year) {
    for (Date day = begin; day < end; day = day + 1) {
      if (is_trading_day(day)) days.push_back(day);
    }
    return days;
  }
  for (int i = 0; i < a_year; ++i) {
    days.push_back(trading_day_from(a_year == 52 ? begin + 7 * i : months_later(begin, 12 / a_year * i)));
  }
  return days;
}

}  // namespace

bool is_trading_day(Date day) { return day.weekday() < saturday && !is_fixed_holiday(day) && !is_moving_holiday(day); }

Date trading_day_from(Date day) {
  while (!is_trading_day(day)) day = day + 1;
  return day;
}

int trading_days_between(Date from, Date to) {
  int days = 0;
  for (Date day = from + 1; day <= to; day = day + 1) days += is_trading_day(day) ? 1 : 0;
  return days;
}

Date months_later(Date day, int months) {
  const CivilDay civil = day.civil();
  const int month = civil.month - 1 + months;
  const int year = civil.year + month / 12;
  return Date::of(year, month % 12 + 1, std::min(civil.day, days_in_month(year, month % 12 + 1)));
}

std::vector<std::vector<Date>> decision_days(Date first, int years, int a_year) {
  constexpr auto known = std::to_array<int>({1, 2, 4, 12, 52, trading_days_a_year});
  require(std::ranges::find(known, a_year) != known.end(), "a plan decides 1, 2, 4, 12, 52 or 252 times a year");
  std::vector<std::vector<Date>> days;
  for (int year = 0; year < years; ++year) {
    std::vector<Date> of_year =
        days_of_year(months_later(first, 12 * year), months_later(first, 12 * year + 12), a_year);
    if (year == 0 && (of_year.empty() || of_year.front() != first)) {
      // Today is decided whatever day it is.
      if (a_year == trading_days_a_year) of_year.insert(of_year.begin(), first);
      of_year.front() = first;
    }
    days.push_back(std::move(of_year));
  }
  return days;
}

}  // namespace lotwright
