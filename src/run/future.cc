#include "run/future.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "tax/netting.h"
#include "tax/wash_sale.h"
#include "units/trading_days.h"

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

Transaction row_of(AccountIndex index, TaxpayerIndex taxpayer, const Trade& trade, Date day) {
  Transaction row;
  row.id = "filled-" + day.to_string() + "-" + std::to_string(trade.security.value);
  row.account = index;
  row.taxpayer = taxpayer;
  row.trade_date = day;
  row.kind = trade.side == Side::buy ? TransactionKind::buy : TransactionKind::sell;
  row.security = trade.security;
  row.quantity = trade.quantity;
  row.amount = trade.amount;
  return row;
}

// A purchase is a row; of a sale each lot is one, so that no gain of one lot hides the loss of another.
void enter_transactions(Book& book, AccountIndex index, const Trade& trade, Date day) {
  const Transaction whole = row_of(index, book.account(index).taxpayer, trade, day);
  if (trade.side == Side::buy) return book.transactions.push_back(whole);
  for (const LotSale& sale : trade.lots) {
    Transaction row = whole;
    row.id += "-" + std::to_string(sale.lot);
    row.quantity = sale.quantity;
    row.amount = sale.proceeds;
    row.gain_short = row.gain_long = Money();
    *(sale.term == Term::long_term ? row.gain_long : row.gain_short) = sale.gain.value_or(Money()) + sale.disallowed;
    book.transactions.push_back(row);
  }
}

// What of a sale's disallowed loss replaces it in the account's own young lots, share by share.
class Replacements {
 public:
  Replacements(const Book& book, Account& account) : book_(book), account_(account), matched_(account.lots.size()) {}

  void carry(SecurityIndex security, const LotSale& sale) {
    if (!sale.disallowed.is_positive() || !sale.gain) return;
    const TaxLot sold = account_.lots[sale.lot];
    const Quantity replaced = Quantity::of_count(
        multiply_divide_half_away(sale.quantity.count(), sale.disallowed.count(), (-*sale.gain).count()));
    Quantity wanted = replaced;
    for (std::size_t i = 0; i < matched_.size() && wanted.is_positive(); ++i) {
      if (i == sale.lot || !replaces(account_.lots[i], security)) continue;
      const Quantity taken = std::min(wanted, account_.lots[i].quantity - matched_[i]);
      if (!taken.is_positive()) continue;
      wanted -= taken;
      matched_[i] += taken;
      split_.push_back(matched_part(account_.lots[i], taken, sold));
      std::optional<Money>& basis = split_.back().cost_basis;
      if (basis) *basis += share_of(sale.disallowed, taken, replaced);
    }
  }

  // The matched parts become lots of their own.
  void settle() {
    for (std::size_t i = 0; i < matched_.size(); ++i) {
      TaxLot& lot = account_.lots[i];
      if (!matched_[i].is_positive()) continue;
      lot.cost_basis = left_of(lot.cost_basis, matched_[i], lot.quantity);
      lot.loss_basis = left_of(lot.loss_basis, matched_[i], lot.quantity);
      lot.quantity -= matched_[i];
    }
    account_.lots.insert(account_.lots.end(), split_.begin(), split_.end());
  }

 private:
  [[nodiscard]] bool replaces(const TaxLot& lot, SecurityIndex security) const {
    return tax::is_young(lot, book_.firm.as_of) && book_.security(lot.security).group == book_.security(security).group;
  }

  [[nodiscard]] TaxLot matched_part(const TaxLot& lot, Quantity taken, const TaxLot& sold) const {
    TaxLot part = lot;
    part.id = LotId(lot.id.text + "-replaces-" + sold.id.text);
    part.quantity = taken;
    if (lot.cost_basis) part.cost_basis = share_of(*lot.cost_basis, taken, lot.quantity);
    if (lot.loss_basis) part.loss_basis = share_of(*lot.loss_basis, taken, lot.quantity);
    part.held_from = lot.held_from - std::max(0, book_.firm.as_of - sold.held_from);
    return part;
  }

  const Book& book_;
  Account& account_;
  std::vector<Quantity> matched_;
  std::vector<TaxLot> split_;
};

void carry_disallowed(const Book& book, Account& account, const AccountResult& result) {
  Replacements replacements(book, account);
  for (const Order& order : result.orders) {
    for (const LotSale& sale : order.trade.lots) replacements.carry(order.trade.security, sale);
  }
  replacements.settle();
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
  // What a person ordered was meant for that day.
  std::erase_if(book.directed, [&](const DirectedTrade& one) { return one.account == unit.account; });
  if (result.orders.empty()) return;
  std::vector<TaxLot> fresh;
  for (const Order& order : result.orders) {
    const Trade& trade = order.trade;
    if (trade.side == Side::sell) sell(account, trade);
    if (trade.side == Side::buy) fresh.push_back(bought(trade, day));
    account.cash += cash_effect(trade);
    enter_transactions(book, unit.account, trade, day);
  }
  carry_disallowed(book, account, result);
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

void move_prices(UnitBook& unit, const FactorRisk& risk, double drift, int days, generation::Chance& chance) {
  constexpr double part = 1.0 / trading_days_a_year;
  constexpr double root_of_part = 0.06299407883487121;  // its square root
  constexpr double fall_max = 0.95;                     // of a day
  std::vector<double> factors(static_cast<std::size_t>(risk.factors()));
  for (int day = 0; day < days; ++day) {
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
      const double move = std::max(-fall_max, part * drift + root_of_part * shock);
      const double count = static_cast<double>(security.price->count()) * (1.0 + move);
      security.price = Price::of_count(std::max<std::int64_t>(1, static_cast<std::int64_t>(count + 0.5)));
    }
  }
}

void move_date(UnitBook& unit, Date day) {
  Book& book = unit.book;
  const Date before = book.firm.as_of;
  if (day.civil().year != before.civil().year) std::ranges::for_each(book.taxpayers, close_year);
  book.firm.as_of = day;
  std::erase_if(book.corporate_actions, [&](const CorporateAction& action) {
    return !action.applied && action.effective_on > before && action.effective_on <= day;
  });
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
  const auto begins = [&](const Restriction& one) { return !one.effective_from || *one.effective_from <= day; };
  std::ranges::copy_if(book.restrictions_ahead, std::back_inserter(book.restrictions), begins);
  if (std::erase_if(book.restrictions_ahead, begins) > 0) std::ranges::sort(book.restrictions, {}, &Restriction::id);
  std::erase_if(book.restrictions, [&](const Restriction& one) { return one.effective_to && *one.effective_to < day; });
}

}  // namespace lotwright
