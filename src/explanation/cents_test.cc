#include "explanation/cents.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>

namespace lotwright {
namespace {

Money dollars(const char* text) { return *Money::parse(text); }

TEST(Cents, what_is_an_upper_limit_is_rounded_up) {
  EXPECT_EQ(up_to_cents(0.011), cent + cent);
  EXPECT_EQ(up_to_cents(0.01), cent);
  EXPECT_EQ(up_to_cents(0.0), Money());
  EXPECT_EQ(up_to_cents(-0.019), -cent);
}

TEST(Cents, half_goes_away_from_zero) {
  EXPECT_EQ(to_cents(0.125), dollars("0.13"));
  EXPECT_EQ(to_cents(-0.125), dollars("-0.13"));
  EXPECT_EQ(to_cents(1.0049), dollars("1"));
  EXPECT_EQ(to_cents(8.9e12), dollars("8900000000000"));
  for (const double beyond : {9e12, -9e12, 5e13}) {
    try {
      static_cast<void>(to_cents(beyond));
      ADD_FAILURE() << beyond << " is told in cents";
    } catch (const Defect& defect) {
      EXPECT_NE(std::string(defect.what()).find("an explained amount"), std::string::npos) << defect.what();
    }
  }
}

TEST(Cents, the_largest_remainder_gets_the_missing_cent) {
  EXPECT_EQ(apportion({0.334, 0.333, 0.333}, dollars("1")),
            (std::vector<Money>{dollars("0.34"), dollars("0.33"), dollars("0.33")}));
  EXPECT_EQ(apportion({-0.334, 0.0, 0.334}, Money{}), (std::vector<Money>{dollars("-0.33"), Money{}, dollars("0.33")}));
}

TEST(Cents, nobody_shares_nothing) {
  EXPECT_TRUE(apportion({}, Money{}).empty());
  EXPECT_THROW(static_cast<void>(apportion({}, cent)), Defect);
}

RC_GTEST_PROP(Cents, shares_add_up_and_none_is_off_by_two_cents, (const std::vector<std::int32_t>& thousandths)) {
  RC_PRE(!thousandths.empty());
  std::vector<double> shares;
  double sum = 0.0;
  for (const std::int32_t share : thousandths) {
    shares.push_back(share / 1000.0);
    sum += shares.back();
  }
  const std::vector<Money> cents = apportion(shares, to_cents(sum));
  Money total;
  for (std::size_t i = 0; i < cents.size(); ++i) {
    total += cents[i];
    RC_ASSERT(std::abs(cents[i].to_double() - shares[i]) < 0.0101);
  }
  RC_ASSERT(total == to_cents(sum));
}

}  // namespace
}  // namespace lotwright
