#include <cmath>

#include "checks/lots.h"
#include "problem/problem.h"
#include "tax/holding_period.h"
#include "tax/lot_relief.h"

namespace lotwright {
namespace {

objective::Line line_terms(const CheckedUnit& unit, const CheckedLine& line, const Policy& policy) {
  const Security& security = unit.book->security(line.security);
  const auto location = policy.location.find(security.asset_class);
  return {.security = line.security,
          .target = line.target.to_double(),
          .dollars_before = security.price ? value_of(line.held, *security.price).to_double() : 0.0,
          .half_spread = fraction(security.half_spread),
          .hurdle = fraction(line.hurdle),
          .alpha = security.alpha,
          .loadings = unit.risk->loadings(line.security),
          .specific_variance = unit.risk->specific_variance(line.security),
          .location = location == policy.location.end() ? 0.0 : fraction(location->second),
          .band = -1};
}

void add_priced_bands(const CheckedAccount& checked, objective::Terms& terms) {
  for (const CheckedBand& band : checked.bands) {
    if (!band.price) continue;
    objective::PricedBand& priced = terms.bands.emplace_back();
    if (band.min) priced.min = band.min->to_double();
    if (band.max) priced.max = band.max->to_double();
    priced.price = fraction(*band.price);
    const int index = static_cast<int>(terms.bands.size()) - 1;
    for (const std::uint32_t line : band.lines) terms.lines[line].band = index;
  }
}

double volatility_of(const objective::Line& line) {
  double variance = line.specific_variance;
  for (const double loading : line.loadings) variance += loading * loading;
  return std::sqrt(variance);
}

// Whoever wants the security buys it again after the 31 days, and leaves for it what stood in: two trades.
double way_back_a_dollar(const objective::Terms& terms, const objective::Line& line) {
  return line.target > 0.0 ? 2.0 * (line.half_spread + terms.commission) : 0.0;
}

tax::LotOutlook outlook_of(const objective::Terms& terms, const objective::Line& line, const TaxLot& lot, Money gain,
                           Price price, Date as_of) {
  const double value = value_of(lot.quantity, price).to_double();
  return {.gain = gain.to_double(),
          .value = value,
          .days_to_long_term = tax::days_to_long_term(tax::held_from_of_sale(lot, price), as_of),
          .days_to_year_end = Date::of(as_of.civil().year, 12, 31) - as_of,
          .volatility = volatility_of(line),
          .way_back = value * way_back_a_dollar(terms, line)};
}

// Dollars a share by lot. Where nothing is invested, and of lots without a line or a known basis, none; of losses none
// where they are no reason to sell, for then there is nothing to wait for.
std::vector<double> waiting_of(const CheckedUnit& unit, const CheckedAccount& checked, const objective::Terms& terms) {
  const Account& account = unit.book->account(checked.account);
  const Policy& policy = account.effective_policy;
  if (policy.waiting_weight.is_zero() || !terms.taxable || terms.investable <= 0.0) return {};
  const tax::MarginalRates rates = objective::marginal_rates(terms);
  std::vector<double> waiting(account.lots.size(), 0.0);
  for (std::size_t i = 0; i < checked.lines.size(); ++i) {
    const CheckedLine& line = checked.lines[i];
    const std::optional<Price> price = unit.book->security(line.security).price;
    if (!price) continue;
    for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) {
      const std::optional<Money> gain = checked.lots[l].gain;
      if (!gain || (gain->is_negative() && !policy.harvest)) continue;
      const TaxLot lot = lot_as_taxed(account, account.lots[l]);
      const double value =
          tax::waiting_value(outlook_of(terms, terms.lines[i], lot, *gain, *price, unit.book->firm.as_of), rates);
      waiting[l] = policy.waiting_weight.to_double() * value / lot.quantity.to_double();
    }
  }
  return waiting;
}

}  // namespace

Money trade_min_of(const Policy& policy, Money investable) {
  return std::max({cent, policy.trade_min, fraction_of(std::max(Money(), investable), policy.trade_min_weight)});
}

tax::NetGains net_gains_so_far(const Book& book, const Account& account, const tax::UnitProgress& progress) {
  tax::NetGains net = tax::net_gains_of(book.taxpayers[account.taxpayer.value]);
  const tax::RunGains run = progress.gains_of(account.taxpayer);
  net.short_term += run.short_term;
  net.long_term += run.long_term;
  return net;
}

Money realized_so_far(const Book& book, const Account& account, const tax::UnitProgress& progress) {
  const Taxpayer& taxpayer = book.taxpayers[account.taxpayer.value];
  const tax::RunGains run = progress.gains_of(account.taxpayer);
  return taxpayer.realized_short_ytd + taxpayer.realized_long_ytd + run.short_term + run.long_term;
}

objective::Terms terms_of(const CheckedUnit& unit, const CheckedAccount& checked, const tax::UnitProgress& progress) {
  const Account& account = unit.book->account(checked.account);
  const Policy& policy = account.effective_policy;
  objective::Terms terms;
  terms.investable = checked.investable.to_double();
  terms.risk_aversion = policy.risk_aversion;
  terms.tax_weight = policy.tax_weight;
  terms.basis_value = policy.basis_value;
  terms.commission = fraction(policy.commission);
  terms.ticket_cost = policy.ticket_cost.to_double();
  terms.order_price = checked.order_price;
  terms.cash_max = policy.cash_max.to_double();
  terms.reserved = checked.reserved.to_double();
  terms.cash_line_before = (checked.cash_line - checked.reserved).to_double();
  terms.taxable = account.tax_treatment == TaxTreatment::taxable && account.taxpayer.exists();
  if (terms.taxable) {
    const Taxpayer& taxpayer = unit.book->taxpayers[account.taxpayer.value];
    const tax::NetGains net = net_gains_so_far(*unit.book, account, progress);
    terms.short_before = net.short_term.to_double();
    terms.long_before = net.long_term.to_double();
    terms.rates = tax::rates_of(*unit.book, taxpayer, policy.loss_value);
  }
  terms.factors = unit.risk->factors();
  terms.lines.reserve(checked.lines.size());
  for (const CheckedLine& line : checked.lines) terms.lines.push_back(line_terms(unit, line, policy));
  add_priced_bands(checked, terms);
  terms.waiting = waiting_of(unit, checked, terms);
  return terms;
}

ZeroRateZone zero_rate_zone(const CheckedUnit& unit, const CheckedAccount& checked, const Realization& asked,
                            const tax::UnitProgress& progress) {
  const Book& book = *unit.book;
  const Account& account = book.account(checked.account);
  const Policy& policy = account.effective_policy;
  const Taxpayer& taxpayer = book.taxpayers[account.taxpayer.value];
  const Money room = tax::room_at_zero_rate(net_gains_so_far(book, account, progress),
                                            tax::rates_of(book, taxpayer, policy.loss_value));
  ZeroRateZone zone{.least = {}, .most = std::min(asked.amount, room)};
  const Money trade_min = trade_min_of(policy, checked.investable);
  // Whole steps end within one step's gain of the top; where one smallest order goes beyond it nothing is asked for.
  Money step;
  Money smallest_order;
  for (std::size_t i = 0; i < account.lots.size(); ++i) {
    const std::optional<Money>& gain = checked.lots[i].gain;
    if (!gain || !asked.counted(checked.lots[i].term, *gain).is_positive()) continue;
    const Security& security = book.security(account.lots[i].security);
    const Quantity quantity = account.lots[i].quantity;
    step = std::max(step, share_of(*gain, std::min(security.quantity_step, quantity), quantity));
    const Money value = value_of(quantity, *security.price);
    const Money least = std::min(trade_min, value);
    if (value.is_positive()) {
      smallest_order = std::max(
          smallest_order, Money::of_count(multiply_divide_half_away(gain->count(), least.count(), value.count())));
    }
  }
  const Money rounding = Money::of_count(cent.count() * static_cast<std::int64_t>(checked.lines.size() + 2));
  if (zone.most > smallest_order) zone.least = std::max(Money(), zone.most - step - rounding);
  return zone;
}

}  // namespace lotwright
