// query/filter.h — the text of a filter, such as "severity = review and dollars_at_stake > 1e6", and what it says of a
// row. docs/data.md, "Questions to a run's files", has the language.
//
// In:       a text, the table it is about, all tables that may be asked about an account.
// Out:      a Filter, which tells yes, no or unknown of one row after the other.
// Promises: numbers are compared exactly; what is empty is unknown, and nothing that hangs on it is yes. No file, clock
//           or environment: rows come from the caller. Any bytes are a filter or a Failure.
// Refuses:  what it cannot understand, with the character where it stands (Failure::place.line, from 1), the near name
//           where there is one, and what to write.
// Example:  accounts.turnover > 30 % and exceptions(rule = unusual_turnover and severity = review)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/table.h"

namespace lotwright::query {

enum class Truth { no, unknown, yes };  // weakest first

using Tables = std::span<const Table>;

// A column of the table asked about, or of another one.
struct ColumnPlace {
  std::size_t table = 0;  // into Tables
  std::size_t column = 0;

  bool operator==(const ColumnPlace&) const = default;
};

// "turnover" of `own`, or "accounts.turnover"; `at` is where it stands in its text. Another table than `own` only where
// both have accounts.
[[nodiscard]] Result<ColumnPlace> find_column(std::string_view name, std::size_t own, Tables tables, std::size_t at);

enum class Comparison { equal, unequal, less, less_or_equal, greater, greater_or_equal };

// One condition, or several of them joined.
struct FilterNode {
  enum class Op { all_of, any_of, negation, compare, one_of, contains, is_empty, has_row };

  Op op = Op::all_of;
  std::vector<std::size_t> children;  // of all_of, any_of, negation
  std::size_t column = 0;             // what is looked at, of the row
  Kind kind = Kind::text;             // of that column
  Comparison comparison = Comparison::equal;
  std::optional<std::size_t> other;  // compared with this column of the row
  std::vector<std::string> texts;    // of kind text: compared with these
  std::vector<std::int64_t> counts;  // of other kinds
  std::size_t inner = 0;             // of has_row: which of Filter::inner
};

class Filter {
 public:
  // An empty text is true of every row. `own` is a place in `tables`.
  [[nodiscard]] static Result<Filter> read(std::string_view text, std::size_t own, Tables tables);

  // What is asked of other tables: has the row's account a row there, of which this holds?
  struct Inner {
    std::size_t table = 0;
    std::size_t root = 0;
  };
  [[nodiscard]] const std::vector<Inner>& inner() const { return inner_; }
  [[nodiscard]] Truth of_inner(std::size_t inner, Row row) const { return of(inner_[inner].root, row, {}); }

  // `has_row(i)`: the strongest answer of inner(i) to the rows of this row's account; no where it has none.
  using HasRow = std::function<Truth(std::size_t)>;
  [[nodiscard]] Truth of(Row row, const HasRow& has_row) const { return root_ ? of(*root_, row, has_row) : Truth::yes; }

 private:
  friend class FilterReader;

  [[nodiscard]] Truth of(std::size_t node, Row row, const HasRow& has_row) const;

  std::vector<FilterNode> nodes_;
  std::vector<Inner> inner_;
  std::optional<std::size_t> root_;
};

// The text as one line with a mark below `character`, counted from 1 in bytes.
[[nodiscard]] std::string pointed_at(std::string_view text, std::size_t character);

}  // namespace lotwright::query
