// inputs/file_report.h — what reading one file brought besides its values, and how a fault in a row becomes a Finding.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "book/book.h"
#include "book/rules.h"

namespace lotwright::inputs {

// `text` as it may stand in a message: control characters and bytes that are not UTF-8 replaced by '?', at most 200
// bytes.
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

// Loss sales barred while one file was read (LossBar of book.h), each once.
class LossBars {
 public:
  using Group = std::optional<GroupIndex>;  // nullopt: every group

  void bar(TaxpayerIndex taxpayer, Group group) { bars_.emplace(taxpayer, group); }
  void bar_everyone(Group group) { everyone_.insert(group); }
  void add(const LossBars& other);
  // For a book of `taxpayers`, sorted. When too many groups are barred for everyone, all are.
  [[nodiscard]] std::vector<LossBar> all(std::size_t taxpayers) const;

 private:
  std::set<std::pair<TaxpayerIndex, Group>> bars_;
  std::set<Group> everyone_;
};

struct FileReport {
  static constexpr std::int64_t findings_max = 100;

  InputFile input;  // name is the file's, .gz included
  bool present = false;
  std::optional<Failure> failure;  // the book cannot be used
  Findings findings;
  LossBars loss_bars;

  // One finding for each fault of the row.
  void find(Severity severity, const Subject& subject, const RowFaults& faults);
  // The same faults for whoever keeps them with the row, each with its place and the whole sentence.
  [[nodiscard]] std::vector<Failure> failures_of(const RowFaults& faults) const;
  // A finding about the file or one of its lines; `message` is a whole sentence. Of one subject the first
  // `findings_max` of a severity are kept: a file that is wrong in every line must not fill the memory.
  void tell(Severity severity, const Subject& subject, const char* rule, std::int64_t line, std::string_view column,
            std::string_view value, const std::string& message);
  // A second row of a key that may stand only once: which of them is true nobody can say.
  void tell_duplicate(const Subject& subject, std::string_view column, std::string_view key, std::int64_t line,
                      std::int64_t other_line);
  // Says of how many findings only the first were kept. To be called when the file is read.
  void tell_left_out();
  // The file cannot be used, and with it the book. The first reason stays; `message` does not repeat the place.
  void fail(const char* rule, std::int64_t line, std::string_view column, const std::string& message);

 private:
  std::map<std::tuple<Severity, SubjectKind, std::string>, std::int64_t> told_;
};

// Rows of one file that concern something the book does not have: nobody is held for them, one note tells of them all.
class Strangers {
 public:
  void add(std::string_view id, std::int64_t line);
  // A row that was surely meant for `known` and writes its name otherwise: it holds `known`.
  void add_meant(const Subject& known, std::string_view id, std::int64_t line);
  // `column` named ids that are not in `elsewhere`, such as "accounts.csv". A person reviews what a client wished.
  void tell(FileReport& report, std::string_view column, std::string_view elsewhere,
            Severity severity = Severity::note) const;

 private:
  struct Meant {
    Subject known;
    std::string id;
    std::int64_t line = 0;
  };
  std::map<std::string, std::int64_t, std::less<>> first_lines_;
  std::int64_t rows_ = 0;
  std::vector<Meant> meant_;  // of each known name the first rows
};

}  // namespace lotwright::inputs
