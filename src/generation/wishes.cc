#include "generation/wishes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace lotwright::generation {
namespace {

// In force always, since a while, no longer, or not yet.
Period draw_period(Chance& chance, Date as_of) {
  constexpr std::array<double, 4> shares{0.60, 0.15, 0.15, 0.10};
  const int days = chance.between(1, 400);
  switch (chance.place(shares)) {
    case 1:
      return {as_of - days, as_of + days};
    case 2:
      return {as_of - 2 * days, as_of - days};
    case 3:
      return {as_of + days, std::nullopt};
    default:
      return {};
  }
}

// One or several settings that belong together.
using SettingBundle = std::array<std::pair<const char*, const char*>, 3>;
constexpr auto setting_bundles = std::to_array<SettingBundle>({
    {{{"risk_aversion", "5"}}},
    {{{"risk_aversion", "50"}}},
    {{{"risk_aversion", "300"}}},
    {{{"mode", "buy_only"}}},
    {{{"mode", "sell_only"}}},
    {{{"mode", "cash_only"}}},
    {{{"mode", "harvest_only"}}},
    {{{"mode", "hold"}}},
    {{{"turnover_max", "0.02"}}},
    {{{"turnover_max", "0.10"}, {"rebalance_days_min", "30"}}},
    {{{"gain_budget", "5000"}}},
    {{{"gain_budget", "20000"}, {"budget_prorated", "yes"}}},
    {{{"tax_budget", "2500"}}},
    {{{"harvest", "no"}}},
    {{{"position_weight_max", "0.05"}}},
    {{{"position_weight_max", "0.12"}}},
    {{{"names_max", "60"}}},
    {{{"short_term_gains", "avoid"}}},
    {{{"long_term_wait_days", "60"}}},
    {{{"trade_min_usd", "1000"}, {"trade_min_weight", "0.002"}}},
    {{{"ticket_cost_usd", "4.95"}, {"commission_bps", "1.5"}}},
    {{{"cash_min", "0.02"}, {"cash_target", "0.03"}, {"cash_max", "0.05"}}},
    {{{"cash_min", "0"}, {"cash_target", "0"}, {"cash_max", "0.01"}}},
    {{{"improvement_min_bps", "5"}}},
    {{{"unknown_basis", "zero"}}},
    {{{"band_bonds_min", "0.10"}, {"band_bonds_max", "0.60"}}},
    {{{"band_real_estate_max", "0.10"}}},
    {{{"wash_sale_disallowed_max_usd", "250"}}},
    {{{"tax_weight", "0.5"}, {"basis_value", "0.1"}, {"loss_value", "0.7"}}},
    {{{"cash_raise_days", "10"}}},
    {{{"price_age_days_max", "7"}}},
});

bool has_costs(const SettingBundle& bundle) { return std::string_view(bundle.front().first) == "ticket_cost_usd"; }

// Costs of orders are for those who keep no money in funds.
void add_settings(Chance& chance, bool household, const std::string& owner, bool may_cost, Date as_of, Wishes& wishes) {
  const Period period = draw_period(chance, as_of);
  const SettingBundle& bundle = chance.one_of(setting_bundles);
  if (has_costs(bundle) && !may_cost) return;
  for (const auto& [setting, value] : bundle) {
    if (setting != nullptr) wishes.settings.push_back({household, owner, setting, value, period});
  }
}

// Who brings a large old position agrees what tax it may cost in a year: it leaves over years, and the bill of a single
// day is no news.
void add_budget(const AccountPlan& account, const Holdings& holdings, Wishes& wishes) {
  constexpr double of_value = 0.03;
  const bool set = std::ranges::any_of(wishes.settings, [&](const SettingRow& row) {
    return !row.household && row.owner == account.id && row.setting == "tax_budget";
  });
  if (!holdings.concentrated || account.tax_treatment != TaxTreatment::taxable || account.fault || set) return;
  const auto dollars = static_cast<std::int64_t>(of_value * holdings.value.to_double());
  wishes.settings.push_back({false, account.id, "tax_budget", std::to_string(dollars), {}});
}

bool owns_money(const Market& market, const Holdings& holdings) {
  return std::any_of(holdings.lots.begin(), holdings.lots.end(),
                     [&](const LotRow& lot) { return market.securities()[lot.security].role == Role::cash_fund; });
}

Money part_of(Money whole, Chance& chance, double low, double high) {
  const double dollars = whole.to_double() * chance.uniform(low, high);
  return Money::of_count(static_cast<std::int64_t>(dollars > 0 ? dollars * 100.0 : 0.0) * cent.count());
}

const Target& another_target(Chance& chance, const std::vector<Target>& targets, std::uint32_t own) {
  std::uint32_t other = own;
  while (other == own || !targets[other].followed) {
    other = static_cast<std::uint32_t>(chance.between(0, static_cast<int>(targets.size()) - 1));
  }
  return targets[other];
}

// What is due before sales of the day settle was raised on the days before, and lies in the account.
Money already_raised(Money asked, Date due_on, Date as_of, Money cash) {
  constexpr int friday = 4;
  const int settling_days = as_of.weekday() == friday ? 3 : 1;
  if (due_on >= as_of + settling_days || asked <= cash) return asked;
  constexpr double most = 0.9;
  return Money::of_count(static_cast<std::int64_t>(std::max(0.0, cash.to_double() * most * 100.0)) * cent.count());
}

bool avoids_short_term(const AccountPlan& account) {
  return account.policy == "tax_sensitive" || account.policy == "capped";  // the one inherits of the other
}

// Who asks to leave a broken model, or the firm, has no fault.
bool excuses(const RequestRow& row, Fault fault) {
  return (row.kind == "model_change" && is_of_model(fault)) ||
         (row.kind == "transfer_out" && fault == Fault::account_vanished);
}

// Gains of an account that nobody is taxed for count for nobody, and a liquidation takes short-term gains.
bool is_possible(const RequestRow& row, const AccountPlan& account) {
  if (account.fault && excuses(row, *account.fault)) return false;
  const bool of_gains = row.kind == "harvest" || row.kind == "realize_gains" || row.kind == "preserve_losses";
  if (of_gains) return account.tax_treatment == TaxTreatment::taxable;
  return row.kind != "liquidate" || !avoids_short_term(account);
}

// Money for almost everything, or all of it, is asked for in families of one account only: elsewhere the losses such a
// sale forces could meet what another account has just bought. More than there is nobody asks for.
void add_request(Chance& chance, const AccountPlan& account, bool alone, const Holdings& holdings, Date as_of,
                 const std::vector<Target>& targets, std::vector<RequestRow>& requests) {
  const Money value = holdings.value + holdings.cash;
  const double whole = alone ? 1.0 : 0.0;
  const std::array<double, 12> shares{0.30,         0.10,         0.06, 0.02 * whole, 0.12, 0.05,
                                      0.06 * whole, 0.03 * whole, 0.12, 0.04,         0.05, 0.05};
  // Braces draw from left to right; the arguments of a call in whatever order the compiler likes.
  const auto add = [&](RequestRow row) {
    if (!is_possible(row, account)) return;
    if (row.kind == "cash_out") row.amount = already_raised(*row.amount, *row.due_on, as_of, holdings.cash);
    if (row.kind != "cash_out" || row.amount->is_positive()) requests.push_back(std::move(row));
  };
  switch (chance.place(shares)) {
    case 0:
      return add({account.id, "cash_out", part_of(value, chance, 0.01, 0.10), as_of + chance.between(0, 5), {}});
    case 1:
      return add({account.id, "cash_out", part_of(value, chance, 0.01, 0.30), as_of + chance.between(15, 120), {}});
    case 2:
      return add({account.id, "cash_out", part_of(value, chance, 0.01, 0.05), as_of - chance.between(0, 3), {}});
    case 3:
      return add({account.id, "cash_out", part_of(value, chance, 0.90, 0.98), as_of + chance.between(0, 5), {}});
    case 4:
      return add({account.id, "cash_in", part_of(value, chance, 0.02, 0.50), as_of + chance.between(1, 60), {}});
    case 5:
      return add({account.id,
                  "freeze",
                  {},
                  chance.hits(0.5) ? as_of - chance.between(0, 30) : as_of + chance.between(1, 30),
                  {}});
    case 6:
      return add({account.id, "liquidate", {}, chance.hits(0.6) ? as_of : as_of + chance.between(1, 60), {}});
    case 7:
      return add({account.id, "liquidate", {}, std::nullopt, {}});
    case 8:
      return add({account.id,
                  "model_change",
                  {},
                  chance.hits(0.7) ? as_of - chance.between(0, 10) : as_of + chance.between(1, 40),
                  another_target(chance, targets, account.target).id});
    case 9:
      return add({account.id, "harvest", part_of(value, chance, 0.005, 0.02), as_of + chance.between(-5, 20), {}});
    case 10:
      return add({account.id,
                  chance.hits(0.5) ? "realize_gains" : "preserve_losses",
                  part_of(value, chance, 0.005, 0.02),
                  as_of + chance.between(-5, 20),
                  {}});
    default:
      return add({account.id,
                  chance.hits(0.5) ? "set_aside" : "transfer_out",
                  part_of(value, chance, 0.02, 0.10),
                  as_of + chance.between(-5, 20),
                  {}});
  }
}

// Securities, and words that describe some of them.
class Subjects {
 public:
  Subjects(Chance& chance, const Market& market, const Holdings* holdings, const Target& target)
      : chance_(chance), market_(market), holdings_(holdings), target_(target) {}

  // One of the account's, or of those it wants; money is neither restricted nor asked for by name.
  [[nodiscard]] std::uint32_t security() {
    const bool held = holdings_ != nullptr && !holdings_->lots.empty() && chance_.hits(0.7);
    const std::uint32_t found = held ? chance_.one_of(holdings_->lots).security : chance_.one_of(target_.weights).first;
    return is_money(found) ? target_.weights.back().first : found;
  }
  [[nodiscard]] std::pair<std::string, std::string> one() {
    const Stock& stock = market_.securities()[security()];
    const auto fits = [&](const std::string& word) { return !word.empty() && chance_.hits(0.12); };
    if (fits(stock.sector)) return {"sector", stock.sector};
    if (fits(stock.industry)) return {"industry", stock.industry};
    if (fits(stock.tags)) return {"tag", stock.tags.substr(0, stock.tags.find(';'))};
    if (!stock.country.empty() && stock.country != "US") return {"country", stock.country};
    return {"security", stock.id};
  }
  // What part of the holdings the subject is; of a household, as if it were all.
  [[nodiscard]] double share(const std::string& kind, const std::string& id) const {
    if (holdings_ == nullptr) return 1.0;
    double all = 1.0, part = 0.0;
    for (const LotRow& lot : holdings_->lots) {
      const Stock& stock = market_.securities()[lot.security];
      const double dollars = value_of(lot.quantity, market_.price(lot.security, market_.last_day())).to_double();
      const bool counts = kind == "sector"     ? stock.sector == id
                          : kind == "industry" ? stock.industry == id
                          : kind == "country"  ? stock.country == id
                                               : stock.tags.find(id) != std::string::npos;
      all += dollars;
      if (counts) part += dollars;
    }
    return part / all;
  }
  [[nodiscard]] std::pair<std::string, std::string> one_or_lot() {
    const bool may = holdings_ != nullptr && !holdings_->lots.empty() && chance_.hits(0.25);
    if (!may) return one();
    const LotRow& lot = chance_.one_of(holdings_->lots);
    return is_money(lot.security) ? one() : std::pair<std::string, std::string>("lot", lot.id);
  }

 private:
  [[nodiscard]] bool is_money(std::uint32_t security) const {
    return market_.securities()[security].role == Role::cash_fund;
  }

  Chance& chance_;
  const Market& market_;
  const Holdings* holdings_;
  const Target& target_;
};

struct Wish {
  const char* rule;
  bool lots;  // may name a lot
};

// What may be asked by those who want shares kept, and by those who want them gone.
constexpr auto keeping = std::to_array<Wish>({{"never_buy", false},
                                              {"weight_max", false},
                                              {"never_sell", true},
                                              {"freeze", true},
                                              {"lock_quantity", true},
                                              {"weight_min", false}});
constexpr auto parting = std::to_array<Wish>({{"never_buy", false}, {"weight_max", false}, {"sell_all", false}});

std::string number_for(Chance& chance, const std::string& rule, const std::string& subject_kind, double share) {
  const bool single = subject_kind == "security";
  if (rule == "weight_max" && single) return chance.one_of(std::array{"0.03", "0.05", "0.08"});
  if (rule == "weight_max") return share < 0.1 ? "0.20" : share < 0.25 ? "0.40" : "0.95";
  if (rule == "weight_min") return single ? "0.01" : "0.02";  // below every weight_max
  if (rule == "lock_quantity") return std::to_string(chance.between(1, 100));
  return "";
}

// Who wants no short-term gain does not ask for whole positions to be sold as well, nor whose family has just bought:
// that would bar the losses.
bool may_sell_all(const AccountPlan& account, const std::vector<Holdings>& family, Date as_of) {
  const bool bought = std::ranges::any_of(family, [&](const Holdings& holdings) {
    return std::ranges::any_of(holdings.trades, [&](const TradeRow& trade) {
      return trade.kind != TransactionKind::sell && trade.date >= as_of - 30;
    });
  });
  return !avoids_short_term(account) && !bought;
}

void add_restrictions(Chance& chance, bool household, const std::string& owner, bool keeps, bool sells, Date as_of,
                      Subjects subjects, std::vector<RestrictionRow>& restrictions) {
  const int count = chance.between(1, 3);
  for (int i = 0; i < count; ++i) {
    const Wish& drawn = keeps ? chance.one_of(keeping) : chance.one_of(parting);
    const Wish& wish = std::string_view(drawn.rule) == "sell_all" && !sells ? parting.front() : drawn;
    const auto [kind, id] = wish.lots ? subjects.one_or_lot() : subjects.one();
    restrictions.push_back({household ? "household" : "account", owner, wish.rule, kind, id,
                            number_for(chance, wish.rule, kind, subjects.share(kind, id)), draw_period(chance, as_of)});
  }
}

// No fractions of a bond by asset class: a limit that every account of the firm keeps.
constexpr const char* weight_nobody_reaches = "0.95";

}  // namespace

Wishes invent_wishes(Chance& chance, const Family& family, const std::vector<Holdings>& holdings, const Market& market,
                     const std::vector<Target>& targets, const Mix& mix) {
  const Date as_of = market.days().back();
  const bool keeps = chance.hits(0.7);
  Wishes wishes;
  for (std::size_t i = 0; i < family.accounts.size(); ++i) {
    const AccountPlan& account = family.accounts[i];
    if (chance.hits(mix.settings))
      add_settings(chance, false, account.id, !owns_money(market, holdings[i]), as_of, wishes);
    add_budget(account, holdings[i], wishes);
    if (chance.hits(mix.requests))
      add_request(chance, account, family.accounts.size() == 1, holdings[i], as_of, targets, wishes.requests);
    if (chance.hits(mix.restrictions)) {
      Subjects subjects(chance, market, &holdings[i], targets[account.target]);
      const bool sells = may_sell_all(account, holdings, as_of);
      add_restrictions(chance, false, account.id, keeps, sells, as_of, subjects, wishes.restrictions);
    }
  }
  const AccountPlan& first = family.accounts.front();
  if (first.household.empty()) return wishes;
  if (chance.hits(0.25 * mix.settings)) add_settings(chance, true, first.household, false, as_of, wishes);
  if (chance.hits(0.25 * mix.restrictions)) {
    Subjects subjects(chance, market, nullptr, targets[first.target]);
    bool sell = true;
    for (std::size_t i = 0; i < family.accounts.size(); ++i)
      sell = sell && may_sell_all(family.accounts[i], holdings, as_of);
    add_restrictions(chance, true, first.household, keeps, sell, as_of, subjects, wishes.restrictions);
  }
  return wishes;
}

std::vector<RestrictionRow> firm_restrictions(Date as_of) {
  return {
      {"firm", "", "never_buy", "tag", "controversy", "", {}},
      {"firm", "", "weight_max", "asset_class", "real_estate", weight_nobody_reaches, {}},
      {"firm", "", "sell_all", "tag", "tobacco", "", {std::nullopt, as_of - 1}},
      {"firm", "", "freeze", "country", "GB", "", {as_of + 30, std::nullopt}},
  };
}

}  // namespace lotwright::generation
