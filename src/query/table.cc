#include "query/table.h"

#include <algorithm>

#include "book/rules.h"
#include "units/amounts.h"
#include "units/date.h"

namespace lotwright::query {

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "text";
    case Kind::money:
      return "dollars";
    case Kind::number:
      return "a number";
    case Kind::percent:
      return "a fraction";
    case Kind::date:
      return "a date";
  }
  return "";
}

std::size_t Table::find(std::string_view column) const {
  return static_cast<std::size_t>(std::ranges::find(columns, column, &Column::name) - columns.begin());
}

int decimals_of(Kind kind) {
  switch (kind) {
    case Kind::money:
      return Money::decimals;
    case Kind::number:
      return Quantity::decimals;
    case Kind::percent:
      return Weight::decimals;
    case Kind::text:
    case Kind::date:
      break;
  }
  return 0;
}

Result<Value> read_value(Kind kind, std::string_view text) {
  Value value{.known = true, .count = 0, .text = text};
  if (kind == Kind::text) return value;
  value.known = !text.empty();
  if (!value.known) return value;
  if (kind == Kind::date) {
    Date date;
    if (const char* why = Date::read(text, date)) return Failure{rule::data_date_unreadable, why, {}};
    value.count = date.day_number();
  } else if (const char* why = read_decimal(text, decimals_of(kind), value.count)) {
    return Failure{rule::data_number_unreadable, why, {}};
  }
  return value;
}

}  // namespace lotwright::query
