#include "cases/text_tables.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "book/rules.h"
#include "inputs/csv_reader.h"
#include "inputs/csv_text.h"
#include "inputs/file_report.h"

namespace lotwright::cases {
namespace {

using Cells = std::vector<std::string>;

void append_row(std::string& text, const Cells& cells) {
  inputs::append_csv_cells(text, cells);
  text += '\n';
}

Cells cells_of(const inputs::CsvReader& reader) { return {reader.cells().begin(), reader.cells().end()}; }

bool names_a_table(const Cells& cells) {
  return cells.size() == 1 && cells[0].size() > 2 && cells[0].front() == '[' && cells[0].back() == ']';
}

// The tables read so far; the last one is still open.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  // What is wrong with the row, if anything.
  std::optional<Failure> enter(std::int64_t line, Cells cells) {
    if (names_a_table(cells)) return open(line, cells[0].substr(1, cells[0].size() - 2));
    if (tables.empty()) return refusal(line, cells[0], "stands before the first table: begin with [case]");
    TextTable& table = tables.back();
    if (table.columns.empty()) {
      if (cells.size() < 2) return refusal(line, cells[0], "is no header: a table has two columns or more");
      table.columns = std::move(cells);
      return std::nullopt;
    }
    if (cells.size() != table.columns.size()) {
      return refusal(line, cells[0],
                     "begins a row of " + std::to_string(cells.size()) + " cells where the header of [" +
                         inputs::quotable(table.name) + "] has " + std::to_string(table.columns.size()) +
                         ": give every column its cell");
    }
    table.rows.push_back({line, std::move(cells)});
    return std::nullopt;
  }

  [[nodiscard]] Failure refusal(std::int64_t line, std::string_view value, const std::string& what) const {
    const std::string seen = inputs::quotable(value);
    return {rule::case_unreadable, "\"" + seen + "\" " + what, {file_, line, {}, seen}};
  }

  TextTables tables;

 private:
  std::optional<Failure> open(std::int64_t line, std::string name) {
    if (find_table(tables, name) != nullptr) return refusal(line, name, "is the name of two tables: keep one");
    tables.push_back({std::move(name), line, {}, {}});
    return std::nullopt;
  }

  std::string file_;
};

}  // namespace

const TextTable* find_table(const TextTables& tables, std::string_view name) {
  const auto found = std::ranges::find(tables, name, &TextTable::name);
  return found == tables.end() ? nullptr : &*found;
}

std::string text_of(const TextTable& table) {
  std::string text = "[" + table.name + "]\n";
  append_row(text, table.columns);
  for (const TextRow& row : table.rows) append_row(text, row.cells);
  return text;
}

Result<TextTables> read_tables(std::string_view text, const std::string& file) {
  inputs::MemorySource source(text);
  inputs::CsvReader csv(source);
  Reader reader(file);
  while (csv.next()) {
    if (csv.problem() != inputs::RowProblem::none) {
      return reader.refusal(csv.line(), csv.beginning(), "begins a row that is not CSV in UTF-8: close its quotes");
    }
    if (csv.cells().empty()) continue;
    if (const auto failure = reader.enter(csv.line(), cells_of(csv))) return *failure;
  }
  return std::move(reader.tables);
}

TextTable table_of_csv(std::string name, std::string_view csv_text) {
  inputs::MemorySource source(csv_text);
  inputs::CsvReader csv(source);
  TextTable table{std::move(name), 0, {}, {}};
  if (csv.next()) table.columns = cells_of(csv);
  while (csv.next()) table.rows.push_back({csv.line(), cells_of(csv)});
  return table;
}

}  // namespace lotwright::cases
