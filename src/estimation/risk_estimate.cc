#include "estimation/risk_estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "estimation/principal_factors.h"
#include "estimation/stand_ins.h"

namespace lotwright::estimation {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double window_half_lives = 3.0;
constexpr double core_coverage = 0.95;    // of the window's days: whose returns make the factors
constexpr double score_max = 8.0;         // standard deviations; more is a wrong price or tells of one company alone
constexpr double prior_days = 60.0;       // what the mean exposure and its neighbours' specific risk are worth
constexpr double specific_min = 0.001;    // annual; of everything that moves
constexpr double stock_share_min = 0.25;  // least specific volatility, of a stock's own volatility
constexpr double fund_share_min = 0.03;  // of a fund's: an index fund follows its index, and the floor must not hide it

// The window of standardized returns as of one day, columns scaled to a weighted mean square of 1 and gaps at zero.
struct Panel {
  MatrixXd scores;          // days x securities
  MatrixXd present;         // 1 where there is a return
  VectorXd weights;         // of days, summing to 1
  VectorXd scale;           // of each column: its mean square before
  std::vector<Index> own;   // securities with enough history
  std::vector<Index> core;  // among them those with hardly a gap
};

VectorXd day_weights(Index days, double half_life) {
  VectorXd weights(days);
  double weight = 1.0;
  for (Index t = days - 1; t >= 0; --t, weight *= decay_of(half_life)) weights[t] = weight;
  return weights / weights.sum();
}

Panel panel_of(const Standardized& standardized, Index end, const EstimateOptions& options) {
  const Index days = std::min<Index>(end, window_days(options));
  const Index first = end - days;
  Panel panel;
  panel.weights = day_weights(days, options.half_life_correlation);
  const auto raw = standardized.scores.middleRows(first, days);
  panel.present = raw.array().isFinite().cast<double>();
  panel.scores = (raw.array().isFinite()).select(raw.array().max(-score_max).min(score_max), 0.0);
  panel.scale.setOnes(raw.cols());
  for (Index i = 0; i < raw.cols(); ++i) {
    const double present = panel.present.col(i).sum();
    const bool fresh = panel.present.col(i).tail(std::min<Index>(stale_days_max, days)).sum() > 0.0;
    const double square = panel.weights.dot(panel.scores.col(i).cwiseAbs2());
    const double weight = panel.weights.dot(panel.present.col(i));
    if (present < history_days_min || !fresh || square <= 0.0) continue;
    panel.scale[i] = std::sqrt(square / weight);
    panel.scores.col(i) /= panel.scale[i];
    panel.own.push_back(i);
  }
  const VectorXd counts = panel.present.colwise().sum();
  const double enough = core_coverage * counts.maxCoeff();
  std::copy_if(panel.own.begin(), panel.own.end(), std::back_inserter(panel.core),
               [&](Index i) { return counts[i] >= enough; });
  return panel;
}

MatrixXd columns_of(const MatrixXd& all, const std::vector<Index>& chosen) {
  MatrixXd some(all.rows(), static_cast<Index>(chosen.size()));
  for (std::size_t c = 0; c < chosen.size(); ++c) some.col(static_cast<Index>(c)) = all.col(chosen[c]);
  return some;
}

// Factors in units of standardized returns: `returns` (days x factors) of mean square 1 each.
struct FactorReturns {
  MatrixXd returns;
  VectorXd signal;
  MatrixXd core_loadings;  // core securities x factors
};

FactorReturns factor_returns(const Panel& panel, std::optional<int> wanted) {
  const MatrixXd core = columns_of(panel.scores, panel.core);
  const PrincipalFactors found = principal_factors(core, panel.weights, wanted);
  const VectorXd deviation = found.eigenvalues.cwiseMax(1e-12).cwiseSqrt();
  FactorReturns factors;
  factors.returns = core * found.vectors * deviation.cwiseInverse().asDiagonal();
  factors.signal = found.signal;
  factors.core_loadings = found.vectors * deviation.asDiagonal();
  return factors;
}

// Regression of every security on the factors over its own days, drawn towards the mean loading by `prior_days`. Of a
// core security the two agree but for the prior, which therefore is left out there.
MatrixXd loadings_of(const Panel& panel, const FactorReturns& factors) {
  MatrixXd loadings = MatrixXd::Zero(panel.scores.cols(), factors.returns.cols());
  for (std::size_t c = 0; c < panel.core.size(); ++c)
    loadings.row(panel.core[c]) = factors.core_loadings.row(static_cast<Index>(c));
  const VectorXd mean = factors.core_loadings.colwise().mean();
  const double prior = prior_days * panel.weights.maxCoeff();
  for (const Index i : panel.own) {
    if (std::binary_search(panel.core.begin(), panel.core.end(), i)) continue;
    const VectorXd weights = panel.weights.cwiseProduct(panel.present.col(i));
    MatrixXd squares = factors.returns.transpose() * weights.asDiagonal() * factors.returns;
    squares.diagonal().array() += prior;
    const VectorXd products = factors.returns.transpose() * weights.cwiseProduct(panel.scores.col(i)) + prior * mean;
    loadings.row(i) = squares.llt().solve(products).transpose();
  }
  return loadings;
}

// Late variance over the window's: of the first factor, of the other factors together, of what is specific.
struct Regime {
  VectorXd factors;
  double specific = 1.0;
};

double late_mean(const VectorXd& daily, double half_life) { return day_weights(daily.size(), half_life).dot(daily); }

Regime regime_of(const Panel& panel, const FactorReturns& factors, const MatrixXd& residuals, double half_life) {
  const Index count = factors.returns.cols();
  const MatrixXd squares = factors.returns.cwiseAbs2();
  Regime regime;
  regime.factors.setOnes(count);
  regime.factors[0] = late_mean(squares.col(0), half_life);
  if (count > 1) {
    regime.factors.tail(count - 1).setConstant(late_mean(squares.rightCols(count - 1).rowwise().mean(), half_life));
  }
  const MatrixXd core = columns_of(residuals, panel.core).cwiseAbs2();
  const VectorXd daily = core.rowwise().mean();
  regime.specific = late_mean(daily, half_life) / std::max(panel.weights.dot(daily), 1e-12);
  return regime;
}

// Every security's specific volatility drawn towards the median of its neighbours in volatility, in ratios. Funds keep
// theirs: how closely a fund follows what it holds, its neighbours do not know.
void draw_to_neighbours(const std::vector<Index>& stocks, const VectorXd& volatility, double share,
                        VectorXd& specific) {
  constexpr std::size_t groups = 10;
  std::vector<Index> order = stocks;
  std::sort(order.begin(), order.end(),
            [&](Index a, Index b) { return volatility[a] != volatility[b] ? volatility[a] < volatility[b] : a < b; });
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t first = g * order.size() / groups;
    const std::size_t last = (g + 1) * order.size() / groups;
    if (last - first < static_cast<std::size_t>(group_size_min)) continue;
    std::vector<double> values;
    for (std::size_t i = first; i < last; ++i) values.push_back(specific[order[i]]);
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    const double median = values[values.size() / 2];
    for (std::size_t i = first; i < last; ++i) {
      double& own = specific[order[i]];
      if (own > 0.0 && median > 0.0) own *= std::pow(median / own, share);
    }
  }
}

// What the window says about every security that has a history.
struct Fit {
  Panel panel;
  FactorReturns factors;
  MatrixXd loadings;   // securities x factors, in units of standardized returns
  MatrixXd residuals;  // days x securities
  Regime regime;
};

Fit fit_of(Panel panel, const EstimateOptions& options) {
  Fit fit{std::move(panel), {}, {}, {}, {}};
  fit.factors = factor_returns(fit.panel, options.factors);
  fit.loadings = loadings_of(fit.panel, fit.factors);
  const MatrixXd explained = fit.factors.returns * fit.loadings.transpose();
  fit.residuals = fit.panel.scores - explained.cwiseProduct(fit.panel.present);
  fit.regime = regime_of(fit.panel, fit.factors, fit.residuals, options.half_life_regime);
  return fit;
}

// Mean square of what the factors leave of a standardized return, over the security's own days.
double unexplained_of(const Fit& fit, Index i) {
  const VectorXd weights = fit.panel.weights.cwiseProduct(fit.panel.present.col(i));
  return weights.dot(fit.residuals.col(i).cwiseAbs2()) / weights.sum();
}

// Rows of the securities with a history; `volatility` is each one's own, annual.
void fill_own_rows(const std::vector<Description>& descriptions, const Fit& fit, const VectorXd& volatility,
                   RiskEstimate& estimate) {
  const VectorXd one = VectorXd::Ones(fit.loadings.cols());
  const VectorXd noise_variances = fit.regime.factors.cwiseProduct(one - fit.factors.signal);
  std::vector<Index> stocks;
  for (const Index i : fit.panel.own) {
    const auto at = static_cast<std::size_t>(i);
    const double unexplained = unexplained_of(fit, i);
    const double noise = fit.loadings.row(i).cwiseAbs2().dot(noise_variances.transpose());
    estimate.origins[at] = Origin::own;
    estimate.exposures.row(i) = volatility[i] * fit.loadings.row(i);
    estimate.specific_volatility[i] = volatility[i] * std::sqrt(unexplained * fit.regime.specific + noise);
    if (!is_fund(descriptions[at], unexplained)) stocks.push_back(i);
  }
  const double effective_days = 1.0 / fit.panel.weights.squaredNorm();
  draw_to_neighbours(stocks, volatility, prior_days / (prior_days + effective_days), estimate.specific_volatility);
  for (const Index i : fit.panel.own) {
    const bool stock = std::binary_search(stocks.begin(), stocks.end(), i);
    const double least = (stock ? stock_share_min : fund_share_min) * volatility[i];
    estimate.specific_volatility[i] = std::max({estimate.specific_volatility[i], least, specific_min});
  }
}

}  // namespace

int window_days(const EstimateOptions& options) {
  return static_cast<int>(std::ceil(window_half_lives * options.half_life_correlation));
}

Result<RiskEstimate> estimate_risk(const ReturnHistory& history, const Standardized& standardized, Index end,
                                   const EstimateOptions& options) {
  Panel panel = panel_of(standardized, end, options);
  if (panel.core.size() < static_cast<std::size_t>(securities_min)) {
    return Failure{rule::data_history_unusable,
                   fmt::format("{} securities have prices on nearly all of the last {} trading days, at least {} are "
                               "needed: give a longer or fuller history",
                               panel.core.size(), panel.weights.size(), securities_min),
                   {}};
  }
  const Fit fit = fit_of(std::move(panel), options);
  RiskEstimate estimate;
  estimate.factor_variances = fit.factors.signal.cwiseProduct(fit.regime.factors);
  estimate.specific_regime = fit.regime.specific;
  estimate.exposures.setZero(fit.loadings.rows(), fit.loadings.cols());
  estimate.specific_volatility.setZero(fit.loadings.rows());
  estimate.origins.assign(history.ids.size(), Origin::everybody);
  const VectorXd daily = standardized.volatility.row(end - 1).transpose().cwiseProduct(fit.panel.scale);
  fill_own_rows(history.descriptions, fit, std::sqrt(trading_days_a_year) * daily, estimate);
  for (std::size_t i = 0; i < history.ids.size(); ++i) {
    const bool own = estimate.origins[i] == Origin::own;
    if (!own && history.descriptions[i].kind == SecurityKind::cash) estimate.origins[i] = Origin::no_risk;
  }
  fill_stand_ins(history.descriptions, estimate);
  return estimate;
}

}  // namespace lotwright::estimation
