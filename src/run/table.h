// run/table.h — somebody's small CSV file, read whole: orders to be judged, or what an earlier run wrote.
//
// Promises: in a table read whole, a row that cannot be read becomes a finding with its line, never the end of it.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "book/finding.h"
#include "inputs/byte_source.h"

namespace lotwright {

struct TableRow {
  std::int64_t line = 0;
  std::vector<std::string> cells;
};

struct Table {
  std::string file;
  std::map<std::string, std::size_t, std::less<>> columns;
  std::vector<TableRow> rows;
  Findings findings;  // rows left out

  // The cell, or empty where the table has no such column or the row is short.
  [[nodiscard]] std::string_view cell(const TableRow& row, std::string_view column) const;
};

// A file that is not there, or lacks one of the `required` columns, is a Failure.
[[nodiscard]] Result<Table> read_table(const std::string& path, const std::vector<std::string>& required);
// For files that this program wrote itself: a row that cannot be read, or has not a cell for each of the header, is a
// Failure; nothing is passed over. Each row to `on_row`, none kept, for files of any size; or all of them.
[[nodiscard]] Result<bool> read_rows(const std::string& path, const std::vector<std::string>& required,
                                     const std::function<void(const Table&, const TableRow&)>& on_row);
[[nodiscard]] Result<Table> read_own_table(const std::string& path, const std::vector<std::string>& required);
// The whole file from any bytes; `name` is what findings call the file.
[[nodiscard]] Result<Table> read_table(inputs::ByteSource& source, const std::string& name,
                                       const std::vector<std::string>& required);

}  // namespace lotwright
