#include "objective/objective.h"

namespace lotwright::objective {

tax::TaxSlopes mean_tax_slopes(const Terms& terms, double gain_short, double gain_long) {
  if (!terms.taxable) return {};
  const tax::TaxSlopes of_year =
      tax::mean_slopes(terms.short_before, terms.long_before, gain_short, gain_long, terms.rates);
  const double deferred = terms.basis_value * terms.rates.rate_long.to_double();
  return {terms.tax_weight * (of_year.on_short - deferred), terms.tax_weight * (of_year.on_long - deferred)};
}

tax::MarginalRates marginal_rates(const Terms& terms) {
  return {.on_gain = {mean_tax_slopes(terms, 1.0, 0.0).on_short, mean_tax_slopes(terms, 0.0, 1.0).on_long},
          .on_loss = {mean_tax_slopes(terms, -1.0, 0.0).on_short, mean_tax_slopes(terms, 0.0, -1.0).on_long}};
}

}  // namespace lotwright::objective
