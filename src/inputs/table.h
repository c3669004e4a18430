// inputs/table.h — a CSV file of the book as a list of columns and the fields they fill, so that a reader reads like
// the table of docs/data.md.
//
// Example:  struct AlphaRow { std::string_view security; double alpha = 0.0; };
//           const Table<AlphaRow> alpha_table{required<&AlphaRow::security>("security_id"),
//                                             required<&AlphaRow::alpha>("alpha")};
//           read_table(file, alpha_table, [&](AlphaRow& row, RowFaults& faults) { ... });
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "inputs/book_folder.h"
#include "inputs/cell.h"
#include "inputs/csv_reader.h"
#include "inputs/file_report.h"

namespace lotwright::inputs {

// Rows with the header found by name: what all tables have in common.
class TableReader {
 public:
  // Reads the header. A file that is missing has no rows; one without a usable header fails its report.
  explicit TableReader(BookFile& file);

  [[nodiscard]] bool usable() const { return csv_.has_value(); }
  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }

  // Goes to the next row; `faults` then has what is wrong with the row as a whole. A row that is the header again is
  // told and passed over. False at the end.
  [[nodiscard]] bool next(RowFaults& faults);

  [[nodiscard]] std::span<const std::string_view> cells() const { return csv_->cells(); }
  [[nodiscard]] bool text_damaged() const { return csv_->problem() == RowProblem::not_utf8; }

  void fail(const char* rule, std::string_view column, const std::string& message);

 private:
  void read_header();
  [[nodiscard]] bool is_header_again() const;
  void close();

  BookFile& file_;
  std::optional<CsvReader> csv_;
  std::vector<std::string> header_;
  std::int64_t rows_ = 0;
};

// What it means that a file had no rows, where that is worth a person's look.
void tell_no_rows(FileReport& report, const char* meaning);

struct ColumnName {
  std::string_view name;
  bool required = false;
};

// For every place in the header the number of the column it stands for, or -1. Fails the file where required columns
// are missing, a known one stands twice, or one that may be there is missing and another has almost its name: a
// misspelled `status` would unfreeze accounts. Other unknown names are told in one note each.
[[nodiscard]] std::vector<std::ptrdiff_t> match_header(TableReader& reader, const std::vector<ColumnName>& names,
                                                       FileReport& report);

template <class Row>
struct Column {
  std::string_view name;
  bool required;  // the column must be there and its cells filled
  Fault (*read)(std::string_view text, Row& row);
};

template <class Member>
struct OwnerOf;
template <class Row, class Field>
struct OwnerOf<Field Row::*> {
  using type = Row;
};
template <auto Member>
using RowOf = typename OwnerOf<decltype(Member)>::type;

template <auto Member, Range range>
Fault read_member(std::string_view text, RowOf<Member>& row) {
  auto& field = row.*Member;
  Fault fault = read_cell(text, field);
  if constexpr (range != Range::any) {
    if (!fault && !within(field, range)) return out_of(range);
  }
  return fault;
}

template <auto Member, Range range = Range::any>
constexpr Column<RowOf<Member>> required(std::string_view name) {
  return {name, true, read_member<Member, range>};
}

// An empty or missing cell leaves the field as the row struct initializes it.
template <auto Member, Range range = Range::any>
constexpr Column<RowOf<Member>> optional(std::string_view name) {
  return {name, false, read_member<Member, range>};
}

// A column of docs/data.md that nothing reads yet: known, so that it is not told as unknown.
template <class Row>
constexpr Column<Row> unread(std::string_view name) {
  return {name, false, [](std::string_view, Row&) -> Fault { return {}; }};
}

template <class Row>
using Table = std::vector<Column<Row>>;

// For every place in the header the column it stands for, or null; as match_header.
template <class Row>
std::vector<const Column<Row>*> bind(TableReader& reader, const Table<Row>& table, FileReport& report) {
  std::vector<ColumnName> names;
  for (const Column<Row>& column : table) names.push_back({column.name, column.required});
  std::vector<const Column<Row>*> bound;
  for (const std::ptrdiff_t place : match_header(reader, names, report)) {
    bound.push_back(place < 0 ? nullptr : &table[static_cast<std::size_t>(place)]);
  }
  return bound;
}

template <class Row>
void read_row(const TableReader& reader, const std::vector<const Column<Row>*>& bound, Row& row, RowFaults& faults) {
  const auto cells = reader.cells();
  const bool damaged = reader.text_damaged();
  const std::size_t count = std::min(bound.size(), cells.size());
  for (std::size_t i = 0; i < count; ++i) {
    const Column<Row>* column = bound[i];
    if (column == nullptr) continue;
    const std::string_view text = cells[i];
    if (text.empty()) {
      if (column->required) {
        faults.add(column->name, text, rule::data_value_missing, "is empty and must be given: fill it in");
      }
      continue;
    }
    if (damaged && !is_utf8(text)) continue;  // told with the row
    if (const Fault fault = column->read(text, row)) faults.add(column->name, text, fault.rule, fault.message);
  }
}

// Hands every row to `on_row(Row&, RowFaults&)`, faulty ones too: only then is it known whom a row concerns.
template <class Row, class OnRow>
void read_table(BookFile& file, const Table<Row>& table, OnRow on_row) {
  TableReader reader(file);
  if (!reader.usable()) return;
  const auto bound = bind(reader, table, file.report());
  if (file.report().failure) return;
  RowFaults faults;
  while (reader.next(faults)) {
    Row row{};
    read_row(reader, bound, row, faults);
    on_row(row, faults);
  }
}

// A row kept until the whole file is read. Ordered by its content, so that the order of rows in a file decides nothing.
template <class Row>
struct Kept {
  Row row;
  std::int64_t line = 0;

  friend auto operator<=>(const Kept&, const Kept&) = default;
};

// Sorts by content and takes out all but the first row of each key; `on_duplicate(kept, extra)` hears of the others.
template <class Row, class Key, class OnDuplicate>
void sort_unique(std::vector<Kept<Row>>& rows, Key key, OnDuplicate on_duplicate) {
  std::sort(rows.begin(), rows.end());
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (kept > 0 && key(rows[kept - 1].row) == key(rows[i].row)) {
      on_duplicate(rows[kept - 1], rows[i]);
    } else if (kept++ != i) {
      rows[kept - 1] = std::move(rows[i]);
    }
  }
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(kept), rows.end());
}

}  // namespace lotwright::inputs
