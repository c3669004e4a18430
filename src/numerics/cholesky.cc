#include "numerics/cholesky.h"

#include <cmath>
#include <cstddef>

#include "numerics/lanes.h"

namespace lotwright::numerics {
namespace {

// A pivot this large leaves its unknown where it is.
constexpr double frozen_pivot = 1e150;

}  // namespace

void solve_positive_definite(std::vector<double>& a, int p, int stride, std::vector<double>& b) {
  const auto row = [&a, stride](int i) {
    return a.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(stride);
  };
  const auto right = [&b](int i) -> double& { return b[static_cast<std::size_t>(i)]; };
  // Entry (i, j) needs the dot product of the finished parts of rows i and j. Finished rows are zero beyond their
  // diagonal, so whole lanes can be summed.
  for (int i = 0; i < p; ++i) {
    double* ri = row(i);
    const double diagonal = ri[i];
    for (int j = i; j < stride; ++j) ri[j] = 0.0;
    for (int j = 0; j < i; ++j) {
      const double* rj = row(j);
      const double entry = ri[j];
      ri[j] = 0.0;
      ri[j] = (entry - dot(ri, rj, padded(j + 1))) / rj[j];
    }
    const double pivot = diagonal - dot(ri, ri, padded(i + 1));
    ri[i] = pivot > 1e-14 * std::fabs(diagonal) ? std::sqrt(pivot) : frozen_pivot;
  }
  for (int i = 0; i < p; ++i) {
    const double* ri = row(i);
    for (int j = 0; j < i; ++j) right(i) -= ri[j] * right(j);
    right(i) /= ri[i];
  }
  for (int i = p - 1; i >= 0; --i) {
    for (int j = i + 1; j < p; ++j) right(i) -= row(j)[i] * right(j);
    right(i) /= row(i)[i];
  }
}

}  // namespace lotwright::numerics
