#include "run/table.h"

#include <fmt/format.h>

#include <filesystem>

#include "book/rules.h"
#include "inputs/csv_reader.h"

namespace lotwright {
namespace {

Finding unreadable_row(const Table& table, std::int64_t line) {
  return {rule::data_row_malformed,
          Severity::review,
          {},
          {table.file, line, {}, {}},
          {},
          {},
          "the row is not a row of CSV and was left out: close its quotes, and write it in UTF-8"};
}

Failure no_file(const std::string& path) {
  return {rule::data_file_missing, "there is no such file: check the path", {path, 0, {}, {}}};
}

Failure torn_row(const std::string& path, const TableRow& row, std::size_t width) {
  return {rule::data_row_malformed,
          fmt::format("the row cannot be read or has not the {} cells of its header: take the file that the run wrote",
                      width),
          {path, row.line, {}, {}}};
}

std::vector<std::string> cells_of(const inputs::CsvReader& reader) {
  return {reader.cells().begin(), reader.cells().end()};
}

Result<bool> read_header(inputs::CsvReader& reader, const std::vector<std::string>& required, Table& table) {
  if (reader.next()) {
    for (const std::string& name : cells_of(reader)) table.columns.emplace(name, table.columns.size());
  }
  if (reader.failure()) return *reader.failure();
  for (const std::string& name : required) {
    if (!table.columns.contains(name)) {
      return Failure{rule::data_column_missing,
                     "the column \"" + name + "\" is missing: add it to the header and the rows",
                     {table.file, 1, name, {}}};
    }
  }
  return true;
}

}  // namespace

std::string_view Table::cell(const TableRow& row, std::string_view column) const {
  const auto at = columns.find(column);
  return at == columns.end() || at->second >= row.cells.size() ? std::string_view() : row.cells[at->second];
}

Result<bool> read_rows(const std::string& path, const std::vector<std::string>& required,
                       const std::function<void(const Table&, const TableRow&)>& on_row) {
  if (!std::filesystem::is_regular_file(path)) return no_file(path);
  inputs::FileSource source(path);
  inputs::CsvReader reader(source);
  Table table;
  table.file = std::filesystem::path(path).filename().string();
  if (auto header = read_header(reader, required, table); !header) return header;
  const std::size_t width = reader.cells().size();
  while (reader.next()) {
    TableRow row{reader.line(), cells_of(reader)};
    if (reader.problem() != inputs::RowProblem::none || row.cells.size() != width) return torn_row(path, row, width);
    on_row(table, row);
  }
  if (reader.failure()) return *reader.failure();
  return true;
}

Result<Table> read_own_table(const std::string& path, const std::vector<std::string>& required) {
  Table whole;
  const auto read = read_rows(path, required, [&whole](const Table& table, const TableRow& row) {
    if (whole.rows.empty()) whole = table;
    whole.rows.push_back(row);
  });
  if (!read) return read.failure();
  whole.file = std::filesystem::path(path).filename().string();
  return whole;
}

Result<Table> read_table(const std::string& path, const std::vector<std::string>& required) {
  if (!std::filesystem::is_regular_file(path)) return no_file(path);
  inputs::FileSource source(path);
  return read_table(source, std::filesystem::path(path).filename().string(), required);
}

Result<Table> read_table(inputs::ByteSource& source, const std::string& name,
                         const std::vector<std::string>& required) {
  inputs::CsvReader reader(source);
  Table table;
  table.file = name;
  if (auto header = read_header(reader, required, table); !header) return header.failure();
  while (reader.next()) {
    if (reader.problem() == inputs::RowProblem::none) {
      table.rows.push_back({reader.line(), cells_of(reader)});
    } else {
      table.findings.push_back(unreadable_row(table, reader.line()));
    }
  }
  if (reader.failure()) return *reader.failure();
  return table;
}

}  // namespace lotwright
