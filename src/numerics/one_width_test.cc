// This floor once more, under another name and without wide instructions, for width_test.cc to compare with.

#define lotwright lotwright_of_one_width
#define LOTWRIGHT_ONE_WIDTH

#include "numerics/ascent.cc"
#include "numerics/branch.cc"
#include "numerics/cholesky.cc"
#include "numerics/dual.cc"
#include "numerics/moves.cc"
#include "numerics/program.cc"
#include "numerics/row_prices.cc"
#include "numerics/width_answers.h"

namespace lotwright::numerics {

std::vector<double> answers_of_one_width(std::uint64_t seed) { return answers(seed); }

}  // namespace lotwright::numerics
