#include "explanation/drivers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "book/rules.h"
#include "explanation/cents.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

bool is_money(const Book& book, const Order& order) {
  return book.security(order.trade.security).kind == SecurityKind::cash;
}

// By an order's reason.
Driver driver_of(std::string_view reason) {
  constexpr auto payments = std::to_array<std::string_view>(
      {"raise_cash", rule::request_cash_out, rule::request_distribution, rule::cash_negative});
  if (reason == "harvest_loss") return Driver::harvest;
  if (std::ranges::find(payments, reason) != payments.end()) return Driver::raise_cash;
  if (reason == "rebalance" || reason == "invest_cash") return Driver::drift;
  return reason.starts_with("request_") ? Driver::request : Driver::restriction;
}

// By security.
std::map<std::string_view, double> taxes_of(const AccountResult& result) {
  std::map<std::string_view, double> taxes;
  for (const ReasonRow& row : result.reasons) {
    if (row.decision == Decision::sold) taxes[row.security_id] += row.tax.to_double();
  }
  return taxes;
}

// Of what `from` drives, dollars sold beyond `kept` are `other`'s.
void part_beyond(std::map<Driver, Driven>& drivers, Driver from, Money kept, Driver other) {
  const auto at = drivers.find(from);
  if (at == drivers.end() || at->second.sold <= kept) return;
  Driven& most = at->second;
  Driven& rest = drivers[other];
  const double part = 1.0 - kept.to_double() / most.sold.to_double();
  const Money gain = Money::of_count(static_cast<std::int64_t>(most.gain.to_double() * part * 100.0) * cent.count());
  rest.sold += most.sold - kept;
  rest.gain += gain;
  rest.tax += most.tax * part;
  most.sold = kept;
  most.gain -= gain;
  most.tax *= 1.0 - part;
}

}  // namespace

std::vector<Driven> drivers_of(const Book& book, const AccountResult& result) {
  const Account& account = book.account(result.account);
  std::map<Driver, Driven> drivers;
  const std::map<std::string_view, double> taxes = taxes_of(result);
  for (const Order& order : result.orders) {
    if (is_money(book, order) || order.trade.side == Side::buy) continue;
    Driven& driven = drivers[driver_of(order.reason)];
    driven.sold += order.trade.amount;
    for (const LotSale& sale : order.trade.lots) driven.gain += sale.gain.value_or(Money());
    const auto tax = taxes.find(book.security(order.trade.security).id.text);
    if (tax != taxes.end()) driven.tax += tax->second;
  }
  // A changed model explains as much as it moves.
  const Money moved = to_cents(account.model_moved.to_double() * result.investable.to_double());
  const auto drift = drivers.find(Driver::drift);
  if (drift != drivers.end())
    part_beyond(drivers, Driver::drift, std::max(Money(), drift->second.sold - moved), Driver::model_change);
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
