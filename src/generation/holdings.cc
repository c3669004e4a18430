#include "generation/holdings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tax/holding_period.h"

namespace lotwright::generation {
namespace {

constexpr int young_days = 20;  // weekdays back that a young purchase lies at most: within 30 calendar days

// Lots and trades of one account while they are put together.
class Ledger {
 public:
  Ledger(Chance& chance, const HoldingPlan& plan, const AccountPlan& account)
      : chance_(chance), plan_(plan), market_(*plan.market), account_(account) {
    fractional_ = chance.hits(plan.mix->fractional);
  }

  // Buys for about `dollars`; nothing where that is less than one step. Days before the account was opened are lots
  // it brought along.
  void buy(std::uint32_t security, int day, double dollars, TransactionKind kind = TransactionKind::buy);
  // Sells what is no longer there: shares bought on one day and sold on another.
  void sell_bought(std::uint32_t security, int bought, int sold, double dollars);

  [[nodiscard]] Holdings& holdings() { return holdings_; }
  [[nodiscard]] int allowed_day(std::uint32_t security, int day) const;
  [[nodiscard]] Date date(int day) const { return market_.days()[static_cast<std::size_t>(day)]; }
  [[nodiscard]] Date as_of() const { return market_.days().back(); }

 private:
  [[nodiscard]] Quantity quantity_for(std::uint32_t security, int day, double dollars, bool reinvested) const;
  [[nodiscard]] std::string next_id() { return fmt::format("L{:05}", ++lots_); }

  Chance& chance_;
  const HoldingPlan& plan_;
  const Market& market_;
  const AccountPlan& account_;
  bool fractional_ = false;
  int lots_ = 0;
  Holdings holdings_;
};

// Whole shares; where the security or the account is fractional, four decimals; of the cash fund, cents.
Quantity Ledger::quantity_for(std::uint32_t security, int day, double dollars, bool reinvested) const {
  const double shares = dollars / market_.dollars(security, day);
  const Stock& stock = market_.securities()[security];
  const bool whole = stock.quantity_step == Quantity::of_whole(1);
  if (whole && !fractional_ && !reinvested) return Quantity::of_whole(static_cast<std::int64_t>(shares));
  const std::int64_t step = std::max<std::int64_t>(stock.quantity_step.count(), 100);
  if (whole) return Quantity::of_count(static_cast<std::int64_t>(shares * 1e4) * 100);
  return Quantity::of_count(static_cast<std::int64_t>(shares * 1e6) / step * step);
}

// A group the family lately sold at a loss is bought neither in those 61 days nor in the 30 before them.
int Ledger::allowed_day(std::uint32_t security, int day) const {
  if (!(*plan_.harvested)(market_.securities()[security].group)) return day;
  while (day > 0 && as_of() - date(day) <= trade_window_days + wash_days) --day;
  return day;
}

void Ledger::buy(std::uint32_t security, int day, double dollars, TransactionKind kind) {
  // Who pays for every order keeps money in the account, not in a fund.
  const bool is_money = market_.securities()[security].role == Role::cash_fund;
  if (is_money && account_.policy == policy_with_costs) return;
  day = allowed_day(security, day);
  const Quantity quantity = quantity_for(security, day, dollars, kind == TransactionKind::reinvest);
  if (!quantity.is_positive()) return;
  LotRow lot;
  lot.id = next_id();
  lot.security = security;
  lot.quantity = quantity;
  lot.cost_basis = amount_of(quantity, market_.price(security, day));
  lot.acquired_on = date(day);
  if (as_of() - lot.acquired_on <= trade_window_days) {
    holdings_.trades.push_back({lot.acquired_on,
                                kind,
                                security,
                                quantity,
                                *lot.cost_basis,
                                {},
                                {},
                                lot.id,
                                kind == TransactionKind::buy && !chance_.hits(0.1)});
  }
  holdings_.value += amount_of(quantity, market_.price(security, market_.last_day()));
  holdings_.lots.push_back(std::move(lot));
}

void Ledger::sell_bought(std::uint32_t security, int bought, int sold, double dollars) {
  const Quantity quantity = quantity_for(security, bought, dollars, false);
  if (!quantity.is_positive()) return;
  TradeRow trade{
      date(sold), TransactionKind::sell, security, quantity, amount_of(quantity, market_.price(security, sold)), {}, {},
      next_id(),  !chance_.hits(0.1)};
  if (account_.tax_treatment == TaxTreatment::taxable) {
    const Money gain = trade.amount - amount_of(quantity, market_.price(security, bought));
    const bool late = tax::is_long_term(date(bought), date(sold));
    (late ? trade.gain_long : trade.gain_short) = gain;
  }
  holdings_.trades.push_back(std::move(trade));
}

int weekdays_back(const Market& market, int days) { return std::max(0, market.last_day() - days); }

// The days on which money came in: the first on the day the account was opened.
std::vector<int> draw_events(Chance& chance, const HoldingPlan& plan, const AccountPlan& account, int count) {
  const int last = plan.market->last_day();
  std::vector<int> days{account.opened};
  for (int i = 1; i < count; ++i) days.push_back(chance.between(account.opened, last));
  if (chance.hits(plan.mix->young)) days.back() = std::max(account.opened, last - chance.between(0, young_days));
  std::sort(days.begin(), days.end());
  return days;
}

// Buys a target's securities for `dollars` over several days; some names are left out, as samples of an index do.
void follow(Chance& chance, const HoldingPlan& plan, const AccountPlan& account, std::uint32_t target, double dollars,
            Ledger& ledger) {
  const auto& weights = (*plan.targets)[target].weights;
  const double lots = plan.mix->lots * chance.uniform(0.4, 1.8);
  const auto names = static_cast<double>(weights.size());
  const int events = std::clamp(static_cast<int>(lots / names + 0.5), 1, 80);
  const double kept = std::clamp(lots / (names * events), 0.45, 0.97);
  const std::vector<int> days = draw_events(chance, plan, account, events);
  const double each = dollars / static_cast<double>(days.size());
  for (const auto& [security, weight] : weights) {
    const bool small = weight * dollars < 20'000 && weights.size() > 20;
    if (small && !chance.hits(kept)) continue;
    for (const int day : days) ledger.buy(security, day, weight * each * chance.uniform(0.7, 1.3));
  }
}

// One old position that outweighs the rest, of a stock that may be in no model.
void concentrate(Chance& chance, const HoldingPlan& plan, const AccountPlan& account, double dollars, Ledger& ledger) {
  const std::vector<std::uint32_t> legacy = plan.market->with(Role::legacy);
  const std::vector<std::uint32_t> indexed = plan.market->with(Role::indexed);
  const std::uint32_t security = chance.one_of(chance.hits(0.5) ? legacy : indexed);
  const int lots = chance.between(1, 5);
  for (int i = 0; i < lots; ++i) {
    ledger.buy(security, chance.between(0, account.opened / 2 + 1), dollars / static_cast<double>(lots));
  }
}

// A handful of small positions that no model asks for.
void bring_along(Chance& chance, const HoldingPlan& plan, const AccountPlan& account, double dollars, Ledger& ledger) {
  const std::vector<std::uint32_t> legacy = plan.market->with(Role::legacy);
  const int names = chance.between(1, 6);
  for (int i = 0; i < names; ++i) {
    const std::uint32_t security = chance.one_of(legacy);
    ledger.buy(security, chance.between(0, account.opened), dollars / static_cast<double>(names));
  }
}

// Distributions of funds, four a year, of the last five quarters.
void reinvest(Chance& chance, const HoldingPlan& plan, const AccountPlan& account, Ledger& ledger) {
  const std::vector<LotRow> lots = ledger.holdings().lots;
  const int first = chance.between(0, 62);
  for (const LotRow& lot : lots) {
    const Stock& stock = plan.market->securities()[lot.security];
    if (stock.role != Role::fund || stock.kind == SecurityKind::bond || !chance.hits(0.3)) continue;
    for (int day = weekdays_back(*plan.market, first); day > account.opened; day -= 63) {
      if (plan.market->last_day() - day > 5 * 63 || ledger.date(day) <= lot.acquired_on) break;
      ledger.buy(lot.security, day, 0.006 * lot.cost_basis->to_double(), TransactionKind::reinvest);
    }
  }
}

// Sales of the last 61 days: losses in the groups the family harvests, gains anywhere.
void sell_lately(Chance& chance, const HoldingPlan& plan, const AccountPlan& account, Ledger& ledger) {
  const Market& market = *plan.market;
  const int latest = market.last_day() - 1;
  if (account.opened + 10 > latest - 40) return;
  for (const auto& [security, weight] : (*plan.targets)[account.target].weights) {
    const bool harvested = (*plan.harvested)(market.securities()[security].group);
    if (!harvested && !chance.hits(0.03)) continue;
    const int sold = latest - chance.between(0, 40);
    for (int attempt = 0; attempt < 5; ++attempt) {
      const int bought = chance.between(account.opened, sold - 5);
      const bool loss = market.price(security, sold) < market.price(security, bought);
      const bool young = ledger.as_of() - ledger.date(bought) <= trade_window_days + wash_days;
      if (loss != harvested || young) continue;
      ledger.sell_bought(security, bought, sold, weight * account.value * chance.uniform(0.1, 0.6));
      break;
    }
  }
}

// A lot whose history may be changed: no trade shows it, and it is not money.
bool has_history(const Market& market, const LotRow& lot) {
  const bool old = market.days().back() - lot.acquired_on > trade_window_days;
  return old && market.securities()[lot.security].role != Role::cash_fund;
}

// Some lots are held from before they were acquired: what replaced the shares of a wash sale carries on the period of
// what was sold, and the loss that was set aside is in its basis.
void tack_periods(Chance& chance, const Market& market, std::vector<LotRow>& lots) {
  for (LotRow& lot : lots) {
    if (!has_history(market, lot) || !chance.hits(0.05)) continue;
    lot.held_from = lot.acquired_on - chance.between(10, 300);
    lot.cost_basis = *lot.cost_basis + fraction_of(*lot.cost_basis, Weight::of_count(Weight::scale / 20));
    lot.cost_basis = round_to_cent(*lot.cost_basis);
  }
}

// A gift that was worth less than it had cost: the giver's basis counts for gains, the value then for losses.
void make_gifts(Chance& chance, const Market& market, std::vector<LotRow>& lots) {
  for (LotRow& lot : lots) {
    if (!has_history(market, lot) || lot.held_from || !chance.hits(0.03)) continue;
    lot.loss_basis = lot.cost_basis;
    lot.loss_held_from = lot.acquired_on;
    lot.held_from = lot.acquired_on - chance.between(30, 2000);
    const auto percent = chance.between(5, 60);
    lot.cost_basis =
        round_to_cent(*lot.cost_basis + fraction_of(*lot.cost_basis, Weight::of_count(Weight::scale / 100 * percent)));
  }
}

// Shares that came in lately from another broker, who did not say what they had cost.
void forget_basis(Chance& chance, const Market& market, Holdings& holdings) {
  const Date as_of = market.days().back();
  for (LotRow& lot : holdings.lots) {
    if (!has_history(market, lot) || !chance.hits(0.04)) continue;
    lot.cost_basis.reset();
    const Date moved = as_of - chance.between(3, trade_window_days - 3);
    if (moved.weekday() < 5) {
      holdings.trades.push_back(
          {moved, TransactionKind::transfer_in, lot.security, lot.quantity, Money(), {}, {}, lot.id, false});
    }
  }
}

Money draw_cash(Chance& chance, double value) {
  struct Range {
    double share, low, high;
  };
  constexpr auto ranges = std::to_array<Range>({{0.58, 0.005, 0.025},
                                                {0.20, 0.0, 0.005},
                                                {0.13, 0.03, 0.15},
                                                {0.05, 0.20, 0.60},
                                                {0.02, -0.008, 0.0},
                                                {0.02, 0.0, 0.0}});
  std::array<double, ranges.size()> shares{};
  std::transform(ranges.begin(), ranges.end(), shares.begin(), [](const Range& range) { return range.share; });
  const Range& range = ranges[chance.place(shares)];
  return Money::of_count(static_cast<std::int64_t>(value * chance.uniform(range.low, range.high) * 100.0) *
                         cent.count());
}

}  // namespace

Harvested::Harvested(std::uint64_t seed, std::uint64_t family, double share)
    : key_(stream(seed, Stream::harvested, family)), share_(share) {}

bool Harvested::operator()(std::uint32_t group) const {
  constexpr double of_groups = 0.06;  // in a family that sells
  constexpr double unit = 1.0 / 18446744073709551616.0;
  const bool sells = static_cast<double>(scatter(key_)) * unit < share_;
  return sells && static_cast<double>(scatter(key_ + group + 1)) * unit < of_groups;
}

// Purchases that stand in the way of loss sales, and loss sales that stand in the way of purchases.
std::vector<OutsideTrade> invent_outside_trades(Chance& chance, const HoldingPlan& plan, const Family& family) {
  constexpr double of_families = 0.04;
  std::vector<OutsideTrade> trades;
  if (!chance.hits(of_families)) return trades;
  const Market& market = *plan.market;
  const std::size_t taxpayer = family.taxpayers.size() - 1;
  const auto& weights = (*plan.targets)[family.accounts.front().target].weights;
  for (int i = chance.between(1, 4); i > 0; --i) {
    const std::uint32_t security = chance.one_of(weights).first;
    const int day = weekdays_back(market, chance.between(0, 30));
    const Quantity quantity = Quantity::of_whole(chance.between(1, 200));
    TradeRow trade{market.days()[static_cast<std::size_t>(day)],
                   TransactionKind::buy,
                   security,
                   quantity,
                   amount_of(quantity, market.price(security, day)),
                   {},
                   {},
                   "",
                   true};
    if ((*plan.harvested)(market.securities()[security].group)) {
      trade.kind = TransactionKind::sell;
      trade.gain_short = Money::of_whole(-chance.between(1, 500));
    }
    trades.push_back({taxpayer, std::move(trade)});
  }
  return trades;
}

Holdings invent_holdings(Chance& chance, const HoldingPlan& plan, const AccountPlan& account) {
  Ledger ledger(chance, plan, account);
  const Mix& mix = *plan.mix;
  const bool only_cash = chance.hits(0.015);
  const double concentrated = chance.hits(mix.concentrated) ? chance.uniform(0.2, 0.6) : 0.0;
  const double elsewhere = chance.hits(mix.transition) ? chance.uniform(0.3, 1.0) : 0.0;
  std::optional<std::uint32_t> from;
  if (!only_cash) {
    const double rest = account.value * (1.0 - concentrated);
    if (elsewhere < 1.0) follow(chance, plan, account, account.target, rest * (1.0 - elsewhere), ledger);
    if (elsewhere > 0.0) {
      std::uint32_t other = account.target;
      while (other == account.target || !(*plan.targets)[other].followed) {
        other = static_cast<std::uint32_t>(chance.between(0, static_cast<int>(plan.targets->size()) - 1));
      }
      follow(chance, plan, account, other, rest * elsewhere, ledger);
      from = other;
    }
    if (concentrated > 0.0) concentrate(chance, plan, account, account.value * concentrated, ledger);
    if (chance.hits(0.15)) bring_along(chance, plan, account, account.value * 0.04, ledger);
    if (chance.hits(mix.reinvesting)) reinvest(chance, plan, account, ledger);
    if (chance.hits(mix.selling) || account.tax_treatment == TaxTreatment::taxable) {
      sell_lately(chance, plan, account, ledger);
    }
  }
  Holdings holdings = std::move(ledger.holdings());
  holdings.from = from;
  holdings.concentrated = !only_cash && concentrated > 0.0;
  const bool taxable = account.tax_treatment == TaxTreatment::taxable;
  const Market& market = *plan.market;
  if (taxable && chance.hits(mix.tacked)) tack_periods(chance, market, holdings.lots);
  if (taxable && chance.hits(mix.gift)) make_gifts(chance, market, holdings.lots);
  if (chance.hits(mix.unknown_basis)) forget_basis(chance, market, holdings);
  holdings.cash = draw_cash(chance, only_cash ? account.value * 20 : account.value);
  return holdings;
}

}  // namespace lotwright::generation
