#include "book/sums.h"

#include <gtest/gtest.h>

namespace lotwright {
namespace {

Weight weight(const char* text) { return *Weight::parse(text); }

TEST(FewestAboveOne, names_the_largest_that_are_too_much) {
  EXPECT_EQ(fewest_above_one({{"a", weight("0.2")}, {"b", weight("0.7")}, {"c", weight("0.5")}}),
            "b 0.7 and c 0.5 sum to 1.2, which is more than 1");
}

TEST(FewestAboveOne, what_sums_to_one_is_not_too_much) {
  EXPECT_EQ(fewest_above_one({{"a", weight("0.5")}, {"b", weight("0.5")}}), "");
  EXPECT_EQ(fewest_above_one({{"a", weight("0.5")}, {"b", weight("0.500000000001")}}),
            "b 0.500000000001 and a 0.5 sum to 1.000000000001, which is more than 1");
  EXPECT_EQ(fewest_above_one({}), "");
}

}  // namespace
}  // namespace lotwright
