#include "inputs/near_names.h"

#include <gtest/gtest.h>

namespace lotwright::inputs {
namespace {

TEST(NearNames, one_slip_in_a_short_name_and_two_in_a_long_one_are_almost_it) {
  EXPECT_TRUE(is_almost("statu", "status"));
  EXPECT_TRUE(is_almost("sttaus", "status"));
  EXPECT_FALSE(is_almost("state", "status"));
  EXPECT_FALSE(is_almost("status", "status"));
  EXPECT_TRUE(is_almost("restrctoins", "restrictions"));
  EXPECT_FALSE(is_almost("restrctoin", "restrictions"));
}

TEST(NearNames, capitals_and_signs_do_not_count) {
  EXPECT_TRUE(is_almost("Lot ID", "lot_id"));
  EXPECT_TRUE(is_almost(" status", "status"));
  EXPECT_FALSE(is_almost("", "lot"));
  EXPECT_FALSE(is_almost("__", "a"));
}

TEST(NearNames, an_id_is_the_same_with_spaces_zeros_and_capitals) {
  EXPECT_EQ(folded_id(" 007A\t"), "7a");
  EXPECT_EQ(folded_id("\xEF\xBB\xBF\xC2\xA0 x\xC2\xA0"), "x");
  EXPECT_EQ(folded_id("000"), "");
  EXPECT_EQ(folded_id("   "), "");
  EXPECT_NE(folded_id("A-1"), folded_id("A1"));
}

}  // namespace
}  // namespace lotwright::inputs
