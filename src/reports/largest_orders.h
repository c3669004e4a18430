// reports/largest_orders.h — a report for a terminal, where hundreds of orders are no reading.
#pragma once

#include "reports/report.h"

namespace lotwright::reports {

// The report of these facts with no more than `orders_max` of its orders told, the largest; of the others one sentence
// has their number and sum.
[[nodiscard]] Report with_largest_orders(const AccountFacts& facts, Report report, std::size_t orders_max);

}  // namespace lotwright::reports
