#include "units/amounts.h"

#include <algorithm>
#include <limits>

namespace lotwright {

namespace {

// Nearly every product fits 64 bits, where division is many times faster, and by a constant faster still. Else false.
inline bool divides_small(std::int64_t numerator, std::int64_t factor, std::int64_t denominator, std::int64_t& result) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t half = denominator / 2;
  std::int64_t small = 0;
  if (__builtin_mul_overflow(numerator, factor, &small) || small > most - half || small < half - most) return false;
  result = (small < 0 ? small - half : small + half) / denominator;
  return true;
}

}  // namespace

std::int64_t multiply_divide_half_away(std::int64_t numerator, std::int64_t factor, std::int64_t denominator) {
  require(denominator > 0, "a denominator is not positive");
  std::int64_t small = 0;
  if (divides_small(numerator, factor, denominator, small)) return small;
  const Int128 product = static_cast<Int128>(numerator) * factor;
  const Int128 magnitude = product < 0 ? -product : product;
  const Int128 rounded = (magnitude + denominator / 2) / denominator;
  const Int128 result = product < 0 ? -rounded : rounded;
  require(result <= std::numeric_limits<std::int64_t>::max() && result >= std::numeric_limits<std::int64_t>::min(),
          "an exact product does not fit 64 bits");
  return static_cast<std::int64_t>(result);
}

Money round_to_cent(Money amount) {
  return Money::of_count(multiply_divide_half_away(amount.count(), 1, cent.count()) * cent.count());
}

Money amount_of(Quantity quantity, Price price) {
  // One rounding, straight from the exact product: rounding to the millionth first could round twice.
  const std::int64_t cents =
      multiply_divide_half_away(quantity.count(), price.count(), Quantity::scale * (Price::scale / 100));
  return Money::of_count(cents * cent.count());
}

Money value_of(Quantity quantity, Price price) {
  std::int64_t small = 0;
  if (divides_small(quantity.count(), price.count(), Quantity::scale, small)) return Money::of_count(small);
  return Money::of_count(multiply_divide_half_away(quantity.count(), price.count(), Quantity::scale));
}

Quantity least_quantity_worth(Money dollars, Price price, Quantity step) {
  require(price.is_positive() && step.is_positive(), "a price or a step is not positive");
  // An amount reaches whole cents from half a cent below: in units of 1e-12 dollars, as quantity x price counts.
  const Int128 cents = dollars.count() / cent.count() + (dollars.count() % cent.count() > 0 ? 1 : 0);
  const Int128 least = (2 * cents - 1) * (cent.count() / 2) * Quantity::scale;
  const Int128 one = static_cast<Int128>(step.count()) * price.count();
  const Int128 most = std::numeric_limits<std::int64_t>::max() / step.count();
  const Int128 above = least + one - 1;
  constexpr Int128 small = std::numeric_limits<std::int64_t>::max();  // 64 bits divide many times faster
  const Int128 quotient = one <= small && above <= small && above >= 0
                              ? static_cast<std::int64_t>(above) / static_cast<std::int64_t>(one)
                              : above / one;
  const Int128 steps = std::clamp<Int128>(quotient, 1, most);
  return Quantity::of_count(static_cast<std::int64_t>(steps) * step.count());
}

Money share_of(Money whole, Quantity part, Quantity total) {
  return Money::of_count(multiply_divide_half_away(whole.count(), part.count(), total.count()));
}

Money fraction_of(Money amount, Weight fraction) {
  return Money::of_count(multiply_divide_half_away(amount.count(), fraction.count(), Weight::scale));
}

Money commission_of(Money amount, BasisPoints rate, Money ticket) {
  // amount (1e-6 dollars) x rate (1e-6 bp = 1e-10): in millionths of a dollar the divisor is 1e10.
  const std::int64_t variable = multiply_divide_half_away(amount.count(), rate.count(), 10'000'000'000);
  return round_to_cent(Money::of_count(variable) + ticket);
}

}  // namespace lotwright
