// cases/text_tables.h — the outer form of a saved case: named tables of text, one below the other.
//
// In:       tables, or the bytes of a file.
// Out:      the same tables. A row of one cell in brackets, "[lots]", names the table that follows; the next row names
//           its columns, of which there are at least two; blank lines mean nothing; cells are quoted as in CSV.
// Promises: every cell comes back as it was written. No bytes, whatever they are, do more than fail.
// Refuses:  rows before the first name, a name that stands twice, a row with more or fewer cells than its header.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lotwright::cases {

struct TextRow {
  std::int64_t line = 0;  // of the file it was read from
  std::vector<std::string> cells;
};

struct TextTable {
  std::string name;
  std::int64_t line = 0;
  std::vector<std::string> columns;
  std::vector<TextRow> rows;
};

using TextTables = std::vector<TextTable>;

// nullptr where there is none.
[[nodiscard]] const TextTable* find_table(const TextTables& tables, std::string_view name);

[[nodiscard]] std::string text_of(const TextTable& table);

// `file` is for messages.
[[nodiscard]] Result<TextTables> read_tables(std::string_view text, const std::string& file);

// A CSV file with a header, as a table of that name.
[[nodiscard]] TextTable table_of_csv(std::string name, std::string_view csv);

}  // namespace lotwright::cases
