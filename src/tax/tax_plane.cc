#include "tax/tax_plane.h"

#include <algorithm>

namespace lotwright::tax {
namespace {

// Keeps the part of the interval around `x` that has no kink at `kink`.
void cut(Interval& interval, double x, double kink) {
  if (kink <= x) interval.from = std::max(interval.from, kink);
  if (kink > x) interval.to = std::min(interval.to, kink);
}

void cut_at_thresholds(Interval& interval, double x, const Schedule& schedule, double income) {
  for (const Schedule::Step& step : schedule.steps()) {
    if (step.from > -1e300) cut(interval, x, step.from - income);
  }
}

}  // namespace

TaxPlane plane_at(double net_short, double net_long, const TaxRates& rates) {
  TaxPlane plane;
  const double net = net_short + net_long;
  const double income = rates.income.to_double();
  cut(plane.net_short, net_short, 0.0);
  cut(plane.net_long, net_long, 0.0);
  cut(plane.net, net, 0.0);
  cut(plane.net, net, -rates.ordinary_loss_limit.to_double());
  for (const Schedule* schedule : {&rates.ordinary, &rates.long_term}) {
    cut_at_thresholds(plane.net_short, net_short, *schedule, income);
    cut_at_thresholds(plane.net, net, *schedule, income);
  }
  cut_at_thresholds(plane.net, net, rates.net_investment, rates.magi.to_double());
  plane.slopes = slopes_at(net_short, net_long, rates);
  return plane;
}

}  // namespace lotwright::tax
