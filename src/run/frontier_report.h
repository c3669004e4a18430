// run/frontier_report.h — the curve of run/frontier.h as a table, a chart and files of orders.
#pragma once

#include "reports/curve_chart.h"
#include "reports/report.h"
#include "run/frontier.h"

namespace lotwright {

[[nodiscard]] reports::Report report_of(const Frontier& frontier);
[[nodiscard]] reports::CurveChart chart_of(const Frontier& frontier);

// NN.orders.csv and NN.lot_sales.csv for each point; the accounts decided before it are there too, since their gains
// count in its tax.
[[nodiscard]] Result<bool> write_orders_of_points(const Frontier& frontier, OutputFolder& folder);

}  // namespace lotwright
