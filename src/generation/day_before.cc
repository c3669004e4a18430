#include "generation/day_before.h"

#include <algorithm>

namespace lotwright::generation {
namespace {

constexpr const char* base_lot = "B1";  // the lot that a fault spoils: a position of its own

Money times(Money amount, double factor) {
  return Money::of_count(static_cast<std::int64_t>(amount.to_double() * factor * 100.0) * cent.count());
}

// A family's two days while they are put together.
class Days {
 public:
  Days(Chance& chance, const Market& market) : chance_(chance), market_(market) {}

  void prepare(FamilyBook& book, std::size_t place);
  void go_back(FamilyBook& before, std::size_t place);
  void live(TwoDays& days, std::size_t place);
  void spoil(FamilyBook& today, std::size_t place);

 private:
  [[nodiscard]] Date as_of() const { return market_.days().back(); }
  [[nodiscard]] Price price(std::uint32_t security) const { return market_.price(security, market_.last_day()); }
  [[nodiscard]] bool is_money(std::uint32_t security) const {
    return market_.securities()[security].role == Role::cash_fund;
  }
  [[nodiscard]] std::uint32_t stranger(const Holdings& holdings, std::size_t turn) const;
  void add_base_lot(const AccountPlan& account, Holdings& holdings, std::uint32_t security);
  void repeat_a_trade(Holdings& holdings);
  void spoil_lots(FamilyBook& today, std::size_t place, Fault fault);
  void spoil_trades(Holdings& holdings, Fault fault);
  void spoil_basis(Holdings& holdings, Fault fault);

  Chance& chance_;
  const Market& market_;
};

LotRow* base_of(Holdings& holdings) {
  const auto found = std::ranges::find(holdings.lots, base_lot, &LotRow::id);
  return found == holdings.lots.end() ? nullptr : &*found;
}

// A stock of no model that the account does not hold; another for each turn.
std::uint32_t Days::stranger(const Holdings& holdings, std::size_t turn) const {
  const auto legacy = market_.with(Role::legacy);
  std::vector<std::uint32_t> free;
  for (const std::uint32_t security : legacy) {
    const bool held = std::ranges::any_of(holdings.lots, [&](const LotRow& lot) { return lot.security == security; });
    const bool traded =
        std::ranges::any_of(holdings.trades, [&](const TradeRow& trade) { return trade.security == security; });
    if (!held && !traded && market_.securities()[security].tradable) free.push_back(security);
  }
  if (free.empty()) return legacy[turn % legacy.size()];
  return free[turn % free.size()];
}

void Days::add_base_lot(const AccountPlan& account, Holdings& holdings, std::uint32_t security) {
  const int day = std::max(0, market_.last_day() - chance_.between(200, 700));
  const double dollars = std::max(3000.0, 0.05 * account.value);
  LotRow lot;
  lot.id = base_lot;
  lot.security = security;
  lot.quantity = Quantity::of_whole(2 * static_cast<std::int64_t>(dollars / market_.dollars(security, day) / 2 + 10));
  lot.cost_basis = amount_of(lot.quantity, market_.price(security, day));
  lot.acquired_on = market_.days()[static_cast<std::size_t>(day)];
  holdings.value += amount_of(lot.quantity, price(security));
  holdings.lots.push_back(std::move(lot));
}

// Two equal purchases of one day, each with its lot.
void Days::repeat_a_trade(Holdings& holdings) {
  const auto bought = std::ranges::find_if(holdings.trades, [&](const TradeRow& trade) {
    return trade.kind == TransactionKind::buy && trade.date < as_of() && !is_money(trade.security);
  });
  if (bought == holdings.trades.end()) return;
  const auto lot = std::ranges::find(holdings.lots, bought->lot, &LotRow::id);
  if (lot == holdings.lots.end()) return;
  TradeRow trade = *bought;
  LotRow copy = *lot;
  trade.lot = copy.id = "E1";
  holdings.trades.push_back(std::move(trade));
  holdings.lots.push_back(std::move(copy));
}

// What both days have, so that the fault is all that tells them apart.
void Days::prepare(FamilyBook& book, std::size_t place) {
  const AccountPlan& account = book.family.accounts[place];
  Holdings& holdings = book.holdings[place];
  if (!account.fault) {
    if (chance_.hits(0.05)) repeat_a_trade(holdings);
    return;
  }
  using enum Fault;
  const bool splits = account.fault == split_not_followed || account.fault == split_followed_twice;
  if (static_cast<std::size_t>(*account.fault) >= fault_kinds_of_one_day && !doubtful_security(*account.fault))
    add_base_lot(account, holdings, splits ? eventful_stocks(market_).splitting : stranger(holdings, 0));
  if (account.fault == cash_hundredfold || account.fault == cash_sign || account.fault == cash_gone)
    holdings.cash = std::max(holdings.cash, times(holdings.value, 0.06) + Money::of_whole(1000));
  if (account.fault == security_unmapped)
    book.wishes.settings.push_back({false, account.id, "band_bonds_max", "1", {}});
  if (account.fault != trade_repeated) return;
  const int day = market_.last_day() - 3;
  const LotRow& base = *base_of(holdings);
  LotRow lot = base;
  lot.id = "R1";
  lot.quantity = Quantity::of_whole(30);
  lot.acquired_on = market_.days()[static_cast<std::size_t>(day)];
  lot.cost_basis = amount_of(lot.quantity, market_.price(lot.security, day));
  holdings.trades.push_back(
      {lot.acquired_on, TransactionKind::buy, lot.security, lot.quantity, *lot.cost_basis, {}, {}, lot.id, true});
  holdings.lots.push_back(std::move(lot));
}

// Takes back what the trades of the last day did, the split, and the model that an account in transition changed to.
void Days::go_back(FamilyBook& before, std::size_t place) {
  Holdings& holdings = before.holdings[place];
  if (holdings.from) before.family.accounts[place].target = *holdings.from;
  std::erase_if(holdings.lots, [&](const LotRow& lot) { return lot.acquired_on == as_of(); });
  for (const TradeRow& trade : holdings.trades) {
    if (trade.date != as_of() || is_money(trade.security)) continue;
    if (trade.kind == TransactionKind::buy) holdings.cash += trade.amount;
  }
  // Purchases of the cash fund were paid in cash as well.
  for (const TradeRow& trade : holdings.trades) {
    if (trade.date == as_of() && is_money(trade.security) && trade.kind == TransactionKind::buy)
      holdings.cash += trade.amount;
  }
  std::erase_if(holdings.trades, [&](const TradeRow& trade) { return trade.date == as_of(); });
  for (LotRow& lot : holdings.lots) {
    if (lot.security == eventful_stocks(market_).splitting)
      lot.quantity = Quantity::of_count(lot.quantity.count() / split_ratio);
  }
}

// An honest day: money announced came or went, a dividend was paid, shares came in, an account was opened.
void Days::live(TwoDays& days, std::size_t place) {
  AccountPlan& account = days.today.family.accounts[place];
  if (account.fault) return;
  Holdings& before = days.before.holdings[place];
  Holdings& today = days.today.holdings[place];
  const Money value = today.value;
  std::vector<RequestRow>& announced = days.before.wishes.requests;
  if (chance_.hits(0.03)) {
    const Money amount = times(value, chance_.uniform(0.1, 0.35)) + Money::of_whole(500);
    before.cash += amount;
    announced.push_back({account.id, "cash_out", amount, as_of(), ""});
  } else if (chance_.hits(0.03) && today.cash.is_positive()) {
    before.cash -= times(today.cash, 0.9);
    announced.push_back({account.id, "cash_in", times(today.cash, 0.9), as_of(), ""});
  } else if (chance_.hits(0.10)) {
    before.cash -= times(value, 0.004);
  }
  if (chance_.hits(0.03)) {
    LotRow lot;
    lot.id = "I1";
    lot.security = stranger(today, 1);
    lot.quantity = Quantity::of_whole(40);
    const int day = std::max(0, market_.last_day() - 900);
    lot.acquired_on = market_.days()[static_cast<std::size_t>(day)];
    lot.cost_basis = amount_of(lot.quantity, market_.price(lot.security, day));
    today.trades.push_back(
        {as_of(), TransactionKind::transfer_in, lot.security, lot.quantity, Money(), {}, {}, lot.id, false});
    today.lots.push_back(std::move(lot));
  }
  account.joins_today = chance_.hits(0.005);
}

void Days::spoil_lots(FamilyBook& today, std::size_t place, Fault fault) {
  using enum Fault;
  Holdings& holdings = today.holdings[place];
  LotRow& base = *base_of(holdings);
  switch (fault) {
    case lot_ghost: {
      LotRow ghost = base;
      ghost.id = "G1";
      ghost.quantity = Quantity::of_whole(25);
      ghost.cost_basis = times(*base.cost_basis, 25.0 / base.quantity.to_double());
      holdings.lots.push_back(std::move(ghost));
      return;
    }
    case lot_quantity_tenfold:
      base.quantity = Quantity::of_count(base.quantity.count() * 10);
      return;
    case lot_of_other_security:
      base.security = stranger(holdings, 2);
      return;
    case split_not_followed:
      base.quantity = Quantity::of_count(base.quantity.count() / split_ratio);
      return;
    case split_followed_twice:
      base.quantity = Quantity::of_count(base.quantity.count() * split_ratio);
      return;
    case lot_in_other_account: {
      const AccountPlan& receiver = receiver_of(today.family, today.family.accounts[place]);
      const auto other = static_cast<std::size_t>(&receiver - today.family.accounts.data());
      LotRow moved = base;
      moved.id = "M1";
      if (other != place) today.holdings[other].lots.push_back(std::move(moved));
      break;
    }
    default:
      break;
  }
  if (fault == lot_missing || fault == lot_in_other_account)
    std::erase_if(holdings.lots, [](const LotRow& lot) { return lot.id == base_lot; });
}

void Days::spoil_trades(Holdings& holdings, Fault fault) {
  using enum Fault;
  const LotRow base = *base_of(holdings);
  const Quantity quantity = Quantity::of_whole(25);
  const Money amount = amount_of(quantity, price(base.security));
  const TradeRow trade{as_of(), TransactionKind::buy, base.security, quantity, amount, {}, {}, "N1", true};
  if (fault == trade_not_booked) holdings.trades.push_back(trade);
  if (fault == trade_not_reported) {
    LotRow lot = base;
    lot.id = "N1";
    lot.quantity = quantity;
    lot.cost_basis = amount;
    lot.acquired_on = as_of();
    holdings.lots.push_back(std::move(lot));
  }
  if (fault == trade_not_booked || fault == trade_not_reported) holdings.cash -= amount;
  if (fault == trade_repeated) holdings.trades.push_back(holdings.trades.back());
}

void Days::spoil_basis(Holdings& holdings, Fault fault) {
  using enum Fault;
  std::optional<Money>& basis = base_of(holdings)->cost_basis;
  if (fault == basis_tenfold) basis = times(*basis, 10.0);
  if (fault == basis_tenth) basis = times(*basis, 0.1);
  if (fault == basis_hundredfold) basis = times(*basis, 100.0);
  if (fault == basis_of_stale_split) basis = times(*basis, 2.0);
  if (fault == basis_zero) basis = Money();
  if (fault == basis_lost) basis.reset();
}

void Days::spoil(FamilyBook& today, std::size_t place) {
  using enum Fault;
  AccountPlan& account = today.family.accounts[place];
  if (!account.fault || !base_of(today.holdings[place])) return;
  Holdings& holdings = today.holdings[place];
  spoil_lots(today, place, *account.fault);
  if (base_of(holdings) != nullptr) {
    spoil_trades(holdings, *account.fault);
    spoil_basis(holdings, *account.fault);
  }
  if (account.fault == cash_hundredfold) holdings.cash = times(holdings.cash, 100.0);
  if (account.fault == cash_sign) holdings.cash = -holdings.cash;
  if (account.fault == cash_gone) holdings.cash = Money();
  if (account.fault == treatment_changed) account.tax_treatment = TaxTreatment::tax_free;
  if (account.fault == taxpayer_changed && account.taxpayer != nobody) {
    TaxpayerPlan another = today.family.taxpayers[account.taxpayer];
    another.id += "-9";
    account.taxpayer = today.family.taxpayers.size();
    today.family.taxpayers.push_back(std::move(another));
  }
  if (account.fault != request_repeated) return;
  const RequestRow request{account.id, "cash_out", times(holdings.value, 0.02), as_of() + 2, ""};
  today.wishes.requests.push_back(request);
  today.wishes.requests.push_back(request);
}

// The account is not delivered on that day, nor anything of it.
void leave_out(FamilyBook& book, std::size_t place) {
  const std::string id = book.family.accounts[place].id;
  std::erase_if(book.wishes.settings, [&](const SettingRow& row) { return !row.household && row.owner == id; });
  std::erase_if(book.wishes.requests, [&](const RequestRow& row) { return row.account == id; });
  std::erase_if(book.wishes.restrictions,
                [&](const RestrictionRow& row) { return row.scope == "account" && row.scope_id == id; });
  book.left_out.push_back(place);
}

}  // namespace

EventfulStocks eventful_stocks(const Market& market) {
  const std::vector<std::uint32_t> stocks = market.with(Role::indexed);
  return {stocks[4], stocks[5], stocks[6], stocks[7]};
}

namespace {

Price scaled(Price price, int numerator, int denominator) {
  const std::int64_t cents = price.count() / cent.count();
  return Price::of_count(std::max<std::int64_t>(1, cents * numerator / denominator) * cent.count());
}

}  // namespace

Price price_the_day_before(const Market& market, std::uint32_t security) {
  const EventfulStocks stocks = eventful_stocks(market);
  const Price today = market.price(security, market.last_day());
  if (security == stocks.falling) return scaled(today, 100, 70);
  if (security == stocks.crashing) return scaled(today, 100, 63);
  if (security == stocks.rising) return scaled(today, 100, 135);
  const Price price = market.price(security, market.last_day() - 1);
  return security == stocks.splitting ? scaled(price, split_ratio, 1) : price;
}

Price price_delivered(const Market& market, std::uint32_t security, const FaultPlan& faults) {
  const Price price = market.price(security, market.last_day());
  const Role role = market.securities()[security].role;
  if (role == Role::hundredfold && faults.has(Fault::price_hundredfold)) return scaled(price, 100, 1);
  if (role == Role::halved && faults.has(Fault::price_halved)) return scaled(price, 1, 2);
  if (role == Role::of_other && faults.has(Fault::price_of_other)) return scaled(price, 29, 100);
  return price;
}

TwoDays two_days(Chance& chance, FamilyBook book, const Market& market) {
  Days steps(chance, market);
  const std::size_t count = book.family.accounts.size();
  for (std::size_t i = 0; i < count; ++i) steps.prepare(book, i);
  TwoDays days{book, std::move(book)};
  std::erase_if(days.before.outside,
                [&](const OutsideTrade& outside) { return outside.trade.date == market.days().back(); });
  for (std::size_t i = 0; i < count; ++i) {
    steps.go_back(days.before, i);
    steps.live(days, i);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const AccountPlan& account = days.today.family.accounts[i];
    steps.spoil(days.today, i);
    if (account.joins_today || account.fault == Fault::account_appeared) leave_out(days.before, i);
    if (account.fault == Fault::account_vanished) leave_out(days.today, i);
  }
  return days;
}

}  // namespace lotwright::generation
