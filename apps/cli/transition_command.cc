#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "book/rules.h"
#include "commands.h"
#include "numbers.h"
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
  DayBefore day;
  std::string budget;  // empty: with `plan`
  std::string plan;    // CSV of an earlier plan to compare with; empty: a plan is made
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

// Decisions done, rate, time left, while the plan is made: on a terminal one line that is written over, elsewhere a
// line now and then.
class Counter {
 public:
  explicit Counter(std::size_t total) : total_(total), shown_([this](const std::stop_token& stop) { show(stop); }) {}
  std::atomic<std::size_t> decided = 0;

 private:
  static constexpr double seconds_between_lines = 30.0;

  void show(const std::stop_token& stop) const {
    const bool terminal = ::isatty(STDERR_FILENO) == 1;
    const Stopwatch watch;
    double next = terminal ? 0.0 : seconds_between_lines;
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (watch.seconds() < next) continue;
      if (!terminal) next += seconds_between_lines;
      const std::string line = told(watch.seconds());
      fmt::print(stderr, "{}{}{}", terminal ? "\r" : "", line, terminal ? "\033[K" : "\n");
      std::fflush(stderr);
    }
    if (terminal) fmt::print(stderr, "\r\033[K");
  }

  [[nodiscard]] std::string told(double seconds) const {
    const auto done = static_cast<double>(decided.load());
    if (decided.load() >= total_) return "looking for a budget that arrives in time";
    const double left = done > 0.0 ? (static_cast<double>(total_) - done) * seconds / done : 0.0;
    return fmt::format("{} of {} decisions, {:.0f} a second, {:.0f} s left", decided.load(), total_, done / seconds,
                       left);
  }

  std::size_t total_;
  std::jthread shown_;  // last: it reads the others
};

int compare(const TransitionWords& words, const Book& book) {
  const auto table = read_plan_table(words.plan);
  if (!table) return refuse(table.failure());
  const auto plan = plan_of(*table, words.account);
  if (!plan) return refuse(plan.failure());
  const auto progress = progress_of(book, *plan);
  if (!progress) return refuse(progress.failure());
  fmt::print("{}\n", words.json ? json_of(*progress) : reports::text_of(report_of(*progress)));
  return done;
}

int transition(TransitionWords words) {
  for (const std::string& page : {words.svg, words.html}) {
    if (is_no_page(page)) return refuse_no_page(page);
  }
  if (words.plan.empty() && words.budget.empty()) {
    return refuse({rule::data_value_missing, "give --budget for a new plan, or --plan for one that was made", {}});
  }
  const auto budget = Money::parse(words.plan.empty() ? words.budget : "0");
  if (!budget || budget->is_negative()) {
    return refuse({rule::data_number_unreadable, "--budget " + words.budget + " is no amount of dollars", {}});
  }
  words.wishes.budget = *budget;
  const Stopwatch reading;
  const auto book = read(words.book, words.as_of, 0, words.day);
  if (!book) return refuse(book.failure());
  if (!words.plan.empty()) return compare(words, *book);
  const double read_seconds = reading.seconds();
  const Stopwatch deciding;
  const auto plan = [&] {
    Counter counter(decisions_of(words.wishes, book->firm.as_of));
    return lotwright::transition(*book, words.account, words.wishes, &counter.decided);
  }();
  if (!plan) return refuse(plan.failure());
  tell_seconds(read_seconds, deciding.seconds());
  if (const auto written = write_files(words, *plan); !written) return refuse(written.failure());
  fmt::print("{}\n", words.json ? json_of(*plan) : reports::text_of(report_of(*plan)));
  return done;
}

void add_wishes(CLI::App& command, TransitionWords& words) {
  command.add_option("--years", words.wishes.years, "how many; default 5")->check(CLI::Range(1, 30));
  auto* budget = command.add_option("--budget", words.budget, "dollars of tax a calendar year");
  auto* plan =
      command.add_option("--plan", words.plan, "no new plan: where the account stands beside this one, an --out");
  budget->excludes(plan);
  command.add_flag("--gains", words.wishes.gains, "the budget is of net realized gain, not of tax");
  command.add_option("--paths", words.wishes.paths, "how many futures; default 20")->check(CLI::Range(1, 1000));
  command.add_option("--seed", words.wishes.seed, "another number, other futures; default 1")->check(seed());
  command.add_option("--drift", words.wishes.drift, "of every price, a year; default 0.05")->check(between(-0.5, 0.5));
  command
      .add_option("--decisions-a-year", words.wishes.decisions_a_year, "1, 2, 4, 12, 52 (weeks) or 252; default 252")
      ->check(CLI::IsMember({1, 2, 4, 12, 52, 252}));
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
  add_day_before(*command, words->day);
  command->add_option("--out", words->out, "write the fan to this file, as CSV: what --plan reads later");
  command->add_option("--svg", words->svg, "write a chart to this file");
  command->add_option("--html", words->html, "write a page to this file");
  command->add_flag("--json", words->json, "the years as JSON");
  command->footer(
      R"(Today is decided on today's book under the budget, the same in every path; later days decide what is left then,
at prices that move by the risk model and a stated drift: every trading day, or as often as --decisions-a-year says
(12 is some twenty times faster than 252).
Told are the fan of the paths, when they arrive, which budget would let them arrive in time, and where an account is
stuck: hardly moves, has far to go, and no time will change that.

Examples:
  lotwright transition BOOK A1 --years 5 --budget 20000 --out plan.csv
  lotwright transition BOOK A1 --plan plan.csv                 months later, on that day's book
  lotwright transition BOOK A1 --years 3 --budget 50000 --gains --decisions-a-year 12 --paths 100 --html plan.html)");
  command->callback([words, &code] { code = called([&] { return transition(*words); }); });
}

}  // namespace lotwright::cli
