#include <fmt/format.h>

#include <memory>
#include <string>

#include "book/rules.h"
#include "commands.h"
#include "reading.h"
#include "reports/plain_page.h"
#include "run/transition_report.h"
#include "timing.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct TransitionWords {
  std::string book;
  std::string account;
  std::string as_of;
  std::string budget;
  TransitionWishes wishes;
  std::string out;   // CSV; empty: none
  std::string svg;   // empty: none
  std::string html;  // empty: none
  bool json = false;
};

Result<bool> write_files(const TransitionWords& words, const Transition& plan) {
  const std::string svg = reports::svg_of(chart_of(plan));
  if (!words.out.empty()) {
    if (auto written = write_over(words.out, csv_of(plan), "plan"); !written) return written;
  }
  if (!words.svg.empty()) {
    if (auto written = write_over(words.svg, svg, "chart"); !written) return written;
  }
  if (words.html.empty()) return true;
  return write_over(words.html, reports::plain_page(report_of(plan), {{0, svg}}), "page");
}

int transition(TransitionWords words) {
  for (const std::string& page : {words.svg, words.html}) {
    if (is_no_page(page)) return refuse_no_page(page);
  }
  const auto budget = Money::parse(words.budget);
  if (!budget || budget->is_negative()) {
    return refuse({rule::data_number_unreadable, "--budget " + words.budget + " is no amount of dollars", {}});
  }
  words.wishes.budget = *budget;
  const Stopwatch reading;
  const auto book = read(words.book, words.as_of, 0);
  if (!book) return refuse(book.failure());
  const double read_seconds = reading.seconds();
  const Stopwatch deciding;
  const auto plan = lotwright::transition(*book, words.account, words.wishes);
  if (!plan) return refuse(plan.failure());
  tell_seconds(read_seconds, deciding.seconds());
  if (const auto written = write_files(words, *plan); !written) return refuse(written.failure());
  fmt::print("{}\n", words.json ? json_of(*plan) : reports::text_of(report_of(*plan)));
  return done;
}

void add_wishes(CLI::App& command, TransitionWords& words) {
  command.add_option("--years", words.wishes.years, "how many; default 5")->check(CLI::Range(1, 30));
  command.add_option("--budget", words.budget, "dollars of tax a calendar year")->required();
  command.add_flag("--gains", words.wishes.gains, "the budget is of net realized gain, not of tax");
  command.add_option("--paths", words.wishes.paths, "how many futures; default 20")->check(CLI::Range(1, 1000));
  command.add_option("--seed", words.wishes.seed, "another number, other futures; default 1");
  command.add_option("--drift", words.wishes.drift, "of every price, a year; default 0.05")
      ->check(CLI::Range(-0.5, 0.5));
  command.add_option("--decisions-a-year", words.wishes.decisions_a_year, "1, 2 or 4; default 1")
      ->check(CLI::IsMember({1, 2, 4}));
  command.add_option("--threads", words.wishes.threads, "default: all cores")->check(CLI::Range(1, 1024));
}

}  // namespace

void add_transition(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand(
      "transition", "A plan of several years: the engine, year after year, on prices nobody knows yet");
  const auto words = std::make_shared<TransitionWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("ACCOUNT", words->account, "account_id, as in accounts.csv")->required();
  add_wishes(*command, *words);
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_option("--out", words->out, "write the years to this file, as CSV");
  command->add_option("--svg", words->svg, "write a chart to this file");
  command->add_option("--html", words->html, "write a page to this file");
  command->add_flag("--json", words->json, "the years as JSON");
  command->footer(
      R"(Year 1 is decided on today's book under the budget; later years decide what is left then, at prices that
move by the risk model and a stated drift, on several paths. The account is stuck where it hardly moves
and has far to go; why is told.

Examples:
  lotwright transition BOOK A1 --years 5 --budget 20000
  lotwright transition BOOK A1 --years 3 --budget 50000 --gains --paths 100 --html plan.html)");
  command->callback([words, &code] { code = called([&] { return transition(*words); }); });
}

}  // namespace lotwright::cli
