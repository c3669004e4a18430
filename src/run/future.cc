#include "run/future.h"

#include <algorithm>
#include <cmath>

#include "tax/netting.h"

namespace lotwright {
namespace {

std::optional<Money> left_of(std::optional<Money> basis, Quantity sold, Quantity whole) {
  if (!basis) return basis;
  return *basis - share_of(*basis, sold, whole);
}

void sell(Account& account, const Trade& trade) {
  for (const LotSale& sale : trade.lots) {
    TaxLot& lot = account.lots[sale.lot];
    lot.cost_basis = left_of(lot.cost_basis, sale.quantity, lot.quantity);
    lot.loss_basis = left_of(lot.loss_basis, sale.quantity, lot.quantity);
    lot.quantity -= sale.quantity;
  }
}

TaxLot bought(const Trade& trade, Date day) {
  TaxLot lot;
  lot.id = LotId("bought-" + day.to_string());
  lot.security = trade.security;
  lot.quantity = trade.quantity;
  lot.cost_basis = trade.amount + trade.commission;
  lot.acquired_on = lot.held_from = day;
  return lot;
}

Transaction transaction_of(const Account& account, AccountIndex index, const Trade& trade, Date day) {
  Transaction row;
  row.id = "filled-" + day.to_string() + "-" + std::to_string(trade.security.value);
  row.account = index;
  row.taxpayer = account.taxpayer;
  row.trade_date = day;
  row.kind = trade.side == Side::buy ? TransactionKind::buy : TransactionKind::sell;
  row.security = trade.security;
  row.quantity = trade.quantity;
  row.amount = trade.amount;
  if (trade.side == Side::buy) return row;
  row.gain_short = row.gain_long = Money();
  for (const LotSale& sale : trade.lots) {
    Money& gain = *(sale.term == Term::long_term ? row.gain_long : row.gain_short);
    gain += sale.gain.value_or(Money()) + sale.disallowed;
  }
  return row;
}

void close_year(Taxpayer& taxpayer) {
  const tax::ScheduleD closed = tax::net_year(tax::net_gains_of(taxpayer), taxpayer.ordinary_loss_limit);
  taxpayer.carryforward_short = closed.carryforward_short;
  taxpayer.carryforward_long = closed.carryforward_long;
  taxpayer.realized_short_ytd = taxpayer.realized_long_ytd = Money();
  taxpayer.outside_gains_short = taxpayer.outside_gains_long = Money();
}

}  // namespace

void fill(UnitBook& unit, const AccountResult& result) {
  Book& book = unit.book;
  Account& account = book.accounts[unit.account.value];
  const Date day = book.firm.as_of;
  std::vector<TaxLot> fresh;
  for (const Order& order : result.orders) {
    const Trade& trade = order.trade;
    if (trade.side == Side::sell) sell(account, trade);
    if (trade.side == Side::buy) fresh.push_back(bought(trade, day));
    account.cash += (trade.side == Side::sell ? trade.amount : -trade.amount) - trade.commission;
    book.transactions.push_back(transaction_of(account, unit.account, trade, day));
  }
  // What a person ordered was meant for that day.
  std::erase_if(book.directed, [&](const DirectedTrade& one) { return one.account == unit.account; });
  std::erase_if(account.lots, [](const TaxLot& lot) { return lot.quantity.is_zero(); });
  account.lots.insert(account.lots.end(), fresh.begin(), fresh.end());
  std::ranges::sort(account.lots, [](const TaxLot& a, const TaxLot& b) {
    return std::pair(a.security, std::string_view(a.id.text)) < std::pair(b.security, std::string_view(b.id.text));
  });
  std::ranges::sort(book.transactions, [](const Transaction& a, const Transaction& b) {
    return std::tie(a.account, a.trade_date, a.id) < std::tie(b.account, b.trade_date, b.id);
  });
  if (!account.taxpayer.exists() || account.tax_treatment != TaxTreatment::taxable) return;
  Taxpayer& taxpayer = book.taxpayers[account.taxpayer.value];
  taxpayer.realized_short_ytd += result.gain_short;
  taxpayer.realized_long_ytd += result.gain_long;
}

void move_prices(UnitBook& unit, const FactorRisk& risk, double drift, int quarters, generation::Chance& chance) {
  constexpr double root_of_quarter = 0.5;
  constexpr double fall_max = 0.95;  // of a quarter
  std::vector<double> factors(static_cast<std::size_t>(risk.factors()));
  for (int quarter = 0; quarter < quarters; ++quarter) {
    for (double& factor : factors) factor = chance.normal();
    for (std::uint32_t i = 0; i < unit.book.securities.size(); ++i) {
      Security& security = unit.book.securities[i];
      const double own = chance.normal();  // drawn for everybody, so that nobody's depends on another's price
      if (!security.price || security.kind == SecurityKind::cash) continue;
      double shock = 0.0;
      if (risk.covers({i})) {
        const auto loadings = risk.loadings({i});
        for (std::size_t f = 0; f < factors.size(); ++f) shock += loadings[f] * factors[f];
        shock += std::sqrt(risk.specific_variance({i})) * own;
      }
      const double move = std::max(-fall_max, 0.25 * drift + root_of_quarter * shock);
      const double count = static_cast<double>(security.price->count()) * (1.0 + move);
      security.price = Price::of_count(std::max<std::int64_t>(1, static_cast<std::int64_t>(count + 0.5)));
    }
  }
}

void move_date(UnitBook& unit, Date day) {
  Book& book = unit.book;
  if (day.civil().year != book.firm.as_of.civil().year) std::ranges::for_each(book.taxpayers, close_year);
  book.firm.as_of = day;
  for (Security& security : book.securities) {
    if (security.price) security.price_date = day;
    security.price_before.reset();
  }
  Account& account = book.accounts[unit.account.value];
  std::erase_if(book.requests, [&](const Request& request) {
    if (request.account != unit.account || day < request.due_on) return false;
    if (request.kind == RequestKind::cash_out) account.cash -= request.amount.value_or(Money());
    if (request.kind == RequestKind::cash_in) account.cash += request.amount.value_or(Money());
    using enum RequestKind;
    return request.kind == cash_out || request.kind == cash_in || request.kind == harvest ||
           request.kind == realize_gains || request.kind == preserve_losses;
  });
  std::erase_if(book.restrictions, [&](const Restriction& one) { return one.effective_to && *one.effective_to < day; });
}

Date months_later(Date day, int months) {
  const CivilDay civil = day.civil();
  const int month = civil.month - 1 + months;
  const int year = civil.year + month / 12;
  return Date::of(year, month % 12 + 1, std::min(civil.day, days_in_month(year, month % 12 + 1)));
}

}  // namespace lotwright
