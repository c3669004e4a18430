#include "orders/orders.h"

#include <algorithm>

#include "base/defect.h"

namespace lotwright {

std::vector<Order> order(const Book& book, const AccountTrades& trades, const std::vector<std::string>& reasons) {
  require(trades.trades.size() == reasons.size(), "an account's trades need one reason each");
  const std::string& account = book.account(trades.account).id.text;
  std::vector<Order> orders;
  orders.reserve(reasons.size());
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    const Trade& trade = trades.trades[i];
    orders.push_back({account + "-" + book.security(trade.security).id.text, trade, reasons[i]});
  }
  std::ranges::sort(orders, {}, [](const Order& one) { return one.trade.security; });
  return orders;
}

AccountTrades trades_of(const AccountResult& result) {
  AccountTrades trades{result.account, {}};
  trades.trades.reserve(result.orders.size());
  for (const Order& one : result.orders) trades.trades.push_back(one.trade);
  return trades;
}

Money traded(const AccountResult& result, Side side) {
  Money sum;
  for (const Order& order : result.orders) {
    if (order.trade.side == side) sum += order.trade.amount;
  }
  return sum;
}

double year_tax_added(const AccountResult& result) {
  return result.year_tax_after.value_or(0.0) - result.year_tax_before.value_or(0.0);
}

std::optional<double> gap_bps(const AccountResult& result) {
  if (!result.bound || !result.investable.is_positive()) return std::nullopt;
  return (result.objective_after - *result.bound) / result.investable.to_double() * 1e4;
}

}  // namespace lotwright
