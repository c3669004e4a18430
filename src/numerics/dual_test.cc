// The dual's bound against points that the program allows, and the ascent against optima found by hand.

#include "numerics/dual.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "numerics/ascent.h"
#include "numerics/lanes.h"

namespace lotwright::numerics {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double real(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() % 1'000'001) / 1'000'000.0;
  }
  int pick(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

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

// Blocks of one or two names; each may hold, sell in pieces or buy; rows with knots and one without.
Program random_program(Random& random) {
  Program program;
  program.factors = 1 + random.pick(3);
  program.stride = padded(program.factors);
  program.risk_aversion = random.real(1, 30);
  for (int r = 0; r < 3; ++r) {
    Row row{.start = random.real(-0.3, 0.3), .knots = {}, .slopes = {}, .value_at_first_knot = random.real(-0.1, 0.1)};
    row.slopes.push_back(random.real(-5, 0));
    for (int k = 0; k <= r; ++k) {
      row.knots.push_back((k == 0 ? random.real(-0.3, 0) : row.knots.back()) + random.real(0, 0.3));
      row.slopes.push_back(row.slopes.back() + random.real(0, 4));
    }
    program.rows.push_back(row);
  }
  program.rows.push_back({.start = 0.1, .knots = {}, .slopes = {random.real(-1, 1)}});
  const int rows = static_cast<int>(program.rows.size());
  const auto bundle = [&] {
    std::vector<RowEntry> entries;
    for (int e = random.pick(3); e > 0; --e) entries.push_back({random.pick(rows), random.real(-1, 1)});
    return add_bundle(program, entries);
  };
  program.factor_start.assign(static_cast<std::size_t>(program.stride), 0.0);
  for (int f = 0; f < program.factors; ++f) program.factor_start[static_cast<std::size_t>(f)] = random.real(-0.1, 0.1);
  for (int block = 0; block < 4; ++block) {
    const int first = static_cast<int>(program.names.size());
    const int size = 1 + random.pick(2);
    for (int i = 0; i < size; ++i) {
      program.names.push_back({random.real(-0.2, 0.2), random.pick(4) == 0 ? 0.0 : random.real(0, 2),
                               random.pick(2) == 0 ? 0.0 : random.real(0, 0.1)});
      for (int f = 0; f < program.stride; ++f) {
        program.loadings.push_back(f < program.factors ? random.real(-0.5, 0.5) : 0.0);
      }
    }
    const int first_mode = static_cast<int>(program.modes.size());
    for (int kind = 0; kind < 3; ++kind) {  // hold, sell, buy
      const int first_offer = static_cast<int>(program.offers.size());
      for (int n = first; n < first + size; ++n) {
        const int branch = static_cast<int>(program.branches.size());
        Branch made;
        if (kind > 0) {
          made.fixed_cost = random.real(0, 0.01);
          made.cost = random.real(-0.2, 0.2);
          made.bundle = bundle();
          made.fixed_bundle = bundle();
        }
        if (kind == 2) {
          made.lower = random.real(0, 0.05);
          made.upper = made.lower + random.real(0, 0.3);
        }
        if (kind == 1) {
          made.pieces.begin = static_cast<int>(program.pieces.size());
          double all = 0.0;
          double forced = 0.0;
          for (int p = random.pick(3); p >= 0; --p) {
            const Piece piece{.length = random.real(0.01, 0.2),
                              .cost = random.real(-0.2, 0.2),
                              .amount = random.real(-1, 1),
                              .bundle = bundle(),
                              .forced = random.pick(4) == 0};
            all += piece.length;
            forced += piece.forced ? piece.length : 0.0;
            program.pieces.push_back(piece);
          }
          made.pieces.end = static_cast<int>(program.pieces.size());
          made.lower = -all;
          made.upper = -forced;
        }
        program.branches.push_back(made);
        if (kind > 0 && random.pick(2) == 0) program.branches.push_back({});
        program.offers.push_back({n, {branch, static_cast<int>(program.branches.size())}});
      }
      program.modes.push_back({{first_offer, static_cast<int>(program.offers.size())}});
    }
    program.blocks.push_back({{first_mode, static_cast<int>(program.modes.size())}});
  }
  return program;
}

// The cost of one point the program allows, drawn at random, straight from program.h. Where `modes` names a mode of a
// block, that one is taken.
double random_cost(const Program& program, const std::vector<int>& modes, Random& random) {
  std::vector<double> factors = program.factor_start;
  std::vector<double> rows;
  for (const Row& row : program.rows) rows.push_back(row.start);
  const auto put = [&](int bundle, double amount) {
    const Bundle range = program.bundles[static_cast<std::size_t>(bundle)];
    for (int e = range.begin; e < range.end; ++e) {
      const RowEntry& entry = program.entries[static_cast<std::size_t>(e)];
      rows[static_cast<std::size_t>(entry.row)] += amount * entry.coefficient;
    }
  };
  double total = 0.0;
  for (std::size_t b = 0; b < program.blocks.size(); ++b) {
    const Range choice = program.blocks[b].modes;
    const int mode = modes[b] >= 0 ? modes[b] : choice.begin + random.pick(choice.size());
    const Range offers = program.modes[static_cast<std::size_t>(mode)].offers;
    for (int o = offers.begin; o < offers.end; ++o) {
      const Offer& offer = program.offers[static_cast<std::size_t>(o)];
      const int chosen = offer.branches.begin + random.pick(offer.branches.size());
      const Branch& branch = program.branches[static_cast<std::size_t>(chosen)];
      const Name& name = program.names[static_cast<std::size_t>(offer.name)];
      const double x = random.real(branch.lower, branch.upper);
      const double z = name.start + x;
      total += branch.fixed_cost + branch.cost * x + 0.5 * name.curvature * z * z + name.hinge_cost * std::max(0.0, z);
      put(branch.bundle, x);
      put(branch.fixed_bundle, 1.0);
      for (int f = 0; f < program.factors; ++f) {
        factors[static_cast<std::size_t>(f)] += program.loadings_of(offer.name)[f] * x;
      }
      std::vector<int> order;
      for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) order.push_back(p);
      std::shuffle(order.begin(), order.end(), random.engine());
      std::stable_partition(order.begin(), order.end(),
                            [&](int p) { return program.pieces[static_cast<std::size_t>(p)].forced; });
      double left = -x;
      for (const int p : order) {
        const Piece& piece = program.pieces[static_cast<std::size_t>(p)];
        const double taken = std::clamp(left, 0.0, piece.length);
        total += piece.cost * taken;
        put(piece.bundle, piece.amount * taken);
        left -= taken;
      }
    }
  }
  for (const double f : factors) total += 0.5 * program.risk_aversion * f * f;
  for (std::size_t r = 0; r < rows.size(); ++r) total += cost_of(program.rows[r], rows[r]);
  return total;
}

TEST(Dual, NoPointTheProgramAllowsIsBelowTheBound) {
  Random random(3);
  double nearest = 1e300;
  for (int i = 0; i < 60; ++i) {
    const Program program = random_program(random);
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
    double least = 1e300;
    for (int p = 0; p < 2000; ++p) {
      least = std::min(least, random_cost(program, free, random));
      ASSERT_GE(random_cost(program, fixed, random), of_fixed.bound) << i;
    }
    ASSERT_GE(least, best.bound) << i;
    nearest = std::min(nearest, least - best.bound);
  }
  EXPECT_LT(nearest, 0.05) << "bounds this far off would prove nothing";
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

}  // namespace
}  // namespace lotwright::numerics
