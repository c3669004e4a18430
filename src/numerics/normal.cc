#include "numerics/normal.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace lotwright::numerics {
namespace {

constexpr double ln2_high = 0x1.62e42fee00000p-1;  // its low 21 bits are zero: whole multiples below 2^20 are exact
constexpr double ln2_low = 0x1.a39ef35793c76p-33;
constexpr double sqrt_two_pi = 2.5066282746310005024;
constexpr double beyond = 38.5;  // the density is below the least normal double from here on
constexpr double tail = 3.0;     // from here on the continued fraction is exact to a double with `terms` terms
constexpr int terms = 60;
constexpr int terms_of_middle = 200;  // far more than |x| < tail takes

// exp(y) for -750 < y <= 0: y = k ln 2 + r with |r| <= ln 2 / 2, and the Taylor polynomial of exp(r).
double exp_of_negative(double y) {
  const int k = static_cast<int>(y / (ln2_high + ln2_low) - 0.5);
  const double r = (y - k * ln2_high) - k * ln2_low;
  double sum = 1.0;
  for (int n = 14; n > 0; --n) sum = 1.0 + sum * r / n;
  return sum * std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

// The mass beyond x >= tail: density / (x + 1 / (x + 2 / (x + 3 / ...))).
double upper_tail(double x) {
  double fraction = x;
  for (int n = terms; n > 0; --n) fraction = x + n / fraction;
  return normal_density(x) / fraction;
}

// The mass between 0 and x, |x| < tail: density (x + x^3/3 + x^5/(3 5) + ...), all terms of one sign.
double mass_from_middle(double x) {
  double term = x;
  double sum = 0.0;
  for (int n = 3; n < terms_of_middle && sum + term != sum; n += 2) {
    sum += term;
    term *= x * x / n;
  }
  return sum * normal_density(x);
}

}  // namespace

double normal_density(double x) {
  if (std::fabs(x) > beyond) return 0.0;
  return x == x ? exp_of_negative(-0.5 * x * x) / sqrt_two_pi : x;
}

double normal_distribution(double x) {
  if (x <= -tail) return upper_tail(-x);
  if (x >= tail) return 1.0 - upper_tail(x);
  return 0.5 + mass_from_middle(x);
}

}  // namespace lotwright::numerics
