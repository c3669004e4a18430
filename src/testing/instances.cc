#include "testing/instances.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "generation/chance.h"

namespace lotwright {
namespace {

using generation::Chance;
using generation::Stream;

constexpr int sectors = 11;

// S0042: ids whose order is that of their numbers.
std::string numbered(const char* prefix, int number) {
  std::string digits = std::to_string(number);
  return prefix + std::string(6 - std::min<std::size_t>(6, digits.size()), '0') + digits;
}

// Nearly exp(x), by products alone.
double grown(double x) {
  double result = 1.0 + x / 1024.0;
  for (int doubling = 0; doubling < 10; ++doubling) result *= result;
  return result;
}

Money dollars(double amount) { return Money::of_count(std::llround(amount * 100.0) * 10'000); }
Price to_cents(double price) {
  return Price::of_count(std::max<std::int64_t>(1, std::llround(price * 100.0)) * 10'000);
}
Weight weight_of(double fraction) {
  return Weight::of_count(std::llround(fraction * static_cast<double>(Weight::scale)));
}

class Inventor {
 public:
  explicit Inventor(const InstanceSettings& settings) : settings_(settings) {}

  Book make() {
    book_.firm.name = "Instances";
    book_.firm.as_of = Date::of(2025, 6, 30);
    make_securities();
    make_risk();
    make_model();
    make_limits();
    for (int i = 0; i < settings_.accounts; ++i) make_account(settings_.first + i);
    return std::move(book_);
  }

 private:
  [[nodiscard]] std::size_t names() const { return static_cast<std::size_t>(settings_.names); }
  [[nodiscard]] int classes() const { return std::max(1, settings_.band_rows / 2); }

  void make_securities() {
    Chance chance(generation::stream(settings_.seed, Stream::security, 0));
    for (int i = 0; i < settings_.names; ++i) {
      Security security;
      security.id = SecurityId(numbered("S", i));
      security.symbol = security.name = security.id.text;
      security.asset_class = numbered("class_", chance.between(0, classes() - 1));
      sector_.push_back(chance.between(0, sectors - 1));
      security.sector = numbered("sector_", sector_.back());
      security.industry = "industry";
      security.country = "US";
      security.group = GroupIndex{static_cast<std::uint32_t>(i)};
      security.quantity_step = settings_.whole_shares ? Quantity::of_whole(1) : Quantity::of_count(1);
      security.half_spread = BasisPoints::of_whole(chance.between(1, 6));
      security.price = to_cents(10.0 * grown(chance.uniform(0.0, 4.0943)));  // 10 to 600
      security.price_date = book_.firm.as_of;
      book_.groups.push_back(security.id.text);
      book_.securities.push_back(std::move(security));
    }
  }

  // The market, then as many factors of style as of sectors. What is not the market has 13 % a year in all.
  void make_risk() {
    Chance chance(generation::stream(settings_.seed, Stream::market, 0));
    const auto k = static_cast<std::size_t>(settings_.factors);
    RiskModel& risk = book_.risk;
    risk.factor_covariance.assign(k * k, 0.0);
    for (std::size_t f = 0; f < k; ++f) {
      risk.factors.push_back(numbered("F", static_cast<int>(f)));
      const double others = chance.uniform(0.5, 1.5) * 0.13 * 0.13 / static_cast<double>(k);
      risk.factor_covariance[f * k + f] = f == 0 ? 0.16 * 0.16 : others;
    }
    const std::size_t styles = 1 + k / 2;
    for (std::size_t i = 0; i < names(); ++i) {
      for (std::size_t f = 0; f < k; ++f) {
        const double style = f == 0 ? chance.uniform(0.6, 1.4) : chance.normal();
        const bool in_sector = f >= styles && static_cast<int>(f - styles) % sectors == sector_[i];
        risk.exposures.push_back(f < styles ? style : in_sector ? 1.0 : 0.0);
      }
      risk.specific_volatility.push_back(chance.uniform(0.15, 0.40));
    }
    risk.covered.assign(names(), true);
  }

  void make_model() {
    Chance chance(generation::stream(settings_.seed, Stream::model, 0));
    double sum = 0.0;
    for (std::size_t i = 0; i < names(); ++i) {
      targets_.push_back(grown(0.8 * chance.normal()));
      sum += targets_.back();
    }
    Model model;
    model.id = ModelId("M");
    Weight left = Weight::of_whole(1);
    for (std::size_t i = 0; i < names(); ++i) {
      targets_[i] /= sum;
      const Weight weight = i + 1 < names() ? weight_of(targets_[i]) : left;
      model.weights.push_back({{static_cast<std::uint32_t>(i)}, weight});
      left -= weight;
    }
    book_.models.push_back(std::move(model));
  }

  // The part of the model that a class or a sector has.
  template <class Has>
  double model_share(Has has) const {
    double share = 0.0;
    for (std::size_t i = 0; i < names(); ++i) share += has(book_.securities[i]) ? targets_[i] : 0.0;
    return share;
  }

  void make_limits() {
    policy_.trade_min = Money();
    policy_.trade_min_weight = weight_of(settings_.trade_min_weight);
    policy_.ticket_cost = dollars(settings_.ticket_cost);
    policy_.risk_aversion = settings_.risk_aversion;
    for (int c = 0; settings_.band_rows > 0 && c < classes(); ++c) {
      const std::string name = numbered("class_", c);
      const double share = model_share([&](const Security& security) { return security.asset_class == name; });
      policy_.bands[name] = {.min = weight_of(0.93 * share), .max = weight_of(1.03 * share), .price = {}};
    }
    for (int s = 0; s < settings_.band_rows - classes(); ++s) {
      Restriction limit;
      limit.id = numbered("R", s);
      limit.scope = RestrictionScope::firm;
      limit.rule = RestrictionRule::weight_max;
      limit.subject_kind = RestrictionSubject::sector;
      limit.subject_id = numbered("sector_", s);
      const auto is_in = [&](const Security& security) { return security.sector == limit.subject_id; };
      for (std::uint32_t i = 0; i < names(); ++i) {
        if (is_in(book_.securities[i])) limit.securities.push_back({i});
      }
      if (limit.securities.empty()) continue;
      limit.weight = weight_of(std::min(1.0, 1.05 * model_share(is_in)));
      limit.source = "instances";
      book_.restrictions.push_back(std::move(limit));
    }
  }

  void make_account(int number) {
    Chance chance(generation::stream(settings_.seed, Stream::account, static_cast<std::uint64_t>(number)));
    const auto place = static_cast<std::uint32_t>(book_.accounts.size());
    Account account;
    account.id = AccountId(numbered("A", number));
    account.household = HouseholdIndex{place};
    book_.households.push_back({HouseholdId(numbered("H", number)), {AccountIndex{place}}});
    account.tax_treatment = settings_.taxable ? TaxTreatment::taxable : TaxTreatment::tax_deferred;
    if (settings_.taxable) {
      account.taxpayer = TaxpayerIndex{place};
      account.wash_taxpayers = {account.taxpayer};
      book_.taxpayers.push_back(taxpayer(number, chance));
    }
    account.model = "M";
    account.model_index = 0;
    account.policy = "default";
    account.effective_policy = policy_;
    const double cash = chance.uniform(0.0, 0.04) * settings_.dollars;
    const double invested = fill(account, settings_.dollars - cash, chance);
    account.cash = dollars(std::max(0.0, settings_.dollars - invested));
    if (settings_.taxable) sell_lately(account, chance);
    book_.accounts.push_back(std::move(account));
  }

  Taxpayer taxpayer(int number, Chance& chance) const {
    Taxpayer taxpayer;
    taxpayer.id = TaxpayerId(numbered("T", number));
    taxpayer.rate_short = weight_of(0.408);
    taxpayer.rate_long = weight_of(0.238);
    if (settings_.gains == GainsSoFar::all_cells) {
      taxpayer.realized_short_ytd = dollars(chance.uniform(-0.01, 0.01) * settings_.dollars);
      taxpayer.realized_long_ytd = dollars(chance.uniform(-0.01, 0.01) * settings_.dollars);
    } else if (chance.hits(0.6)) {
      taxpayer.outside_gains_short = dollars(2.0 * settings_.dollars);
      taxpayer.outside_gains_long = dollars(2.0 * settings_.dollars);
    } else {
      taxpayer.outside_gains_short = dollars(5.0 * settings_.dollars);
      taxpayer.carryforward_long = dollars(2.0 * settings_.dollars);
    }
    return taxpayer;
  }

  // Buys positions worth about `invested`; returns what they are worth at today's prices.
  double fill(Account& account, double invested, Chance& chance) {
    std::vector<double> wanted(names(), 0.0);
    const double held_share = chance.uniform(0.35, 0.80);
    double sum = 0.0;
    for (std::size_t i = 0; i < names(); ++i) {
      if (!chance.hits(held_share) && (i + 1 < names() || sum > 0.0)) continue;
      wanted[i] = targets_[i] * grown(0.3 * chance.normal());
      sum += wanted[i];
    }
    double worth = 0.0;
    for (std::uint32_t i = 0; i < names(); ++i) {
      const double price = book_.securities[i].price->to_double();
      const double shares = invested * wanted[i] / sum / price;
      const std::int64_t step = book_.securities[i].quantity_step.count();
      const auto steps = std::llround(shares * 1e6 / static_cast<double>(step));
      if (steps < 1) continue;
      worth += static_cast<double>(steps * step) * 1e-6 * price;
      add_lots(account, SecurityIndex{i}, steps, chance);
    }
    return worth;
  }

  void add_lots(Account& account, SecurityIndex security, std::int64_t steps, Chance& chance) const {
    const int lots = chance.between(1, 5);
    for (int l = 1; l <= lots && steps > 0; ++l) {
      const double part = l == lots ? 1.0 : chance.uniform(0.3, 1.7) / static_cast<double>(lots - l + 1);
      const std::int64_t taken =
          std::clamp<std::int64_t>(std::llround(static_cast<double>(steps) * std::min(1.0, part)), 1, steps);
      steps -= taken;
      TaxLot lot;
      lot.id = LotId(numbered("L", static_cast<int>(account.lots.size())));
      lot.security = security;
      lot.quantity = Quantity::of_count(taken * book_.securities[security.value].quantity_step.count());
      const int days = chance.hits(0.02)  ? chance.between(1, 30)
                       : chance.hits(0.1) ? chance.between(31, 365)
                                          : chance.between(366, 2500);
      lot.acquired_on = lot.held_from = book_.firm.as_of - days;
      // Prices wander with the root of time, up to 45 % a deviation.
      const double years = static_cast<double>(days) / 365.0;
      const double cost = settings_.cost_middle * grown(std::min(0.45, 0.28 * std::sqrt(years)) * chance.normal());
      lot.cost_basis = dollars(cost * lot.quantity.to_double() * book_.securities[security.value].price->to_double());
      account.lots.push_back(std::move(lot));
    }
  }

  // One name in a hundred was sold at a loss in the last weeks and may not be bought.
  void sell_lately(const Account& account, Chance& chance) {
    for (std::uint32_t i = 0; i < names(); ++i) {
      if (!chance.hits(0.01)) continue;
      Transaction sale;
      sale.id = numbered("X", static_cast<int>(book_.transactions.size()));
      sale.account = AccountIndex{static_cast<std::uint32_t>(book_.accounts.size())};
      sale.taxpayer = account.taxpayer;
      sale.trade_date = book_.firm.as_of - chance.between(2, 29);
      sale.kind = TransactionKind::sell;
      sale.security = SecurityIndex{i};
      sale.quantity = Quantity::of_whole(10);
      sale.amount = dollars(10.0 * book_.securities[i].price->to_double());
      sale.gain_long = dollars(-0.05 * sale.amount.to_double());
      book_.transactions.push_back(std::move(sale));
    }
    const auto first = std::ranges::find(
        book_.transactions, AccountIndex{static_cast<std::uint32_t>(book_.accounts.size())}, &Transaction::account);
    std::sort(first, book_.transactions.end(), [](const Transaction& a, const Transaction& b) {
      return std::tie(a.trade_date, a.id) < std::tie(b.trade_date, b.id);
    });
  }

  const InstanceSettings& settings_;
  Book book_;
  std::vector<int> sector_;      // by security
  std::vector<double> targets_;  // by security; sum 1
  Policy policy_;
};

// Prices of one day further by the book's own risk, 252 such days a year. Factors are taken as uncorrelated.
void move_prices(Book& book, std::uint64_t seed) {
  Chance chance(generation::stream(seed, Stream::market, 1));
  const RiskModel& risk = book.risk;
  const std::size_t k = risk.factors.size();
  const double year_root = std::sqrt(1.0 / 252.0);
  std::vector<double> factor_return;
  for (std::size_t f = 0; f < k; ++f) {
    factor_return.push_back(std::sqrt(risk.factor_covariance[f * k + f]) * year_root * chance.normal());
  }
  for (std::size_t i = 0; i < book.securities.size(); ++i) {
    Security& security = book.securities[i];
    double move = risk.specific_volatility[i] * year_root * chance.normal();
    for (std::size_t f = 0; f < k; ++f) move += risk.exposures[i * k + f] * factor_return[f];
    security.price = to_cents(security.price->to_double() * (1.0 + std::clamp(move, -0.5, 0.5)));
    security.price_date = book.firm.as_of;
  }
}

// Enters a trade among the lots, cash, transactions and gains of the year.
void carry_out(Book& book, AccountIndex at, const Trade& trade) {
  Account& account = book.accounts[at.value];
  Transaction row;
  row.id = "X" + book.firm.as_of.to_string() + book.security(trade.security).id.text;
  row.account = at;
  row.taxpayer = account.taxpayer;
  row.trade_date = book.firm.as_of;
  row.kind = trade.side == Side::buy ? TransactionKind::buy : TransactionKind::sell;
  row.security = trade.security;
  row.quantity = trade.quantity;
  row.amount = trade.amount;
  if (trade.side == Side::buy) {
    account.cash -= trade.amount + trade.commission;
    TaxLot lot;
    lot.id = LotId("N" + row.id);
    lot.security = trade.security;
    lot.quantity = trade.quantity;
    lot.cost_basis = trade.amount + trade.commission;
    lot.acquired_on = lot.held_from = book.firm.as_of;
    account.lots.push_back(std::move(lot));
  } else {
    account.cash += trade.amount - trade.commission;
    row.gain_short = row.gain_long = Money();
    for (const LotSale& sale : trade.lots) {
      TaxLot& lot = account.lots[sale.lot];
      if (lot.cost_basis && sale.cost_basis) *lot.cost_basis -= *sale.cost_basis;
      lot.quantity -= sale.quantity;
      const Money counted = sale.gain.value_or(Money()) + sale.disallowed;
      (sale.term == Term::short_term ? *row.gain_short : *row.gain_long) += counted;
    }
    if (account.taxpayer.exists()) {
      book.taxpayers[account.taxpayer.value].realized_short_ytd += *row.gain_short;
      book.taxpayers[account.taxpayer.value].realized_long_ytd += *row.gain_long;
    }
  }
  book.transactions.push_back(std::move(row));
}

}  // namespace

Book instances(const InstanceSettings& settings) {
  require(settings.names > 0 && settings.factors > 0 && settings.band_rows >= 0 && settings.band_rows <= 20,
          "instances need a name, a factor and 0 to 20 bands");
  return Inventor(settings).make();
}

Book next_trading_day(const Book& book, std::uint64_t seed, std::span<const AccountTrades> done) {
  Book next = book;
  for (const AccountTrades& of : done) {
    // Sales name lots by their places: those stay until all is entered.
    for (const Trade& trade : of.trades) carry_out(next, of.account, trade);
    auto& lots = next.accounts[of.account.value].lots;
    std::erase_if(lots, [](const TaxLot& lot) { return lot.quantity.is_zero(); });
    std::ranges::sort(
        lots, [](const TaxLot& a, const TaxLot& b) { return std::tie(a.security, a.id) < std::tie(b.security, b.id); });
  }
  std::ranges::sort(next.transactions, [](const Transaction& a, const Transaction& b) {
    return std::tie(a.account, a.trade_date, a.id) < std::tie(b.account, b.trade_date, b.id);
  });
  do next.firm.as_of = next.firm.as_of + 1;
  while (next.firm.as_of.weekday() > 4);
  move_prices(next, seed);
  return next;
}

}  // namespace lotwright
