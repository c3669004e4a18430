#include "estimation/standardized.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lotwright::estimation {
namespace {

constexpr double variance_min = 1e-14;  // below: a price that does not move, such as a money fund's
constexpr double surprise_max = 6.0;    // standard deviations of one day that reach the volatility of the next

// One security's trailing variance: a plain mean while it warms up, exponentially weighted from then on.
class TrailingVariance {
 public:
  explicit TrailingVariance(double decay) : decay_(decay) {}

  [[nodiscard]] bool known() const { return returns_ >= warm_up_days && variance_ > variance_min; }
  [[nodiscard]] double deviation() const { return known() ? std::sqrt(variance_) : 0.0; }

  void add(double value) {
    double square = value * value;
    if (known()) square = std::min(square, surprise_max * surprise_max * variance_);
    ++returns_;
    const double weight = returns_ <= warm_up_days ? 1.0 / returns_ : 1.0 - decay_;
    variance_ += weight * (square - variance_);
  }

 private:
  double decay_;
  double variance_ = 0.0;
  int returns_ = 0;
};

}  // namespace

double decay_of(double half_life) { return std::exp2(-1.0 / half_life); }

Standardized standardize(const Eigen::MatrixXd& returns, double half_life) {
  Standardized result;
  result.scores.setConstant(returns.rows(), returns.cols(), std::numeric_limits<double>::quiet_NaN());
  result.volatility.setZero(returns.rows(), returns.cols());
  for (Eigen::Index i = 0; i < returns.cols(); ++i) {
    TrailingVariance trailing(decay_of(half_life));
    for (Eigen::Index t = 0; t < returns.rows(); ++t) {
      const double value = returns(t, i);
      if (std::isfinite(value)) {
        if (trailing.known()) result.scores(t, i) = value / trailing.deviation();
        trailing.add(value);
      }
      result.volatility(t, i) = trailing.deviation();
    }
  }
  return result;
}

}  // namespace lotwright::estimation
