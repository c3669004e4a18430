#include "testing/strange_accounts.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "generation/chance.h"
#include "testing/instances.h"
#include "testing/random_books.h"

namespace lotwright {
namespace {

using generation::Chance;

constexpr double shares_max = 1e11 * static_cast<double>(Quantity::scale);  // of a lot: sums of some still fit

Account& account_of(Book& book) { return book.accounts.front(); }
Policy& policy_of(Book& book) { return account_of(book).effective_policy; }

double worth(const Book& book) {
  double value = book.accounts.front().cash.to_double();
  for (const TaxLot& lot : book.accounts.front().lots) {
    value += lot.quantity.to_double() * book.security(lot.security).price->to_double();
  }
  return value;
}

Money dollars(double amount) { return Money::of_count(std::llround(amount * 100.0) * 10'000); }
Weight weight_of(double fraction) {
  return Weight::of_count(std::llround(fraction * static_cast<double>(Weight::scale)));
}

Restriction& restrict(Book& book, RestrictionRule rule, std::vector<SecurityIndex> securities) {
  Restriction limit;
  limit.id = "Z" + std::to_string(book.restrictions.size() + 100);  // after those there are
  limit.scope = RestrictionScope::account;
  limit.account = AccountIndex{0};
  limit.rule = rule;
  limit.subject_kind = securities.size() == 1 ? RestrictionSubject::security : RestrictionSubject::tag;
  limit.subject_id = securities.size() == 1 ? book.security(securities.front()).id.text : "many";
  limit.securities = std::move(securities);
  limit.source = "strange";
  book.restrictions.push_back(std::move(limit));
  return book.restrictions.back();
}

std::vector<SecurityIndex> all_securities(const Book& book) {
  std::vector<SecurityIndex> all;
  for (std::uint32_t i = 0; i < book.securities.size(); ++i) all.push_back({i});
  return all;
}

SecurityIndex any_security(const Book& book, Chance& chance) {
  return {static_cast<std::uint32_t>(chance.between(0, static_cast<int>(book.securities.size()) - 1))};
}

// Another price; the lots keep their dollars as far as their steps allow.
void reprice(Book& book, SecurityIndex security, Price price) {
  Security& of = book.securities[security.value];
  const double ratio = of.price->to_double() / price.to_double();
  const auto step = static_cast<double>(of.quantity_step.count());
  for (TaxLot& lot : account_of(book).lots) {
    if (lot.security != security) continue;
    const double steps = std::clamp(static_cast<double>(lot.quantity.count()) / step * ratio, 1.0, shares_max / step);
    lot.quantity = Quantity::of_count(std::llround(steps) * of.quantity_step.count());
  }
  of.price = price;
}

void reprice_some(Book& book, Chance& chance, Price price) {
  const double share = chance.hits(0.5) ? 1.0 : 0.3;
  for (const SecurityIndex security : all_securities(book)) {
    if (chance.hits(share)) reprice(book, security, price);
  }
}

void ask(Book& book, RequestKind kind, double amount) {
  Request request;
  request.id = "Q1";
  request.account = AccountIndex{0};
  request.kind = kind;
  if (amount > 0.0) request.amount = dollars(amount);
  request.due_on = book.firm.as_of;
  book.requests.push_back(std::move(request));
}

// What makes an account strange: its settings before it is made, the book afterwards.
struct Twist {
  std::string_view name;
  void (*settings)(InstanceSettings&, Chance&) = nullptr;
  void (*book)(Book&, Chance&) = nullptr;
  bool heavy = false;
};

void twin_securities(Book& book, Chance& chance) {
  const bool one_group = chance.hits(0.5);
  const std::size_t k = book.risk.factors.size();
  for (std::uint32_t i = 1; i < book.securities.size(); i += 2) {
    reprice(book, SecurityIndex{i}, *book.securities[i - 1].price);
    book.securities[i].half_spread = book.securities[i - 1].half_spread;
    if (one_group) book.securities[i].group = book.securities[i - 1].group;
    std::copy_n(book.risk.exposures.begin() + static_cast<std::ptrdiff_t>((i - 1) * k), k,
                book.risk.exposures.begin() + static_cast<std::ptrdiff_t>(i * k));
    book.risk.specific_volatility[i] = book.risk.specific_volatility[i - 1];
  }
}

void collinear_factors(Book& book, Chance& chance) {
  const std::size_t k = book.risk.factors.size();
  const bool by_exposures = chance.hits(0.5);
  for (std::size_t f = 0; f < k; ++f) {
    for (std::size_t i = 0; by_exposures && i < book.securities.size(); ++i) {
      book.risk.exposures[i * k + f] = book.risk.exposures[i * k] * static_cast<double>(f + 1);
    }
    for (std::size_t g = 0; !by_exposures && g < k; ++g) {
      book.risk.factor_covariance[f * k + g] = 0.04 / static_cast<double>((f + 1) * (g + 1));
    }
  }
}

void no_specific_risk(Book& book, Chance& chance) {
  const double share = chance.hits(0.5) ? 1.0 : 0.5;
  for (double& volatility : book.risk.specific_volatility) volatility = chance.hits(share) ? 0.0 : volatility;
}

void no_risk(Book& book, Chance&) {
  std::ranges::fill(book.risk.specific_volatility, 0.0);
  std::ranges::fill(book.risk.exposures, 0.0);
}

void equal_lots(Book& book, Chance&) {
  std::vector<TaxLot>& lots = account_of(book).lots;
  for (std::size_t i = 1; i < lots.size(); ++i) {
    if (lots[i].security != lots[i - 1].security) continue;
    lots[i].quantity = lots[i - 1].quantity;
    lots[i].cost_basis = lots[i - 1].cost_basis;
    lots[i].acquired_on = lots[i].held_from = lots[i - 1].acquired_on;
  }
}

void many_lots(Book& book, Chance& chance) {
  constexpr int lots = 20'000;
  const int names = static_cast<int>(book.securities.size());
  const double each = worth(book) / lots;
  account_of(book).lots.clear();
  for (int l = 0; l < lots; ++l) {
    TaxLot lot;
    lot.security = SecurityIndex{static_cast<std::uint32_t>(l * names / lots)};
    const std::string number = std::to_string(100'000 + l);
    lot.id = LotId("L" + number);
    const Security& of = book.security(lot.security);
    const auto steps = std::llround(each / of.price->to_double() * 1e6 / static_cast<double>(of.quantity_step.count()));
    lot.quantity = Quantity::of_count(std::max<std::int64_t>(1, steps) * of.quantity_step.count());
    lot.acquired_on = lot.held_from = book.firm.as_of - chance.between(1, 3000);
    lot.cost_basis = dollars(lot.quantity.to_double() * of.price->to_double() * chance.uniform(0.5, 1.5));
    account_of(book).lots.push_back(std::move(lot));
  }
}

void young_losses(Book& book, Chance& chance) {
  for (TaxLot& lot : account_of(book).lots) {
    lot.acquired_on = lot.held_from = book.firm.as_of - chance.between(1, 30);
    lot.cost_basis = dollars(lot.cost_basis->to_double() * 1.5 + 1.0);
  }
}

void zero_budgets(Book& book, Chance& chance) {
  if (chance.hits(0.6)) policy_of(book).gain_budget = Money();
  if (chance.hits(0.6)) policy_of(book).tax_budget = Money();
  for (Taxpayer& taxpayer : book.taxpayers) taxpayer.outside_gains_short = taxpayer.outside_gains_long = Money();
}

void few_names(Book& book, Chance& chance) {
  int held = 0;
  const std::vector<TaxLot>& lots = account_of(book).lots;
  for (std::size_t i = 0; i < lots.size(); ++i) held += i == 0 || lots[i].security != lots[i - 1].security ? 1 : 0;
  policy_of(book).names_max = std::max(1, chance.between(1, std::max(1, held)));
}

// Each class is to have most of the account, or none may have anything.
void exclusive_bands(Book& book, Chance& chance) {
  const bool too_much = chance.hits(0.5);
  for (const Security& security : book.securities) {
    policy_of(book).bands[security.asset_class] = too_much ? ClassBand{.min = weight_of(0.9), .max = {}, .price = {}}
                                                           : ClassBand{.min = {}, .max = Weight(), .price = {}};
  }
}

void clashing_restrictions(Book& book, Chance& chance) {
  const SecurityIndex one = any_security(book, chance);
  const SecurityIndex other = any_security(book, chance);
  restrict(book, RestrictionRule::weight_min, {one}).weight = weight_of(0.6);
  restrict(book, RestrictionRule::weight_max, {one}).weight = weight_of(0.1);
  restrict(book, RestrictionRule::sell_all, {other});
  if (chance.hits(0.5)) restrict(book, RestrictionRule::never_sell, {other});
  restrict(book, RestrictionRule::weight_min, all_securities(book)).weight = weight_of(0.999);
  if (chance.hits(0.5)) policy_of(book).cash_min = weight_of(0.1);
}

void much_cash_kept(Book& book, Chance& chance) {
  const Weight kept = weight_of(chance.hits(0.5) ? 0.5 : 1.0);
  policy_of(book).cash_min = policy_of(book).cash_target = policy_of(book).cash_max = kept;
}

void odd_policy(Book& book, Chance& chance) {
  Policy& policy = policy_of(book);
  if (chance.hits(0.4)) policy.risk_aversion = 0.0;
  if (chance.hits(0.4)) policy.tax_weight = chance.hits(0.5) ? 0.0 : 10.0;
  if (chance.hits(0.4)) policy.basis_value = chance.hits(0.5) ? 0.0 : 1.0;
  if (chance.hits(0.4)) policy.loss_value = chance.hits(0.5) ? 0.0 : 1.0;
  if (chance.hits(0.4)) policy.ticket_cost = Money::of_whole(1000);
  if (chance.hits(0.4)) policy.trade_min_weight = weight_of(0.5);
  if (chance.hits(0.4)) policy.position_weight_max = weight_of(0.001);
}

void odd_rates(Book& book, Chance& chance) {
  for (Taxpayer& taxpayer : book.taxpayers) {
    taxpayer.rate_short = weight_of(chance.hits(0.3) ? 0.0 : chance.uniform(0.0, 0.6));
    taxpayer.rate_long = chance.hits(0.3) ? Weight() : std::min(taxpayer.rate_short, weight_of(0.238));
    taxpayer.realized_short_ytd = dollars(chance.normal() * 1e5);
    taxpayer.realized_long_ytd = dollars(chance.normal() * 1e5);
    taxpayer.carryforward_long = chance.hits(0.5) ? dollars(1e6) : Money();
    taxpayer.ordinary_loss_limit = chance.hits(0.3) ? Money() : taxpayer.ordinary_loss_limit;
  }
}

void a_payment_due(Book& book, Chance& chance) {
  const double of = chance.one_of(std::initializer_list<double>{0.05, 0.5, 0.95, 0.99, 1.0, 2.0});
  ask(book, RequestKind::cash_out, std::max(1.0, worth(book) * of));
}

void any_mode(Book& book, Chance& chance) {
  policy_of(book).mode = chance.one_of(
      std::initializer_list<Mode>{Mode::buy_only, Mode::sell_only, Mode::cash_only, Mode::harvest_only, Mode::hold});
}

void any_alpha(Book& book, Chance& chance) {
  for (Security& security : book.securities) security.alpha = chance.uniform(-0.2, 0.2);
}

void unknown_basis(Book& book, Chance& chance) {
  policy_of(book).unknown_basis =
      chance.one_of(std::initializer_list<UnknownBasis>{UnknownBasis::exclude, UnknownBasis::zero});
  for (TaxLot& lot : account_of(book).lots) {
    if (chance.hits(0.5)) lot.cost_basis.reset();
  }
}

void tight_turnover(Book& book, Chance& chance) {
  policy_of(book).turnover_max = weight_of(chance.hits(0.8) ? 0.02 : 0.0);
  policy_of(book).risk_aversion = 300.0;
  policy_of(book).harvest = chance.hits(0.5);
}

using S = InstanceSettings;

const Twist twists[] = {
    {"plain"},
    {"no_free_name", nullptr,
     [](Book& book, Chance&) {
       restrict(book, RestrictionRule::never_buy, all_securities(book));
       restrict(book, RestrictionRule::never_sell, all_securities(book));
     }},
    {"all_frozen", nullptr, [](Book& book, Chance&) { restrict(book, RestrictionRule::freeze, all_securities(book)); }},
    {"one_security", [](S& settings, Chance&) { settings.names = 1; }},
    {"zero_cash", nullptr, [](Book& book, Chance&) { account_of(book).cash = Money(); }},
    {"negative_cash", nullptr,
     [](Book& book, Chance& chance) {
       account_of(book).cash = dollars(-worth(book) * chance.one_of(std::initializer_list<double>{0.001, 0.03, 0.7}));
     }},
    {"no_positions", nullptr, [](Book& book, Chance&) { account_of(book).lots.clear(); }},
    {"nothing_at_all", nullptr,
     [](Book& book, Chance&) {
       account_of(book).lots.clear();
       account_of(book).cash = Money();
     }},
    {"equal_lots", nullptr, equal_lots},
    {"twins", nullptr, twin_securities},
    {"collinear_factors", nullptr, collinear_factors},
    {"no_specific_risk", nullptr, no_specific_risk},
    {"no_risk", nullptr, no_risk},
    {"tiny_prices", [](S& settings, Chance&) { settings.dollars = std::min(settings.dollars, 1e5); },
     [](Book& book, Chance& chance) { reprice_some(book, chance, Price::of_count(1)); }},
    {"huge_prices", nullptr,
     [](Book& book, Chance& chance) { reprice_some(book, chance, Price::of_whole(1'000'000)); }},
    {"fifty_dollars", [](S& settings, Chance&) { settings.dollars = 50.0; }},
    {"five_billion", [](S& settings, Chance&) { settings.dollars = 5e9; }},
    {"tight_turnover", nullptr, tight_turnover},
    {"no_harvest", nullptr, [](Book& book, Chance&) { policy_of(book).harvest = false; }},
    {"zero_budgets", nullptr, zero_budgets},
    {"few_names", nullptr, few_names},
    {"exclusive_bands", nullptr, exclusive_bands},
    {"clashing_restrictions", nullptr, clashing_restrictions},
    {"payment_due", nullptr, a_payment_due},
    {"liquidation", nullptr, [](Book& book, Chance&) { ask(book, RequestKind::liquidate, 0.0); }},
    {"much_cash_kept", nullptr, much_cash_kept},
    {"young_losses", nullptr, young_losses},
    {"any_mode", nullptr, any_mode},
    {"odd_policy", nullptr, odd_policy},
    {"odd_rates", nullptr, odd_rates},
    {"alpha", nullptr, any_alpha},
    {"unknown_basis", nullptr, unknown_basis},
    {"many_factors", [](S& settings, Chance&) { settings.factors = 60; }},
    {"five_hundred", [](S& settings, Chance& chance) { settings.names = chance.between(300, 500); }, nullptr, true},
    {"many_names", [](S& settings, Chance&) { settings.names = 3000; }, nullptr, true},
    {"many_lots", [](S& settings, Chance&) { settings.names = 200; }, many_lots, true},
};

constexpr std::string_view mixed = "mixed";
constexpr std::string_view household = "household";

InstanceSettings any_settings(Chance& chance) {
  using doubles = std::initializer_list<double>;
  const double small = chance.uniform();
  InstanceSettings settings;
  settings.names = 1 + static_cast<int>(120.0 * small * small * small);
  settings.factors = chance.between(1, 20);
  settings.accounts = 1;
  settings.dollars = chance.one_of(doubles{1e4, 1e5, 1e6, 1e6, 1e7});
  settings.whole_shares = chance.hits(0.5);
  settings.taxable = chance.hits(0.85);
  settings.gains = chance.hits(0.5) ? GainsSoFar::all_cells : GainsSoFar::one_cell;
  settings.trade_min_weight = chance.one_of(doubles{0.0, 0.001, 0.001, 0.005});
  settings.ticket_cost = chance.one_of(doubles{0.0, 1.0, 1.0, 20.0});
  settings.risk_aversion = chance.one_of(doubles{20.0, 20.0, 5.0, 100.0, 300.0});
  settings.cost_middle = chance.one_of(doubles{1.0, 0.65, 1.4});
  settings.band_rows = chance.between(0, 12);
  return settings;
}

std::vector<const Twist*> twists_of(std::string_view kind, Chance& chance) {
  std::vector<const Twist*> chosen;
  if (kind == mixed) {
    for (int i = chance.between(2, 4); i > 0; --i) {
      const Twist& twist = chance.one_of(twists);
      if (!twist.heavy) chosen.push_back(&twist);
    }
    return chosen;
  }
  const auto named = std::ranges::find(twists, kind, &Twist::name);
  require(named != std::end(twists), "there is no such kind of strange account");
  return {&*named};
}

}  // namespace

std::vector<StrangeKind> strange_kinds() {
  std::vector<StrangeKind> kinds = {{mixed}, {household}};
  for (const Twist& twist : twists) kinds.push_back({twist.name, twist.heavy});
  return kinds;
}

Book strange_book(std::string_view kind, std::uint64_t seed) {
  if (kind == household) return random_book(seed, static_cast<int>(seed % 101)).build();
  Chance chance(generation::scatter(seed));
  InstanceSettings settings = any_settings(chance);
  settings.seed = seed;
  const std::vector<const Twist*> chosen = twists_of(kind, chance);
  for (const Twist* twist : chosen) {
    if (twist->settings != nullptr) twist->settings(settings, chance);
  }
  Book book = instances(settings);
  for (const Twist* twist : chosen) {
    if (twist->book != nullptr) twist->book(book, chance);
  }
  return book;
}

}  // namespace lotwright
