// tax/waiting.h — what selling a lot today gives up, in dollars: a short-term gain that would soon be long-term, a loss
// that could be harvested for more (docs/formulas.md, "The value of waiting").
//
// In:       the facts of one lot on the day, and what a dollar of gain or loss counts.
// Out:      dollars, 0 .. the lot's value: at one dollar for each dollar sold it is as good as a bar, and stays far
//           below what a broken limit costs.
// Promises: a pure function of its arguments; basic operations and sqrt alone.
// Refuses:  forecasts: the price is as likely to rise as to fall.
// Example:  waiting_value({.gain = 1000, .value = 9000, .days_to_long_term = 5}, rates) == 9000
#pragma once

#include "tax/tax_path.h"

namespace lotwright::tax {

struct LotOutlook {
  double gain = 0.0;          // dollars if the whole lot is sold today; a loss is negative
  double value = 0.0;         // dollars of the lot
  int days_to_long_term = 0;  // tax::days_to_long_term; 0: long-term
  int days_to_year_end = 0;   // to 31 December
  double volatility = 0.0;    // annual standard deviation of the security's return
  double way_back = 0.0;      // dollars: what leaving the stand-in and buying the lot again costs
};

// What the decision counts for the next dollar of gain, and of loss, by term.
struct MarginalRates {
  TaxSlopes on_gain;
  TaxSlopes on_loss;
};

[[nodiscard]] double waiting_value(const LotOutlook& lot, const MarginalRates& rates);

}  // namespace lotwright::tax
