#include <fmt/format.h>

#include <memory>
#include <string>

#include "commands.h"
#include "reading.h"
#include "reports/largest_orders.h"
#include "reports/page.h"
#include "reports/report.h"
#include "run/explain.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct ExplainWords {
  std::string book;
  std::string account;
  std::string as_of;
  DayBefore before;
  std::string html;  // file for the page; empty: none
  bool json = false;
  bool all = false;
};

int explain(const ExplainWords& words) {
  if (is_no_page(words.html)) return refuse_no_page(words.html);
  const auto book = read(words.book, words.as_of, 0, words.before);
  if (!book) return refuse(book.failure());
  const auto explained = explain_account(*book, words.account, engine_steps(*book));
  if (!explained) return refuse(explained.failure());
  const reports::AccountFacts& facts = (*explained)->facts;
  const reports::Report report = reports::report_of(facts);
  if (!words.html.empty()) {
    const auto written = write_over(words.html, reports::page_of(facts, report), "page");
    if (!written) return refuse(written.failure());
  }
  constexpr std::size_t orders_told = 10;
  fmt::print("{}\n", words.json  ? reports::json_of(facts, report)
                     : words.all ? reports::text_of(report)
                                 : reports::text_of(reports::with_largest_orders(facts, report, orders_told)));
  return done;
}

}  // namespace

void add_explain(CLI::App& app, int& code) {
  CLI::App* command =
      app.add_subcommand("explain", "What is done in one account and why, what is left and why not, in plain words");
  const auto words = std::make_shared<ExplainWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("ACCOUNT", words->account, "account_id, as in accounts.csv")->required();
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  add_day_before(*command, words->before);
  command->add_flag("--json", words->json, "the facts and the sentences as JSON");
  command->add_flag("--all", words->all, "tell every order; else the ten largest, the others in one line");
  command->add_option("--html", words->html, "also write a page with charts to this file");
  command->footer(
      R"(The account is decided as `run` decides it, with those that share its household or taxpayer;
the figures are the ones `run` writes, and its exceptions those of the run with the same --previous.

Examples:
  lotwright explain BOOK A1                    for a person
  lotwright explain BOOK A1 --html A1.html     the same as a page, with charts
  lotwright explain BOOK A1 --json             for a program)");
  command->callback([words, &code] { code = called([&] { return explain(*words); }); });
}

}  // namespace lotwright::cli
