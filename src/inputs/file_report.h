// inputs/file_report.h — what reading one file brought besides its values, and how a fault in a row becomes a Finding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "book/book.h"
#include "book/rules.h"

namespace lotwright::inputs {

// `text` as it may stand in a message: bytes that are not UTF-8 replaced by '?', at most 200 bytes.
[[nodiscard]] std::string quotable(std::string_view text);

// What is wrong with one row, collected until it is known whom the row concerns.
class RowFaults {
 public:
  void start_row(std::int64_t line) {
    line_ = line;
    faults_.clear();
  }
  // `message` is what follows "COLUMN "VALUE"" in a sentence, remedy included.
  void add(std::string_view column, std::string_view value, const char* rule, std::string message);

  [[nodiscard]] bool any() const { return !faults_.empty(); }
  [[nodiscard]] bool has(std::string_view column) const;
  [[nodiscard]] std::int64_t line() const { return line_; }
  [[nodiscard]] const std::vector<Failure>& all() const { return faults_; }

 private:
  std::int64_t line_ = 0;
  std::vector<Failure> faults_;  // places without a file
};

struct FileReport {
  InputFile input;  // name is the file's, .gz included
  bool present = false;
  std::optional<Failure> failure;  // the book cannot be used
  Findings findings;
  std::vector<LossBar> loss_bars;

  // One finding for each fault of the row.
  void find(Severity severity, const Subject& subject, const RowFaults& faults);
  // A finding about the file or one of its lines; `message` is a whole sentence.
  void tell(Severity severity, const Subject& subject, const char* rule, std::int64_t line, std::string_view column,
            std::string_view value, const std::string& message);
  // A second row of a key that may stand only once: which of them is true nobody can say.
  void tell_duplicate(const Subject& subject, std::string_view column, std::string_view key, std::int64_t line);
  // The file cannot be used, and with it the book. The first reason stays.
  void fail(const char* rule, std::int64_t line, std::string_view column, const std::string& message);
};

// Rows of one file that concern something the book does not have: nobody is held for them, one note tells of them all.
class Strangers {
 public:
  void add(std::string_view id, std::int64_t line);
  // `column` named ids that are not in `elsewhere`, such as "accounts.csv".
  void tell(FileReport& report, std::string_view column, std::string_view elsewhere) const;

 private:
  std::map<std::string, std::int64_t, std::less<>> first_lines_;
  std::int64_t rows_ = 0;
};

}  // namespace lotwright::inputs
