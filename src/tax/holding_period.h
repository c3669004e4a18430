// tax/holding_period.h — short-term or long-term (IRC 1222, 1223; Rev. Rul. 66-7, 66-97, 70-598).
//
// Counted by trade date, the day of acquisition left out, the day of sale counted in. Calendar months, not 365 days:
// property acquired on the last day of a month completes its months on last days of months.
#pragma once

#include "book/book.h"
#include "units/date.h"

namespace lotwright::tax {

// The day on which exactly one year is complete; a sale after it is long-term.
[[nodiscard]] Date anniversary(Date held_from);

// Days until a sale would be long-term: 1 on the anniversary itself; 0 where it is already.
[[nodiscard]] int days_to_long_term(Date held_from, Date on);

[[nodiscard]] bool is_long_term(Date held_from, Date sold_on);
[[nodiscard]] Term term_of(Date held_from, Date sold_on);
// The last day from which property is held for more than a year on `sold_on`.
[[nodiscard]] Date last_long_term_from(Date sold_on);

}  // namespace lotwright::tax
