#include "tax/cells.h"

#include <algorithm>

namespace lotwright::tax {
namespace {

// A piecewise-linear function that is zero at zero, not necessarily convex.
using Slopes = std::vector<Slope>;

void add(Slopes& slopes, Slope next) {
  if (slopes.empty() || slopes.back().slope != next.slope) slopes.push_back(next);
}

double slope_at(const Slopes& slopes, double x) {
  double slope = slopes.front().slope;
  for (const Slope& piece : slopes) {
    if (piece.from <= x) slope = piece.slope;
  }
  return slope;
}

// The tax on gains that come on top of `income`.
Slopes on_gains(const Schedule& schedule, double income) {
  Slopes slopes;
  for (const Schedule::Step& step : schedule.steps()) {
    add(slopes, {step.from <= -endless ? -endless : step.from - income, step.rate});
  }
  return slopes;
}

// a + sign * b.
Slopes combine(const Slopes& a, const Slopes& b, double sign) {
  std::vector<double> knots;
  for (const Slope& piece : a) knots.push_back(piece.from);
  for (const Slope& piece : b) knots.push_back(piece.from);
  std::sort(knots.begin(), knots.end());
  Slopes slopes;
  for (const double knot : knots) add(slopes, {knot, slope_at(a, knot) + sign * slope_at(b, knot)});
  return slopes;
}

// The function above x; below it the one slope.
Slopes with_slope_below(const Slopes& function, double x, double slope) {
  Slopes slopes{{-endless, slope}};
  add(slopes, {x, slope_at(function, x)});
  for (const Slope& piece : function) {
    if (piece.from > x) add(slopes, piece);
  }
  return slopes;
}

// From zero to x.
double integral(const Slopes& slopes, double x) {
  double value = 0.0;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    const double from = std::max(slopes[i].from, std::min(0.0, x));
    const double to = std::min(i + 1 < slopes.size() ? slopes[i + 1].from : endless, std::max(0.0, x));
    if (to > from) value += (x >= 0.0 ? 1.0 : -1.0) * slopes[i].slope * (to - from);
  }
  return value;
}

// `function` between two ends as a function of its own. Where it does not reach zero, its slopes go on to there.
CellFunction stretch(const Slopes& function, double lowest, double highest) {
  CellFunction part{.lowest = lowest, .highest = highest, .value_at_zero = 0.0, .slopes = {}};
  part.slopes.push_back({-endless, slope_at(function, lowest)});
  for (const Slope& piece : function) {
    if (piece.from > lowest && piece.from < highest) part.slopes.push_back(piece);
  }
  const double nearest = std::clamp(0.0, lowest, highest);
  if (nearest != 0.0) part.value_at_zero = integral(function, nearest) - integral(part.slopes, nearest);
  return part;
}

// Cut wherever a slope falls.
std::vector<CellFunction> convex_stretches(const Slopes& function, double lowest, double highest) {
  std::vector<CellFunction> parts;
  double begin = lowest;
  for (std::size_t i = 1; i < function.size(); ++i) {
    const double knot = function[i].from;
    if (knot <= lowest || knot >= highest || function[i].slope >= function[i - 1].slope) continue;
    parts.push_back(stretch(function, begin, knot));
    begin = knot;
  }
  parts.push_back(stretch(function, begin, highest));
  return parts;
}

CellFunction free_between(double lowest, double highest) {
  return {.lowest = lowest, .highest = highest, .value_at_zero = 0.0, .slopes = {{-endless, 0.0}}};
}

// The three functions of one variable that T is made of.
struct Ingredients {
  Slopes ordinary;       // of the net where L <= 0 or n <= 0: ordinary rates, a loss saves up to the limit, then less
  Slopes long_term;      // of the net where L >= 0 and n >= 0, as if all of it were long-term
  Slopes short_premium;  // of S there: what short-term gains cost more
};

Ingredients ingredients_of(const TaxRates& rates) {
  const double income = rates.income.to_double();
  const Slopes ordinary = on_gains(rates.ordinary, income);
  const Slopes long_term = on_gains(rates.long_term, income);
  const Slopes surtax = with_slope_below(on_gains(rates.net_investment, rates.magi.to_double()), 0.0, 0.0);
  const double carried = rates.loss_value * rates.rate_long.to_double();
  return {with_slope_below(combine(ordinary, surtax, 1.0), -rates.ordinary_loss_limit.to_double(), carried),
          combine(long_term, surtax, 1.0), with_slope_below(combine(ordinary, long_term, -1.0), 0.0, 0.0)};
}

// max of slope * x - function(x) over [low, high] within its ends; `endless` where it has no end.
double conjugate(const CellFunction& function, double slope, double low, double high) {
  low = std::max(low, function.lowest);
  high = std::min(high, function.highest);
  if (low <= -endless && slope < function.slopes.front().slope) return endless;
  if (high >= endless && slope > function.slopes.back().slope) return endless;
  const auto gain_at = [&](double x) { return slope * x - value_at(function, x); };
  double most = gain_at(std::max(low, std::min(0.0, high)));
  if (low > -endless) most = std::max(most, gain_at(low));
  if (high < endless) most = std::max(most, gain_at(high));
  for (const Slope& piece : function.slopes) {
    if (piece.from > low && piece.from < high) most = std::max(most, gain_at(piece.from));
  }
  return most;
}

// The largest x, ends aside, at which a convex function is at most `value`.
double last_within(const CellFunction& function, double value) {
  const Slopes& slopes = function.slopes;
  double to = endless;
  for (std::size_t i = slopes.size(); i-- > 0; to = slopes[i].from) {
    if (slopes[i].slope <= 0.0) return to;
    const double anchor = std::max(slopes[i].from, std::min(0.0, to));
    const double x = anchor + (value - value_at(function, anchor)) / slopes[i].slope;
    if (x >= slopes[i].from) return std::min(x, to);
  }
  return -endless;
}

}  // namespace

std::vector<TaxCell> cells_of_tax(const TaxRates& rates) {
  const Ingredients of = ingredients_of(rates);
  const CellFunction any = free_between(-endless, endless);
  const CellFunction long_gains = free_between(0.0, endless);
  std::vector<TaxCell> cells;
  for (const CellFunction& net : convex_stretches(of.ordinary, -endless, endless)) {
    cells.push_back({net, any, free_between(-endless, 0.0)});
  }
  for (const CellFunction& net : convex_stretches(of.long_term, 0.0, endless)) {
    for (const CellFunction& premium : convex_stretches(of.short_premium, -endless, endless)) {
      cells.push_back({net, premium, long_gains});
    }
  }
  for (const CellFunction& net : convex_stretches(of.ordinary, -endless, 0.0)) {
    cells.push_back({net, any, long_gains});
  }
  return cells;
}

double value_at(const CellFunction& function, double x) {
  return function.value_at_zero + integral(function.slopes, x);
}

double net_within(const TaxCell& cell, double due) {
  const double least_of_short = -conjugate(cell.on_short, 0.0, -endless, endless);
  return last_within(cell.on_net, due - least_of_short);
}

double gains_within(const TaxCell& cell, double due, TaxSlopes weights) {
  // By S and n, weights.on_long * n + (weights.on_short - weights.on_long) * S: each part is at most its function's
  // value and what the function's conjugate adds. S = n - L is at most n less the least L.
  const double net_most = net_within(cell, due);
  const double short_most = std::min(endless, net_most - cell.on_long.lowest);
  const double beyond_net = conjugate(cell.on_net, weights.on_long, -endless, net_most);
  const double beyond_short = conjugate(cell.on_short, weights.on_short - weights.on_long, -endless, short_most);
  return beyond_net >= endless || beyond_short >= endless ? endless : due + beyond_net + beyond_short;
}

TaxSlopes slopes_where_due(const TaxRates& rates, double due) {
  const CellFunction of_long = convex_stretches(ingredients_of(rates).long_term, 0.0, endless).front();
  const double gain = last_within(of_long, due);
  return slopes_at(0.0, gain < endless ? gain : 0.0, rates);
}

}  // namespace lotwright::tax
