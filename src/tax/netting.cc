#include "tax/netting.h"

#include <algorithm>

#include "base/defect.h"

namespace lotwright::tax {
namespace {

constexpr double without_end = 1e300;

// What a net result below or at zero is worth: the first `ordinary_loss_limit` dollars against ordinary income, the
// rest carried forward; above zero the slope of short-term gains goes on.
CellFunction net_loss_function(const TaxRates& rates) {
  CellFunction on_net;
  on_net.slopes = {{-without_end, rates.loss_value * rates.rate_long.to_double()},
                   {-rates.ordinary_loss_limit.to_double(), rates.rate_short.to_double()}};
  return on_net;
}

CellFunction flat() {
  CellFunction zero;
  zero.slopes = {{-without_end, 0.0}};
  return zero;
}

// L <= 0: only the net counts, at the short-term rate.
TaxCell long_losses(const TaxRates& rates) {
  TaxCell cell{net_loss_function(rates), flat(), flat()};
  cell.on_long.highest = 0.0;
  return cell;
}

// L >= 0, n >= 0: T = r_l n + (r_s - r_l) max(S, 0).
TaxCell long_gains_net_gain(const TaxRates& rates) {
  const double rate_long = rates.rate_long.to_double();
  TaxCell cell{flat(), flat(), flat()};
  cell.on_net.slopes = {{-without_end, rate_long}};
  cell.on_net.lowest = 0.0;
  cell.on_short.slopes = {{-without_end, 0.0}, {0.0, rates.rate_short.to_double() - rate_long}};
  cell.on_long.lowest = 0.0;
  return cell;
}

// L >= 0, n <= 0: the net is a loss whatever its parts.
TaxCell long_gains_net_loss(const TaxRates& rates) {
  TaxCell cell{net_loss_function(rates), flat(), flat()};
  cell.on_net.highest = 0.0;
  cell.on_long.lowest = 0.0;
  return cell;
}

}  // namespace

ScheduleD net_year(NetGains gains, Money ordinary_loss_limit) {
  const Money zero;
  const Money net = gains.short_term + gains.long_term;
  const Money offset = std::max(zero, std::min(ordinary_loss_limit, -net));
  return {.ordinary_offset = offset,
          .carryforward_short = std::max(zero, -gains.short_term - offset - std::max(zero, gains.long_term)),
          .carryforward_long = std::max(zero, -gains.long_term - std::max(zero, gains.short_term + offset))};
}

double tax_value(double net_short, double net_long, const TaxRates& rates) {
  const double rate_short = rates.rate_short.to_double();
  const double rate_long = rates.rate_long.to_double();
  const double net = net_short + net_long;
  if (net_short >= 0.0 && net_long >= 0.0) return rate_short * net_short + rate_long * net_long;
  if (net >= 0.0) return (net_long < 0.0 ? rate_short : rate_long) * net;
  const double limit = rates.ordinary_loss_limit.to_double();
  return -rate_short * std::min(-net, limit) - rates.loss_value * rate_long * std::max(-net - limit, 0.0);
}

Money tax_due(NetGains gains, const TaxRates& rates) {
  if (!gains.short_term.is_negative() && !gains.long_term.is_negative()) {
    return fraction_of(gains.short_term, rates.rate_short) + fraction_of(gains.long_term, rates.rate_long);
  }
  const Money net = gains.short_term + gains.long_term;
  if (!net.is_positive()) return Money();
  return fraction_of(net, gains.long_term.is_negative() ? rates.rate_short : rates.rate_long);
}

std::vector<TaxCell> cells_of_tax(const TaxRates& rates) {
  require(cells_are_convex(rates),
          "the tax is not convex on its three cells: a long-term rate is above the short-term one");
  return {long_losses(rates), long_gains_net_gain(rates), long_gains_net_loss(rates)};
}

bool cells_are_convex(const TaxRates& rates) {
  return rates.rate_short >= rates.rate_long &&
         rates.rate_short.to_double() >= rates.loss_value * rates.rate_long.to_double();
}

}  // namespace lotwright::tax
