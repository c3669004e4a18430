#include "units/apportion.h"

#include <gtest/gtest.h>

namespace lotwright {
namespace {

using Parts = std::vector<std::int64_t>;

TEST(Apportion, the_parts_add_up_and_the_largest_remainders_take_what_is_left) {
  EXPECT_EQ(apportion(10, {1, 1, 1}), (Parts{4, 3, 3}));
  EXPECT_EQ(apportion(10, {1, 2, 3}), (Parts{2, 3, 5}));  // 1.67, 3.33, 5
  EXPECT_EQ(apportion(7, {0, 5, 0}), (Parts{0, 7, 0}));
  EXPECT_EQ(apportion(0, {3, 1}), (Parts{0, 0}));
}

TEST(Apportion, what_adds_up_already_stays_as_it_is) { EXPECT_EQ(apportion(100, {50, 30, 20}), (Parts{50, 30, 20})); }

TEST(Apportion, nothing_that_takes_a_share_is_a_defect) {
  EXPECT_THROW((void)apportion(1, {}), Defect);
  EXPECT_THROW((void)apportion(1, {0, 0}), Defect);
  EXPECT_THROW((void)apportion(1, {2, -1}), Defect);
}

}  // namespace
}  // namespace lotwright
