// tax/netting.h — Schedule D netting, the ordinary-loss limit and carryovers (IRC 1211, 1212), and the value T(S, L) of
// a year's net gains that docs/formulas.md prices.
//
// T exists twice: exact in Money for budgets and reports, in double for the optimizer; a test holds them together.
#pragma once

#include <vector>

#include "units/amounts.h"

namespace lotwright::tax {

// Net short- and long-term results of a year, losses negative, carryforwards already taken off.
struct NetGains {
  Money short_term;
  Money long_term;
  bool operator==(const NetGains&) const = default;
};

struct ScheduleD {
  Money ordinary_offset;     // >= 0: net loss set against ordinary income this year
  Money carryforward_short;  // >= 0: losses carried to next year, by character
  Money carryforward_long;
  bool operator==(const ScheduleD&) const = default;
};

// Netting of the year. The offset is used against short-term losses first; character is kept; nothing expires.
[[nodiscard]] ScheduleD net_year(NetGains gains, Money ordinary_loss_limit);

// What T needs besides the gains. rate_short >= rate_long >= 0; loss_value is nu of docs/formulas.md.
struct TaxRates {
  Weight rate_short;
  Weight rate_long;
  Money ordinary_loss_limit = Money::of_whole(3000);
  double loss_value = 0.9;
};

// T(S, L) of docs/formulas.md, dollars; negative where losses have a value.
[[nodiscard]] double tax_value(double net_short, double net_long, const TaxRates& rates);

// max(0, T(S, L)) to the millionth, exact but for the rounding of each product: what tax_budget limits.
[[nodiscard]] Money tax_due(NetGains gains, const TaxRates& rates);

// T is convex on three cells of the (S, L) plane: there it is the sum of three one-dimensional convex functions,
//   T = on_net(n) + on_short(S) + on_long(L),  n = S + L,
// each piecewise linear, with hard ends. A cell is the set where all three ends hold.
struct Slope {
  double from;  // the slope holds from here to the next knot
  double slope;
};
struct CellFunction {
  double lowest = -1e300;  // hard ends of the argument; +-1e300 is none
  double highest = 1e300;
  double value_at_zero = 0.0;
  std::vector<Slope> slopes;  // ascending `from`, first from = -1e300; ascending slopes (convex)
};
struct TaxCell {
  CellFunction on_net;
  CellFunction on_short;
  CellFunction on_long;
};

// The three cells: L <= 0; L >= 0 with n >= 0; L >= 0 with n <= 0. Requires rate_short >= rate_long and
// rate_short >= loss_value * rate_long, else they would not be convex; callers check with `cells_are_convex`.
[[nodiscard]] std::vector<TaxCell> cells_of_tax(const TaxRates& rates);
[[nodiscard]] bool cells_are_convex(const TaxRates& rates);

}  // namespace lotwright::tax
