// run/evaluate.h — what anybody's orders are worth: the objective, its parts and every broken rule.
//
// In:       a book; orders (account_id, security_id, side, quantity; price, amount, commission and order_id where
//           given); lot sales (account_id, lot_id, quantity; order_id or security_id; the rest where given). Without
//           lot sales, each sale takes the lots with the least tax per dollar first.
// Out:      JSON: findings on rows that could not be used, broken rules, and for each account the objective with its
//           parts and the tracking error before and after.
// Promises: the objective is computed from the quantities and the book alone; amounts, gains and terms that the files
//           claim are only judged by the verifier. A bad row costs that row. The sums leave out held accounts, as a
//           run's do.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "book/book.h"
#include "run/table.h"

namespace lotwright {

[[nodiscard]] Result<Table> read_orders_table(const std::string& path);
[[nodiscard]] Result<Table> read_lot_sales_table(const std::string& path);

struct Judgement {
  std::string json;
  std::size_t broken_rules = 0;
};

// With `accounts` (ids) only these are judged: others' orders in the file still count as facts, those without any keep
// what they hold. A rule broken by another account of their units is told where the orders of those judged break
// it: where it is not broken without them. What only a whole book can break is left out. An id that the
// book does not have is a Failure.
[[nodiscard]] Result<Judgement> evaluate(const Book& book, const Table& orders, const std::optional<Table>& lot_sales,
                                         const std::vector<std::string>& accounts = {});

}  // namespace lotwright
