#include "tax/tax_path.h"

#include <algorithm>
#include <vector>

namespace lotwright::tax {

TaxSlopes slopes_at(double net_short, double net_long, const TaxRates& rates) {
  const double income = rates.income.to_double();
  const double net = net_short + net_long;
  if (net < -rates.ordinary_loss_limit.to_double()) {
    const double carried = rates.loss_value * rates.rate_long.to_double();
    return {carried, carried};
  }
  if (net < 0.0) return {rates.ordinary.rate_at(income + net), rates.ordinary.rate_at(income + net)};
  const double surtax = rates.net_investment.rate_at(rates.magi.to_double() + net);
  if (net_long < 0.0) {
    const double on_net = rates.ordinary.rate_at(income + net) + surtax;
    return {on_net, on_net};
  }
  const double on_long = rates.long_term.rate_at(income + net);
  if (net_short < 0.0) return {on_long + surtax, on_long + surtax};
  // A dollar of short-term gain lifts the long-term ones by a dollar.
  const double lifted = on_long - rates.long_term.rate_at(income + net_short);
  return {rates.ordinary.rate_at(income + net_short) + lifted + surtax, on_long + surtax};
}

TaxSlopes mean_slopes(double net_short, double net_long, double gain_short, double gain_long, const TaxRates& rates) {
  // Where the path crosses a kink of T: S = 0, L = 0, n = 0, n = -A, and where income reaches a threshold.
  std::vector<double> knots{0.0, 1.0};
  const auto cross = [&](double start, double change) {
    if (change == 0.0) return;
    const double at = -start / change;
    if (at > 0.0 && at < 1.0) knots.push_back(at);
  };
  cross(net_short, gain_short);
  cross(net_long, gain_long);
  cross(net_short + net_long, gain_short + gain_long);
  cross(net_short + net_long + rates.ordinary_loss_limit.to_double(), gain_short + gain_long);
  const auto cross_thresholds = [&](const Schedule& schedule, double start, double change) {
    for (const Schedule::Step& step : schedule.steps()) {
      if (step.from > -1e300) cross(start - step.from, change);
    }
  };
  const double income = rates.income.to_double();
  for (const Schedule* schedule : {&rates.ordinary, &rates.long_term}) {
    cross_thresholds(*schedule, income + net_short, gain_short);
    cross_thresholds(*schedule, income + net_short + net_long, gain_short + gain_long);
  }
  cross_thresholds(rates.net_investment, rates.magi.to_double() + net_short + net_long, gain_short + gain_long);
  std::sort(knots.begin(), knots.end());

  TaxSlopes mean;
  for (std::size_t i = 1; i < knots.size(); ++i) {
    const double middle = 0.5 * (knots[i - 1] + knots[i]);
    const TaxSlopes here = slopes_at(net_short + middle * gain_short, net_long + middle * gain_long, rates);
    mean.on_short += (knots[i] - knots[i - 1]) * here.on_short;
    mean.on_long += (knots[i] - knots[i - 1]) * here.on_long;
  }
  return mean;
}

}  // namespace lotwright::tax
