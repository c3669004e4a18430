#include "tax/tax_path.h"

#include <algorithm>
#include <vector>

namespace lotwright::tax {

TaxSlopes slopes_at(double net_short, double net_long, const TaxRates& rates) {
  const double on_short = rates.rate_short.to_double();
  const double on_long = rates.rate_long.to_double();
  const double net = net_short + net_long;
  if (net < -rates.ordinary_loss_limit.to_double()) return {rates.loss_value * on_long, rates.loss_value * on_long};
  if (net < 0.0 || net_long < 0.0) return {on_short, on_short};
  if (net_short < 0.0) return {on_long, on_long};
  return {on_short, on_long};
}

TaxSlopes mean_slopes(double net_short, double net_long, double gain_short, double gain_long, const TaxRates& rates) {
  // Where the path crosses a kink of T: S = 0, L = 0, n = 0, n = -A.
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
