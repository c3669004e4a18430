// explanation/reasons.h — the rows of reasons.csv for one decided account (docs/formulas.md, "Reasons add up").
//
// In:       a DecidedAccount: as checked, its trades, and the objective before and after them.
// Out:      reasons_done: the cash line's row, one for each purchase and one for each lot sold; their nets add up to
//           objective_before - objective_after to the cent, their funding to zero. None where nothing was traded.
//           what_is_left: the drifts that matter most, with what closing each alone would bring; not in the sum.
//           Beside it each drift's part of the risk and holding costs that stay: these add up to all of it.
//           reasons_rules: what each rule that binds costs a year, at most; of no security, not in the sum.
// Promises: dollars are whole cents; net = benefit - tax - cost + funding in every row.
#pragma once

#include <optional>
#include <vector>

#include "explanation/explanation.h"

namespace lotwright {

// An account with its solution, and the objective on both sides of it.
struct DecidedAccount {
  const CheckedUnit& unit;
  const CheckedAccount& account;
  const tax::UnitProgress& progress;  // of the unit before this account
  const objective::Terms& terms;
  const Solution& solution;
  objective::Outcome before;
  objective::Outcome after;
  objective::Parts parts_before;
  objective::Parts parts_after;

  [[nodiscard]] const Book& book() const { return *unit.book; }
  [[nodiscard]] const Account& holder() const { return unit.book->account(account.account); }
};

// With Told::orders no row has its `without`.
[[nodiscard]] std::vector<ReasonRow> reasons_done(const DecidedAccount& decided, Told told);
// The risk and holding costs that stay beyond those of the target, by drift.
struct WhatIsLeft {
  // The one whose closing alone would be best, and those with the largest parts of what stays, ten in all; not in the
  // sum of what was done.
  std::vector<ReasonRow> rows;
  std::vector<SmallerDrifts> smaller;  // the others, by cause
  std::optional<Money> total;          // of all shares, to the cent; nullopt: beyond all sense, and no row has one
};
[[nodiscard]] WhatIsLeft what_is_left(const DecidedAccount& decided);

[[nodiscard]] std::vector<ReasonRow> reasons_rules(const DecidedAccount& decided);

// What a sale adds to the year's gains: its gain without the loss that a wash sale disallows.
[[nodiscard]] Money counted_gain(const LotSale& sale);

// Cash that an order raises (> 0) or uses (< 0): a sale's dollars or a purchase's, the commission paid in both.
[[nodiscard]] double cash_raised(Side side, double dollars, double commission);

}  // namespace lotwright
