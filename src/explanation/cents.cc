#include "explanation/cents.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lotwright {
namespace {

// Whole cents that Money holds; a double counts ten times as many.
double in_range(double cents) {
  require(std::abs(cents) < 9.0e14, "an explained amount is beyond 9 trillion dollars");
  return cents;
}

Money of_cents(double cents) {
  return Money::of_whole(static_cast<std::int64_t>(cents) / 100) +
         Money::of_count(static_cast<std::int64_t>(cents) % 100 * cent.count());
}

}  // namespace

Money to_cents(double dollars) { return of_cents(std::round(in_range(dollars * 100.0))); }

std::optional<Money> to_cents_if_sane(double dollars) {
  constexpr double most = 1e12;
  if (!(std::abs(dollars) <= most)) return std::nullopt;
  return to_cents(dollars);
}

Money up_to_cents(double dollars) { return of_cents(std::ceil(in_range(dollars * 100.0) - 1e-6)); }

std::vector<Money> apportion(const std::vector<double>& dollars, Money total) {
  const std::size_t n = dollars.size();
  std::vector<Money> parts(n);
  std::vector<double> lost(n);
  Money lacking = total;
  for (std::size_t i = 0; i < n; ++i) {
    const double cents = in_range(dollars[i] * 100.0);
    parts[i] = of_cents(std::floor(cents));
    lost[i] = cents - std::floor(cents);
    lacking -= parts[i];
  }
  std::vector<std::size_t> by_loss(n);
  std::iota(by_loss.begin(), by_loss.end(), 0);
  std::stable_sort(by_loss.begin(), by_loss.end(), [&](std::size_t a, std::size_t b) { return lost[a] > lost[b]; });

  require(n > 0 || lacking.is_zero(), "an amount has nobody to share it");
  if (lacking.is_negative()) std::reverse(by_loss.begin(), by_loss.end());
  const Money step = lacking.is_negative() ? -cent : cent;
  for (std::size_t next = 0; !lacking.is_zero(); next = (next + 1) % n) {
    parts[by_loss[next]] += step;
    lacking -= step;
  }
  return parts;
}

}  // namespace lotwright
