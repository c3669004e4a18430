#include "testing/random_books.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace lotwright {
namespace {

constexpr double cents_max = 5e13;   // half a trillion dollars: sums of them still fit
constexpr double shares_max = 1e11;  // the same for shares

class Maker {
 public:
  Maker(std::uint64_t seed, int size)
      : random_(seed), incomes_(~seed), wishes_(seed ^ 0x5eedULL), size_(std::clamp(size, 0, 100)) {}

  RandomBook make() {
    make_scales();
    make_risk();
    make_securities();
    make_models();
    make_household();
    return std::move(book_);
  }

 private:
  int pick(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  bool once_in(int n) { return pick(n) == 0; }
  // From 1 to at most `most` of a large book; small books have fewer.
  int some(int most) { return 1 + pick(std::max(1, most * (size_ + 10) / 110)); }
  double real(double low, double high) { return low + (high - low) * static_cast<double>(random_() % 1'000'000) / 1e6; }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[pick(static_cast<int>(choices.size()))];
  }
  std::string word_of(std::initializer_list<const char*> words) { return one_of(words); }
  template <class T>
  T& any_of(std::vector<T>& rows) {
    return rows[static_cast<std::size_t>(pick(static_cast<int>(rows.size())))];
  }
  SecurityDraft& any_stock() { return book_.securities[static_cast<std::size_t>(pick(names_))]; }

  static std::string dollars(double value) {
    return Money::of_count(std::llround(std::clamp(value * 100.0, -cents_max, cents_max)) * 10'000).to_string();
  }
  std::string day_back(int days) const { return (as_of_ - days).to_string(); }

  // Now and then a book is as small or as large as an exact number allows.
  void make_scales() {
    size_of_account_ = once_in(8) ? one_of({50.0, 700.0, 4e6, 5e9}) : one_of({2'000.0, 20'000.0, 90'000.0, 400'000.0});
    size_of_price_ = once_in(10) ? one_of({1e-6, 1e-3, 1e3, 2e4}) : 1.0;
    fractional_ = once_in(3);
  }

  void make_risk() {
    if (once_in(4)) return;  // one factor
    book_.factors = {"market", "size"};
    const bool collinear = once_in(5);
    book_.covariance =
        collinear ? std::vector<double>{0.0225, 0.015, 0.015, 0.01} : std::vector<double>{0.0225, 0.002, 0.002, 0.01};
  }

  void make_securities() {
    names_ = some(12);
    for (int i = 0; i < names_; ++i) make_security(i);
    has_fund_ = once_in(2);
    if (has_fund_) {
      book_.securities.push_back(
          {.id = "ZCASH", .price = "1", .kind = SecurityKind::cash, .asset_class = "cash", .quantity_step = "0.01"});
    }
    for (int i = pick(3); names_ > 1 && i > 0; --i) {
      const std::string security = any_stock().id;
      const std::string substitute = any_stock().id;
      const auto same = [&](const SubstituteDraft& row) {
        return row.security == security && row.substitute == substitute;
      };
      if (security == substitute || std::ranges::any_of(book_.substitutes, same)) continue;
      book_.substitutes.push_back({.security = security,
                                   .substitute = substitute,
                                   .hurdle_bps = word_of({"0", "12", "150"}),
                                   .buyable = !once_in(4)});
    }
  }

  void make_security(int i) {
    SecurityDraft draft;
    draft.id = std::string("S") + static_cast<char>('A' + i);
    const double price = size_of_price_ * one_of({8.37, 23.5, 62.41, 100.0, 187.06, 412.9});
    draft.price = Price::of_count(std::max<std::int64_t>(1, std::llround(price * 1e6))).to_string();
    if (once_in(60)) draft.price_date = day_back(one_of({3, 9}));
    draft.kind = one_of({SecurityKind::stock, SecurityKind::stock, SecurityKind::etf, SecurityKind::bond});
    if (i < 5 && once_in(2)) draft.group = i < 3 ? "TWINS" : "PAIR";
    draft.asset_class = once_in(4) ? "intl_equity" : "us_equity";
    draft.sector = word_of({"technology", "energy", "health"});
    draft.industry = word_of({"software", "mining"});
    draft.country = once_in(4) ? "DE" : "US";
    if (once_in(5)) draft.tags = {"tobacco"};
    draft.quantity_step = fractional_ ? word_of({"0.000001", "0.000001", "0.001"}) : word_of({"1", "1", "1", "10"});
    draft.half_spread_bps = std::to_string(once_in(20) ? 300 : pick(8));
    draft.tradable = !once_in(15);
    draft.exposures = {real(0.6, 1.4), real(-1.0, 1.0)};
    draft.exposures.resize(book_.factors.size());
    draft.volatility = once_in(10) ? 0.0 : real(0.15, 0.4);
    if (once_in(12)) draft.alpha = real(-0.03, 0.03);
    book_.securities.push_back(draft);
  }

  void make_models() {
    book_.models.push_back({"M", weights()});
    if (once_in(4)) book_.models.push_back({"N", weights()});
  }

  // The first takes what the others leave.
  std::vector<std::pair<std::string, std::string>> weights() {
    std::vector<std::pair<std::string, std::string>> parts = {{"SA", ""}};
    std::int64_t left = Weight::scale;
    for (int i = 1; i < names_; ++i) {
      const auto part = static_cast<std::int64_t>(real(0.0, 2.0) * 1e4 / names_) * (Weight::scale / 10'000);
      if (once_in(4) || part == 0 || part >= left) continue;
      left -= part;
      parts.emplace_back(book_.securities[static_cast<std::size_t>(i)].id, Weight::of_count(part).to_string());
    }
    parts.front().second = Weight::of_count(left).to_string();
    return parts;
  }

  void make_household() {
    const int taxpayers = 1 + pick(2);
    for (int i = 1; i <= taxpayers; ++i) make_taxpayer("T" + std::to_string(i));
    const int accounts = some(4);
    for (int i = 1; i <= accounts; ++i) make_account("A" + std::to_string(i));
    for (int i = pick(3); i > 0; --i) make_restriction();
    make_funds();
    make_screen();
    for (int i = pick(3); i > 0; --i) make_request();
    for (int i = pick(1 + size_ / 20); i > 0; --i) make_transaction();
  }

  void make_taxpayer(const std::string& id) {
    TaxpayerDraft taxpayer;
    taxpayer.id = id;
    taxpayer.rate_short = word_of({"0.37", "0.408", "0.24", "0.15", "0"});
    taxpayer.rate_long = taxpayer.rate_short == "0" ? "0" : word_of({"0.15", "0.238", "0"});
    if (weight(taxpayer.rate_long) > weight(taxpayer.rate_short)) taxpayer.rate_long = taxpayer.rate_short;
    const double part = size_of_account_ / 50.0;
    taxpayer.realized_short_ytd = dollars((pick(5) - 2) * part);
    taxpayer.realized_long_ytd = dollars((pick(5) - 2) * part);
    if (once_in(4)) taxpayer.carryforward_short = dollars(real(0, 3.0 * part));
    if (once_in(3)) taxpayer.carryforward_long = dollars(real(0, 3.0 * part));
    if (once_in(4)) taxpayer.outside_gains_short = dollars(real(-part, 3.0 * part));
    if (once_in(5)) taxpayer.outside_gains_long = dollars(real(-part, 3.0 * part));
    if (once_in(5)) taxpayer.gain_budget = dollars(real(0, 3.0 * part));
    if (once_in(6)) taxpayer.tax_budget = dollars(real(0, 2.0 * part));
    if (part >= 1.0 && incomes_() % 4 == 0) tax_by_brackets(taxpayer, part);
    book_.taxpayers.push_back(taxpayer);
  }

  // Thresholds of the size of the gains, so that orders cross them.
  void tax_by_brackets(TaxpayerDraft& taxpayer, double part) {
    const auto over = [part](double parts) { return dollars(parts * part); };
    taxpayer.filing_status = taxpayer.id;
    taxpayer.ordinary_income = over(0.5 * static_cast<double>(incomes_() % 12) - 0.5);
    book_.brackets.push_back(
        {.filing_status = taxpayer.id,
         .ordinary = {{"0", "0.10"}, {over(1.0), "0.12"}, {over(2.1), "0.22"}, {over(4.0), "0.35"}},
         .long_term = {{"0", "0"}, {over(2.0), "0.15"}, {over(5.0), "0.20"}},
         .niit = {{over(3.0), "0.038"}}});
  }

  void make_account(const std::string& id) {
    AccountDraft account{.id = id, .household = "H"};
    account.treatment =
        one_of({TaxTreatment::taxable, TaxTreatment::taxable, TaxTreatment::tax_deferred, TaxTreatment::tax_free});
    if (account.treatment == TaxTreatment::taxable || once_in(2)) account.taxpayer = any_of(book_.taxpayers).id;
    account.model = any_of(book_.models).id;
    account.cash = dollars(size_of_account_ * one_of({0.0, 0.001, 0.012, 0.012, 0.15, 1.0}));
    if (once_in(25)) account.cash = dollars(-size_of_account_ * one_of({0.001, 0.02, 2.0}));
    if (once_in(25)) account.status = AccountStatus::frozen;
    book_.accounts.push_back(account);
    make_settings(book_.settings[id]);
    for (int i = 0; i < names_; ++i) {
      if (!once_in(3)) make_lots(id, book_.securities[static_cast<std::size_t>(i)]);
    }
    if (has_fund_ && once_in(2)) {
      const std::string worth = dollars(size_of_account_ / 50.0);
      book_.lots.push_back(
          {.account = id, .id = next_lot(), .security = "ZCASH", .quantity = worth, .cost_basis = worth});
    }
  }

  std::string next_lot() { return "L" + std::to_string(1000 + ++lots_); }

  // An even number of the smallest parts, so that a lot has halves.
  std::string quantity(double wanted, double smallest) {
    const double halves = std::clamp(wanted / smallest / 2.0, 1.0, shares_max / smallest / 2.0);
    return Quantity::of_count(2 * std::llround(halves) * std::llround(smallest * 1e6)).to_string();
  }

  void make_lots(const std::string& account, const SecurityDraft& security) {
    const double at = price(security.price).to_double();
    const int parts = some(once_in(10) ? 10 : 3);
    for (int i = 0; i < parts; ++i) {
      LotDraft lot{.account = account, .id = next_lot(), .security = security.id};
      const double smallest = fractional_ || once_in(12) ? 1e-6 : 1.0;
      lot.quantity = quantity(real(0.2, 1.9) * size_of_account_ / names_ / parts / at, smallest);
      const double worth = shares(lot.quantity).to_double() * at;
      lot.cost_basis = dollars(worth * (once_in(8) ? 1.0 : real(0.4, 1.6)));
      lot.acquired_on = day_back(one_of({2310, 1050, 370, 366, 365, 360, 340, 236, 147, 41, 31, 30, 12, 1, 0}));
      if (once_in(25)) lot.cost_basis.clear();
      if (once_in(30)) lot.held_from = "2019-01-02";
      if (once_in(25) && !lot.cost_basis.empty()) {
        lot.loss_basis = dollars(worth * real(0.5, 1.2));
        lot.loss_held_from = lot.acquired_on;
      }
      book_.lots.push_back(lot);
    }
  }

  void make_restriction() {
    using enum RestrictionSubject;
    RestrictionDraft draft;
    draft.id = "R" + std::to_string(book_.restrictions.size() + 1);
    draft.scope = one_of(
        {RestrictionScope::account, RestrictionScope::account, RestrictionScope::household, RestrictionScope::firm});
    if (draft.scope == RestrictionScope::household) draft.scope_id = "H";
    if (draft.scope == RestrictionScope::account) draft.scope_id = any_of(book_.accounts).id;
    draft.rule = static_cast<RestrictionRule>(pick(7));
    draft.subject_kind = once_in(2) ? security : static_cast<RestrictionSubject>(pick(7));
    const SecurityDraft& meant = any_stock();
    draft.subject_id = draft.subject_kind == security      ? meant.id
                       : draft.subject_kind == tag         ? "tobacco"
                       : draft.subject_kind == sector      ? meant.sector
                       : draft.subject_kind == industry    ? meant.industry
                       : draft.subject_kind == country     ? meant.country
                       : draft.subject_kind == asset_class ? meant.asset_class
                       : book_.lots.empty()                ? "L0"
                                                           : any_of(book_.lots).id;
    if (draft.rule == RestrictionRule::weight_max) draft.value = word_of({"0", "0.05", "0.1", "0.4"});
    if (draft.rule == RestrictionRule::weight_min) draft.value = word_of({"0", "0.05", "0.1", "0.4"});
    if (draft.rule == RestrictionRule::lock_quantity) draft.value = word_of({"0", "1", "7", "1000000"});
    book_.restrictions.push_back(draft);
  }

  // The last security is a fund of others, and the one before it now and then a fund of that one too.
  void make_funds() {
    if (names_ < 3 || wishes_() % 3 != 0) return;
    const auto id = [this](int i) { return book_.securities[static_cast<std::size_t>(i)].id; };
    const int fund = names_ - 1;
    book_.fund_holdings.push_back({.fund = id(fund), .security = id(0), .weight = "0.35"});
    if (names_ > 3) book_.fund_holdings.push_back({.fund = id(fund), .security = id(1), .weight = "0.5"});
    if (names_ > 4 && wishes_() % 2 == 0) {
      book_.fund_holdings.push_back({.fund = id(fund - 1), .security = id(fund), .weight = "0.6"});
      book_.fund_holdings.push_back({.fund = id(fund - 1), .security = id(2), .weight = "0.4"});
    }
  }

  // For whoever uses screen S, both ways; of those who do not it forbids nothing.
  void make_screen() {
    RestrictionDraft draft{.id = "screen S (tag tobacco)",
                           .scope = RestrictionScope::firm,
                           .rule = RestrictionRule::sell_all,
                           .subject_kind = RestrictionSubject::tag,
                           .subject_id = "tobacco",
                           .screen = "S"};
    book_.restrictions.push_back(draft);
    draft.id = "screen S (tag tobacco, tax grace)";
    draft.rule = RestrictionRule::never_buy;
    book_.restrictions.push_back(draft);
  }

  void make_request() {
    RequestDraft draft{.account = any_of(book_.accounts).id};
    draft.kind = once_in(2) ? RequestKind::cash_out : static_cast<RequestKind>(pick(10));
    if (draft.kind == RequestKind::liquidate && !once_in(3)) draft.kind = RequestKind::cash_out;
    draft.due_on = once_in(4) ? "" : day_back(one_of({5, 0, -1, -2, -4, -5, -6, -20}));
    draft.amount = dollars(size_of_account_ * (once_in(6) ? 2.0 : real(0.001, 0.3)));
    if (draft.kind == RequestKind::model_change) draft.value = any_of(book_.models).id;
    book_.requests.push_back(draft);
  }

  // Mostly within the 61 days that bear on wash sales.
  void make_transaction() {
    TransactionDraft draft;
    draft.taxpayer = any_of(book_.taxpayers).id;
    draft.outside = once_in(3);
    if (!draft.outside) {
      const AccountDraft& account = any_of(book_.accounts);
      draft.account = account.id;
      draft.taxpayer = account.taxpayer;
    }
    draft.trade_date = day_back(one_of({61, 31, 30, 29, 18, 10, 3, 1}));
    draft.kind = static_cast<TransactionKind>(pick(5));
    const SecurityDraft& traded = any_stock();
    draft.security = traded.id;
    draft.quantity = quantity(size_of_account_ / 40.0 / price(traded.price).to_double(), 1.0);
    draft.amount = dollars(shares(draft.quantity).to_double() * price(traded.price).to_double());
    draft.discretionary = !once_in(4);
    if (draft.kind == TransactionKind::sell && !once_in(5)) {
      (once_in(2) ? draft.gain_short : draft.gain_long) = dollars(size_of_account_ / 400.0 * (once_in(3) ? 1.0 : -1.0));
    }
    book_.transactions.push_back(draft);
  }

  void make_settings(PolicyLayer& settings) {
    const auto often = [&](int n, const std::string& name, std::string value) {
      if (once_in(n)) settings[name] = std::move(value);
    };
    const std::string band = "band_";
    often(4, "mode", word_of({"buy_only", "sell_only", "cash_only", "harvest_only", "hold"}));
    often(2, "risk_aversion", word_of({"0", "5", "80", "1000"}));
    often(8, "tax_weight", word_of({"0", "0.5", "2"}));
    often(8, "basis_value", word_of({"0", "0.9"}));
    often(8, "wash_sale_disallowed_max_usd", dollars(size_of_account_ / 300.0));
    often(8, "cash_raise_days", word_of({"0", "30"}));
    if (once_in(8)) {
      settings["cash_target"] = settings["cash_min"] = "0";
      often(2, "cash_max", "0");
    }
    settings["trade_min_usd"] = dollars(size_of_account_ * one_of({0.0, 0.0, 0.001, 0.01}));
    often(2, "trade_min_weight", "0");
    often(3, "ticket_cost_usd", dollars(size_of_account_ * 2e-5 * pick(4)));
    often(4, "commission_bps", word_of({"0.5", "2", "25"}));
    often(4, "improvement_min_bps", word_of({"0", "20"}));
    often(4, "turnover_max", word_of({"0", "0.02", "0.1", "0.5"}));
    often(12, "rebalance_days_min", word_of({"1", "10", "29"}));
    often(8, "long_term_wait_days", word_of({"0", "60"}));
    const auto wish = [this](std::uint64_t n) { return wishes_() % n == 0; };
    if (wish(5)) settings["location_us_equity_bps"] = wish(2) ? "20" : "300";
    if (wish(5)) {
      settings[band + "us_equity_max"] = wish(2) ? "0.5" : "0.2";
      settings[band + "us_equity_price_bps"] = wish(2) ? "15" : "400";
    }
    if (wish(6)) settings[band + "intl_equity_price_bps"] = "60";
    if (wish(4)) settings["screen_S"] = wish(2) ? "divest_now" : "tax_grace";
    if (wish(4)) settings["screen_fund_part_max"] = "0.4";
    if (wish(4)) settings["expiry_notice_days"] = "7";
    if (incomes_() % 4 == 0) settings["waiting_weight"] = incomes_() % 2 == 0 ? "1" : "0.3";
    often(6, "unknown_basis", word_of({"hold", "zero"}));
    often(6, "short_term_gains", "avoid");
    often(5, "gain_budget", dollars(size_of_account_ * one_of({0.0, 0.002, 0.02})));
    often(7, "tax_budget", dollars(size_of_account_ * one_of({0.0, 0.001, 0.01})));
    often(5, "budget_prorated", "yes");
    often(6, "harvest", "no");
    often(6, "position_weight_max", word_of({"0.05", "0.15", "0.4"}));
    often(8, "names_max", std::to_string(some(names_)));
    often(8, band + "intl_equity_max", word_of({"0", "0.1", "0.4"}));
    often(10, band + "us_equity_min", word_of({"0.3", "0.9"}));
  }

  const Date as_of_ = day("2025-06-30");
  std::mt19937_64 random_;
  std::mt19937_64 incomes_;
  std::mt19937_64 wishes_;  // what was added later, so that the books of earlier seeds stay as they were
  int size_;
  double size_of_account_ = 0.0;
  double size_of_price_ = 1.0;
  bool fractional_ = false;
  bool has_fund_ = false;
  int names_ = 0;
  int lots_ = 0;
  RandomBook book_;
};

}  // namespace

RandomBook random_book(std::uint64_t seed, int size) { return Maker(seed, size).make(); }

BookBuilder RandomBook::builder() const {
  BookBuilder builder;
  builder.factors(factors, covariance);
  for (const auto& model : models) builder.model(model.id, model.weights);
  for (const auto& draft : securities) builder.security(draft);
  for (const auto& draft : brackets) builder.brackets(draft);
  for (const auto& draft : taxpayers) builder.taxpayer(draft);
  for (const auto& draft : accounts) builder.account(draft);
  for (const auto& draft : lots) builder.lot(draft);
  for (const auto& draft : fund_holdings) builder.fund_holding(draft);
  for (const auto& draft : restrictions) builder.restriction(draft);
  for (const auto& draft : requests) builder.request(draft);
  for (const auto& draft : transactions) builder.transaction(draft);
  for (const auto& draft : substitutes) builder.substitute(draft);
  for (const auto& [account, layer] : settings) {
    for (const auto& [name, value] : layer) builder.policy(account, name, value);
  }
  return builder;
}

}  // namespace lotwright
