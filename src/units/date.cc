#include "units/date.h"

#include <chrono>

#include "base/defect.h"

namespace lotwright {
namespace {

namespace chrono = std::chrono;

chrono::year_month_day civil_of(int year, int month, int day) {
  return chrono::year(year) / chrono::month(static_cast<unsigned>(month)) / chrono::day(static_cast<unsigned>(day));
}

bool in_range(int year, int month, int day) {
  return year >= 1900 && year <= 2199 && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
         civil_of(year, month, day).ok();
}

std::int32_t day_number_of(int year, int month, int day) {
  return static_cast<std::int32_t>(chrono::sys_days(civil_of(year, month, day)).time_since_epoch().count());
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

const char* Date::read(std::string_view text, Date& date) {
  const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-';
  const int year = shaped ? number(text.substr(0, 4)) : -1;
  const int month = shaped ? number(text.substr(5, 2)) : -1;
  const int day = shaped ? number(text.substr(8, 2)) : -1;
  if (!in_range(year, month, day)) {
    return "is not a calendar date between 1900-01-01 and 2199-12-31: write YYYY-MM-DD";
  }
  date = of_day_number(day_number_of(year, month, day));
  return nullptr;
}

Result<Date> Date::parse(std::string_view text) {
  Date date;
  const char* refusal = read(text, date);
  if (refusal == nullptr) return date;
  return Failure{"data_date_unreadable",
                 refusal,
                 {.file = {}, .line = 0, .column = {}, .value = std::string(text.substr(0, 200))}};
}

Date Date::of(int year, int month, int day) {
  require(in_range(year, month, day), "an impossible date was written in code");
  return of_day_number(day_number_of(year, month, day));
}

CivilDay Date::civil() const {
  const chrono::year_month_day civil{chrono::sys_days{chrono::days{days_}}};
  return {static_cast<int>(civil.year()), static_cast<int>(static_cast<unsigned>(civil.month())),
          static_cast<int>(static_cast<unsigned>(civil.day()))};
}

std::string Date::to_string() const {
  const CivilDay c = civil();
  std::string text = "0000-00-00";
  const auto put = [&text](std::size_t end, int value, int digits) {
    for (int i = 0; i < digits; ++i, value /= 10)
      text[end - static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  };
  put(3, c.year, 4);
  put(6, c.month, 2);
  put(9, c.day, 2);
  return text;
}

int Date::day_of_year() const { return *this - Date::of(civil().year, 1, 1) + 1; }

int Date::days_in_year() const { return days_in_month(civil().year, 2) == 29 ? 366 : 365; }

bool Date::is_last_of_month() const {
  const CivilDay c = civil();
  return c.day == days_in_month(c.year, c.month);
}

int Date::weekday() const {
  const chrono::weekday day{chrono::sys_days{chrono::days{days_}}};
  return static_cast<int>(day.iso_encoding()) - 1;
}

int days_in_month(int year, int month) {
  const auto last = chrono::year(year) / chrono::month(static_cast<unsigned>(month)) / chrono::last;
  return static_cast<int>(static_cast<unsigned>(chrono::year_month_day_last(last).day()));
}

}  // namespace lotwright
