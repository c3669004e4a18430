// risk/factor_risk.h — the annual covariance of returns as the engine uses it: rotated loadings F = X R with R R' =
// Omega, so that variance = |F'a|^2 + sum (s_i a_i)^2 for active weights a.
#pragma once

#include <span>
#include <vector>

#include "book/book.h"

namespace lotwright {

struct ActiveWeight {
  SecurityIndex security;
  double weight = 0.0;
};

class FactorRisk {
 public:
  // Rotates once a book. `securities` is the number of securities. A covariance that is not positive semidefinite (or
  // not symmetric) within 1e-9 of its largest diagonal entry is a Failure.
  [[nodiscard]] static Result<FactorRisk> of(const RiskModel& model, std::size_t securities);

  // Rotated factors: the rank of the covariance, which may be less than the factors of the file.
  [[nodiscard]] int factors() const { return factors_; }
  [[nodiscard]] bool covers(SecurityIndex i) const { return covered_[i.value]; }
  [[nodiscard]] std::span<const double> loadings(SecurityIndex i) const {
    return {loadings_.data() + static_cast<std::size_t>(i.value) * static_cast<std::size_t>(factors_),
            static_cast<std::size_t>(factors_)};
  }
  [[nodiscard]] double specific_variance(SecurityIndex i) const { return specific_variance_[i.value]; }

  // a' Sigma a, annual, in the order given.
  [[nodiscard]] double variance(std::span<const ActiveWeight> active) const;

 private:
  int factors_ = 0;
  std::vector<double> loadings_;  // securities x factors, row by row
  std::vector<double> specific_variance_;
  std::vector<bool> covered_;
};

}  // namespace lotwright
