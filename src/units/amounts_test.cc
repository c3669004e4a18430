#include "units/amounts.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

namespace lotwright {
namespace {

Money money(const char* text) { return *Money::parse(text); }
Quantity shares(const char* text) { return *Quantity::parse(text); }
Price price(const char* text) { return *Price::parse(text); }

TEST(MultiplyDivide, RoundsHalfAwayFromZero) {
  EXPECT_EQ(multiply_divide_half_away(1, 1, 2), 1);
  EXPECT_EQ(multiply_divide_half_away(-1, 1, 2), -1);
  EXPECT_EQ(multiply_divide_half_away(1, 1, 3), 0);
  EXPECT_EQ(multiply_divide_half_away(2, 1, 3), 1);
  EXPECT_EQ(multiply_divide_half_away(-3, 5, 10), -2);
  EXPECT_EQ(multiply_divide_half_away(5, -3, 10), -2);
  EXPECT_EQ(multiply_divide_half_away(7, 1, 5), 1);
  EXPECT_EQ(multiply_divide_half_away(8, 1, 5), 2);
}

TEST(MultiplyDivide, IsExactThroughOneHundredAndTwentyEightBits) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(multiply_divide_half_away(most, most, most), most);
  EXPECT_EQ(multiply_divide_half_away(least, most, most), least);
  EXPECT_EQ(multiply_divide_half_away(least, 1, 1), least);
  EXPECT_THROW((void)multiply_divide_half_away(most, 2, 1), Defect);
  EXPECT_THROW((void)multiply_divide_half_away(least, -1, 1), Defect);
  // The largest product that 64 bits hold, half of the divisor with it, and the next ones.
  EXPECT_EQ(multiply_divide_half_away(most - 5, 1, 10), 922337203685477580);
  EXPECT_EQ(multiply_divide_half_away(most - 4, 1, 10), 922337203685477580);
  EXPECT_EQ(multiply_divide_half_away(most - 2, 1, 10), 922337203685477581);
  EXPECT_EQ(multiply_divide_half_away(2 - most, 1, 10), -922337203685477581);
  EXPECT_EQ(multiply_divide_half_away(3'037'000'499, 3'037'000'499, 10), 922337203092624900);
  EXPECT_EQ(multiply_divide_half_away(3'037'000'500, 3'037'000'500, 10), 922337203700025000);
  EXPECT_EQ(multiply_divide_half_away(-3'037'000'500, 3'037'000'500, 10), -922337203700025000);
  EXPECT_THROW((void)multiply_divide_half_away(1, 1, 0), Defect);
  EXPECT_THROW((void)multiply_divide_half_away(1, 1, -1), Defect);
}

TEST(MultiplyDivide, IsTheNearestWholeNumberAndOddInItsSign) {
  EXPECT_TRUE(rc::check("|2 (result x denominator - product)| <= denominator", [] {
    const auto a = *rc::gen::inRange<std::int64_t>(-2'000'000'000, 2'000'000'000);
    const auto b = *rc::gen::inRange<std::int64_t>(-2'000'000'000, 2'000'000'000);
    const auto d = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    const std::int64_t result = multiply_divide_half_away(a, b, d);
    const std::int64_t error = 2 * (result * d - a * b);
    RC_ASSERT(error <= d && error >= -d);
    RC_ASSERT(multiply_divide_half_away(-a, b, d) == -result);
  }));
}

TEST(RoundToCent, HalfAwayFromZero) {
  EXPECT_EQ(round_to_cent(money("1.005")), money("1.01"));
  EXPECT_EQ(round_to_cent(money("-1.005")), money("-1.01"));
  EXPECT_EQ(round_to_cent(money("1.004999")), money("1"));
  EXPECT_EQ(round_to_cent(money("-0.004999")), Money());
}

TEST(AmountOf, RoundsTheExactProductOnce) {
  EXPECT_EQ(amount_of(shares("3"), price("33.335")), money("100.01"));  // 100.005
  EXPECT_EQ(amount_of(shares("100"), price("41.17")), money("4117"));
  // 0.004999995 is below half a cent; rounding to the millionth first (0.005) would make it a cent.
  EXPECT_EQ(amount_of(shares("0.333333"), price("0.015")), Money());
  EXPECT_EQ(amount_of(shares("0.01"), price("0.5")), cent);
  EXPECT_THROW((void)amount_of(shares("9000000000000"), price("9000000")), Defect);
}

TEST(ValueOf, KeepsMillionths) {
  EXPECT_EQ(value_of(shares("36.666666"), price("120")), money("4399.99992"));
  EXPECT_EQ(value_of(shares("0.000001"), price("0.5")), money("0.000001"));
  EXPECT_EQ(value_of(shares("0.000001"), price("0.499999")), Money());
}

TEST(ShareOf, SplitsABasis) {
  EXPECT_EQ(share_of(money("100"), shares("1"), shares("3")), money("33.333333"));
  EXPECT_EQ(share_of(money("100"), shares("2"), shares("3")), money("66.666667"));
  EXPECT_EQ(share_of(money("100"), shares("3"), shares("3")), money("100"));
  EXPECT_THROW((void)share_of(money("100"), shares("1"), Quantity()), Defect);
}

TEST(FractionOf, TakesRatesOfTwelveDecimals) {
  EXPECT_EQ(fraction_of(money("1000"), *Weight::parse("0.238")), money("238"));
  EXPECT_EQ(fraction_of(money("-1000"), *Weight::parse("0.238")), money("-238"));
  EXPECT_EQ(fraction_of(money("1000000"), *Weight::parse("0.333333333333")), money("333333.333333"));
}

TEST(CommissionOf, IsRateAndTicketRoundedOnceToTheCent) {
  EXPECT_EQ(commission_of(money("10000"), *BasisPoints::parse("2.5"), Money()), money("2.5"));
  EXPECT_EQ(commission_of(money("10000"), BasisPoints(), money("4.95")), money("4.95"));
  EXPECT_EQ(commission_of(money("1234.56"), *BasisPoints::parse("1"), money("1")), money("1.12"));
  EXPECT_EQ(commission_of(money("150"), *BasisPoints::parse("1"), Money()), money("0.02"));  // 0.015
  EXPECT_DOUBLE_EQ(fraction(*BasisPoints::parse("25")), 0.0025);
}

TEST(Amounts, TheLeastQuantityWorthReachesTheAmountAndOneStepLessDoesNot) {
  const auto least = [](const char* dollars, const char* at, const char* step) {
    return least_quantity_worth(Money::parse(dollars).value(), Price::parse(at).value(), Quantity::parse(step).value())
        .to_string();
  };
  EXPECT_EQ(least("200", "100", "1"), "2");
  EXPECT_EQ(least("200.01", "100", "1"), "3");
  EXPECT_EQ(least("0", "100", "1"), "1");                      // never nothing
  EXPECT_EQ(least("1", "3", "0.000001"), "0.331667");          // 0.995001 rounds to the dollar, 0.994998 does not
  EXPECT_EQ(least("200", "0.000024", "0.001"), "8333125");     // 199.995 to the cent: a step is worth 2.4e-8
  EXPECT_EQ(least("0.000001", "100", "0.000001"), "0.00005");  // any part of a cent is a cent: half of one will do
  EXPECT_EQ(least("9000000000000", "0.000001", "1"), "9223372036854");  // as many as a quantity holds
}

}  // namespace
}  // namespace lotwright
