#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands.h"
#include "reading.h"
#include "run/evaluate.h"

namespace lotwright::cli {
namespace {

struct EvaluateWords {
  std::string book;
  std::string orders;
  std::string lot_sales;  // empty: none
  std::string as_of;
  std::vector<std::string> accounts;  // empty: all
  DayBefore day;
  bool strict = false;
};

int evaluate(const EvaluateWords& words) {
  const auto book = read(words.book, words.as_of, 0, words.day);
  if (!book) return refuse(book.failure());
  const auto orders = read_orders_table(words.orders);
  if (!orders) return refuse(orders.failure());
  std::optional<Table> lot_sales;
  if (!words.lot_sales.empty()) {
    auto table = read_lot_sales_table(words.lot_sales);
    if (!table) return refuse(table.failure());
    lot_sales = std::move(table).value();
  }
  const auto judged = lotwright::evaluate(*book, *orders, lot_sales, words.accounts);
  if (!judged) return refuse(judged.failure());
  fmt::print("{}\n", judged->json);
  return words.strict && judged->broken_rules > 0 ? rules_broken : done;
}

}  // namespace

void add_evaluate(CLI::App& app, int& code) {
  CLI::App* command =
      app.add_subcommand("evaluate", "The objective, its parts and every broken rule of anybody's orders, as JSON");
  const auto words = std::make_shared<EvaluateWords>();
  command->add_option("BOOK", words->book, "the book's folder")->required();
  command->add_option("--orders", words->orders, "CSV: account_id, security_id, side, quantity")->required();
  command->add_option("--lot-sales", words->lot_sales,
                      "CSV: account_id, lot_id, quantity; without it, the lots with the least tax are sold");
  command->add_option("--as-of", words->as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_option(
      "--account", words->accounts,
      "judge only these accounts, and what their orders break elsewhere; other orders of the files stay");
  add_day_before(*command, words->day);
  command->add_flag("--strict", words->strict, "exit 1 when a rule is broken; without it the JSON alone says so");
  command->footer(R"(Examples:
  lotwright evaluate BOOK --orders orders.csv --lot-sales lot_sales.csv
  lotwright evaluate BOOK --orders orders.csv --account A1 A2
  lotwright evaluate BOOK --orders orders.csv --strict    for a script that must not go on)");
  command->callback([words, &code] { code = called([&] { return evaluate(*words); }); });
}

}  // namespace lotwright::cli
