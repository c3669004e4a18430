#include "numerics/cholesky.h"

#include <cmath>
#include <cstddef>

#include "numerics/lanes.h"
#include "numerics/wide.h"

namespace lotwright::numerics {
namespace {

// A pivot this large leaves its unknown where it is.
constexpr double frozen_pivot = 1e150;

std::ptrdiff_t first_lane(int i) { return i / lanes * lanes; }

// A = U'U, row by row: row j is finished and taken out of the rows below it, as far as `count` rows. Whole lanes are
// worked on, so that entries left of the diagonal hold nothing of use.
LOTWRIGHT_WIDE void factor(double* a, const double* diagonal, int count, int p, int stride) {
  for (int j = 0; j < count; ++j) {
    double* done = a + static_cast<std::ptrdiff_t>(j) * stride;
    const double pivot = done[j];
    const double root = pivot > 1e-14 * diagonal[j] ? std::sqrt(pivot) : frozen_pivot;
    const double inverse = 1.0 / root;
    for (std::ptrdiff_t c = first_lane(j); c < stride; c += half_lanes) half(done + c) *= inverse;
    done[j] = root;
    for (int i = j + 1; i < p; ++i) {
      const double factor = done[i];
      if (factor == 0.0) continue;
      double* row = a + static_cast<std::ptrdiff_t>(i) * stride;
      for (std::ptrdiff_t c = first_lane(i); c < stride; c += half_lanes) half(row + c) -= factor * half(done + c);
    }
  }
}

// U'y = b for the first `count` unknowns, taken out of the others.
LOTWRIGHT_WIDE void substitute_forward(const double* u, int count, int p, int stride, double* b) {
  for (int j = 0; j < count; ++j) {
    const double* row = u + static_cast<std::ptrdiff_t>(j) * stride;
    b[j] /= row[j];
    const double known = b[j];
    for (int i = j + 1; i < p; ++i) b[i] -= known * row[i];
  }
}

// U x = y for the first `count` unknowns, the others known.
void substitute_back(const double* u, int count, int p, int stride, double* b) {
  for (int i = count - 1; i >= 0; --i) {
    const double* row = u + static_cast<std::ptrdiff_t>(i) * stride;
    double rest = b[i];
    for (int j = i + 1; j < p; ++j) rest -= row[j] * b[j];
    b[i] = rest / row[i];
  }
}

}  // namespace

void eliminate(std::vector<double>& a, int count, int p, int stride, std::vector<double>& b,
               std::vector<double>& room) {
  room.resize(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    room[static_cast<std::size_t>(i)] =
        std::fabs(a[static_cast<std::size_t>(i) * static_cast<std::size_t>(stride + 1)]);
  }
  factor(a.data(), room.data(), count, p, stride);
  substitute_forward(a.data(), count, p, stride, b.data());
}

void back_substitute(const std::vector<double>& a, int count, int p, int stride, std::vector<double>& b) {
  substitute_back(a.data(), count, p, stride, b.data());
}

void solve_positive_definite(std::vector<double>& a, int p, int stride, std::vector<double>& b,
                             std::vector<double>& room) {
  eliminate(a, p, p, stride, b, room);
  back_substitute(a, p, p, stride, b);
}

}  // namespace lotwright::numerics
