// explanation/harvests.h — the rows of harvests.csv: for every taxable account what losses it has, what was taken of
// them and why the rest was not.
//
// In:       a DecidedAccount; or one that was not decided, with the rule that stopped it.
// Out:      HarvestRow (orders/orders.h): the account's own row first, then one for each security with a loss. None for
//           an account that is not taxable.
// Promises: every taxable account has exactly one row of its own, whatever became of it. Every lot at a loss by today's
//           price is counted in one security row; loss = taken + skipped in every row, to the millionth; the security
//           rows add up to the account's. A sold lot counts what its sale realized, so that the cent of an order's
//           rounding is in `loss` too.
#pragma once

#include "explanation/reasons.h"

namespace lotwright {

[[nodiscard]] std::vector<HarvestRow> harvests_of(const DecidedAccount& decided);

// Of an account that was not decided: `rule` is why everything is skipped. Where the account's lots are in doubt
// (CheckedAccount::lots_doubted_by) it is not scanned, by that rule.
[[nodiscard]] std::vector<HarvestRow> harvests_untouched(const CheckedUnit& unit, const CheckedAccount& account,
                                                         const objective::Terms& terms, const std::string& rule);

// Of an account of which nothing is known but that something broke.
[[nodiscard]] std::vector<HarvestRow> not_scanned(const Account& account, const std::string& rule);

// None of the orders left after all, by `rule`: nothing is taken. What it would have saved together is not known then.
void take_back(std::vector<HarvestRow>& rows, const std::string& rule);

// The swap a sale is part of: dollars by line, what was sold negative, and the run's purchases pro rata as far as the
// proceeds pay for them; what they do not cover is cash.
[[nodiscard]] std::vector<double> swap_of(const DecidedAccount& decided, const Trade& sale);

// Annual standard deviation of the return of `moved` (dollars by line) over the investable value: for a swap, the
// tracking error between what was sold and what the money bought. Zero where there is nothing to invest.
[[nodiscard]] double tracking_error_of(const DecidedAccount& decided, const std::vector<double>& moved);

// The account's tracking error after the orders less what it would be with `moved` undone.
[[nodiscard]] double tracking_error_added(const DecidedAccount& decided, const std::vector<double>& moved);

}  // namespace lotwright
