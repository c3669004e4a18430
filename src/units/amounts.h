// units/amounts.h — the exact numbers of the business, and the few ways they multiply, each with its rounding named.
//
// Money, Price and Quantity count millionths (docs/data.md: exact to 1e-6). 64 bits reach 9.2 trillion of each;
// products go through 128 bits. Weight counts 1e-12 so that eight-decimal model weights multiply without loss that
// matters.
#pragma once

#include <cstdint>

#include "units/fixed.h"

namespace lotwright {

using Money = Fixed<struct MoneyKind, 6>;              // US dollars
using Price = Fixed<struct PriceKind, 6>;              // US dollars a share
using Quantity = Fixed<struct QuantityKind, 6>;        // shares, or units of a fund
using Weight = Fixed<struct WeightKind, 12>;           // a fraction: 0.03 is 3 %; also rates of tax
using BasisPoints = Fixed<struct BasisPointsKind, 6>;  // 1 = 0.0001

inline constexpr Money cent = Money::of_count(10'000);
static_assert(Money::decimals == Price::decimals && Price::decimals == Quantity::decimals,
              "amount_of and share_of divide by one common scale");

// `numerator * factor / denominator`, rounded half away from zero; `denominator` is positive. Refuses overflow.
[[nodiscard]] std::int64_t multiply_divide_half_away(std::int64_t numerator, std::int64_t factor,
                                                     std::int64_t denominator);

// Rounds to whole cents, half away from zero.
[[nodiscard]] Money round_to_cent(Money amount);

// quantity x price, rounded to the cent, half away from zero (docs/formulas.md: the amount of an order).
[[nodiscard]] Money amount_of(Quantity quantity, Price price);

// quantity x price to the millionth of a dollar: the value of a position.
[[nodiscard]] Money value_of(Quantity quantity, Price price);

// The fewest whole steps (at least one) whose amount_of is at least `dollars`; `price` and `step` are positive. Where
// none is enough, the most an exact number holds.
[[nodiscard]] Quantity least_quantity_worth(Money dollars, Price price, Quantity step);

// The share of `whole` that belongs to `part` of `total`, to the millionth, half away from zero: a lot's basis sold.
[[nodiscard]] Money share_of(Money whole, Quantity part, Quantity total);

// `amount` x `fraction`, to the millionth, half away from zero.
[[nodiscard]] Money fraction_of(Money amount, Weight fraction);

// The commission of an order: rate x amount + ticket, rounded to the cent, half away from zero.
[[nodiscard]] Money commission_of(Money amount, BasisPoints rate, Money ticket);

[[nodiscard]] constexpr double fraction(BasisPoints rate) { return rate.to_double() * 1e-4; }

}  // namespace lotwright
