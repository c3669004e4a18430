#include "testing/orders_by_hand.h"

#include <algorithm>

#include "tax/lot_relief.h"
#include "tax/wash_sale.h"

namespace lotwright {
namespace {

Trade trade_of(const Book& book, const OrderByHand& order) {
  Trade trade;
  trade.security = security_index(book, order.security);
  trade.side = order.side;
  trade.quantity = shares(order.quantity);
  trade.price = book.security(trade.security).price.value_or(Price());
  trade.amount = amount_of(trade.quantity, trade.price);
  const Account& account = book.account(account_index(book, order.account));
  trade.commission =
      commission_of(trade.amount, account.effective_policy.commission, account.effective_policy.ticket_cost);
  std::vector<Quantity> quantities;
  for (const auto& [lot, quantity] : order.lots) quantities.push_back(shares(quantity));
  if (quantities.empty()) return trade;
  const std::vector<Money> proceeds = tax::share_proceeds(quantities, trade.price, trade.amount);
  for (std::size_t i = 0; i < quantities.size(); ++i) {
    const std::uint32_t place = lot_index(book, order.account, order.lots[i].first);
    TaxLot lot = account.lots[place];
    lot.quantity = std::max(lot.quantity, quantities[i]);  // an oversold lot is the test's own doing
    trade.lots.push_back(tax::sale_of(lot, place, quantities[i], proceeds[i], book.firm.as_of));
  }
  return trade;
}

void state_values(const Book& book, AccountResult& result) {
  const Account& account = book.account(result.account);
  result.value = account.cash;
  for (const TaxLot& lot : account.lots) {
    result.value += value_of(lot.quantity, book.security(lot.security).price.value_or(Price()));
  }
  Money reserved;
  for (const Request& request : book.requests) {
    const bool soon = request.due_on <= book.firm.as_of + account.effective_policy.cash_raise_days;
    if (request.account == result.account && request.kind == RequestKind::cash_out && soon) reserved += *request.amount;
  }
  result.investable = result.value - reserved;
}

void state_orders(const Book& book, AccountResult& result) {
  const Account& account = book.account(result.account);
  Money bought;
  Money sold;
  result.cash_before = result.cash_after = account.cash;
  for (const Order& order : result.orders) {
    const Trade& trade = order.trade;
    const bool is_buy = trade.side == Side::buy;
    result.cash_after += (is_buy ? -trade.amount : trade.amount) - trade.commission;
    if (book.security(trade.security).kind != SecurityKind::cash) (is_buy ? bought : sold) += trade.amount;
    for (const LotSale& sale : trade.lots) {
      if (account.tax_treatment != TaxTreatment::taxable || !sale.gain) continue;
      (sale.term == Term::long_term ? result.gain_long : result.gain_short) += *sale.gain + sale.disallowed;
    }
  }
  if (result.investable.is_positive()) {
    result.turnover = std::min(bought, sold).to_double() / result.investable.to_double();
  }
  if (!result.orders.empty()) result.status = ResultStatus::traded;
}

}  // namespace

OrderByHand buy(std::string account, std::string security, std::string quantity) {
  return {std::move(account), Side::buy, std::move(security), std::move(quantity), {}};
}

OrderByHand sell(std::string account, std::string security, std::string quantity, std::string lot) {
  OrderByHand order{std::move(account), Side::sell, std::move(security), quantity, {}};
  order.lots.emplace_back(std::move(lot), std::move(quantity));
  return order;
}

OrderByHand sell(std::string account, std::string security, std::string quantity,
                 std::vector<std::pair<std::string, std::string>> lots) {
  return {std::move(account), Side::sell, std::move(security), std::move(quantity), std::move(lots)};
}

Scene Scene::with(const std::function<void(BookBuilder&)>& change) const {
  Scene copy = *this;
  change(copy.book);
  return copy;
}

Scene Scene::with_orders(std::vector<OrderByHand> others) const {
  Scene copy = *this;
  copy.orders = std::move(others);
  return copy;
}

Scene Scene::spoil(std::function<void(Results&)> change) const {
  Scene copy = *this;
  copy.spoiled.push_back(std::move(change));
  return copy;
}

Scene Scene::with_exception(std::string rule, Severity severity, std::size_t place) const {
  return spoil([rule = std::move(rule), severity, place](Results& results) {
    results[place].exceptions.push_back({rule, severity, {}, {}, {}, {}, {}});
  });
}

Results honest_results(const Book& book, const std::vector<OrderByHand>& orders) {
  Results results;
  DecisionUnit unit;
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) unit.accounts.push_back({i});
  for (std::uint32_t i = 0; i < book.taxpayers.size(); ++i) unit.taxpayers.push_back({i});
  tax::WashWindow wash(book, unit);
  for (const AccountIndex account : unit.accounts) {
    AccountTrades trades{account, {}};
    for (const OrderByHand& order : orders) {
      if (account_index(book, order.account) == account) trades.trades.push_back(trade_of(book, order));
    }
    std::ranges::stable_sort(trades.trades, {}, &Trade::security);
    tax::mark_disallowed(book, wash, trades);
    wash.record(trades);
    AccountResult& result = results.emplace_back();
    result.account = account;
    for (const Trade& trade : trades.trades) {
      result.orders.push_back({book.account(account).id.text + "-" + book.security(trade.security).id.text, trade, ""});
    }
    state_values(book, result);
    state_orders(book, result);
  }
  return results;
}

}  // namespace lotwright
