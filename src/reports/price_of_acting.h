// reports/price_of_acting.h — what closing a drift that was left would cost and bring, in one line.
#pragma once

#include <string>

#include "orders/orders.h"

namespace lotwright::reports {

// Annual tracking error that closing the drift alone would take off; < 0: it would rise.
[[nodiscard]] inline double risk_removed(const ReasonRow& row) { return row.tracking_error.value_or(0.0); }

// Of the drifts that were left the one whose closing alone would take most off the tracking error; nullptr: none would.
[[nodiscard]] const ReasonRow* dearest_left(const AccountResult& result);

// "selling AAPL would cost $76.21 in tax and $0.49 to trade, to remove 0.3 bp of tracking error"
[[nodiscard]] std::string price_of_acting(const ReasonRow& row);

}  // namespace lotwright::reports
