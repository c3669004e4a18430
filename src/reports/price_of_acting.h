// reports/price_of_acting.h — what closing a drift that was left would cost and bring, in one line.
#pragma once

#include <string>

#include "orders/orders.h"

namespace lotwright::reports {

// Annual tracking error that closing the drift alone would take off; < 0: it would rise.
[[nodiscard]] inline double risk_removed(const ReasonRow& row) { return row.tracking_error.value_or(0.0); }

// Closing the drift alone would take off tracking error, or pay: there is something to be said for it.
[[nodiscard]] inline bool worth_a_thought(const ReasonRow& row) {
  return risk_removed(row) > 0.0 || row.net.is_positive();
}

// Of two drifts that were left the first comes before: the one whose closing alone would be better, after tax and cost,
// those worth a thought before the others.
[[nodiscard]] bool acts_better(const ReasonRow& a, const ReasonRow& b);

// Of the drifts that were left the one whose closing alone would be best, after tax and cost; nullptr: of none it is
// worth a thought.
[[nodiscard]] const ReasonRow* best_left(const AccountResult& result);

// "selling AAPL would cost $76.21 in tax and $0.49 to trade, to remove 0.3 bp of tracking error"
[[nodiscard]] std::string price_of_acting(const ReasonRow& row);

// rule::meaning_of, and of a rule with two sides the one that stands in the way of a purchase, or else of a sale.
[[nodiscard]] std::string meaning_for(Side closing, const std::string& rule);

}  // namespace lotwright::reports
