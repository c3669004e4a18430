// run/transition_report.h — a plan of several years in sentences, a table and a chart.
#pragma once

#include "reports/curve_chart.h"
#include "reports/report.h"
#include "run/plan_progress.h"

namespace lotwright {

[[nodiscard]] reports::Report report_of(const Transition& transition);

[[nodiscard]] reports::Report report_of(const PlanProgress& progress);

// Tracking error by year: the middle path, and the bands from one path in ten to nine in ten.
[[nodiscard]] reports::CurveChart chart_of(const Transition& transition);

}  // namespace lotwright
