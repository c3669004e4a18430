#include <fmt/format.h>

#include <memory>
#include <string>

#include "commands.h"
#include "reading.h"
#include "run/disk_folder.h"
#include "run/frontier.h"
#include "run/frontier_report.h"
#include "timing.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct FrontierWords {
  std::string book;
  std::string account;
  std::string as_of;
  DayBefore before;
  std::size_t points = 24;
  int threads = 0;
  std::string out;         // CSV; empty: none
  std::string svg;         // empty: none
  std::string orders_dir;  // empty: none
  bool json = false;
};

// What the options ask for beside what is printed.
Result<bool> write_files(const FrontierWords& words, const Frontier& curve) {
  if (!words.out.empty()) {
    if (auto written = write_over(words.out, csv_of(curve), "curve"); !written) return written;
  }
  if (!words.svg.empty()) {
    if (auto written = write_over(words.svg, reports::svg_of(chart_of(curve)), "chart"); !written) return written;
  }
  if (words.orders_dir.empty()) return true;
  DiskFolder folder(words.orders_dir);
  if (auto written = write_orders_of_points(curve, folder); !written) return written;
  return folder.publish();
}

int frontier(const FrontierWords& words) {
  if (is_no_page(words.svg)) return refuse_no_page(words.svg);
  if (const auto book = is_a_book(words.orders_dir); !words.orders_dir.empty() && book) return refuse(*book);
  const Stopwatch reading;
  const auto book = read(words.book, words.as_of, 0, words.before);
  if (!book) return refuse(book.failure());
  const double read_seconds = reading.seconds();
  const Stopwatch deciding;
  const auto curve = lotwright::frontier(*book, words.account, words.points, words.threads);
  if (!curve) return refuse(curve.failure());
  tell_seconds(read_seconds, deciding.seconds());
  if (const auto written = write_files(words, *curve); !written) return refuse(written.failure());
  fmt::print("{}\n", words.json ? json_of(*curve) : reports::text_of(report_of(*curve)));
  return done;
}

}  // namespace

void add_frontier(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand(
      "frontier", "The curve of tax against tracking error of one account: what a dollar of tax buys");
  const auto words = std::make_shared<FrontierWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("ACCOUNT", words->account, "account_id, as in accounts.csv")->required();
  command->add_option("--points", words->points, "how many, 20 or more; default 24")->check(CLI::Range(20, 500));
  command->add_option("--out", words->out, "write the points to this file, as CSV");
  command->add_option("--svg", words->svg, "write a chart to this file");
  command->add_option("--orders-dir", words->orders_dir,
                      "write each point's orders and lot sales here, as `evaluate` reads them");
  command->add_option("--threads", words->threads, "default: all cores")->check(CLI::Range(1, 1024));
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  add_day_before(*command, words->before);
  command->add_flag("--json", words->json, "the points as JSON");
  command->footer(
      R"(Each point is a full decision in whole shares, with its bound, at another tax_weight; every other rule of
the account stays. `tax` is what the objective counts (the year's tax less what a higher basis saves
later), `year_tax` the year's alone. A point can be asked for again: what-if --set tax_weight=...

Examples:
  lotwright frontier BOOK A1                                 a table, the knee marked
  lotwright frontier BOOK A1 --out curve.csv --svg curve.svg
  lotwright frontier BOOK A1 --orders-dir points && lotwright evaluate BOOK --account A1 \
      --orders points/07.orders.csv --lot-sales points/07.lot_sales.csv)");
  command->callback([words, &code] { code = called([&] { return frontier(*words); }); });
}

}  // namespace lotwright::cli
