#include "tax/holding_period.h"

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

}  // namespace lotwright::tax
