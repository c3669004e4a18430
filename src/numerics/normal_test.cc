#include "numerics/normal.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace lotwright::numerics {
namespace {

TEST(Normal, AgreesWithTheLibraryEverywhere) {
  for (double x = -12.0; x <= 12.0; x += 0.0009765) {
    EXPECT_NEAR(normal_density(x), std::exp(-0.5 * x * x) / std::sqrt(2.0 * M_PI), 1e-15) << x;
    EXPECT_NEAR(normal_distribution(x), 0.5 * std::erfc(-x / std::sqrt(2.0)), 1e-15) << x;
  }
}

TEST(Normal, KeepsItsDigitsInTheLowerTail) {
  for (double x = -37.0; x <= -3.0; x += 0.0625) {
    const double expected = 0.5 * std::erfc(-x / std::sqrt(2.0));
    EXPECT_NEAR(normal_distribution(x) / expected, 1.0, 1e-12) << x;
  }
}

// Steps in which even the flat ends rise by more than the last bit.
TEST(Normal, NeverFalls) {
  double before = 0.0;
  for (double x = -30.0; x <= 8.0; x += 1.0 / 4096) {
    const double here = normal_distribution(x);
    EXPECT_TRUE(here > before || (x > 5.0 && here == before)) << x;
    before = here;
  }
}

TEST(Normal, KnowsWhatATableSays) {
  EXPECT_EQ(normal_distribution(0.0), 0.5);
  EXPECT_NEAR(normal_distribution(1.0), 0.841344746068543, 1e-15);
  EXPECT_NEAR(normal_distribution(-1.959963984540054), 0.025, 1e-15);
  EXPECT_NEAR(normal_density(0.0), 0.398942280401433, 1e-15);
}

TEST(Normal, EndsInZeroAndOne) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double x : {50.0, 1e200, infinity}) {
    EXPECT_EQ(normal_distribution(-x), 0.0);
    EXPECT_EQ(normal_distribution(x), 1.0);
    EXPECT_EQ(normal_density(x), 0.0);
    EXPECT_EQ(normal_density(-x), 0.0);
  }
  EXPECT_TRUE(std::isnan(normal_density(std::nan(""))));
  EXPECT_TRUE(std::isnan(normal_distribution(std::nan(""))));
}

}  // namespace
}  // namespace lotwright::numerics
