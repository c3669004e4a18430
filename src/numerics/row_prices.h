// numerics/row_prices.h — the prices of the rows inside one Newton step: a small concave quadratic, and the rows' own
// conjugates, whose kinks are kept exactly instead of being smoothed.
//
//   maximize over mu   r'(mu - mu0) - (mu - mu0)'S(mu - mu0) / 2 + sum_r min_s (psi_r(s) - mu_r s)
//
// In:       the rows; S positive definite, r: the values that the rows reach at the start mu0.
// Out:      the prices. Most of them lie exactly at a slope of their row: within a stretch a row's price is known.
// Promises: fixed order, no randomness; where the exact search for the kinks does not settle, the result still brings
//           more than the start.
#pragma once

#include <vector>

#include "numerics/program.h"

namespace lotwright::numerics {

// The values that a row takes at a price between its end slopes: all between `low` and `high`, which are one knot
// unless the price is one of its slopes.
struct RowValues {
  double low = 0.0;
  double high = 0.0;
};
[[nodiscard]] RowValues values_at(const Row& row, double mu);

class RowPrices {
 public:
  explicit RowPrices(const std::vector<Row>& rows) : rows_(rows) {}

  // `matrix`: the upper triangle of S, rows `stride` apart. `mu`: the start, then the result.
  void maximize(const double* matrix, int stride, const double* reached, std::vector<double>& mu);

 private:
  // Between slopes i and i + 1 the price is free and the row is at knot i; at slope i the price is known.
  struct Place {
    int index = 0;
    bool free = false;
    bool operator==(const Place&) const = default;
  };

  [[nodiscard]] double entry(std::size_t r, std::size_t c) const { return matrix_[r * rows_.size() + c]; }
  [[nodiscard]] double left_over(std::size_t r, const std::vector<double>& mu) const;
  void sweep(std::vector<double>& mu);
  [[nodiscard]] double best_price(std::size_t r, double at_zero, double curvature) const;
  void locate(const std::vector<double>& mu);
  void solve_free(std::vector<double>& mu);
  bool relocate(const std::vector<double>& mu);

  const std::vector<Row>& rows_;
  std::vector<double> matrix_;   // whole, rows_.size() square
  std::vector<double> at_zero_;  // values that the rows would reach at prices of zero
  std::vector<Place> places_;
  std::vector<int> free_;
  std::vector<double> free_matrix_;
  std::vector<double> free_mu_;
  std::vector<double> swept_;
  std::vector<double> room_;
};

}  // namespace lotwright::numerics
