// units/date.h — civil dates. The tax law counts days and calendar months by trade date; no time of day, no zone.
//
// In:       "YYYY-MM-DD", or year, month, day.
// Out:      a day number that compares and subtracts; the civil parts on request.
// Promises: an impossible date (30 February) is refused. Range 1900-01-01 .. 2199-12-31.
// Example:  Result<Date> day = Date::parse("2025-06-30");
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lotwright {

struct CivilDay {
  int year = 1970;
  int month = 1;  // 1..12
  int day = 1;    // 1..31

  bool operator==(const CivilDay&) const = default;
};

class Date {
 public:
  constexpr Date() = default;  // 1970-01-01

  [[nodiscard]] static Result<Date> parse(std::string_view text);
  // The same without building a Failure, for readers of millions of cells: null and `date` set, or why it is refused.
  [[nodiscard]] static const char* read(std::string_view text, Date& date);
  // A Defect for an impossible date: for constants and tests. Input goes through parse.
  [[nodiscard]] static Date of(int year, int month, int day);
  [[nodiscard]] static constexpr Date of_day_number(std::int32_t days) {
    Date date;
    date.days_ = days;
    return date;
  }

  [[nodiscard]] constexpr std::int32_t day_number() const { return days_; }  // days since 1970-01-01
  [[nodiscard]] CivilDay civil() const;
  [[nodiscard]] std::string to_string() const;
  [[nodiscard]] int day_of_year() const;   // 1..366
  [[nodiscard]] int days_in_year() const;  // 365 or 366
  [[nodiscard]] bool is_last_of_month() const;
  [[nodiscard]] int weekday() const;  // 0 = Monday .. 6 = Sunday

  constexpr auto operator<=>(const Date&) const = default;
  constexpr Date operator+(int days) const { return of_day_number(days_ + days); }
  constexpr Date operator-(int days) const { return of_day_number(days_ - days); }
  constexpr int operator-(Date earlier) const { return days_ - earlier.days_; }

 private:
  std::int32_t days_ = 0;
};

[[nodiscard]] int days_in_month(int year, int month);

}  // namespace lotwright
