#include "testing/random_books.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace lotwright {
namespace {

class Maker {
 public:
  Maker(std::uint64_t seed, Fractions fractions) : random_(seed), fractions_(fractions) {}

  RandomBook make() {
    make_securities();
    make_model();
    const int families = 1 + pick(3);
    for (int i = 1; i <= families; ++i) make_family(std::to_string(i));
    if (book_.accounts.size() < 3) make_family(std::to_string(families + 1));
    return std::move(book_);
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool once_in(int n) { return pick(n) == 0; }
  double real(double low, double high) { return low + (high - low) * static_cast<double>(random_() % 1'000'000) / 1e6; }
  template <class T>
  const T& one_of(const std::vector<T>& choices) {
    return choices[static_cast<std::size_t>(pick(static_cast<int>(choices.size())))];
  }
  const SecurityDraft& any_stock() { return securities_[static_cast<std::size_t>(pick(names_))]; }

  static std::string dollars(double value) { return Money::of_count(std::llround(value * 100.0) * 10'000).to_string(); }

  // An even number of the smallest parts, so that a lot has halves.
  std::string quantity(double wanted) {
    if (fractions_ == Fractions::no) return std::to_string(2 * std::max<std::int64_t>(1, std::llround(wanted / 2.0)));
    return Quantity::of_count(2 * std::max<std::int64_t>(1, std::llround(wanted * 5e5))).to_string();
  }

  void make_securities() {
    names_ = 4 + pick(12);
    for (int i = 0; i < names_; ++i) {
      SecurityDraft draft;
      draft.id = std::string("S") + static_cast<char>('A' + i);
      draft.price = dollars(one_of<double>({8.37, 23.5, 62.41, 100.0, 187.06, 412.9}));
      if (i < 4 && once_in(2)) draft.group = i < 2 ? "TWINS" : "PAIR";
      draft.asset_class = once_in(4) ? "intl_equity" : "us_equity";
      draft.sector = one_of<std::string>({"technology", "energy", "health"});
      if (once_in(5)) draft.tags = {"tobacco"};
      draft.quantity_step = fractions_ == Fractions::yes ? "0.000001" : "1";
      draft.half_spread_bps = std::to_string(pick(8));
      draft.exposures = {real(0.6, 1.4), real(-1.0, 1.0)};
      draft.volatility = real(0.15, 0.4);
      securities_.push_back(draft);
    }
    book_.securities = securities_;
    // Selling the fund is free in these books: an account pays commissions or may hold it.
    free_of_charge_ = once_in(2);
    if (free_of_charge_) {
      book_.securities.push_back(
          {.id = "ZCASH", .price = "1", .kind = SecurityKind::cash, .asset_class = "cash", .quantity_step = "0.01"});
    }
    if (once_in(2)) book_.substitutes.push_back({.security = "SA", .substitute = "SC", .hurdle_bps = "12"});
  }

  void make_model() {
    std::int64_t left = Weight::scale;
    for (int i = 0; i < names_; ++i) {
      if (i > 0 && once_in(5)) continue;
      const auto part = static_cast<std::int64_t>(real(0.0, 2.0) * 1e4 / names_) * (Weight::scale / 10'000);
      if (part == 0 || part >= left) continue;
      left -= part;
      book_.model.emplace_back(securities_[static_cast<std::size_t>(i)].id, Weight::of_count(part).to_string());
    }
    require(!book_.model.empty(), "a random model is empty");
    auto& first = book_.model.front().second;
    first = (weight(first) + Weight::of_count(left)).to_string();
  }

  void make_family(const std::string& family) {
    TaxpayerDraft taxpayer;
    taxpayer.id = "T" + family;
    taxpayer.rate_short = one_of<std::string>({"0.37", "0.408", "0.24"});
    taxpayer.rate_long = one_of<std::string>({"0.15", "0.238"});
    taxpayer.realized_short_ytd = dollars(pick(5) * 900.0 - 1800.0);
    taxpayer.realized_long_ytd = dollars(pick(5) * 900.0 - 1800.0);
    if (once_in(3)) taxpayer.carryforward_long = dollars(real(0, 8000));
    if (once_in(4)) taxpayer.outside_gains_short = dollars(real(0, 5000));
    if (once_in(4)) taxpayer.gain_budget = dollars(real(0, 6000));
    if (once_in(5)) taxpayer.tax_budget = dollars(real(0, 3000));
    book_.taxpayers.push_back(taxpayer);

    AccountDraft untaxed{.id = family + "-A", .household = "H" + family, .treatment = TaxTreatment::tax_deferred};
    if (once_in(2)) untaxed.taxpayer = taxpayer.id;
    make_account(untaxed, taxpayer.id);
    AccountDraft taxable{.id = family + "-B", .household = "H" + family, .taxpayer = taxpayer.id};
    make_account(taxable, taxpayer.id);
    if (!once_in(3)) return;
    taxable.id = family + "-C";
    make_account(taxable, taxpayer.id);
  }

  void make_account(AccountDraft account, const std::string& taxpayer) {
    const double size = one_of<double>({20'000.0, 90'000.0, 400'000.0});
    account.cash = dollars(size * one_of<double>({0.001, 0.012, 0.15}));
    book_.accounts.push_back(account);
    book_.policies[account.id] = policy(size);
    for (int i = 0; i < names_; ++i) {
      if (!once_in(4)) make_lots(account.id, securities_[static_cast<std::size_t>(i)], size / names_);
    }
    if (free_of_charge_ && once_in(2)) {
      book_.lots.push_back(
          {.account = account.id, .id = next_lot(), .security = "ZCASH", .quantity = "400", .cost_basis = "400"});
    }
    if (once_in(3)) make_restriction(account.id);
    if (once_in(4)) {
      const double wanted = size * real(0.01, 0.25);
      book_.requests.push_back({.account = account.id, .amount = dollars(wanted), .due_on = "2025-07-02"});
    }
    make_transactions(account.id, taxpayer);
  }

  std::string next_lot() { return "L" + std::to_string(1000 + ++lots_); }

  void make_lots(const std::string& account, const SecurityDraft& security, double dollars_wanted) {
    const double at = price(security.price).to_double();
    const int parts = 1 + pick(3);
    for (int i = 0; i < parts; ++i) {
      LotDraft lot{.account = account, .id = next_lot(), .security = security.id};
      lot.quantity = quantity(real(0.3, 2.0) * dollars_wanted / parts / at);
      if (!once_in(40)) lot.cost_basis = dollars(shares(lot.quantity).to_double() * at * real(0.5, 1.5));
      lot.acquired_on = one_of<std::string>(
          {"2019-03-04", "2022-08-15", "2024-07-10", "2024-11-05", "2025-02-03", "2025-05-20", "2025-06-18"});
      book_.lots.push_back(lot);
    }
  }

  void make_restriction(const std::string& account) {
    RestrictionDraft draft{.scope_id = account, .subject_id = any_stock().id};
    draft.id = "R-" + account;
    draft.rule =
        one_of<RestrictionRule>({RestrictionRule::never_buy, RestrictionRule::never_sell, RestrictionRule::freeze,
                                 RestrictionRule::sell_all, RestrictionRule::weight_max});
    if (draft.rule == RestrictionRule::weight_max) draft.value = "0.1";
    if (draft.rule == RestrictionRule::never_buy && once_in(2)) {
      draft.subject_kind = RestrictionSubject::tag;
      draft.subject_id = "tobacco";
    }
    book_.restrictions.push_back(draft);
  }

  void make_transactions(const std::string& account, const std::string& taxpayer) {
    if (once_in(3)) {
      book_.transactions.push_back({.account = account,
                                    .trade_date = one_of<std::string>({"2025-05-31", "2025-06-12"}),
                                    .kind = TransactionKind::sell,
                                    .security = any_stock().id,
                                    .quantity = "10",
                                    .amount = "900",
                                    .gain_short = "-120",
                                    .gain_long = "0"});
    }
    if (once_in(4)) {
      book_.transactions.push_back({.taxpayer = taxpayer,
                                    .trade_date = "2025-06-20",
                                    .security = any_stock().id,
                                    .quantity = "6",
                                    .amount = "600",
                                    .outside = true});
    }
  }

  Policy policy(double size) {
    Policy policy;
    policy.risk_aversion = one_of<double>({5.0, 20.0, 80.0});
    policy.trade_min = Money::of_whole(pick(3) * 100);
    if (once_in(2)) policy.trade_min_weight = Weight{};
    if (!free_of_charge_ && once_in(3)) policy.ticket_cost = Money::of_whole(pick(6));
    if (!free_of_charge_ && once_in(4)) policy.commission = BasisPoints::of_whole(2);
    if (once_in(4)) policy.turnover_max = weight(one_of<std::string>({"0.02", "0.1"}));
    if (once_in(5)) policy.gain_budget = money(dollars(size * 0.01));
    if (once_in(6)) policy.position_weight_max = weight("0.15");
    if (once_in(8)) policy.names_max = std::max(3, names_ - 2);
    if (once_in(6)) policy.bands["intl_equity"] = {.min = {}, .max = weight("0.4")};
    if (once_in(6)) policy.short_term_gains = ShortTermGains::avoid;
    return policy;
  }

  std::mt19937_64 random_;
  Fractions fractions_;
  int names_ = 0;
  int lots_ = 0;
  bool free_of_charge_ = false;
  std::vector<SecurityDraft> securities_;  // without the fund of kind cash
  RandomBook book_;
};

}  // namespace

RandomBook random_book(std::uint64_t seed, Fractions fractions) { return Maker(seed, fractions).make(); }

Book RandomBook::build() const {
  BookBuilder builder;
  builder.factors({"market", "size"}, {0.0225, 0.002, 0.002, 0.01});
  builder.model("M", model);
  for (const auto& draft : securities) builder.security(draft);
  for (const auto& draft : taxpayers) builder.taxpayer(draft);
  for (const auto& draft : accounts) builder.account(draft);
  for (const auto& draft : lots) builder.lot(draft);
  for (const auto& draft : restrictions) builder.restriction(draft);
  for (const auto& draft : requests) builder.request(draft);
  for (const auto& draft : transactions) builder.transaction(draft);
  for (const auto& draft : substitutes) builder.substitute(draft);
  for (const auto& [account, own] : policies) {
    builder.policy(account, [own](Policy& policy) { policy = own; });
  }
  return builder.build();
}

}  // namespace lotwright
