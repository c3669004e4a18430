// generation/faults.h — what can be wrong with a book so that accounts must be held or reviewed, and which account
// has which.
//
// Promises: faulty accounts are spread evenly over the book and the kinds take turns, so that every kind is there as
//           soon as there are faulty accounts enough; nothing is remembered but the seed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "generation/market.h"

namespace lotwright::generation {

enum class Fault {
  lot_quantity_unreadable,
  lot_quantity_negative,
  lot_date_unreadable,
  lot_in_future,
  lot_dates_reversed,
  lot_security_unknown,
  lot_basis_unreadable,
  lot_duplicate,
  lot_row_short,
  lots_of_unknown_basis,
  account_twice,
  cash_unreadable,
  treatment_unknown,
  model_unknown,
  model_sum_wrong,
  model_part_unknown,
  model_in_a_circle,
  policy_unknown,
  taxpayer_missing,
  taxpayer_unknown,
  taxpayer_unreadable,
  tax_rates_reversed,
  setting_unknown,
  setting_unreadable,
  settings_contradict,
  household_setting_unreadable,
  request_without_amount,
  request_model_unknown,
  restriction_security_unknown,
  restriction_dates_reversed,
  restriction_without_value,
  restrictions_contradict,
  trade_quantity_unreadable,
  trade_twice,
  price_missing,
  price_stale,
  price_disputed,
  price_unreadable,
  merger_not_booked,
  risk_missing,
  // of books with a day before (docs/faults.md)
  lot_missing,
  lot_ghost,
  lot_quantity_tenfold,
  lot_in_other_account,
  lot_of_other_security,
  trade_not_reported,
  trade_not_booked,
  trade_repeated,
  position_break,
  position_unknown_lots,
  split_not_followed,
  split_followed_twice,
  basis_tenfold,
  basis_tenth,
  basis_hundredfold,
  basis_zero,
  basis_of_stale_split,
  basis_lost,
  price_hundredfold,
  price_halved,
  price_of_other,
  cash_hundredfold,
  cash_sign,
  cash_gone,
  request_repeated,
  account_appeared,
  account_vanished,
  treatment_changed,
  taxpayer_changed,
  security_unmapped,
};
constexpr std::size_t fault_kinds_of_one_day = static_cast<std::size_t>(Fault::risk_missing) + 1;
constexpr std::size_t fault_kinds = static_cast<std::size_t>(Fault::security_unmapped) + 1;

// As it stands in BOOK.faults.csv.
[[nodiscard]] const char* name_of(Fault fault);

// What it must end in: hold or review.
[[nodiscard]] Severity level_of(Fault fault);

// Whether only a taxable account can have it.
[[nodiscard]] bool needs_taxable(Fault fault);

// Whether it is in the model that the account's row names.
[[nodiscard]] bool is_of_model(Fault fault);

// The security in doubt that an account with this fault owns.
[[nodiscard]] std::optional<Role> doubtful_security(Fault fault);

class FaultPlan {
 public:
  // `kinds`: the first so many take turns.
  FaultPlan(std::uint64_t seed, int accounts, double share, std::size_t kinds = fault_kinds_of_one_day);

  [[nodiscard]] std::optional<Fault> of(int account) const;
  // Whether any account of the book has it.
  [[nodiscard]] bool has(Fault fault) const;

 private:
  [[nodiscard]] std::int64_t before(int account) const;  // faulty accounts among the first `account`

  int accounts_;
  double share_, offset_;
  std::vector<Fault> turns_;
};

}  // namespace lotwright::generation
