#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "commands.h"
#include "reading.h"
#include "reports/plain_page.h"
#include "run/match.h"
#include "run/match_report.h"
#include "timing.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct MatchWords {
  std::string book;
  std::string account;
  std::string as_of;
  DayBefore day;
  std::string risk_band = "10%";
  std::string out;   // CSV; empty: none
  std::string html;  // empty: none
  std::size_t top = 25;
  int threads = 0;
  bool json = false;
};

// One line that is written over.
void show(std::size_t decided, std::size_t total) {
  if (decided == total) {
    fmt::print(stderr, "\r\033[K");
  } else {
    fmt::print(stderr, "\r{} of {} models\033[K", decided, total);
  }
  std::fflush(stderr);
}

Result<bool> write_files(const MatchWords& words, const Matches& matches, const reports::Report& report) {
  if (!words.out.empty()) {
    if (auto written = write_over(words.out, csv_of(matches), "list"); !written) return written;
  }
  if (words.html.empty()) return true;
  return write_over(words.html, reports::plain_page(report), "page");
}

int match(const MatchWords& words) {
  if (is_no_page(words.html)) return refuse_no_page(words.html);
  const auto band = read_risk_band(words.risk_band);
  if (!band) return refuse(band.failure());
  const Stopwatch reading;
  ReadOptions options;
  options.fitted_to = words.account;
  inputs::Origins origins;
  const auto book = read_otherwise(words.book, words.as_of, words.threads, std::move(options), words.day, &origins);
  if (!book) return refuse(book.failure());
  const double read_seconds = reading.seconds();
  const Stopwatch deciding;
  const bool watched = ::isatty(STDERR_FILENO) == 1;
  const MatchProgress progress = watched ? show : MatchProgress();
  const auto matches = match_models(*book, origins.fits, words.account, *band, words.threads, progress);
  if (!matches) return refuse(matches.failure());
  if (watched) tell_seconds(read_seconds, deciding.seconds());
  const reports::Report report = report_of(*matches, words.top);
  if (const auto written = write_files(words, *matches, report); !written) return refuse(written.failure());
  fmt::print("{}\n", words.json ? json_of(*matches) : reports::text_of(report));
  return done;
}

}  // namespace

void add_match(CLI::App& app, int& code) {
  CLI::App* command =
      app.add_subcommand("match", "Which model of equal risk an account is funded in with the least tax and cost");
  const auto words = std::make_shared<MatchWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("ACCOUNT", words->account, "account_id, as in accounts.csv")->required();
  command->add_option("--risk-band", words->risk_band,
                      "how far from the present target's volatility is equal risk: 10% of it (default), or 0.01 for "
                      "one percentage point");
  command->add_option("--top", words->top, "rows of each table in text and page; default 25")
      ->check(CLI::Range(1, 100000));
  command->add_option("--out", words->out, "write every model to this file, as CSV");
  command->add_option("--threads", words->threads, "default: all cores")->check(CLI::Range(1, 1024));
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  add_day_before(*command, words->day);
  command->add_flag("--json", words->json, "every model as JSON");
  command->add_option("--html", words->html, "also write a page to this file");
  command->footer(
      R"(Each model of models.csv, and each product of products.csv in the account's present model, is a full
decision in whole lots with its bound: the account's own mix, products, screens, restrictions, requests and
settings stay. What costs least in total comes first; what is of other risk comes after it, and what
cannot be decided last, with the reason. Nothing is written to the book. The orders of one of
them: lotwright what-if BOOK ACCOUNT --model MODEL (of a product: --set product_CLASS=PRODUCT).

Examples:
  lotwright match BOOK A1                                  for a person
  lotwright match BOOK A1 --risk-band 0.01 --html match.html
  lotwright match BOOK A1 --out match.csv                  every figure of every model
  lotwright match BOOK A1 --json                           the same for a program)");
  command->callback([words, &code] { code = called([&] { return match(*words); }); });
}

}  // namespace lotwright::cli
