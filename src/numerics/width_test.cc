// The widest instructions of this machine against none of them: the same bytes.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "numerics/width_answers.h"

namespace lotwright_of_one_width::numerics {
std::vector<double> answers_of_one_width(std::uint64_t seed);  // one_width_test.cc
}

namespace lotwright::numerics {
namespace {

TEST(Width, OfInstructionsChangesNoByte) {
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    const std::vector<double> wide = answers(seed);
    const std::vector<double> narrow = lotwright_of_one_width::numerics::answers_of_one_width(seed);
    ASSERT_EQ(wide.size(), narrow.size()) << seed;
    ASSERT_EQ(std::memcmp(wide.data(), narrow.data(), wide.size() * sizeof(double)), 0) << seed;
  }
}

}  // namespace
}  // namespace lotwright::numerics
