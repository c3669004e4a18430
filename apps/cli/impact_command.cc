#include <fmt/format.h>

#include <memory>
#include <string>

#include "book/rules.h"
#include "commands.h"
#include "progress.h"
#include "reading.h"
#include "reports/plain_page.h"
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
  std::string html;
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

int impact(const ImpactWords& words) {
  if (is_no_page(words.html)) return refuse_no_page(words.html);
  const auto instead = files_of(words);
  if (!instead) return refuse(instead.failure());
  const Stopwatch reading;
  const auto present = read(words.book, words.as_of, words.threads);
  if (!present) return refuse(present.failure());
  ReadOptions with_new_files;
  with_new_files.instead = *instead;
  const auto coming = read_otherwise(words.book, words.as_of, words.threads, std::move(with_new_files));
  if (!coming) return refuse(coming.failure());
  const double read_seconds = reading.seconds();
  const auto told = lotwright::impact(*present, *coming, words.threads, WallClock(), progress_line());
  if (!told) return refuse(told.failure());
  tell_seconds(read_seconds, told->seconds_present + told->seconds_coming);
  const reports::Report report = report_of(*told);
  if (!words.html.empty()) {
    const auto written = write_over(words.html, reports::plain_page(report), "page");
    if (!written) return refuse(written.failure());
  }
  fmt::print("{}\n", words.json ? json_of(*told) : reports::text_of(report));
  return done;
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
  command->add_flag("--json", words->json, "everything as JSON, every account with a new exception");
  command->add_option("--html", words->html, "also write a page to this file");
  command->footer(
      R"(The book is decided with its own files and with the new ones in their place; nothing is written to it.
Accounts that the change does not reach are decided once.

Examples:
  lotwright impact BOOK --models new_models.csv                     for a person
  lotwright impact BOOK --models new_models.csv --html impact.html  the same as a page
  lotwright impact BOOK --models new_models.csv --json              for a program)");
  command->callback([words, &code] { code = called([&] { return impact(*words); }); });
}

}  // namespace lotwright::cli
