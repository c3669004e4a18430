// estimation/principal_factors.h — the statistical factors of a panel of standardized returns.
//
// In:       days by securities, no gaps, each column of weighted mean square 1; the days' weights, summing to 1.
// Out:      eigenvectors of the weighted correlation, largest first, and how much of each eigenvalue is signal.
// Promises: the component of largest size of every vector is positive (the first of equals), so signs are settled.
// Method:   noise alone gives eigenvalues up to s (1 + sqrt(g))^2, g securities per effective day (Marchenko and Pastur
//           1967); those above are factors. Sample eigenvalues of factors are too large and their directions off: what
//           is kept is what minimizes the squared error of the covariance (Donoho, Gavish and Johnstone 2018).
#pragma once

#include <Eigen/Dense>
#include <optional>

namespace lotwright::estimation {

struct PrincipalFactors {
  Eigen::MatrixXd vectors;      // securities x k, orthonormal
  Eigen::VectorXd eigenvalues;  // k, of the correlation
  Eigen::VectorXd signal;       // k, the share of each eigenvalue that is kept, 0..1
};

inline constexpr int factors_min = 1;
inline constexpr int factors_max = 20;

// `wanted` nullopt: as many as stand out of the noise, within the limits above and a third of the securities.
[[nodiscard]] PrincipalFactors principal_factors(const Eigen::MatrixXd& panel, const Eigen::VectorXd& weights,
                                                 std::optional<int> wanted);

}  // namespace lotwright::estimation
