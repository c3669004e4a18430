#include "generation/faults.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lotwright::generation {
namespace {

constexpr std::array<const char*, fault_kinds> names{
    "lot_quantity_unreadable",
    "lot_quantity_negative",
    "lot_date_unreadable",
    "lot_in_future",
    "lot_dates_reversed",
    "lot_security_unknown",
    "lot_basis_unreadable",
    "lot_duplicate",
    "lot_row_short",
    "lots_of_unknown_basis",
    "account_twice",
    "cash_unreadable",
    "treatment_unknown",
    "model_unknown",
    "model_sum_wrong",
    "model_part_unknown",
    "model_in_a_circle",
    "policy_unknown",
    "taxpayer_missing",
    "taxpayer_unknown",
    "taxpayer_unreadable",
    "tax_rates_reversed",
    "setting_unknown",
    "setting_unreadable",
    "settings_contradict",
    "household_setting_unreadable",
    "request_without_amount",
    "request_model_unknown",
    "restriction_security_unknown",
    "restriction_dates_reversed",
    "restriction_without_value",
    "restrictions_contradict",
    "trade_quantity_unreadable",
    "trade_twice",
    "price_missing",
    "price_stale",
    "price_disputed",
    "price_unreadable",
    "merger_not_booked",
    "risk_missing",
    "lot_missing",
    "lot_ghost",
    "lot_quantity_tenfold",
    "lot_in_other_account",
    "lot_of_other_security",
    "trade_not_reported",
    "trade_not_booked",
    "trade_repeated",
    "position_break",
    "position_unknown_lots",
    "split_not_followed",
    "split_followed_twice",
    "basis_tenfold",
    "basis_tenth",
    "basis_hundredfold",
    "basis_zero",
    "basis_of_stale_split",
    "basis_lost",
    "price_hundredfold",
    "price_halved",
    "price_of_other",
    "cash_hundredfold",
    "cash_sign",
    "cash_gone",
    "request_repeated",
    "account_appeared",
    "account_vanished",
    "treatment_changed",
    "taxpayer_changed",
    "security_unmapped",
};

}  // namespace

const char* name_of(Fault fault) { return names[static_cast<std::size_t>(fault)]; }

bool needs_taxable(Fault fault) {
  using enum Fault;
  constexpr std::array of_taxable{
      taxpayer_missing, taxpayer_unknown,  taxpayer_unreadable, tax_rates_reversed, lots_of_unknown_basis,
      basis_tenfold,    basis_tenth,       basis_hundredfold,   basis_zero,         basis_of_stale_split,
      basis_lost,       treatment_changed, taxpayer_changed};
  return std::find(of_taxable.begin(), of_taxable.end(), fault) != of_taxable.end();
}

bool is_of_model(Fault fault) {
  using enum Fault;
  return fault == model_sum_wrong || fault == model_part_unknown || fault == model_in_a_circle;
}

std::optional<Role> doubtful_security(Fault fault) {
  using enum Fault;
  constexpr std::array<std::pair<Fault, Role>, doubtful_roles> pairs{{
      {price_missing, Role::unpriced},
      {price_stale, Role::stale},
      {price_disputed, Role::disputed},
      {price_unreadable, Role::unreadable_price},
      {merger_not_booked, Role::merging},
      {risk_missing, Role::without_risk},
      {price_hundredfold, Role::hundredfold},
      {price_halved, Role::halved},
      {price_of_other, Role::of_other},
      {security_unmapped, Role::unmapped},
  }};
  for (const auto& [kind, role] : pairs) {
    if (kind == fault) return role;
  }
  return std::nullopt;
}

Severity level_of(Fault fault) {
  using enum Fault;
  constexpr std::array reviewed{cash_hundredfold, cash_sign, cash_gone, account_appeared, account_vanished};
  return std::find(reviewed.begin(), reviewed.end(), fault) != reviewed.end() ? Severity::review : Severity::hold;
}

FaultPlan::FaultPlan(std::uint64_t seed, int accounts, double share, std::size_t kinds)
    : accounts_(accounts), share_(share) {
  Chance chance(stream(seed, Stream::fault, 0));
  offset_ = chance.uniform();
  for (std::size_t i = 0; i < kinds; ++i) turns_.push_back(static_cast<Fault>(i));
  for (std::size_t i = kinds - 1; i > 0; --i) {
    std::swap(turns_[i], turns_[static_cast<std::size_t>(chance.between(0, static_cast<int>(i)))]);
  }
}

std::int64_t FaultPlan::before(int account) const {
  return static_cast<std::int64_t>(share_ * static_cast<double>(account) + offset_);
}

std::optional<Fault> FaultPlan::of(int account) const {
  const std::int64_t turn = before(account);
  if (before(account + 1) == turn) return std::nullopt;
  return turns_[static_cast<std::size_t>(turn) % turns_.size()];
}

bool FaultPlan::has(Fault fault) const {
  const auto turn = static_cast<std::size_t>(std::find(turns_.begin(), turns_.end(), fault) - turns_.begin());
  return turn < static_cast<std::size_t>(before(accounts_));
}

}  // namespace lotwright::generation
