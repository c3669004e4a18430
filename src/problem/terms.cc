#include "problem/problem.h"

namespace lotwright {
namespace {

objective::Line line_terms(const CheckedUnit& unit, const CheckedLine& line) {
  const Security& security = unit.book->security(line.security);
  return {.security = line.security,
          .target = line.target.to_double(),
          .dollars_before = security.price ? value_of(line.held, *security.price).to_double() : 0.0,
          .half_spread = fraction(security.half_spread),
          .hurdle = fraction(line.hurdle),
          .alpha = security.alpha,
          .loadings = unit.risk->loadings(line.security),
          .specific_variance = unit.risk->specific_variance(line.security)};
}

}  // namespace

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
  terms.cash_max = policy.cash_max.to_double();
  terms.reserved = checked.reserved.to_double();
  terms.cash_line_before = (checked.cash_line - checked.reserved).to_double();
  terms.taxable = account.tax_treatment == TaxTreatment::taxable && account.taxpayer.exists();
  if (terms.taxable) {
    const Taxpayer& taxpayer = unit.book->taxpayers[account.taxpayer.value];
    Money net_short = taxpayer.realized_short_ytd + taxpayer.outside_gains_short - taxpayer.carryforward_short;
    Money net_long = taxpayer.realized_long_ytd + taxpayer.outside_gains_long - taxpayer.carryforward_long;
    const tax::RunGains run = progress.gains_of(account.taxpayer);
    terms.short_before = (net_short + run.short_term).to_double();
    terms.long_before = (net_long + run.long_term).to_double();
    terms.rates = tax::rates_of(*unit.book, taxpayer, policy.loss_value);
  }
  terms.factors = unit.risk->factors();
  terms.lines.reserve(checked.lines.size());
  for (const CheckedLine& line : checked.lines) terms.lines.push_back(line_terms(unit, line));
  return terms;
}

}  // namespace lotwright
