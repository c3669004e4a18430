#include "estimation/principal_factors.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace lotwright::estimation {
namespace {

using Eigen::Index;

constexpr double signal_min = 0.1;  // of a factor that was asked for and does not stand out of the noise

struct Spectrum {
  Eigen::VectorXd values;   // largest first
  Eigen::MatrixXd vectors;  // of unit length, in the same order
};

// Of X'X, by way of XX' where there are fewer days than securities: the same values for less work.
Spectrum spectrum_of(const Eigen::MatrixXd& weighted) {
  const bool by_days = weighted.rows() < weighted.cols();
  const Index size = std::min(weighted.rows(), weighted.cols());
  Eigen::MatrixXd product = Eigen::MatrixXd::Zero(size, size);
  if (by_days) {
    product.selfadjointView<Eigen::Lower>().rankUpdate(weighted);
  } else {
    product.selfadjointView<Eigen::Lower>().rankUpdate(weighted.transpose());
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(product);
  Spectrum spectrum{solver.eigenvalues().reverse().cwiseMax(0.0), solver.eigenvectors().rowwise().reverse()};
  return spectrum;
}

Eigen::MatrixXd leading_vectors(const Spectrum& spectrum, const Eigen::MatrixXd& weighted, Index count) {
  Eigen::MatrixXd vectors = spectrum.vectors.leftCols(count);
  if (weighted.rows() < weighted.cols()) vectors = (weighted.transpose() * vectors).eval();
  for (Index f = 0; f < count; ++f) {
    Index largest = 0;
    const double length = vectors.col(f).norm();
    vectors.col(f).cwiseAbs().maxCoeff(&largest);
    if (length > 0.0) vectors.col(f) /= vectors(largest, f) < 0.0 ? -length : length;
  }
  return vectors;
}

// The noise of one security once `count` factors are taken out.
double noise_level(const Eigen::VectorXd& values, Index count, Index securities) {
  const double rest = static_cast<double>(securities) - values.head(count).sum();
  return std::max(rest, 1e-12) / static_cast<double>(std::max<Index>(securities - count, 1));
}

double noise_edge(double ratio) { return (1.0 + std::sqrt(ratio)) * (1.0 + std::sqrt(ratio)); }

// Taking a factor out lowers the noise, and with it the edge the next one has to pass.
Index standing_out(const Eigen::VectorXd& values, double ratio, Index securities, Index most) {
  Index count = 0;
  while (count < most && values[count] > noise_level(values, count, securities) * noise_edge(ratio)) ++count;
  return count;
}

double kept_share(double eigenvalue, double noise, double ratio) {
  const double scaled = eigenvalue / noise;
  if (scaled <= noise_edge(ratio)) return signal_min;
  const double sum = scaled + 1.0 - ratio;
  const double spike = 0.5 * (sum + std::sqrt(std::max(sum * sum - 4.0 * scaled, 0.0))) - 1.0;
  const double cosine_squared = (1.0 - ratio / (spike * spike)) / (1.0 + ratio / spike);
  return std::clamp(noise * spike * cosine_squared / eigenvalue, signal_min, 1.0);
}

}  // namespace

PrincipalFactors principal_factors(const Eigen::MatrixXd& panel, const Eigen::VectorXd& weights,
                                   std::optional<int> wanted) {
  const Eigen::MatrixXd weighted = weights.cwiseSqrt().asDiagonal() * panel;
  const Spectrum spectrum = spectrum_of(weighted);
  const Index securities = panel.cols();
  const double effective_days = 1.0 / weights.squaredNorm();
  const double ratio = static_cast<double>(securities) / effective_days;
  const Index most = std::min<Index>(spectrum.values.size(), std::max<Index>(securities / 3, 1));
  const Index chosen = std::clamp<Index>(
      standing_out(spectrum.values, ratio, securities, std::min<Index>(most, factors_max)), factors_min, most);
  const Index count = wanted ? std::min<Index>(*wanted, most) : chosen;

  PrincipalFactors factors;
  factors.vectors = leading_vectors(spectrum, weighted, count);
  factors.eigenvalues = spectrum.values.head(count);
  factors.signal.resize(count);
  const double noise = noise_level(spectrum.values, std::min(count, chosen), securities);
  for (Index f = 0; f < count; ++f) factors.signal[f] = kept_share(factors.eigenvalues[f], noise, ratio);
  return factors;
}

}  // namespace lotwright::estimation
