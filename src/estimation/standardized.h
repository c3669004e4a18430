// estimation/standardized.h — returns in units of the volatility that could be known the evening before.
//
// Volatility moves more than correlation does. Divided by its own trailing volatility, a crisis day weighs as much in
// the correlations as a quiet one, and what is left of the regime is measured apart (risk_estimate.h).
#pragma once

#include <Eigen/Dense>

namespace lotwright::estimation {

struct Standardized {
  Eigen::MatrixXd scores;  // return over the volatility of the day before; NaN where there is none
  Eigen::MatrixXd
      volatility;  // daily, after the day; 0 until `warm_up_days` returns are known, and where nothing moves
};

inline constexpr int warm_up_days = 21;

// `returns` days by securities, NaN where missing. Row t looks at rows up to t only.
[[nodiscard]] Standardized standardize(const Eigen::MatrixXd& returns, double half_life);

// The weight a day has after one more day.
[[nodiscard]] double decay_of(double half_life);

}  // namespace lotwright::estimation
