// The dual's bound against points that the program allows, and the ascent against optima found by hand.

#include "numerics/dual.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/ascent.h"
#include "numerics/lanes.h"
#include "numerics/test_programs.h"
#include "testing/count_allocations.h"

namespace lotwright::numerics {
namespace {

TEST(Row, CostFollowsTheSlopes) {
  const Row row{.knots = {-1, 2}, .slopes = {-3, 0.5, 4}, .value_at_first_knot = 10};
  const std::pair<double, double> points[] = {{-3, 16}, {-1, 10}, {0, 10.5}, {2, 11.5}, {3, 15.5}};
  for (const auto& [s, value] : points) EXPECT_DOUBLE_EQ(cost_of(row, s), value) << s;
  EXPECT_DOUBLE_EQ(cost_of({.knots = {}, .slopes = {2}}, -3), -6);
}

TEST(Row, PricesAreClippedToTheSlopes) {
  Program program;
  program.rows = {{.knots = {0}, .slopes = {-100, 0}}, {.knots = {0}, .slopes = {-1, 2}}};
  Multipliers point{.factor = {}, .row = {5, 1.5}};
  clip_rows(program, point);
  EXPECT_EQ(point.row, (std::vector<double>{0, 1.5}));
  point.row = {-1e9, -7};
  clip_rows(program, point);
  EXPECT_EQ(point.row, (std::vector<double>{-100, -1}));
}

TEST(Dual, NoPointTheProgramAllowsIsBelowTheBound) {
  Random random(3);
  long double nearest = 1e300L;
  for (int i = 0; i < 60; ++i) {
    const Program program = ProgramMaker(random, false).make();
    std::vector<int> free(program.blocks.size(), -1);
    std::vector<int> fixed = free;
    fixed[0] = program.blocks[0].modes.begin + 1;
    Dual dual(program);
    Multipliers anywhere = zero_multipliers(program);
    for (int f = 0; f < program.factors; ++f) anywhere.factor[static_cast<std::size_t>(f)] = random.real(-2, 2);
    for (double& mu : anywhere.row) mu = random.real(-8, 8);
    Multipliers clipped = anywhere;
    clip_rows(program, clipped);
    EXPECT_EQ(dual.bound(anywhere, free), dual.bound(clipped, free));

    Climber climber(program);
    const Ascent best = climber.ascend(anywhere, free, {});
    const Ascent of_fixed = climber.ascend(anywhere, fixed, {});
    ASSERT_GE(best.bound, dual.bound(anywhere, free));
    ASSERT_GE(dual.bound(best.multipliers, fixed), best.bound) << "a restricted program cannot cost less";
    long double least = 1e300L;
    for (int p = 0; p < 2000; ++p) {
      least = std::min(least, random_cost(program, free, random));
      ASSERT_GE(random_cost(program, fixed, random), of_fixed.bound) << i;
    }
    ASSERT_GE(least, best.bound) << i;
    nearest = std::min(nearest, least - best.bound);
  }
  EXPECT_LT(nearest, 0.05) << "bounds this far off would prove nothing";
}

// Multipliers from anywhere, some beyond what the rows allow.
Multipliers random_multipliers(const Program& program, double factor, double row, Random& random) {
  Multipliers at = zero_multipliers(program);
  for (int f = 0; f < program.factors; ++f) at.factor[static_cast<std::size_t>(f)] = random.real(-factor, factor);
  for (double& mu : at.row) mu = random.pick(3) == 0 ? random.sign() * row : random.real(-row, row);
  return at;
}

std::vector<PointMove> chosen(Dual& dual, const Multipliers& at, const Modes& modes) {
  std::vector<BlockChoice> choices;
  dual.choose(at, modes, choices);
  std::vector<PointMove> point;
  for (const BlockChoice& block : choices) {
    for (const NameChoice& name : block.names) point.push_back({name.name, name.branch, name.x});
  }
  return point;
}

// |x| to a multiple of its step, or an end of its branch.
void round_to_steps(const Program& program, std::vector<PointMove>& point) {
  for (PointMove& move : point) {
    const Branch& branch = program.branches[at(move.branch)];
    const double step = program.names[at(move.name)].step;
    if (step == 0.0) continue;
    const double x = std::round(move.x / step) * step;
    move.x = x < branch.lower || x > branch.upper ? (x < branch.lower ? branch.lower : branch.upper) : x;
  }
}

TEST(Dual, NoPointInStepsIsBelowTheBound) {
  Random random(9);
  int tighter = 0;
  for (int i = 0; i < 200; ++i) {
    Program program = ProgramMaker(random, i % 2 == 0).make();
    const Modes free(program.blocks.size(), -1);
    const Multipliers at_price = random_multipliers(program, 2, 100, random);
    const double without = Dual(program).bound(at_price, free);
    for (Name& name : program.names) name.step = random.pick(3) == 0 ? 0.0 : random.sized(-4, -1);
    const double bound = Dual(program).bound(at_price, free);
    tighter += bound > without + 1e-9 * (1.0 + std::fabs(without)) ? 1 : 0;
    for (int p = 0; p < 300; ++p) {
      std::vector<PointMove> point = random_point(program, free, random);
      round_to_steps(program, point);
      ASSERT_GE(PointCost(program, point, random).total(), bound) << i;
    }
  }
  EXPECT_GT(tighter, 20) << "steps count";
}

// Lengths from 1e-9, costs from 1e-6 to 1e6, curvature none or 1e12, row prices at the ends of steep slopes.
TEST(Dual, NoHostileProgramHasAPointBelowTheBound) {
  Random random(6);
  for (int i = 0; i < 400; ++i) {
    const Program program = ProgramMaker(random, true).make();
    const Modes free(program.blocks.size(), -1);
    Climber climber(program);
    const Ascent climbed = climber.ascend(random_multipliers(program, 2, 100, random), free, {});
    ASSERT_TRUE(std::isfinite(climbed.bound)) << i;
    for (const Multipliers& at : {climbed.multipliers, random_multipliers(program, 1e3, 100, random)}) {
      Multipliers clipped = at;
      clip_rows(program, clipped);
      const double bound = climber.dual().bound(at, free);
      ASSERT_GE(PointCost(program, chosen(climber.dual(), clipped, free), random).total(), bound) << i;
      for (int p = 0; p < 100; ++p) ASSERT_GE(random_cost(program, free, random), bound) << i;
    }
  }
}

// Without factors, and rows that cost the same everywhere, the choices are the optimum and the bound is its cost: what
// lies between is the allowance for rounding alone, as the sizes of the numbers require and no more.
TEST(Dual, BoundIsBelowTheOptimumByRoundingAlone) {
  Random random(7);
  int near = 0;
  for (int i = 0; i < 400; ++i) {
    Program program = ProgramMaker(random, i % 2 == 0).make();
    program.factors = 0;
    program.stride = 0;
    program.loadings.clear();
    program.factor_start.clear();
    for (Row& row : program.rows) {
      row = {.start = row.start, .knots = {}, .slopes = {random.pick(2) == 0 ? 0.0 : random.real(-5, 5)}};
    }
    const Modes free(program.blocks.size(), -1);
    Dual dual(program);
    Multipliers at = zero_multipliers(program);
    clip_rows(program, at);
    const double bound = dual.bound(at, free);
    const std::vector<PointMove> point = chosen(dual, at, free);
    // Pieces go the cheapest first: of the orders tried the least.
    long double least = std::numeric_limits<long double>::infinity();
    for (int p = 0; p < 200; ++p) least = std::min(least, PointCost(program, point, random).total());
    ASSERT_GE(least, bound) << i;
    near += least - bound < 1e-7L * (1.0L + std::fabs(least)) ? 1 : 0;
  }
  EXPECT_GT(near, 200);
}

// One name to sell (z = 0.3) in a piece of 0.1 that gains 0.05 a unit and one of 0.2 that costs 0.5; one to buy
// (z = -0.3); curvature 1 each; no more is bought than is sold (steep 100). The buyer wants 0.3 - m at the price m of
// money; the seller gives the first piece alone for any m <= 0.3: so 0.1 changes hands at m = 0.2, and the value is
// 0.2^2/2 + 0.2^2/2 - 0.1 * 0.05 = 0.035. Without the row it would be 0.015.
Program funded_purchase() {
  Program program;
  program.risk_aversion = 1.0;
  program.names = {{.start = 0.3, .curvature = 1.0}, {.start = -0.3, .curvature = 1.0}};
  const int spends = add_bundle(program, {{0, -1.0}});
  program.pieces = {{.length = 0.2, .cost = 0.5}, {.length = 0.1, .cost = -0.05}};
  program.branches = {{.lower = -0.3, .bundle = spends, .pieces = {0, 2}},
                      {.upper = 1.0, .bundle = spends, .pieces = {}}};
  program.offers = {{0, {0, 1}}, {1, {1, 2}}};
  program.modes = {{{0, 1}}, {{1, 2}}};
  program.blocks = {{{0, 1}}, {{1, 2}}};
  program.rows = {{.start = 0.0, .knots = {0.0}, .slopes = {-100.0, 0.0}}};
  return program;
}

// Minimize x^2 (risk aversion 2, loading 1) + x^2 (curvature 2) - x, x in [0, 1]: x = 1/4, value -1/8.
Program one_factor() {
  Program program;
  program.factors = 1;
  program.stride = lanes;
  program.risk_aversion = 2.0;
  program.loadings = {1, 0, 0, 0, 0, 0, 0, 0};
  program.factor_start.assign(lanes, 0.0);
  program.names = {{.start = 0.0, .curvature = 2.0}};
  program.branches = {{.upper = 1.0, .cost = -1.0, .pieces = {}}};
  program.offers = {{0, {0, 1}}};
  program.modes = {{{0, 1}}};
  program.blocks = {{{0, 1}}};
  return program;
}

TEST(Ascent, ReachesTheOptimumFoundByHand) {
  const std::pair<Program, double> known[] = {{funded_purchase(), 0.035}, {one_factor(), -0.125}};
  for (const auto& [program, optimum] : known) {
    const std::vector<int> free(program.blocks.size(), -1);
    Dual dual(program);
    const Multipliers zero = zero_multipliers(program);
    EXPECT_LT(dual.bound(zero, free), optimum - 0.01);
    Climber climber(program);
    const Ascent ascent = climber.ascend(zero, free, {});
    EXPECT_LE(ascent.bound, optimum);
    EXPECT_NEAR(ascent.bound, optimum, 1e-8);
    EXPECT_LT(ascent.iterations, 60);
    EXPECT_EQ(dual.bound(ascent.multipliers, free), ascent.bound);

    const Ascent nothing = climber.ascend(zero, free, {.iterations_max = 0});
    EXPECT_EQ(nothing.iterations, 0);
    EXPECT_EQ(nothing.bound, dual.bound(zero, free));
    const Ascent early = climber.ascend(zero, free, {.enough = optimum - 0.005});
    EXPECT_LE(early.iterations, ascent.iterations);
    EXPECT_GE(early.bound, optimum - 0.005);
  }
}

TEST(Ascent, KnowsThePriceOfMoneyAndTheChoiceThere) {
  const Program program = funded_purchase();
  Climber climber(program);
  const Ascent& ascent = climber.ascend(zero_multipliers(program), {-1, -1}, {});
  EXPECT_NEAR(ascent.multipliers.row[0], -0.2, 1e-4);
  std::vector<BlockChoice> choices;
  climber.dual().choose(ascent.multipliers, {-1, -1}, choices);
  EXPECT_NEAR(choices[0].names[0].x, -0.1, 1e-4);
  EXPECT_NEAR(choices[1].names[0].x, 0.1, 1e-4);
  EXPECT_EQ(choices[0].margin, std::numeric_limits<double>::infinity());
}

TEST(Ascent, OnceClimbedClimbsWithoutAllocating) {
  Random random(8);
  for (int i = 0; i < 20; ++i) {
    const Program program = ProgramMaker(random, false).many_names(40, 8);
    const Modes free(program.blocks.size(), -1);
    const Multipliers start = zero_multipliers(program);
    Climber climber(program);
    std::vector<BlockChoice> choices;
    const double bound = climber.ascend(start, free, {}).bound;
    climber.dual().choose(start, free, choices);
    const std::size_t before = allocations;
    const double again = climber.ascend(start, free, {}).bound;
    climber.dual().choose(start, free, choices);
    EXPECT_EQ(allocations, before) << i;
    EXPECT_EQ(again, bound) << i;
  }
}

}  // namespace
}  // namespace lotwright::numerics
