#include "units/dollars.h"

#include <gtest/gtest.h>

namespace lotwright {
namespace {

Money money(const char* text) { return *Money::parse(text); }

TEST(Dollars, are_rounded_half_away_from_zero_with_commas_in_the_whole_part) {
  EXPECT_EQ(usd(money("1234567.505")), "$1,234,567.51");
  EXPECT_EQ(usd(money("-0.074")), "-$0.07");
  EXPECT_EQ(whole_usd(money("999.49")), "$999");
  EXPECT_EQ(whole_usd(money("999.50")), "$1,000");
  EXPECT_EQ(whole_usd(money("-1234.50")), "-$1,235");
  EXPECT_EQ(whole_usd(money("-0.40")), "$0") << "no minus before nothing";
}

}  // namespace
}  // namespace lotwright
