// book/policy.h — every number that governs an account's trading (docs/data.md, "Policy settings"), with its default.
//
// In:       settings by name and text, from firm.toml, account_settings.csv or the command line.
// Out:      a Policy value. `PolicyLayer` keeps only what one source says; layers stack: default, policy, household,
//           account.
// Promises: `policy_settings()` is the one list of names, ranges and meanings; docs and errors are made from it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "units/amounts.h"
#include "units/date.h"

namespace lotwright {

enum class Mode { full, buy_only, sell_only, cash_only, harvest_only, hold };
// As it is written in firm.toml.
[[nodiscard]] std::string_view name_of(Mode mode);

enum class UnknownBasis { exclude, hold, zero };
enum class ShortTermGains { allow, avoid };

// What to do with holdings that a screen forbids.
enum class ScreenUse {
  divest_now,  // sold, whatever the tax
  tax_grace,   // never bought, and sold as tax and risk allow
};

struct ClassBand {
  std::optional<Weight> min;
  std::optional<Weight> max;
  std::optional<BasisPoints> price = {};  // a year for each dollar outside; none: the band is a hard limit
  bool operator==(const ClassBand&) const = default;
};

struct Policy {
  Mode mode = Mode::full;
  double risk_aversion = 20.0;  // lambda of docs/formulas.md; dimensionless, >= 0
  double tax_weight = 1.0;      // >= 0
  double basis_value = 0.3;     // kappa, 0..1
  double loss_value = 0.9;      // nu, 0..1
  Money wash_sale_disallowed_max;
  int cash_raise_days = 5;
  Weight cash_target = Weight::of_count(10'000'000'000);
  Weight cash_min = Weight::of_count(5'000'000'000);
  Weight cash_max = Weight::of_count(20'000'000'000);
  Money trade_min = Money::of_whole(200);
  Weight trade_min_weight = Weight::of_count(500'000'000);
  Money ticket_cost;
  BasisPoints commission;
  BasisPoints improvement_min = BasisPoints::of_whole(1);
  std::optional<Weight> turnover_max;
  int rebalance_days_min = 0;
  int long_term_wait_days = 30;
  Weight waiting_weight;  // 0..10
  UnknownBasis unknown_basis = UnknownBasis::exclude;
  ShortTermGains short_term_gains = ShortTermGains::allow;
  std::optional<Money> gain_budget;
  std::optional<Money> tax_budget;
  bool budget_prorated = false;
  bool harvest = true;
  std::optional<Weight> position_weight_max;
  std::optional<int> names_max;
  int price_age_days_max = 5;
  std::map<std::string, ClassBand> bands;       // by asset class
  std::map<std::string, Weight> mix;            // by asset class: its weight instead of the model's
  std::map<std::string, std::string> products;  // by asset class: what fills it, of products.csv
  std::map<std::string, BasisPoints> location;  // by asset class: what holding it here costs a year
  std::map<std::string, ScreenUse> screens;     // by screen, of screens.csv; without those that are off
  Weight screen_fund_part_max = Weight::of_count(50'000'000'000);  // of a fund that a screen or a ban leaves alone
  int expiry_notice_days = 0;       // restrictions that end or begin within so many days are told; 0: none are
  std::optional<Date> model_as_of;  // the model as it was on that day; none: as it is
  std::string household_model;      // of several accounts together; empty: each on its own
  std::optional<Weight> household_tracking_error_max;

  bool operator==(const Policy&) const = default;
};

// What one layer says: setting name -> text, already validated.
using PolicyLayer = std::map<std::string, std::string, std::less<>>;

struct PolicySetting {
  std::string_view name;     // docs/data.md's name; of a family with its <asset_class> or <screen>
  std::string_view values;   // what may be written
  std::string_view meaning;  // one line
};

// The settings in the order of docs/data.md.
[[nodiscard]] const std::vector<PolicySetting>& policy_settings();

// Sets one field from text. A failure names the setting, the value and what may be written; `policy` is unchanged then.
[[nodiscard]] std::optional<Failure> set_policy(Policy& policy, std::string_view name, std::string_view value);

// Relations between fields: all breaches, not the first. cash_min <= cash_target <= cash_max breaks under the rule
// data_cash_settings_contradict (the engine can work with it: a review), band min <= max under data_settings_contradict
// (nothing can satisfy it: a hold). So for least weights that sum above 1, and a mix outside its hard band.
[[nodiscard]] std::vector<Failure> contradictions_of(const Policy& policy);

}  // namespace lotwright
