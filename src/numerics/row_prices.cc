#include "numerics/row_prices.h"

#include <algorithm>
#include <limits>

#include "numerics/cholesky.h"
#include "numerics/lanes.h"

namespace lotwright::numerics {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int first_sweeps = 3;
constexpr int places_max = 12;
constexpr int last_sweeps = 30;

// Below slope i a row is at this value, above it at high_of(row, i).
double low_of(const Row& row, int i) { return i == 0 ? -infinity : row.knots[at(i - 1)]; }
double high_of(const Row& row, int i) { return at(i) == row.knots.size() ? infinity : row.knots[at(i)]; }

int slopes_below(const Row& row, double mu) {
  int below = 0;
  while (at(below) < row.slopes.size() && row.slopes[at(below)] < mu) ++below;
  return below;
}

}  // namespace

RowValues values_at(const Row& row, double mu) {
  const int below = slopes_below(row, mu);
  int up_to = below;
  while (at(up_to) < row.slopes.size() && row.slopes[at(up_to)] == mu) ++up_to;
  return {low_of(row, below), high_of(row, up_to - 1)};
}

// What the row would reach, less what its own price takes.
double RowPrices::left_over(std::size_t r, const std::vector<double>& mu) const {
  double value = at_zero_[r];
  for (std::size_t c = 0; c < mu.size(); ++c) value -= entry(r, c) * mu[c];
  return value;
}

// The price of one row, the others as they are: where at_zero - curvature mu meets the values of the row at mu.
double RowPrices::best_price(std::size_t r, double at_zero, double curvature) const {
  const Row& row = rows_[r];
  const int last = static_cast<int>(row.slopes.size()) - 1;
  for (int i = 0; i < last; ++i) {
    const double slope = row.slopes[at(i)];
    const double high = high_of(row, i);
    if (at_zero - curvature * slope <= high) return slope;
    const double free = std::max((at_zero - high) / curvature, slope);  // rounding apart it is above
    if (free < row.slopes[at(i + 1)]) return free;
  }
  return row.slopes.back();
}

void RowPrices::sweep(std::vector<double>& mu) {
  for (std::size_t r = 0; r < mu.size(); ++r) {
    const double own = entry(r, r);
    mu[r] = best_price(r, left_over(r, mu) + own * mu[r], own);
  }
}

void RowPrices::locate(const std::vector<double>& mu) {
  places_.resize(mu.size());
  for (std::size_t r = 0; r < mu.size(); ++r) {
    const std::vector<double>& slopes = rows_[r].slopes;
    const int below = slopes_below(rows_[r], mu[r]);
    const bool known = at(below) < slopes.size() && slopes[at(below)] == mu[r];
    places_[r] = known ? Place{below, false} : Place{below - 1, true};
  }
}

// The free prices that bring their rows to their knots, the others at their slopes.
void RowPrices::solve_free(std::vector<double>& mu) {
  free_.clear();
  for (std::size_t r = 0; r < mu.size(); ++r) {
    if (places_[r].free) {
      free_.push_back(static_cast<int>(r));
    } else {
      mu[r] = rows_[r].slopes[at(places_[r].index)];
    }
  }
  const int count = static_cast<int>(free_.size());
  const int stride = padded(count);
  free_matrix_.assign(at(count) * at(stride), 0.0);
  free_mu_.assign(at(stride), 0.0);
  for (int i = 0; i < count; ++i) mu[at(free_[at(i)])] = 0.0;
  for (int i = 0; i < count; ++i) {
    const std::size_t r = at(free_[at(i)]);
    free_mu_[at(i)] = left_over(r, mu) - rows_[r].knots[at(places_[r].index)];
    for (int j = i; j < count; ++j) free_matrix_[at(i * stride + j)] = entry(r, at(free_[at(j)]));
  }
  solve_positive_definite(free_matrix_, count, stride, free_mu_, room_);
  for (int i = 0; i < count; ++i) mu[at(free_[at(i)])] = free_mu_[at(i)];
}

// Free prices beyond their slopes stop there, known ones whose rows push away are freed; true where none had to move.
bool RowPrices::relocate(const std::vector<double>& mu) {
  bool settled = true;
  for (std::size_t r = 0; r < mu.size(); ++r) {
    Place& place = places_[r];
    const Row& row = rows_[r];
    Place next = place;
    if (place.free) {
      if (mu[r] <= row.slopes[at(place.index)]) next = {place.index, false};
      if (mu[r] >= row.slopes[at(place.index + 1)]) next = {place.index + 1, false};
    } else {
      const double value = left_over(r, mu);
      if (value > high_of(row, place.index)) next = {place.index, true};
      if (value < low_of(row, place.index)) next = {place.index - 1, true};
    }
    if (next == place) continue;
    place = next;
    settled = false;
  }
  return settled;
}

void RowPrices::maximize(const double* matrix, int stride, const double* reached, std::vector<double>& mu) {
  const std::size_t count = rows_.size();
  matrix_.resize(count * count);
  for (std::size_t r = 0; r < count; ++r) {
    for (std::size_t c = r; c < count; ++c) {
      matrix_[r * count + c] = matrix_[c * count + r] = matrix[r * at(stride) + c];
    }
  }
  at_zero_.assign(count, 0.0);
  swept_.resize(count);
  for (std::size_t r = 0; r < count; ++r) swept_[r] = reached[r] - left_over(r, mu);
  std::swap(at_zero_, swept_);
  for (int i = 0; i < first_sweeps; ++i) sweep(mu);
  swept_ = mu;
  locate(mu);
  for (int i = 0; i < places_max; ++i) {
    solve_free(mu);
    if (relocate(mu)) return;
  }
  mu = swept_;
  for (int i = 0; i < last_sweeps; ++i) sweep(mu);
}

}  // namespace lotwright::numerics
