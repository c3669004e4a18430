// units/fixed.h — exact decimal numbers: a 64-bit count of one stated fraction.
//
// In:       decimal text ("1234.5", "-0.000001"), whole counts, or other exact numbers of the same kind.
// Out:      values that compare, add and subtract exactly and print back to the shortest equal text.
// Promises: text with more decimals than the type holds is refused, not rounded; overflow is refused, not wrapped.
// Refuses:  mixing kinds: a Price cannot be added to a Money.
// Example:  Result<Money> fee = Money::parse("12.50");
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/defect.h"
#include "base/result.h"

namespace lotwright {

__extension__ using Int128 = __int128;  // products of two 64-bit counts; not ISO C++, hence the marking

// Parses a plain decimal into counts of 10^-decimals. Refuses signs other than one leading '-' or '+', exponents,
// separators, empty text, more decimals than fit (trailing zeros apart) and values beyond 64 bits.
[[nodiscard]] Result<std::int64_t> parse_decimal(std::string_view text, int decimals);

// The same without building a Failure, for readers of millions of cells: null and `count` set, or why it is refused.
[[nodiscard]] const char* read_decimal(std::string_view text, int decimals, std::int64_t& count);

// The shortest decimal text that parses back to `count`; at least `decimals_min` decimals.
[[nodiscard]] std::string format_decimal(std::int64_t count, int decimals, int decimals_min);

[[nodiscard]] constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t result = 1;
  for (int i = 0; i < exponent; ++i) result *= 10;
  return result;
}

[[nodiscard]] inline std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  require(!__builtin_add_overflow(a, b, &sum), "an exact sum does not fit 64 bits");
  return sum;
}

[[nodiscard]] inline std::int64_t checked_subtract(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  require(!__builtin_sub_overflow(a, b, &difference), "an exact difference does not fit 64 bits");
  return difference;
}

template <class Kind, int Decimals>
class Fixed {
 public:
  static constexpr int decimals = Decimals;
  static constexpr std::int64_t scale = power_of_ten(Decimals);

  constexpr Fixed() = default;

  // `count` units of 10^-Decimals.
  [[nodiscard]] static constexpr Fixed of_count(std::int64_t count) {
    Fixed result;
    result.count_ = count;
    return result;
  }
  [[nodiscard]] static Fixed of_whole(std::int64_t whole) {
    std::int64_t count = 0;
    require(!__builtin_mul_overflow(whole, scale, &count), "a whole number does not fit its exact type");
    return of_count(count);
  }
  [[nodiscard]] static Result<Fixed> parse(std::string_view text) {
    auto count = parse_decimal(text, Decimals);
    if (!count) return count.failure();
    return of_count(*count);
  }

  [[nodiscard]] constexpr std::int64_t count() const { return count_; }
  [[nodiscard]] constexpr bool is_zero() const { return count_ == 0; }
  [[nodiscard]] constexpr bool is_positive() const { return count_ > 0; }
  [[nodiscard]] constexpr bool is_negative() const { return count_ < 0; }

  // The nearest double: for the optimizer and for ratios; never the way back (that is solution/settle.h).
  [[nodiscard]] constexpr double to_double() const { return static_cast<double>(count_) / static_cast<double>(scale); }
  [[nodiscard]] std::string to_string(int decimals_min = 0) const {
    return format_decimal(count_, Decimals, decimals_min);
  }

  constexpr auto operator<=>(const Fixed&) const = default;

  Fixed operator+(Fixed other) const { return of_count(checked_add(count_, other.count_)); }
  Fixed operator-(Fixed other) const { return of_count(checked_subtract(count_, other.count_)); }
  Fixed operator-() const { return of_count(checked_subtract(0, count_)); }
  Fixed& operator+=(Fixed other) { return *this = *this + other; }
  Fixed& operator-=(Fixed other) { return *this = *this - other; }
  [[nodiscard]] Fixed abs() const { return count_ < 0 ? -*this : *this; }

 private:
  std::int64_t count_ = 0;
};

}  // namespace lotwright
