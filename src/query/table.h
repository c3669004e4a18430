// query/table.h — what a table that can be asked about consists of: its columns, each with what its cells mean.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace lotwright::query {

// money: dollars to the millionth; number: any other to the millionth; percent: a fraction, 0.03 is 3 %, to 1e-12.
enum class Kind { text, money, number, percent, date };

[[nodiscard]] std::string_view name_of(Kind kind);

struct Column {
  std::string_view name;
  Kind kind = Kind::text;
  bool brief = false;                            // shown to a person who names no columns
  std::span<const std::string_view> words = {};  // all that may stand in it; none: any text
  std::span<const std::string_view> open = {};   // words that begin so may stand in it too, and no word; none: `words`

  [[nodiscard]] bool may_hold(std::string_view cell) const {
    if (words.empty() || std::ranges::find(words, cell) != words.end()) return true;
    const auto begins = [cell](std::string_view start) { return cell.starts_with(start) && cell != start; };
    return !open.empty() && (cell.empty() || std::ranges::any_of(open, begins));
  }
};

struct Table {
  std::string_view name;  // "accounts", of accounts.csv
  std::span<const Column> columns;
  bool one_an_account = false;      // never two rows of one account
  std::string_view sorted_by = {};  // where nobody names an order; empty: the order of the rows

  // The place of a column; columns.size() where there is none of this name.
  [[nodiscard]] std::size_t find(std::string_view column) const;
  // Whether rows belong to accounts, so that other tables can be asked about them.
  [[nodiscard]] bool has_accounts() const { return find("account_id") < columns.size(); }
};

// One cell: a count of the kind's smallest fraction (of a date its day number), or text. Of numbers and dates an empty
// cell is not known; of text it is an empty text.
struct Value {
  bool known = false;
  std::int64_t count = 0;
  std::string_view text;  // as it stands in the cell
};

using Row = std::span<const Value>;  // beside Table::columns

// The decimals that the kind keeps; of text and dates 0.
[[nodiscard]] int decimals_of(Kind kind);

// Refuses what is no cell of this kind; the message follows the name of the column.
[[nodiscard]] Result<Value> read_value(Kind kind, std::string_view text);

}  // namespace lotwright::query
