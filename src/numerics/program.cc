#include "numerics/program.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lotwright::numerics {

int add_bundle(Program& program, const std::vector<RowEntry>& entries) {
  if (entries.empty()) return 0;
  const int begin = static_cast<int>(program.entries.size());
  program.entries.insert(program.entries.end(), entries.begin(), entries.end());
  program.bundles.push_back({begin, static_cast<int>(program.entries.size())});
  return static_cast<int>(program.bundles.size()) - 1;
}

double price_of(const Program& program, int bundle, const std::vector<double>& mu) {
  const Bundle& range = program.bundles[static_cast<std::size_t>(bundle)];
  double total = 0.0;
  for (int e = range.begin; e < range.end; ++e) {
    const RowEntry& entry = program.entries[static_cast<std::size_t>(e)];
    total += entry.coefficient * mu[static_cast<std::size_t>(entry.row)];
  }
  return total;
}

double size_of(const Program& program, int bundle, const std::vector<double>& mu) {
  const Bundle& range = program.bundles[static_cast<std::size_t>(bundle)];
  double total = 0.0;
  for (int e = range.begin; e < range.end; ++e) {
    const RowEntry& entry = program.entries[static_cast<std::size_t>(e)];
    total += std::fabs(entry.coefficient * mu[static_cast<std::size_t>(entry.row)]);
  }
  return total;
}

double cost_of(const Row& row, double s) {
  if (row.knots.empty()) return row.slopes[0] * s;
  double value = row.value_at_first_knot;
  if (s <= row.knots[0]) return value + row.slopes[0] * (s - row.knots[0]);
  for (std::size_t i = 0; i < row.knots.size(); ++i) {
    const double end = i + 1 < row.knots.size() ? std::min(s, row.knots[i + 1]) : s;
    value += row.slopes[i + 1] * (end - row.knots[i]);
    if (end == s) break;
  }
  return value;
}

// At one of the knots, since psi is piecewise linear and mu lies between its end slopes. Without a knot psi is
// slopes[0] s, mu its slope: nothing is left.
double priced_minimum(const Row& row, double mu) {
  if (row.knots.empty()) return 0.0;
  double least = std::numeric_limits<double>::infinity();
  double value = row.value_at_first_knot;
  for (std::size_t i = 0; i < row.knots.size(); ++i) {
    if (i > 0) value += row.slopes[i] * (row.knots[i] - row.knots[i - 1]);
    least = std::min(least, value - mu * row.knots[i]);
  }
  return least;
}

Multipliers zero_multipliers(const Program& program) {
  return {std::vector<double>(static_cast<std::size_t>(program.stride), 0.0),
          std::vector<double>(program.rows.size(), 0.0)};
}

namespace {

// The stretch of slopes that a row starts in; hard ends are left for their neighbours.
std::size_t resting_stretch(const Row& row) {
  std::size_t i = 0;
  while (i < row.knots.size() && row.start > row.knots[i]) ++i;
  while (i > 0 && row.slopes[i] > hard_slope) --i;
  while (i < row.knots.size() && row.slopes[i] < -hard_slope) ++i;
  return i;
}

}  // namespace

Multipliers resting_multipliers(const Program& program) {
  Multipliers rest = zero_multipliers(program);
  for (std::size_t f = 0; f < rest.factor.size(); ++f) {
    rest.factor[f] = program.risk_aversion * program.factor_start[f];
  }
  for (std::size_t r = 0; r < rest.row.size(); ++r)
    rest.row[r] = program.rows[r].slopes[resting_stretch(program.rows[r])];
  return rest;
}

void clip_rows(const Program& program, Multipliers& point) {
  for (std::size_t r = 0; r < program.rows.size(); ++r) {
    point.row[r] = std::clamp(point.row[r], program.rows[r].slopes.front(), program.rows[r].slopes.back());
  }
}

}  // namespace lotwright::numerics
