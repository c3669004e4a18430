#include "tax/netting.h"

#include <algorithm>
#include <limits>

namespace lotwright::tax {
namespace {

// The tax on a net gain. Gains of one term absorb losses of the other; what is left of the short-term ones is ordinary
// income, what is left of the long-term ones comes on top of it.
template <class Amount>
Amount tax_on_net_gain(Amount net_short, Amount net_long, const TaxRates& rates, Amount income, Amount magi) {
  const Amount net = net_short + net_long;
  const Amount ordinary = std::min(std::max(net_short, Amount{}), net);
  const Amount preferential = std::min(std::max(net_long, Amount{}), net);
  return rates.ordinary.tax_on(income, ordinary) + rates.long_term.tax_on(income + ordinary, preferential) +
         rates.net_investment.tax_on(magi, net);
}

}  // namespace

NetGains net_gains_of(const Taxpayer& taxpayer) {
  return {.short_term = taxpayer.realized_short_ytd + taxpayer.outside_gains_short - taxpayer.carryforward_short,
          .long_term = taxpayer.realized_long_ytd + taxpayer.outside_gains_long - taxpayer.carryforward_long};
}

ScheduleD net_year(NetGains gains, Money ordinary_loss_limit) {
  const Money zero;
  const Money net = gains.short_term + gains.long_term;
  const Money offset = std::max(zero, std::min(ordinary_loss_limit, -net));
  return {.ordinary_offset = offset,
          .carryforward_short = std::max(zero, -gains.short_term - offset - std::max(zero, gains.long_term)),
          .carryforward_long = std::max(zero, -gains.long_term - std::max(zero, gains.short_term + offset))};
}

TaxRates flat_rates(Weight rate_short, Weight rate_long, double loss_value, Money ordinary_loss_limit) {
  return {.ordinary = Schedule::flat(rate_short),
          .long_term = Schedule::flat(rate_long),
          .net_investment = {},
          .income = {},
          .magi = {},
          .ordinary_loss_limit = ordinary_loss_limit,
          .rate_long = rate_long,
          .loss_value = loss_value};
}

TaxRates bracket_rates(const TaxBrackets& brackets, const Taxpayer& taxpayer, double loss_value) {
  const Money income_left = std::max(Money(), taxpayer.ordinary_income);
  return {.ordinary = Schedule::of(brackets.ordinary),
          .long_term = Schedule::of(brackets.long_term),
          .net_investment = Schedule::of(brackets.niit),
          .income = taxpayer.ordinary_income,
          .magi = taxpayer.magi,
          .ordinary_loss_limit = std::min(taxpayer.ordinary_loss_limit, income_left),
          .rate_long = taxpayer.rate_long,
          .loss_value = loss_value};
}

TaxRates rates_of(const Book& book, const Taxpayer& taxpayer, double loss_value) {
  if (taxpayer.brackets.exists()) return bracket_rates(book.brackets[taxpayer.brackets.value], taxpayer, loss_value);
  return flat_rates(taxpayer.rate_short, taxpayer.rate_long, loss_value, taxpayer.ordinary_loss_limit);
}

Money room_at_zero_rate(NetGains before, const TaxRates& rates) {
  for (const Schedule::Step& step : rates.long_term.steps()) {
    if (!step.exact.rate.is_positive()) continue;
    if (step.from <= -1e300) return Money();  // one rate from the first dollar on
    const Money net = before.short_term + before.long_term;
    // Gains that use up a loss cost what the loss would have saved: at ordinary rates, now or once it is carried on.
    if (net.is_negative() || before.long_term.is_negative()) return Money();
    return std::max(Money(), step.exact.over - rates.income - net);
  }
  return Money::of_count(std::numeric_limits<std::int64_t>::max());
}

double tax_value(double net_short, double net_long, const TaxRates& rates) {
  const double net = net_short + net_long;
  const double income = rates.income.to_double();
  if (net >= 0.0) return tax_on_net_gain(net_short, net_long, rates, income, rates.magi.to_double());
  const double limit = rates.ordinary_loss_limit.to_double();
  const double used = std::min(-net, limit);
  return -rates.ordinary.tax_on(income - used, used) -
         rates.loss_value * rates.rate_long.to_double() * std::max(-net - limit, 0.0);
}

Money tax_of_year(NetGains gains, const TaxRates& rates) {
  const Money net = gains.short_term + gains.long_term;
  if (!net.is_negative()) {
    return tax_on_net_gain(gains.short_term, gains.long_term, rates, rates.income, rates.magi);
  }
  const Money used = std::min(-net, rates.ordinary_loss_limit);
  return -rates.ordinary.tax_on(rates.income - used, used);
}

Money tax_due(NetGains gains, const TaxRates& rates) { return std::max(Money(), tax_of_year(gains, rates)); }

}  // namespace lotwright::tax
