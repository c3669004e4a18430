#include <fmt/format.h>

#include "commands.h"
#include "reading.h"
#include "run/evaluate.h"

namespace lotwright::cli {

int evaluate(const EvaluateWords& words) {
  const auto book = read(words.book, words.as_of, 0);
  if (!book) return refuse(book.failure());
  const auto orders = read_orders_table(words.orders);
  if (!orders) return refuse(orders.failure());
  std::optional<Table> lot_sales;
  if (!words.lot_sales.empty()) {
    auto table = read_lot_sales_table(words.lot_sales);
    if (!table) return refuse(table.failure());
    lot_sales = std::move(table).value();
  }
  const auto json = lotwright::evaluate(*book, *orders, lot_sales);
  if (!json) return refuse(json.failure());
  fmt::print("{}\n", *json);
  return done;
}

}  // namespace lotwright::cli
