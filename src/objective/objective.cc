#include "objective/objective.h"

#include <algorithm>
#include <cmath>

#include "base/defect.h"

namespace lotwright::objective {
namespace {

// w - t, by line. Only where V > 0.
std::vector<double> active_weights(const Terms& terms, const Outcome& outcome) {
  std::vector<double> active(terms.lines.size());
  for (std::size_t i = 0; i < active.size(); ++i) {
    active[i] = outcome.dollars[i] / terms.investable - terms.lines[i].target;
  }
  return active;
}

// F'a: the active exposure to each rotated factor.
std::vector<double> factor_exposures(const Terms& terms, const std::vector<double>& active) {
  std::vector<double> exposure(static_cast<std::size_t>(terms.factors), 0.0);
  for (std::size_t i = 0; i < active.size(); ++i) {
    for (std::size_t f = 0; f < exposure.size(); ++f) exposure[f] += active[i] * terms.lines[i].loadings[f];
  }
  return exposure;
}

double active_variance(const Terms& terms, const std::vector<double>& active) {
  double variance = 0.0;
  for (const double y : factor_exposures(terms, active)) variance += y * y;
  for (std::size_t i = 0; i < active.size(); ++i) {
    variance += active[i] * active[i] * terms.lines[i].specific_variance;
  }
  return variance;
}

std::vector<double> dollars_in_bands(const Terms& terms, const Outcome& outcome) {
  std::vector<double> sums(terms.bands.size(), 0.0);
  for (std::size_t i = 0; i < terms.lines.size() && !sums.empty(); ++i) {
    const int band = terms.lines[i].band;
    if (band >= 0) sums[static_cast<std::size_t>(band)] += outcome.dollars[i];
  }
  return sums;
}

// price x the dollars outside the band.
double band_cost(const Terms& terms, std::size_t band, double dollars) {
  const PricedBand& ends = terms.bands[band];
  const double below = ends.min * terms.investable - dollars;
  const double above = dollars - ends.max * terms.investable;
  return ends.price * std::max({0.0, below, above});
}

// The place of `security` among the lines, or their number.
std::size_t line_of(const Terms& terms, SecurityIndex security) {
  const auto found = std::lower_bound(terms.lines.begin(), terms.lines.end(), security,
                                      [](const Line& line, SecurityIndex s) { return line.security < s; });
  const bool there = found != terms.lines.end() && found->security == security;
  return there ? static_cast<std::size_t>(found - terms.lines.begin()) : terms.lines.size();
}

void add_gains(Outcome& outcome, const Trade& trade) {
  for (const LotSale& sale : trade.lots) {
    if (!sale.gain) continue;
    double& of_term = sale.term == Term::long_term ? outcome.gain_long : outcome.gain_short;
    of_term += (*sale.gain + sale.disallowed).to_double();
  }
}

}  // namespace

Outcome before(const Terms& terms) {
  Outcome outcome;
  outcome.dollars.reserve(terms.lines.size());
  for (const Line& line : terms.lines) outcome.dollars.push_back(line.dollars_before);
  outcome.cash_line = terms.cash_line_before;
  return outcome;
}

Outcome outcome_of(const Terms& terms, const Book& book, const AccountTrades& trades) {
  Outcome outcome = before(terms);
  for (const Trade& trade : trades.trades) {
    const Security& security = book.security(trade.security);
    const double sign = trade.side == Side::buy ? 1.0 : -1.0;
    const double moved = sign * value_of(trade.quantity, trade.price).to_double();
    const double amount = trade.amount.to_double();
    outcome.cash_line -= sign * amount + trade.commission.to_double();
    if (security.kind == SecurityKind::cash) {
      outcome.cash_line += moved;
      outcome.trading += trading_cost(terms, fraction(security.half_spread), amount);
    } else {
      const std::size_t line = line_of(terms, trade.security);
      require(line < terms.lines.size(), "a trade is in a security that is not a line of the account");
      outcome.dollars[line] += moved;
      outcome.trading += trading_cost(terms, terms.lines[line].half_spread, amount);
    }
    if (terms.taxable) add_gains(outcome, trade);
    for (const LotSale& sale : trade.lots) outcome.waiting += waiting_cost(terms, sale);
  }
  return outcome;
}

Parts parts_of(const Terms& terms, const Outcome& outcome) {
  Parts parts;
  parts.tax = tax_part(terms, outcome.gain_short, outcome.gain_long);
  parts.trading = outcome.trading;
  parts.waiting = outcome.waiting;
  if (terms.investable <= 0.0) return parts;

  const double value = terms.investable;
  const std::vector<double> active = active_weights(terms, outcome);
  const double variance = active_variance(terms, active);
  parts.tracking_error = std::sqrt(variance);
  parts.risk = value * 0.5 * terms.risk_aversion * variance;
  parts.cash = value * cash_price * std::max(0.0, outcome.cash_line / value - terms.cash_max);
  for (std::size_t i = 0; i < active.size(); ++i) {
    parts.hurdle += value * std::max(0.0, active[i]) * terms.lines[i].hurdle;
    parts.alpha -= outcome.dollars[i] * terms.lines[i].alpha;
    parts.location += outcome.dollars[i] * terms.lines[i].location;
  }
  const std::vector<double> in_bands = dollars_in_bands(terms, outcome);
  for (std::size_t b = 0; b < in_bands.size(); ++b) parts.band += band_cost(terms, b, in_bands[b]);
  return parts;
}

std::vector<double> mean_band_slopes(const Terms& terms, const Outcome& from, const Outcome& to) {
  std::vector<double> slopes(terms.bands.size(), 0.0);
  if (terms.investable <= 0.0) return slopes;
  const std::vector<double> start = dollars_in_bands(terms, from);
  const std::vector<double> end = dollars_in_bands(terms, to);
  for (std::size_t b = 0; b < slopes.size(); ++b) {
    if (start[b] == end[b]) continue;  // what moves within the band adds up to nothing
    slopes[b] = (band_cost(terms, b, end[b]) - band_cost(terms, b, start[b])) / (end[b] - start[b]);
  }
  return slopes;
}

double tracking_error_worth(double risk_aversion, double investable, double tracking_error, double dollars) {
  if (risk_aversion <= 0.0 || investable <= 0.0) return 0.0;
  const double saved = 2.0 * std::max(0.0, dollars) / (risk_aversion * investable);
  return tracking_error - std::sqrt(std::max(0.0, tracking_error * tracking_error - saved));
}

double trading_cost(const Terms& terms, double half_spread, double dollars) {
  return dollars * (half_spread + terms.commission) + terms.ticket_cost + terms.order_price;
}

double waiting_a_share(const Terms& terms, std::uint32_t lot) {
  if (terms.waiting.empty()) return 0.0;
  require(lot < terms.waiting.size(), "a sale is of a lot the account does not have");
  return terms.waiting[lot];
}

double waiting_cost(const Terms& terms, const LotSale& sale) {
  return waiting_a_share(terms, sale.lot) * sale.quantity.to_double();
}

double year_tax(const Terms& terms, double gain_short, double gain_long) {
  return tax::tax_value(terms.short_before + gain_short, terms.long_before + gain_long, terms.rates);
}

double tax_part(const Terms& terms, double gain_short, double gain_long) {
  if (!terms.taxable) return 0.0;
  const double now = year_tax(terms, gain_short, gain_long);
  const double was = year_tax(terms, 0.0, 0.0);
  const double basis_gained = terms.basis_value * terms.rates.rate_long.to_double() * (gain_short + gain_long);
  return terms.tax_weight * (now - was - basis_gained);
}

std::vector<double> risk_gradient(const Terms& terms, const Outcome& outcome) {
  std::vector<double> gradient(terms.lines.size(), 0.0);
  if (terms.investable <= 0.0) return gradient;
  const std::vector<double> active = active_weights(terms, outcome);
  const std::vector<double> exposure = factor_exposures(terms, active);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    double covariance = terms.lines[i].specific_variance * active[i];
    for (std::size_t f = 0; f < exposure.size(); ++f) covariance += terms.lines[i].loadings[f] * exposure[f];
    gradient[i] = terms.risk_aversion * covariance;
  }
  return gradient;
}

double risk_curvature(const Terms& terms, const Line& line) {
  if (terms.investable <= 0.0) return 0.0;
  double variance = line.specific_variance;
  for (int f = 0; f < terms.factors; ++f) {
    const double loading = line.loadings[static_cast<std::size_t>(f)];
    variance += loading * loading;
  }
  return terms.risk_aversion * variance / terms.investable;
}

}  // namespace lotwright::objective
