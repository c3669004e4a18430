#include "tax/holding_period.h"

#include <algorithm>

namespace lotwright::tax {

Date anniversary(Date held_from) {
  const CivilDay from = held_from.civil();
  const int year = from.year + 1;
  const int day = held_from.is_last_of_month() ? days_in_month(year, from.month) : from.day;
  return Date::of(year, from.month, day);
}

int days_to_long_term(Date held_from, Date on) {
  const int days = anniversary(held_from) + 1 - on;
  return days > 0 ? days : 0;
}

bool is_long_term(Date held_from, Date sold_on) { return sold_on > anniversary(held_from); }

Term term_of(Date held_from, Date sold_on) {
  return is_long_term(held_from, sold_on) ? Term::long_term : Term::short_term;
}

Date last_long_term_from(Date sold_on) {
  const CivilDay day = sold_on.civil();
  const int year = day.year - 1;
  Date from = Date::of(year, day.month, std::min(day.day, days_in_month(year, day.month)));
  while (!is_long_term(from, sold_on)) from = from - 1;
  return from;
}

}  // namespace lotwright::tax
