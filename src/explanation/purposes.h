// explanation/purposes.h — what each order is for: the rule that forced it, else what most of its worth comes from.
//
// In:       a DecidedAccount and the rows of what was done.
// Out:      a reason for each trade, in its rows too.
// Promises: sales that nothing forced are "raise_cash" only as far as cash was lacking, purchases "invest_cash" only as
//           far as it was in excess, whole orders apart; the others are judged by what they do by themselves.
#pragma once

#include <string>
#include <vector>

#include "explanation/reasons.h"

namespace lotwright {

// In the order of the trades. A trade with a reason in the solution keeps it. The others: "raise_cash" and
// "invest_cash" go to those that are worth least by themselves (benefit less tax and cost, a dollar), which the cash
// alone explains, until the lack is met or the excess used: first to orders that fit as a whole, then to those of which
// at least half does. What is left of sales is "harvest_loss" where a loss saves more tax than the line's risk and
// holding costs fall, and the policy harvests; all else is "rebalance". `rows`: of reasons_done.
[[nodiscard]] std::vector<std::string> enter_purposes(const DecidedAccount& decided, std::vector<ReasonRow>& rows);

}  // namespace lotwright
