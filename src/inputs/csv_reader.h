// inputs/csv_reader.h — RFC 4180 rows out of a stream of bytes, without copying a cell.
//
// In:       a ByteSource.
// Out:      row by row, its cells as text that stays valid until the next call; the line the row began on; what is
//           wrong with the row, if anything.
// Promises: `\n` and `\r\n` mean the same, a UTF-8 byte order mark is passed over, a quoted cell may hold newlines,
//           blank lines are no rows. Memory is one line at most, and a line is at most `line_bytes_max` long: a longer
//           one is passed over unbuffered. A row that is refused costs no other row: reading goes on at the next line.
// Refuses:  a quote inside an unquoted cell, text after a closing quote, a quote never closed, bytes that are not
//           UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "inputs/byte_source.h"

namespace lotwright::inputs {

inline constexpr std::size_t line_bytes_max = 1024 * 1024;

enum class RowProblem { none, quotes, not_utf8, too_long };

[[nodiscard]] bool is_utf8(std::string_view text);

class CsvReader {
 public:
  // `source` outlives the reader.
  explicit CsvReader(ByteSource& source);

  // Goes to the next row. False at the end, or where `failure()` says why the source could not be read on.
  [[nodiscard]] bool next();

  // The row's cells, quotes taken off. Where `problem` is quotes or too_long: the cells before the spot.
  [[nodiscard]] std::span<const std::string_view> cells() const { return cells_; }
  [[nodiscard]] RowProblem problem() const { return problem_; }
  // The source ended before the row's newline: it may have been cut.
  [[nodiscard]] bool unended() const { return newline_lent_ && row_end_ == end_; }
  [[nodiscard]] std::int64_t line() const { return line_; }  // where the row began, from 1
  [[nodiscard]] std::string_view beginning() const;          // the row's first bytes as they stand in the file
  [[nodiscard]] const std::optional<Failure>& failure() const { return source_.failure(); }

 private:
  enum class Scan { complete, incomplete };

  [[nodiscard]] Scan scan_row();
  [[nodiscard]] const char* scan_quoted(const char* cell);
  void refuse_quotes_at(const char* cell);
  void finish_row();
  [[nodiscard]] bool fill();
  void pass_over_line();

  ByteSource& source_;
  std::unique_ptr<char[]> buffer_;
  char* begin_;                // of the row
  char* end_;                  // of the bytes read
  bool at_end_ = false;        // of the source
  bool newline_lent_ = false;  // which the last line lacked
  bool first_ = true;          // nothing handed out yet: a byte order mark may come
  bool passing_ = false;       // the rest of a line that was too long is still to be passed over

  std::vector<std::string_view> cells_;
  std::vector<std::size_t> escaped_;  // cells with doubled quotes
  const char* row_end_ = nullptr;     // one past the row's newline
  unsigned high_bits_ = 0;            // of all bytes looked at: zero means ASCII
  bool spans_lines_ = false;
  RowProblem problem_ = RowProblem::none;
  std::int64_t line_ = 0;
  std::int64_t next_line_ = 1;
};

}  // namespace lotwright::inputs
