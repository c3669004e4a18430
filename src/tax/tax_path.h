// tax/tax_path.h — what a dollar of gain adds to the year's tax T, at a point and along the way from no sales to all of
// them, so that every sale can be told its own share (docs/formulas.md, "Reasons add up").
#pragma once

#include "tax/netting.h"

namespace lotwright::tax {

// Dollars of T per dollar of short- and of long-term gain.
struct TaxSlopes {
  double on_short = 0.0;
  double on_long = 0.0;
};

// The gradient of T at (net_short, net_long); on a kink, that of the side with more gain.
[[nodiscard]] TaxSlopes slopes_at(double net_short, double net_long, const TaxRates& rates);

// Its mean along the straight path that adds (gain_short, gain_long) to (net_short, net_long). T is piecewise linear,
// so the mean is exact: on_short * gain_short + on_long * gain_long is the change of T.
[[nodiscard]] TaxSlopes mean_slopes(double net_short, double net_long, double gain_short, double gain_long,
                                    const TaxRates& rates);

}  // namespace lotwright::tax
