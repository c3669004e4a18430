// estimation/risk_estimate.h — a factor risk model from total returns.
//
// In:       a ReturnHistory with its standardized returns, and the day to stand on: rows from there on are not read.
// Out:      for every security of the history exposures, specific volatility and how they came about; factor variances.
// Promises: covariance = X diag(v) X' + diag(s^2), annual, positive semidefinite. Securities without enough history of
//           their own stand in the mean of the nearest group of the table below.
// Refuses:  fewer than `securities_min` securities with a history.
// Method:   docs/formulas.md, "The risk model of daily prices".
#pragma once

#include <optional>

#include "estimation/return_history.h"
#include "estimation/standardized.h"

namespace lotwright::estimation {

struct EstimateOptions {
  std::optional<int> factors;            // nullopt: as many as stand out of the noise
  double half_life_correlation = 252.0;  // trading days
  double half_life_volatility = 63.0;
  double half_life_regime = 21.0;
};

// The days a correlation looks back at: later ones have less than an eighth of the newest's weight.
[[nodiscard]] int window_days(const EstimateOptions& options);

inline constexpr int trading_days_a_year = 252;
inline constexpr int history_days_min = 63;  // standardized returns in the window, for a row of a security's own
inline constexpr int stale_days_max = 21;    // since the last of them
inline constexpr int securities_min = 2;

// Where a security's row comes from. Groups are tried in this order; one serves that has `group_size_min` members.
enum class Origin { own, no_risk, sector, asset_class, kind, everybody };
inline constexpr int group_size_min = 3;

struct RiskEstimate {
  Eigen::MatrixXd exposures;            // securities x factors, annual
  Eigen::VectorXd factor_variances;     // around 1: the factors' regime
  Eigen::VectorXd specific_volatility;  // annual
  std::vector<Origin> origins;          // by security
  double specific_regime = 1.0;         // variance of late over the window's
};

// Rows [0, end) of the history are looked at.
[[nodiscard]] Result<RiskEstimate> estimate_risk(const ReturnHistory& history, const Standardized& standardized,
                                                 Eigen::Index end, const EstimateOptions& options);

}  // namespace lotwright::estimation
