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

}  // namespace lotwright
