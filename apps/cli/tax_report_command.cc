#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "commands.h"
#include "reading.h"
#include "run/disk_folder.h"
#include "run/tax_report.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct TaxReportWords {
  std::string book;
  std::string out;
  std::string as_of;  // empty: firm.toml's
  int threads = 0;    // 0: all cores
  std::vector<std::string> accounts;
  std::string orders_from;  // empty: the engine decides
  bool json = false;
};

int report(const TaxReportWords& words) {
  if (const auto book = is_a_book(words.out)) return refuse(*book);
  const auto book = read(words.book, words.as_of, words.threads);
  if (!book) return refuse(book.failure());
  RunOptions options;
  options.threads = words.threads;
  options.accounts = words.accounts;
  const std::atomic<bool> never = false;
  const auto told = tax_report(*book, options, words.orders_from, StillClock(), never);
  if (!told) return refuse(told.failure());
  for (const Finding& gate : told->gates) fmt::print(stderr, "lotwright: {}: {}\n", gate.rule, gate.message);
  if (!told->gates.empty()) {
    fmt::print(stderr, "lotwright: a gate stops every order of the book: there is nothing to report\n");
    return gate_stopped;
  }
  DiskFolder folder(words.out);
  if (auto written = write_tax_report(*book, *told, words.accounts, folder); !written) return refuse(written.failure());
  if (auto written = folder.publish(); !written) return refuse(written.failure());
  fmt::print("{}\n", words.json ? json_of(*book, *told) : text_of(*book, *told));
  return done;
}

}  // namespace

void add_tax_report(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand(
      "tax-report", "Taxes saved or deferred, against published baselines, with every lot behind the figures");
  const auto words = std::make_shared<TaxReportWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("--out", words->out, "folder for the report; made if it is not there")->required();
  command->add_option("--account", words->accounts,
                      "pages for these accounts alone; the files hold all that are decided with them");
  command->add_option("--orders-from", words->orders_from,
                      "folder of a finished run of this book, whose orders are reported; without it the book is run");
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_option("--threads", words->threads, "default: all cores")->check(CLI::Range(1, 1024));
  command->add_flag("--json", words->json, "the book's figures as JSON");
  command->footer(
      R"(What the run's orders do to tax due for the year and to losses carried forward (at their worth
today), told apart, against three baselines that begin with the same lots on the same day: snap_fifo
(to the target, oldest lots first), band_hifo (lines outside their drift band, highest cost first)
and no_trading. docs/tax_report.md has every formula.

  tax_lots.csv          every sale of either side with its rate and its dollars: all else adds up from it
  tax_accounts.csv, tax_taxpayers.csv, tax_book.csv
  tax_orders_*.csv, tax_lot_sales_*.csv     what the baselines would trade; `evaluate` reads them
  tax_pages/ACCOUNT.html                    a page for the account's owner

Examples:
  lotwright tax-report BOOK --out OUT                        run the book and report it
  lotwright tax-report BOOK --out OUT --account A1 A2        pages for two accounts
  lotwright tax-report BOOK --out OUT --orders-from RUN      report the orders that a run has written)");
  command->callback([words, &code] { code = called([&] { return report(*words); }); });
}

}  // namespace lotwright::cli
