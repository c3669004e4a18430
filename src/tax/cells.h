// tax/cells.h — T(S, L) cut into cells on which it is convex, for the optimizer (docs/formulas.md).
//
// In:       the rates of a taxpayer.
// Out:      cells that cover the plane. On each, T = on_net(n) + on_short(S) + on_long(L), n = S + L: three convex
//           piecewise-linear functions with hard ends; the cell is the set where all three ends hold.
// Promises: any schedules are cut, those of flat rates as much as brackets; a cell more stands wherever a slope falls.
//           What a limit on T implies for a cell is never narrower than the limit.
#pragma once

#include <vector>

#include "tax/netting.h"
#include "tax/tax_path.h"

namespace lotwright::tax {

inline constexpr double endless = 1e300;

struct Slope {
  double from;  // the slope holds from here to the next knot
  double slope;
};
struct CellFunction {
  double lowest = -endless;  // hard ends of the argument; +-endless is none
  double highest = endless;
  double value_at_zero = 0.0;
  std::vector<Slope> slopes;  // ascending `from`, the first -endless; ascending slopes (convex). Empty: zero
};
struct TaxCell {
  CellFunction on_net;
  CellFunction on_short;
  CellFunction on_long;
};

// Cells of L <= 0; of L >= 0 and n >= 0; of L >= 0 and n <= 0, in this order. Flat rates make one of each as long as
// rate_short is not below rate_long nor below loss_value * rate_long.
[[nodiscard]] std::vector<TaxCell> cells_of_tax(const TaxRates& rates);

// The function at x, its last slopes going on beyond the hard ends.
[[nodiscard]] double value_at(const CellFunction& function, double x);

// The largest net gain a point of the cell can have while T <= due (>= 0); `endless` where nothing limits it.
[[nodiscard]] double net_within(const TaxCell& cell, double due);

// The largest on_short * S + on_long * L of those points, or more; `endless` where nothing limits it.
[[nodiscard]] double gains_within(const TaxCell& cell, double due, TaxSlopes weights);

// The slopes of T where long-term gains alone bring it to `due`: good weights for `gains_within`.
[[nodiscard]] TaxSlopes slopes_where_due(const TaxRates& rates, double due);

}  // namespace lotwright::tax
