#include "book/policy.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "book/rules.h"
#include "book/sums.h"

namespace lotwright {
namespace {

// One setting: what docs/data.md says of it, and how its text becomes a field. `set` leaves the policy alone and
// returns false where the text may not be written.
struct Entry {
  PolicySetting setting;
  bool (*set)(Policy& policy, std::string_view text);
};

template <class Field>
struct Plain {
  using type = Field;
  static constexpr bool optional = false;
};
template <class Field>
struct Plain<std::optional<Field>> {
  using type = Field;
  static constexpr bool optional = true;
};

bool is_none(std::string_view text) { return text.empty() || text == "none"; }

// Sets an exact field between `low` and `high` (whole units); an optional field may also be `none` or empty.
template <class Field>
bool set_exact(Field& field, std::string_view text, std::int64_t low, std::int64_t high) {
  using Exact = typename Plain<Field>::type;
  if constexpr (Plain<Field>::optional) {
    if (is_none(text)) {
      field.reset();
      return true;
    }
  }
  const Result<Exact> read = Exact::parse(text);
  if (!read || *read < Exact::of_whole(low) || *read > Exact::of_whole(high)) return false;
  field = *read;
  return true;
}

template <auto Field>
bool set_dollars(Policy& policy, std::string_view text) {
  constexpr std::int64_t dollars_max = 1'000'000'000'000;
  return set_exact(policy.*Field, text, 0, dollars_max);
}

template <auto Field, std::int64_t High = 1>
bool set_fraction(Policy& policy, std::string_view text) {
  return set_exact(policy.*Field, text, 0, High);
}

template <auto Field>
bool set_basis_points(Policy& policy, std::string_view text) {
  return set_exact(policy.*Field, text, 0, 10'000);
}

// A dimensionless number of the objective: read exactly, kept as the nearest double.
template <auto Field, std::int64_t High>
bool set_number(Policy& policy, std::string_view text) {
  Weight exact;
  if (!set_exact(exact, text, 0, High)) return false;
  policy.*Field = exact.to_double();
  return true;
}

template <auto Field, std::int64_t Low, std::int64_t High>
bool set_whole(Policy& policy, std::string_view text) {
  using Owner = std::remove_reference_t<decltype(policy.*Field)>;
  if constexpr (Plain<Owner>::optional) {
    if (is_none(text)) {
      (policy.*Field).reset();
      return true;
    }
  }
  const Result<std::int64_t> read = parse_decimal(text, 0);
  if (!read || *read < Low || *read > High) return false;
  policy.*Field = static_cast<int>(*read);
  return true;
}

// One of the words, each standing for a value.
template <auto Field, class Value, std::size_t Count>
bool set_word(Policy& policy, std::string_view text,
              const std::array<std::pair<std::string_view, Value>, Count>& words) {
  for (const auto& [word, value] : words) {
    if (text != word) continue;
    policy.*Field = value;
    return true;
  }
  return false;
}

constexpr auto mode_words = std::to_array<std::pair<std::string_view, Mode>>({{"full", Mode::full},
                                                                              {"buy_only", Mode::buy_only},
                                                                              {"sell_only", Mode::sell_only},
                                                                              {"cash_only", Mode::cash_only},
                                                                              {"harvest_only", Mode::harvest_only},
                                                                              {"hold", Mode::hold}});

bool set_mode(Policy& policy, std::string_view text) { return set_word<&Policy::mode>(policy, text, mode_words); }

constexpr auto screen_words = std::to_array<std::pair<std::string_view, ScreenUse>>(
    {{"divest_now", ScreenUse::divest_now}, {"tax_grace", ScreenUse::tax_grace}});

bool set_unknown_basis(Policy& policy, std::string_view text) {
  constexpr auto words = std::to_array<std::pair<std::string_view, UnknownBasis>>(
      {{"exclude", UnknownBasis::exclude}, {"hold", UnknownBasis::hold}, {"zero", UnknownBasis::zero}});
  return set_word<&Policy::unknown_basis>(policy, text, words);
}

bool set_short_term_gains(Policy& policy, std::string_view text) {
  constexpr auto words = std::to_array<std::pair<std::string_view, ShortTermGains>>(
      {{"allow", ShortTermGains::allow}, {"avoid", ShortTermGains::avoid}});
  return set_word<&Policy::short_term_gains>(policy, text, words);
}

bool set_model_as_of(Policy& policy, std::string_view text) {
  if (is_none(text)) {
    policy.model_as_of.reset();
    return true;
  }
  const Result<Date> day = Date::parse(text);
  if (day) policy.model_as_of = *day;
  return day.ok();
}

bool set_household_model(Policy& policy, std::string_view text) {
  policy.household_model = is_none(text) ? "" : text;
  return true;
}

template <auto Field>
bool set_yes_no(Policy& policy, std::string_view text) {
  constexpr auto words = std::to_array<std::pair<std::string_view, bool>>({{"yes", true}, {"no", false}});
  return set_word<Field>(policy, text, words);
}

constexpr const char* fraction_text = "a fraction from 0 to 1 (0.03 is 3 %)";
constexpr const char* fraction_or_none = "a fraction from 0 to 1 (0.03 is 3 %), or none";
constexpr const char* dollars_text = "dollars, 0 or more";
constexpr const char* dollars_or_none = "dollars, 0 or more, or none";
constexpr const char* basis_points_text = "basis points from 0 to 10000";
constexpr const char* days_text = "whole days from 0 to 3650";
constexpr std::int64_t days_max = 3650;

const auto entries = std::to_array<Entry>({
    {{"mode", "full, buy_only, sell_only, cash_only, harvest_only or hold", "which trades are made at all"}, set_mode},
    {{"risk_aversion", "a number from 0 to 1000000", "lambda of the objective"},
     set_number<&Policy::risk_aversion, 1'000'000>},
    {{"tax_weight", "a number from 0 to 1000", "how much a dollar of tax counts"},
     set_number<&Policy::tax_weight, 1000>},
    {{"basis_value", fraction_text, "today's value of a dollar of future long-term tax avoided by a higher basis"},
     set_number<&Policy::basis_value, 1>},
    {{"loss_value", fraction_text, "value of a net loss carried forward, per dollar of long-term tax it will save"},
     set_number<&Policy::loss_value, 1>},
    {{"wash_sale_disallowed_max_usd", dollars_text, "the most of a loss that a wash sale may disallow"},
     set_dollars<&Policy::wash_sale_disallowed_max>},
    {{"cash_raise_days", days_text, "calendar days ahead within which a cash_out is reserved"},
     set_whole<&Policy::cash_raise_days, 0, days_max>},
    {{"cash_target", fraction_text, "cash the target keeps, of investable value"}, set_fraction<&Policy::cash_target>},
    {{"cash_min", fraction_text, "the least cash, of investable value"}, set_fraction<&Policy::cash_min>},
    {{"cash_max", fraction_text, "cash beyond this costs, of investable value"}, set_fraction<&Policy::cash_max>},
    {{"trade_min_usd", dollars_text, "no order below this, save one that closes a position"},
     set_dollars<&Policy::trade_min>},
    {{"trade_min_weight", fraction_text, "no order below this weight, save one that closes a position"},
     set_fraction<&Policy::trade_min_weight>},
    {{"ticket_cost_usd", dollars_text, "paid in cash for each order"}, set_dollars<&Policy::ticket_cost>},
    {{"commission_bps", basis_points_text, "paid in cash on each order's amount"},
     set_basis_points<&Policy::commission>},
    {{"improvement_min_bps", basis_points_text, "trade only if the objective improves by at least this"},
     set_basis_points<&Policy::improvement_min>},
    {{"turnover_max", fraction_or_none, "the smaller of buys and sells of 30 days over investable value"},
     set_fraction<&Policy::turnover_max>},
    {{"rebalance_days_min", days_text, "days since the account's last discretionary trade"},
     set_whole<&Policy::rebalance_days_min, 0, days_max>},
    {{"long_term_wait_days", days_text, "no short-term gain that turns long-term within these days is taken"},
     set_whole<&Policy::long_term_wait_days, 0, days_max>},
    {{"waiting_weight", "a number from 0 to 10", "how much a dollar of the value of waiting counts"},
     set_fraction<&Policy::waiting_weight, 10>},
    {{"unknown_basis", "exclude, hold or zero", "what to do with taxable lots whose basis is unknown"},
     set_unknown_basis},
    {{"short_term_gains", "allow or avoid", "whether lots with a short-term gain may be sold"}, set_short_term_gains},
    {{"gain_budget", dollars_or_none, "the most realized gain of a calendar year"}, set_dollars<&Policy::gain_budget>},
    {{"tax_budget", dollars_or_none, "the most tax of a calendar year"}, set_dollars<&Policy::tax_budget>},
    {{"budget_prorated", "yes or no", "spreads the budgets over the year"}, set_yes_no<&Policy::budget_prorated>},
    {{"harvest", "yes or no", "no: losses are no reason to sell"}, set_yes_no<&Policy::harvest>},
    {{"position_weight_max", fraction_or_none, "the most of one security, of investable value"},
     set_fraction<&Policy::position_weight_max>},
    {{"names_max", "a whole number from 1 to 1000000, or none", "the most securities held"},
     set_whole<&Policy::names_max, 1, 1'000'000>},
    {{"price_age_days_max", days_text, "older prices hold the accounts that own or want the security"},
     set_whole<&Policy::price_age_days_max, 0, days_max>},
    {{"expiry_notice_days", days_text, "restrictions that end or begin within so many days are told; 0: none are"},
     set_whole<&Policy::expiry_notice_days, 0, days_max>},
    {{"screen_fund_part_max", fraction_text, "a fund with more than this of what is forbidden is forbidden too"},
     set_fraction<&Policy::screen_fund_part_max>},
    {{"model_as_of", "a date YYYY-MM-DD, or none", "the account follows its model as it was on that day"},
     set_model_as_of},
    {{"household_model", "a model of models.csv, or none", "what the accounts of the household are together"},
     set_household_model},
    {{"household_tracking_error_max", fraction_or_none, "how far the household may be from household_model"},
     set_fraction<&Policy::household_tracking_error_max>},
});

// One value for each asset class or screen: its setting is named `prefix` + the class + `suffix`.
struct Family {
  PolicySetting setting;
  std::string_view prefix;
  std::string_view suffix;
  bool (*set)(Policy& policy, const std::string& key, std::string_view text);
};

// The exact number of `key`, between 0 and `high`; none takes it out.
template <class Exact>
bool set_exact_of(std::map<std::string, Exact>& numbers, const std::string& key, std::string_view text,
                  std::int64_t high) {
  std::optional<Exact> number;
  if (!set_exact(number, text, 0, high)) return false;
  numbers.erase(key);
  if (number) numbers.emplace(key, *number);
  return true;
}

template <auto Field>
bool set_band(Policy& policy, const std::string& asset_class, std::string_view text) {
  ClassBand band = policy.bands.contains(asset_class) ? policy.bands.at(asset_class) : ClassBand{};
  constexpr std::int64_t high = std::is_same_v<decltype(Field), std::optional<Weight> ClassBand::*> ? 1 : 10'000;
  if (!set_exact(band.*Field, text, 0, high)) return false;
  policy.bands.erase(asset_class);
  if (band != ClassBand{}) policy.bands.emplace(asset_class, band);
  return true;
}

bool set_product(Policy& policy, const std::string& asset_class, std::string_view text) {
  policy.products.erase(asset_class);
  if (!is_none(text)) policy.products.emplace(asset_class, text);
  return true;
}

bool set_screen(Policy& policy, const std::string& screen, std::string_view text) {
  const auto word = std::ranges::find(screen_words, text, &std::pair<std::string_view, ScreenUse>::first);
  if (word == screen_words.end() && text != "off" && !is_none(text)) return false;
  policy.screens.erase(screen);
  if (word != screen_words.end()) policy.screens.emplace(screen, word->second);
  return true;
}

const auto families = std::to_array<Family>({
    {{"band_<asset_class>_min", fraction_or_none, "the least of an asset class, of investable value"},
     "band_",
     "_min",
     set_band<&ClassBand::min>},
    {{"band_<asset_class>_max", fraction_or_none, "the most of an asset class, of investable value"},
     "band_",
     "_max",
     set_band<&ClassBand::max>},
    {{"band_<asset_class>_price_bps", "basis points from 0 to 10000, or none",
      "what a dollar outside the band costs a year, instead of a limit"},
     "band_",
     "_price_bps",
     set_band<&ClassBand::price>},
    {{"mix_<asset_class>", fraction_or_none, "the weight of an asset class, instead of the model's"},
     "mix_",
     "",
     [](Policy& policy, const std::string& key, std::string_view text) {
       return set_exact_of(policy.mix, key, text, 1);
     }},
    {{"product_<asset_class>", "a product of products.csv, or none", "what fills an asset class"},
     "product_",
     "",
     set_product},
    {{"location_<asset_class>_bps", "basis points from 0 to 10000, or none",
      "what holding an asset class in this account costs a year"},
     "location_",
     "_bps",
     [](Policy& policy, const std::string& key, std::string_view text) {
       return set_exact_of(policy.location, key, text, 10'000);
     }},
    {{"screen_<screen_id>", "divest_now, tax_grace or off", "what is done about what a screen forbids"},
     "screen_",
     "",
     set_screen},
});

// The family that `name` belongs to; null where it belongs to none.
const Family* family_of(std::string_view name) {
  const auto found = std::ranges::find_if(families, [name](const Family& one) {
    return name.size() > one.prefix.size() + one.suffix.size() && name.starts_with(one.prefix) &&
           name.ends_with(one.suffix);
  });
  return found == families.end() ? nullptr : &*found;
}

Failure refused_value(std::string_view name, std::string_view value, std::string_view values) {
  return {rule::data_setting_value,
          "setting " + std::string(name) + " is \"" + std::string(value) + "\"; write " + std::string(values),
          {}};
}

std::string names_of_settings() {
  std::string names;
  for (const PolicySetting& setting : policy_settings()) {
    names += (names.empty() ? "" : ", ");
    names += setting.name;
  }
  return names;
}

// A Failure where `smaller` is above `larger`.
void require_order(const char* rule, const std::string& small_name, Weight smaller, const std::string& large_name,
                   Weight larger, std::vector<Failure>& breaches) {
  if (smaller <= larger) return;
  breaches.push_back({rule,
                      small_name + " " + smaller.to_string() + " is above " + large_name + " " + larger.to_string() +
                          "; lower the first or raise the second",
                      {}});
}

// Bands that are limits, and cash_min: what is at least to be in each of them has to fit the whole.
void require_room(const Policy& policy, std::vector<Failure>& breaches) {
  NamedWeights least;
  for (const auto& [asset_class, band] : policy.bands) {
    if (band.min && !band.price) least.emplace_back("band_" + asset_class + "_min", *band.min);
  }
  const char* rule = rule::data_settings_contradict;
  std::string words = fewest_above_one(least);
  if (words.empty()) {  // the bands alone fit, and yield to cash_min
    least.emplace_back("cash_min", policy.cash_min);
    words = fewest_above_one(least);
    rule = rule::data_cash_settings_contradict;
  }
  if (!words.empty()) breaches.push_back({rule, words + "; lower one of them", {}});
}

// A mix whose weight, as a part of what is invested or of all, lies outside the band of its class.
void require_mix_in_band(const Policy& policy, const std::string& asset_class, const ClassBand& band,
                         std::vector<Failure>& breaches) {
  const auto mix = policy.mix.find(asset_class);
  if (mix == policy.mix.end() || band.price) return;
  const char* rule = rule::data_settings_contradict;
  const std::int64_t invested = Weight::scale - policy.cash_target.count();
  const Weight target = Weight::of_count(multiply_divide_half_away(mix->second.count(), invested, Weight::scale));
  const std::string name = "mix_" + asset_class;
  if (band.min) require_order(rule, "band_" + asset_class + "_min", *band.min, name, mix->second, breaches);
  if (band.max && target > *band.max) {
    require_order(rule, name, mix->second, "band_" + asset_class + "_max", *band.max, breaches);
  }
}

}  // namespace

std::string_view name_of(Mode mode) {
  const auto word = std::ranges::find(mode_words, mode, &std::pair<std::string_view, Mode>::second);
  return word->first;
}

const std::vector<PolicySetting>& policy_settings() {
  static const std::vector<PolicySetting> settings = [] {
    std::vector<PolicySetting> list;
    for (const Entry& entry : entries) list.push_back(entry.setting);
    for (const Family& family : families) list.push_back(family.setting);
    return list;
  }();
  return settings;
}

std::optional<Failure> set_policy(Policy& policy, std::string_view name, std::string_view value) {
  for (const Entry& entry : entries) {  // before the families: screen_fund_part_max is no screen
    if (entry.setting.name != name) continue;
    if (entry.set(policy, value)) return std::nullopt;
    return refused_value(name, value, entry.setting.values);
  }
  if (const Family* family = family_of(name)) {
    const std::size_t size = name.size() - family->prefix.size() - family->suffix.size();
    if (family->set(policy, std::string(name.substr(family->prefix.size(), size)), value)) return std::nullopt;
    return refused_value(name, value, family->setting.values);
  }
  return Failure{rule::data_setting_unknown,
                 "there is no setting \"" + std::string(name) + "\"; write one of " + names_of_settings(),
                 {}};
}

std::vector<Failure> contradictions_of(const Policy& policy) {
  std::vector<Failure> breaches;
  const char* cash = rule::data_cash_settings_contradict;
  require_order(cash, "cash_min", policy.cash_min, "cash_target", policy.cash_target, breaches);
  require_order(cash, "cash_target", policy.cash_target, "cash_max", policy.cash_max, breaches);
  for (const auto& [asset_class, band] : policy.bands) {
    require_mix_in_band(policy, asset_class, band, breaches);
    if (!band.min || !band.max) continue;
    const std::string name = "band_" + asset_class;
    require_order(rule::data_settings_contradict, name + "_min", *band.min, name + "_max", *band.max, breaches);
  }
  require_room(policy, breaches);
  return breaches;
}

}  // namespace lotwright
