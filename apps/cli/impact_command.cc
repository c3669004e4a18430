#include <fmt/format.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "book/rules.h"
#include "commands.h"
#include "progress.h"
#include "reading.h"
#include "run/impact.h"
#include "run/impact_report.h"
#include "timing.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct ImpactWords {
  std::string book;
  std::string models;
  std::string directed;
  std::string as_of;
  DayBefore before;
  std::string out;   // CSV, a row an account; empty: none
  std::string html;  // empty: none
  int threads = 0;
  bool json = false;
};

class WallClock final : public Clock {
 public:
  [[nodiscard]] double seconds() const override { return watch_.seconds(); }

 private:
  Stopwatch watch_;
};

Result<std::map<std::string, std::string>> files_of(const ImpactWords& words) {
  std::map<std::string, std::string> instead;
  if (!words.models.empty()) instead["models.csv"] = words.models;
  if (!words.directed.empty()) instead["directed.csv"] = words.directed;
  if (!instead.empty()) return instead;
  return Failure{rule::data_value_missing, "nothing is new: give --models FILE or --directed FILE", {}};
}

struct Books {
  Result<ComparedBook> present;
  Result<ComparedBook> coming;
  inputs::Origins origins_present = {};
  inputs::Origins origins_coming = {};
};

// The same folder twice, side by side: most of a book is one long file.
void read_both(const ImpactWords& words, std::map<std::string, std::string> instead, Books& books) {
  const auto read = [&](ReadOptions options, inputs::Origins& origins) {
    return read_compared(words.book, words.as_of, words.threads, std::move(options), words.before, &origins);
  };
  ReadOptions with_new_files;
  with_new_files.instead = std::move(instead);
  auto coming = std::async(std::launch::async, read, std::move(with_new_files), std::ref(books.origins_coming));
  books.present = read({}, books.origins_present);
  books.coming = coming.get();
}

// Why there is nothing to preview: one of the books cannot be read, or the new file has a header alone.
std::optional<Failure> obstacle(const ImpactWords& words, const Books& books) {
  if (!books.present) return books.present.failure();
  if (!books.coming) return books.coming.failure();
  if (words.models.empty() || !books.coming->book.models.empty() || books.present->book.models.empty()) {
    return std::nullopt;
  }
  return Failure{rule::data_file_no_rows,
                 "the file has no rows, and every account would follow a model that is not there: check the export",
                 {words.models, 1, {}, {}}};
}

// What the options ask for beside what is printed.
Result<bool> write_files(const ImpactWords& words, const Impact& told) {
  if (!words.out.empty()) {
    if (auto written = write_over(words.out, csv_of(told), "list"); !written) return written;
  }
  if (words.html.empty()) return true;
  return write_over(words.html, page_of(told), "page");
}

int impact(const ImpactWords& words) {
  if (is_no_page(words.html)) return refuse_no_page(words.html);
  const auto instead = files_of(words);
  if (!instead) return refuse(instead.failure());
  const Stopwatch reading;
  const Failure unread{rule::data_file_unreadable, {}, {}};
  Books books{unread, unread};
  read_both(words, *instead, books);
  if (const auto why_not = obstacle(words, books)) return refuse(*why_not);
  const double read_seconds = reading.seconds();
  const auto& [present, present_previous] = *books.present;
  const auto& [coming, coming_previous] = *books.coming;
  auto decided = lotwright::impact(present, coming, words.threads, WallClock(), progress_line(),
                                   {present_previous, coming_previous});
  if (!decided) return refuse(decided.failure());
  Impact told = std::move(decided).value();
  told.sleeping = sleeping_versions(present, books.origins_present.library, coming, books.origins_coming.library);
  tell_seconds(read_seconds, told.seconds_present + told.seconds_coming);
  if (const auto written = write_files(words, told); !written) return refuse(written.failure());
  fmt::print("{}\n", words.json ? json_of(told) : reports::text_of(report_of(told)));
  return has_faults(told) ? faulty : done;
}

}  // namespace

void add_impact(CLI::App& app, int& code) {
  CLI::App* command =
      app.add_subcommand("impact", "What new models would do to the whole book, before anyone presses go");
  const auto words = std::make_shared<ImpactWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("--models", words->models, "the models.csv to come");
  command->add_option("--directed", words->directed, "the directed.csv to come");
  command->add_option("--threads", words->threads, "default: all cores")->check(CLI::Range(1, 1024));
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  add_day_before(*command, words->before);
  command->add_flag("--json", words->json, "everything as JSON, every account with a new exception");
  command->add_option("--out", words->out, "also write a row for every account to this file, as CSV");
  command->add_option("--html", words->html, "also write a page with charts to this file");
  command->footer(
      R"(The book is decided with its own files and with the new ones in their place; nothing is written to it.
Accounts that the change does not reach are decided once. Ends with 1 where the new files have faults that
hold accounts: the preview is made with them held.

Examples:
  lotwright impact BOOK --models new_models.csv                     for a person
  lotwright impact BOOK --models new_models.csv --html impact.html  a page for the committee too
  lotwright impact BOOK --models new_models.csv --out impact.csv    every account, as it is and then
  lotwright impact BOOK --models new_models.csv --json              for a program)");
  command->callback([words, &code] { code = called([&] { return impact(*words); }); });
}

}  // namespace lotwright::cli
