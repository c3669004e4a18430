#include "explanation/drivers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "book/rules.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

bool is_money(const Book& book, const Order& order) {
  return book.security(order.trade.security).kind == SecurityKind::cash;
}

// By an order's reason. Sales for a payment are told apart below: what is bought again did not raise it.
Driver driver_of(const Account& account, std::string_view reason) {
  constexpr auto payments = std::to_array<std::string_view>(
      {"raise_cash", rule::request_cash_out, rule::request_distribution, rule::cash_negative});
  if (reason == "harvest_loss") return Driver::harvest;
  if (std::ranges::find(payments, reason) != payments.end()) return Driver::raise_cash;
  if (reason == "rebalance" || reason == "invest_cash")
    return account.model_changed ? Driver::model_change : Driver::drift;
  return reason.starts_with("request_") ? Driver::request : Driver::restriction;
}

double tax_of(const AccountResult& result, const std::string& security) {
  double tax = 0.0;
  for (const ReasonRow& row : result.reasons) {
    if (row.decision == Decision::sold && row.security_id == security) tax += row.tax.to_double();
  }
  return tax;
}

// Of sales for money, the part by which the orders buy again is no money raised: it changes what is held.
void part_exchanged(std::map<Driver, Driven>& drivers, Money raised, Driver exchange) {
  const auto at = drivers.find(Driver::raise_cash);
  if (at == drivers.end() || at->second.sold <= raised) return;
  Driven& cash = at->second;
  Driven& other = drivers[exchange];
  const double part = 1.0 - raised.to_double() / cash.sold.to_double();
  const Money gain = Money::of_count(static_cast<std::int64_t>(cash.gain.to_double() * part * 100.0) * cent.count());
  other.sold += cash.sold - raised;
  other.gain += gain;
  other.tax += cash.tax * part;
  cash.sold = raised;
  cash.gain -= gain;
  cash.tax *= 1.0 - part;
}

}  // namespace

std::vector<Driven> drivers_of(const Book& book, const AccountResult& result) {
  const Account& account = book.account(result.account);
  std::map<Driver, Driven> drivers;
  Money sold, bought;
  for (const Order& order : result.orders) {
    if (is_money(book, order)) continue;
    (order.trade.side == Side::buy ? bought : sold) += order.trade.amount;
    if (order.trade.side == Side::buy) continue;
    Driven& driven = drivers[driver_of(account, order.reason)];
    driven.sold += order.trade.amount;
    for (const LotSale& sale : order.trade.lots) driven.gain += sale.gain.value_or(Money());
    driven.tax += tax_of(result, book.security(order.trade.security).id.text);
  }
  part_exchanged(drivers, std::max(Money(), sold - bought), driver_of(account, "rebalance"));
  std::vector<Driven> sorted;
  for (auto& [driver, driven] : drivers) {
    driven.driver = driver;
    if (driven.sold.is_positive()) sorted.push_back(driven);
  }
  std::ranges::stable_sort(sorted, [](const Driven& a, const Driven& b) { return a.sold > b.sold; });
  return sorted;
}

double turnover_unexplained(const Book& book, const AccountResult& result) {
  if (!result.investable.is_positive()) return 0.0;
  Money bought;
  for (const Order& order : result.orders) {
    const bool wanted = order.trade.side == Side::buy && !is_money(book, order);
    if (wanted && order.reason != rule::request_directed) bought += order.trade.amount;
  }
  const std::vector<Driven> drivers = drivers_of(book, result);
  const auto drift = std::ranges::find(drivers, Driver::drift, &Driven::driver);
  const Money sold = drift == drivers.end() ? Money() : drift->sold;
  return std::min(bought, sold).to_double() / result.investable.to_double();
}

const char* in_words(Driver driver) {
  switch (driver) {
    case Driver::harvest:
      return "harvesting losses";
    case Driver::request:
      return "serving a request";
    case Driver::restriction:
      return "obeying restrictions";
    case Driver::model_change:
      return "following a changed model";
    case Driver::raise_cash:
      return "raising cash";
    case Driver::drift:
      return "correcting drift";
  }
  throw Defect("a driver has no words");
}

std::string in_words(const std::vector<Driven>& drivers) {
  Money sold;
  for (const Driven& one : drivers) sold += one.sold;
  if (!sold.is_positive()) return "nothing is sold";
  std::string text = fmt::format("of {} sold:", whole_usd(sold));
  for (const Driven& one : drivers) {
    text += fmt::format("{} {:.0f} % {} ({})", &one == &drivers.front() ? "" : ",",
                        100.0 * one.sold.to_double() / sold.to_double(), in_words(one.driver), whole_usd(one.sold));
  }
  return text;
}

}  // namespace lotwright
