#include "risk/factor_risk.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/defect.h"
#include "book/rules.h"

namespace lotwright {
namespace {

constexpr double tolerance = 1e-9;        // of the largest variance: what is forgiven as rounding of the file
constexpr double smallest_pivot = 1e-10;  // of a factor's own variance: less is taken as fully explained by the others

Failure bad_covariance(const std::string& why) {
  return {rule::data_risk_covariance,
          why + ": make the risk folder anew",
          {.file = "risk/factor_covariance.csv", .line = 0, .column = {}, .value = {}}};
}

// The square matrix of a model's factors.
struct Square {
  std::size_t size;
  std::vector<double> entries;  // row by row

  double& at(std::size_t i, std::size_t j) { return entries[i * size + j]; }
  [[nodiscard]] double at(std::size_t i, std::size_t j) const { return entries[i * size + j]; }
};

double largest_variance(const Square& covariance) {
  double largest = 0.0;
  for (std::size_t i = 0; i < covariance.size; ++i) largest = std::max(largest, covariance.at(i, i));
  return largest;
}

bool is_finite(const Square& matrix) {
  return std::all_of(matrix.entries.begin(), matrix.entries.end(), [](double x) { return std::isfinite(x); });
}

// The first pair whose entries on both sides of the diagonal differ.
std::optional<std::pair<std::size_t, std::size_t>> asymmetric_pair(const Square& matrix, double within) {
  for (std::size_t i = 0; i < matrix.size; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (std::abs(matrix.at(i, j) - matrix.at(j, i)) > within) return std::pair(i, j);
    }
  }
  return std::nullopt;
}

// Roots of a covariance: `covariance` = roots x roots', the columns in order of their pivots.
struct Roots {
  std::size_t rank = 0;
  Square columns;
};

// Cholesky's factorization with the largest remaining pivot first, on the correlations, so that factors measured in
// very different units lose equally little; nullopt where what remains is more than rounding. Only sums, products and
// square roots in one fixed order: the same bits on every machine.
std::optional<Roots> roots_of(const Square& covariance, double forgiven) {
  const std::size_t k = covariance.size;
  std::vector<double> deviation(k);
  for (std::size_t i = 0; i < k; ++i) deviation[i] = std::sqrt(std::max(covariance.at(i, i), 0.0));

  Square rest{k, std::vector<double>(k * k)};  // correlations not yet explained
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      const double scale = deviation[i] * deviation[j];
      const double entry = 0.5 * (covariance.at(i, j) + covariance.at(j, i));
      if (scale > 0.0) rest.at(i, j) = entry / scale;
      if (scale <= 0.0 && std::abs(entry) > forgiven) return std::nullopt;
    }
  }
  Roots roots{0, {k, std::vector<double>(k * k)}};
  std::vector<bool> done(k, false);
  for (; roots.rank < k; ++roots.rank) {
    std::size_t pivot = k;
    for (std::size_t i = 0; i < k; ++i) {
      if (!done[i] && (pivot == k || rest.at(i, i) > rest.at(pivot, pivot))) pivot = i;
    }
    if (rest.at(pivot, pivot) <= smallest_pivot) break;
    done[pivot] = true;
    const double root = std::sqrt(rest.at(pivot, pivot));
    std::vector<double> column(k, 0.0);
    column[pivot] = root;
    for (std::size_t i = 0; i < k; ++i) {
      if (!done[i]) column[i] = rest.at(i, pivot) / root;
    }
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        if (!done[i] && !done[j]) rest.at(i, j) -= column[i] * column[j];
      }
      roots.columns.at(i, roots.rank) = deviation[i] * column[i];
    }
  }
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      const bool remains = !done[i] && !done[j];
      if (remains && std::abs(rest.at(i, j)) * deviation[i] * deviation[j] > forgiven) return std::nullopt;
    }
  }
  return roots;
}

}  // namespace

Result<FactorRisk> FactorRisk::of(const RiskModel& model, std::size_t securities) {
  const std::size_t k = model.factors.size();
  require(model.factor_covariance.size() == k * k, "a factor covariance is not square");
  require(model.exposures.size() == model.covered.size() * k &&
              model.specific_volatility.size() == model.covered.size() && model.covered.size() <= securities,
          "the rows of a risk model do not match its securities");

  const Square covariance{k, model.factor_covariance};
  if (!is_finite(covariance)) return bad_covariance("an entry is not a finite number");
  const double forgiven = tolerance * largest_variance(covariance);
  if (const auto pair = asymmetric_pair(covariance, forgiven)) {
    return bad_covariance("the covariance of " + model.factors[pair->first] + " and " + model.factors[pair->second] +
                          " is not the same in both rows");
  }
  const std::optional<Roots> roots = roots_of(covariance, forgiven);
  if (!roots) return bad_covariance("some mix of factors would have a negative variance");

  FactorRisk risk;
  risk.factors_ = static_cast<int>(roots->rank);
  risk.covered_.assign(securities, false);
  risk.specific_variance_.assign(securities, 0.0);
  risk.loadings_.assign(securities * roots->rank, 0.0);
  for (std::size_t i = 0; i < model.covered.size(); ++i) {
    risk.covered_[i] = model.covered[i];
    risk.specific_variance_[i] = model.specific_volatility[i] * model.specific_volatility[i];
    for (std::size_t c = 0; c < roots->rank; ++c) {
      double loading = 0.0;
      for (std::size_t f = 0; f < k; ++f) loading += model.exposures[i * k + f] * roots->columns.at(f, c);
      risk.loadings_[i * roots->rank + c] = loading;
    }
  }
  return risk;
}

double FactorRisk::variance(std::span<const ActiveWeight> active) const {
  std::vector<double> factor(static_cast<std::size_t>(factors_), 0.0);
  double specific = 0.0;
  for (const ActiveWeight& line : active) {
    const std::span<const double> loading = loadings(line.security);
    for (std::size_t c = 0; c < factor.size(); ++c) factor[c] += line.weight * loading[c];
    specific += line.weight * line.weight * specific_variance(line.security);
  }
  double common = 0.0;
  for (const double y : factor) common += y * y;
  return common + specific;
}

}  // namespace lotwright
