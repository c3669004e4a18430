#include "cases/policy_rows.h"

#include <fmt/format.h>

#include <array>

#include "cases/words.h"
#include "inputs/cell.h"

namespace lotwright::cases {
namespace {

template <class Kind, int Decimals>
std::string text_of(const Fixed<Kind, Decimals>& exact) {
  return exact.to_string();
}
std::string text_of(double number) { return fmt::format("{}", number); }  // the shortest that reads back the same
std::string text_of(int whole) { return std::to_string(whole); }
template <class Word>
requires std::is_enum_v<Word> || std::is_same_v<Word, bool> std::string text_of(Word word) {
  return std::string(inputs::word_of(word));
}
template <class Value>
std::string text_of(const std::optional<Value>& value) {
  return value ? text_of(*value) : "none";
}

struct Number {
  std::string_view name;
  double Policy::*field;
  double most;
};

constexpr std::array numbers{
    Number{"risk_aversion", &Policy::risk_aversion, 1e6}, Number{"tax_weight", &Policy::tax_weight, 1000.0},
    Number{"basis_value", &Policy::basis_value, 1.0}, Number{"loss_value", &Policy::loss_value, 1.0}};

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_of(const Policy& policy) {
  std::vector<std::pair<std::string, std::string>> settings{
      {"mode", text_of(policy.mode)},
      {"risk_aversion", text_of(policy.risk_aversion)},
      {"tax_weight", text_of(policy.tax_weight)},
      {"basis_value", text_of(policy.basis_value)},
      {"loss_value", text_of(policy.loss_value)},
      {"wash_sale_disallowed_max_usd", text_of(policy.wash_sale_disallowed_max)},
      {"cash_raise_days", text_of(policy.cash_raise_days)},
      {"cash_target", text_of(policy.cash_target)},
      {"cash_min", text_of(policy.cash_min)},
      {"cash_max", text_of(policy.cash_max)},
      {"trade_min_usd", text_of(policy.trade_min)},
      {"trade_min_weight", text_of(policy.trade_min_weight)},
      {"ticket_cost_usd", text_of(policy.ticket_cost)},
      {"commission_bps", text_of(policy.commission)},
      {"improvement_min_bps", text_of(policy.improvement_min)},
      {"turnover_max", text_of(policy.turnover_max)},
      {"rebalance_days_min", text_of(policy.rebalance_days_min)},
      {"long_term_wait_days", text_of(policy.long_term_wait_days)},
      {"waiting_weight", text_of(policy.waiting_weight)},
      {"unknown_basis", text_of(policy.unknown_basis)},
      {"short_term_gains", text_of(policy.short_term_gains)},
      {"gain_budget", text_of(policy.gain_budget)},
      {"tax_budget", text_of(policy.tax_budget)},
      {"budget_prorated", text_of(policy.budget_prorated)},
      {"harvest", text_of(policy.harvest)},
      {"position_weight_max", text_of(policy.position_weight_max)},
      {"names_max", text_of(policy.names_max)},
      {"price_age_days_max", text_of(policy.price_age_days_max)},
      {"expiry_notice_days", text_of(policy.expiry_notice_days)},
      {"screen_fund_part_max", text_of(policy.screen_fund_part_max)},
      {"model_as_of", policy.model_as_of ? policy.model_as_of->to_string() : "none"},
      {"household_model", policy.household_model.empty() ? "none" : policy.household_model},
      {"household_tracking_error_max", text_of(policy.household_tracking_error_max)},
  };
  for (const auto& [asset_class, band] : policy.bands) {
    if (band.min) settings.emplace_back("band_" + asset_class + "_min", text_of(band.min));
    if (band.max) settings.emplace_back("band_" + asset_class + "_max", text_of(band.max));
    if (band.price) settings.emplace_back("band_" + asset_class + "_price_bps", text_of(band.price));
  }
  for (const auto& [asset_class, weight] : policy.mix) settings.emplace_back("mix_" + asset_class, text_of(weight));
  for (const auto& [asset_class, id] : policy.products) settings.emplace_back("product_" + asset_class, id);
  for (const auto& [asset_class, price] : policy.location)
    settings.emplace_back("location_" + asset_class + "_bps", text_of(price));
  for (const auto& [screen, use] : policy.screens) settings.emplace_back("screen_" + screen, text_of(use));
  return settings;
}

std::optional<Failure> set_setting(Policy& policy, std::string_view name, std::string_view value) {
  for (const Number& number : numbers) {
    if (number.name != name) continue;
    double read = 0.0;
    if (!inputs::read_cell(value, read) && read >= 0.0 && read <= number.most) {
      policy.*number.field = read;
      return std::nullopt;
    }
  }
  return set_policy(policy, name, value);
}

}  // namespace lotwright::cases
