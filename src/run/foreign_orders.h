// run/foreign_orders.h — somebody else's orders, read against a book: what they claim, and what they come to.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "orders/orders.h"
#include "run/table.h"

namespace lotwright {

struct ForeignOrders {
  std::map<AccountIndex, std::vector<Order>> orders;  // as claimed; what a file does not say is filled in from the book
  Findings findings;                                  // rows that could not be used
};

[[nodiscard]] ForeignOrders foreign_orders(const Book& book, const Table& orders,
                                           const std::optional<Table>& lot_sales);

// What the orders of one account come to by the book: its prices, commissions, basis and terms, whatever they claim.
[[nodiscard]] AccountTrades true_trades(const Book& book, AccountIndex account, const std::vector<Order>& orders);

}  // namespace lotwright
