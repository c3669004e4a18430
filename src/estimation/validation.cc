#include "estimation/validation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

namespace lotwright::estimation {
namespace {

using Eigen::Index;
using Eigen::VectorXd;

// One portfolio in one window.
struct Trial {
  double variance = 0.0;  // daily, forecast
  double squares = 0.0;   // of daily returns, summed
  double ratios = 0.0;    // squares over variance
  int days = 0;
};

std::size_t pick(std::mt19937_64& chance, std::size_t below) { return static_cast<std::size_t>(chance() % below); }

// Active weights against the equally weighted universe: some names out of it, 10, 25, 50 or 100 or at most half of
// them, equally weighted. They sum to zero.
VectorXd random_active(const std::vector<Index>& universe, Index securities, std::mt19937_64& chance) {
  constexpr std::array<std::size_t, 4> sizes{10, 25, 50, 100};
  std::vector<Index> names = universe;
  const std::size_t count = std::max<std::size_t>(1, std::min(sizes[pick(chance, sizes.size())], names.size() / 2));
  for (std::size_t i = 0; i < count; ++i) std::swap(names[i], names[i + pick(chance, names.size() - i)]);
  VectorXd active = VectorXd::Zero(securities);
  for (const Index i : universe) active[i] = -1.0 / static_cast<double>(universe.size());
  for (std::size_t i = 0; i < count; ++i) active[names[i]] += 1.0 / static_cast<double>(count);
  return active;
}

double daily_variance(const RiskEstimate& estimate, const VectorXd& active) {
  const VectorXd common = estimate.exposures.transpose() * active;
  const double specific = active.cwiseProduct(estimate.specific_volatility).squaredNorm();
  return (common.cwiseAbs2().dot(estimate.factor_variances) + specific) / trading_days_a_year;
}

std::vector<Trial> trials_of(const ReturnHistory& history, const RiskEstimate& estimate, Index begin, Index end,
                             int portfolios, std::mt19937_64& chance) {
  std::vector<Index> universe;
  for (std::size_t i = 0; i < history.ids.size(); ++i) {
    if (estimate.origins[i] == Origin::own) universe.push_back(static_cast<Index>(i));
  }
  const auto raw = history.returns.middleRows(begin, end - begin).array();
  const Eigen::MatrixXd returns = raw.isFinite().select(raw, 0.0);
  std::vector<Trial> trials;
  for (int p = 0; p < portfolios; ++p) {
    const VectorXd active = random_active(universe, history.returns.cols(), chance);
    Trial trial{.variance = daily_variance(estimate, active), .days = static_cast<int>(end - begin)};
    trial.squares = (returns * active).squaredNorm();
    trial.ratios = trial.squares / trial.variance;
    trials.push_back(trial);
  }
  return trials;
}

WindowResult result_of(const std::vector<Trial>& trials) {
  WindowResult result;
  double ratios = 0.0;
  double squares = 0.0;
  double variances = 0.0;
  double logs = 0.0;
  for (const Trial& trial : trials) {
    result.returns += trial.days;
    ratios += trial.ratios;
    squares += trial.squares;
    variances += trial.variance * trial.days;
    logs += std::log(trial.variance) * trial.days;
  }
  const double count = std::max(result.returns, 1);
  result.bias = std::sqrt(ratios / count);
  result.q_like = (logs + ratios) / count;
  result.forecast = std::sqrt(variances / count * trading_days_a_year);
  result.realized = std::sqrt(squares / count * trading_days_a_year);
  return result;
}

std::vector<DecileResult> deciles_of(std::vector<Trial> trials) {
  constexpr std::size_t deciles = 10;
  std::stable_sort(trials.begin(), trials.end(),
                   [](const Trial& a, const Trial& b) { return a.variance < b.variance; });
  std::vector<DecileResult> results;
  for (std::size_t d = 0; d < deciles; ++d) {
    const auto first = trials.begin() + static_cast<std::ptrdiff_t>(d * trials.size() / deciles);
    const auto last = trials.begin() + static_cast<std::ptrdiff_t>((d + 1) * trials.size() / deciles);
    const WindowResult pooled = result_of({first, last});
    results.push_back({pooled.forecast, pooled.realized});
  }
  return results;
}

}  // namespace

Validation validate(const ReturnHistory& history, const Standardized& standardized, const EstimateOptions& estimate,
                    const ValidationOptions& options, const std::function<void(int, int)>& progress) {
  const auto days = static_cast<int>(history.days.size());
  const int count = std::min(options.windows, (days - options.history_days) / options.window_length);
  Validation validation;
  std::mt19937_64 chance(20260101);
  std::vector<Trial> all;
  std::map<int, std::vector<Trial>> by_year;
  for (int w = 0; w < count; ++w) {
    const Index begin = days - (count - w) * options.window_length;
    const Index end = begin + options.window_length;
    const auto estimated = estimate_risk(history, standardized, begin, estimate);
    if (progress) progress(w + 1, count);
    if (!estimated) continue;
    const std::vector<Trial> trials = trials_of(history, *estimated, begin, end, options.portfolios, chance);
    WindowResult window = result_of(trials);
    window.first = history.days[static_cast<std::size_t>(begin)];
    window.last = history.days[static_cast<std::size_t>(end - 1)];
    window.factors = static_cast<int>(estimated->factor_variances.size());
    window.securities = static_cast<int>(std::count(estimated->origins.begin(), estimated->origins.end(), Origin::own));
    validation.windows.push_back(window);
    all.insert(all.end(), trials.begin(), trials.end());
    auto& year = by_year[window.first.civil().year];
    year.insert(year.end(), trials.begin(), trials.end());
  }
  if (all.empty()) return validation;
  for (const auto& [year, trials] : by_year) {
    validation.years.push_back(result_of(trials));
    validation.years.back().first = Date::of(year, 1, 1);
  }
  validation.whole = result_of(all);
  validation.deciles = deciles_of(std::move(all));
  return validation;
}

}  // namespace lotwright::estimation
