// The exact one-dimensional minimum against a fine grid, and the small dense arithmetic beneath the dual.

#include "numerics/branch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "numerics/cholesky.h"
#include "numerics/lanes.h"
#include "numerics/test_programs.h"

namespace lotwright::numerics {
namespace {

TEST(Lanes, TheTreeOfTheSumIsFixed) {
  // Lanes 0+4 and 2+6 first: (1e16 + 1) + (-1e16 + 1) = 0 in doubles, then 3. From left to right it would be 5 or 6.
  const double v[lanes] = {1e16, 3, -1e16, 0, 1, 0, 1, 0};
  const double ones[lanes] = {1, 1, 1, 1, 1, 1, 1, 1};
  EXPECT_EQ(dot(v, ones, lanes), 3.0);
}

TEST(Lanes, DotAndAddScaledAreExactOnWholeNumbers) {
  double a[24];
  double b[24];
  for (int i = 0; i < 24; ++i) {
    a[i] = i + 1;
    b[i] = i % 5 - 2;
  }
  double expected = 0.0;
  for (int i = 0; i < 24; ++i) expected += a[i] * b[i];
  EXPECT_EQ(dot(a, b, 24), expected);
  add_scaled(3.0, a, b, 16);
  for (int i = 0; i < 24; ++i) EXPECT_EQ(b[i], i % 5 - 2 + (i < 16 ? 3.0 * a[i] : 0.0)) << i;
  EXPECT_EQ(padded(0), 0);
  EXPECT_EQ(padded(1), 8);
  EXPECT_EQ(padded(8), 8);
  EXPECT_EQ(padded(9), 16);
}

// A = G G' of p x rank plus `ridge` on the diagonal.
std::vector<double> gram(Random& random, int p, int rank, double ridge, int stride) {
  std::vector<double> g(static_cast<std::size_t>(p * rank));
  for (double& entry : g) entry = random.real(-1, 1);
  std::vector<double> a(static_cast<std::size_t>(p * stride), 0.0);
  for (int i = 0; i < p; ++i) {
    for (int j = 0; j < p; ++j) {
      double total = i == j ? ridge : 0.0;
      for (int k = 0; k < rank; ++k) {
        total += g[static_cast<std::size_t>(i * rank + k)] * g[static_cast<std::size_t>(j * rank + k)];
      }
      a[static_cast<std::size_t>(i * stride + j)] = total;
    }
  }
  return a;
}

double residual(const std::vector<double>& a, int p, int stride, const std::vector<double>& x,
                const std::vector<double>& b) {
  double worst = 0.0;
  for (int i = 0; i < p; ++i) {
    double row = -b[static_cast<std::size_t>(i)];
    for (int j = 0; j < p; ++j) row += a[static_cast<std::size_t>(i * stride + j)] * x[static_cast<std::size_t>(j)];
    worst = std::max(worst, std::fabs(row));
  }
  return worst;
}

TEST(Cholesky, TheResidualIsZero) {
  Random random(1);
  for (const int p : {1, 2, 7, 8, 9, 31, 64, 150}) {
    const int stride = padded(p);
    const std::vector<double> a = gram(random, p, p, 0.5, stride);
    std::vector<double> b(static_cast<std::size_t>(p));
    for (double& entry : b) entry = random.real(-1, 1);
    std::vector<double> destroyed = a;
    std::vector<double> x = b;
    std::vector<double> room;
    solve_positive_definite(destroyed, p, stride, x, room);
    EXPECT_LT(residual(a, p, stride, x, b), 1e-10) << p;
  }
}

TEST(Cholesky, OfASingularMatrixTheUnknownWithoutAPivotStays) {
  // Row 2 = row 0 + row 1: whatever the right-hand side asks, x[2] stays and the others solve their own two rows.
  const std::vector<double> a = {2, 1, 3, 0, 0, 0, 0, 0,  //
                                 1, 3, 4, 0, 0, 0, 0, 0,  //
                                 3, 4, 7, 0, 0, 0, 0, 0};
  for (const double last : {9.0, -4.0}) {
    std::vector<double> destroyed = a;
    std::vector<double> x = {4, 5, last};
    std::vector<double> room;
    solve_positive_definite(destroyed, 3, 8, x, room);
    EXPECT_NEAR(x[0], 7.0 / 5.0, 1e-12);
    EXPECT_NEAR(x[1], 6.0 / 5.0, 1e-12);
    EXPECT_NEAR(x[2], 0.0, 1e-12);
  }
}

// One name with one branch, everything chosen at random; equal and negative piece prices are frequent.
struct Case {
  Program program;
  Name name;
  Branch branch;
  double price = 0.0;
  std::vector<double> mu = {0.3, -0.2};
};

Case random_case(Random& random) {
  Case c;
  c.name = {.start = random.real(-0.5, 0.5),
            .curvature = random.pick(3) == 0 ? 0.0 : random.real(0.1, 4),
            .hinge_cost = random.pick(2) == 0 ? 0.0 : random.real(0, 0.5)};
  c.price = random.real(-1, 1);
  c.branch.cost = random.real(-0.2, 0.2);
  c.branch.fixed_cost = random.real(0, 0.1);
  c.branch.bundle = add_bundle(c.program, {{0, random.real(-1, 1)}, {1, random.real(-1, 1)}});
  c.branch.fixed_bundle = add_bundle(c.program, {{1, 0.4}});
  const int of_pieces = add_bundle(c.program, {{1, random.real(-1, 1)}});
  if (random.pick(2) == 0) {
    c.branch.upper = random.real(0.05, 1);
    c.branch.lower = random.pick(2) == 0 ? 0.0 : random.real(0, c.branch.upper);
    return c;
  }
  double forced = 0.0;
  double all = 0.0;
  c.branch.pieces = {0, 1 + random.pick(5)};
  for (int i = 0; i < c.branch.pieces.end; ++i) {
    Piece piece{.length = random.real(0.01, 0.3), .cost = 0.1 * (random.pick(7) - 3)};
    piece.forced = random.pick(4) == 0;
    if (random.pick(2) == 0) piece.bundle = of_pieces;
    piece.amount = random.pick(3) == 0 ? 1.0 : random.real(-2, 2);
    all += piece.length;
    forced += piece.forced ? piece.length : 0.0;
    c.program.pieces.push_back(piece);
  }
  const double most = random.pick(2) == 0 ? all : random.real(forced, all);
  c.branch.lower = -most;
  c.branch.upper = -(random.pick(2) == 0 ? forced : random.real(forced, most));
  return c;
}

// The cost of x, straight from program.h: forced pieces, then the cheapest.
double cost_at(const Case& c, double x) {
  const auto priced = [&](int bundle) {
    const Bundle rows = c.program.bundles[static_cast<std::size_t>(bundle)];
    double total = 0.0;
    for (int e = rows.begin; e < rows.end; ++e) {
      const RowEntry& entry = c.program.entries[static_cast<std::size_t>(e)];
      total += entry.coefficient * c.mu[static_cast<std::size_t>(entry.row)];
    }
    return total;
  };
  const double z = c.name.start + x;
  double value = (c.price + c.branch.cost + priced(c.branch.bundle)) * x + c.branch.fixed_cost +
                 priced(c.branch.fixed_bundle) + 0.5 * c.name.curvature * z * z + c.name.hinge_cost * std::max(0.0, z);
  std::vector<std::pair<double, double>> free;  // price, length
  double left = -x;
  for (int i = c.branch.pieces.begin; i < c.branch.pieces.end; ++i) {
    const Piece& piece = c.program.pieces[static_cast<std::size_t>(i)];
    const double unit = piece.cost + piece.amount * priced(piece.bundle);
    if (!piece.forced) {
      free.emplace_back(unit, piece.length);
      continue;
    }
    value += unit * piece.length;
    left -= piece.length;
  }
  std::sort(free.begin(), free.end());
  for (const auto& [unit, length] : free) {
    const double taken = std::clamp(left, 0.0, length);
    value += unit * taken;
    left -= taken;
  }
  return value;
}

TEST(MinimizeBranch, IsTheLeastOfAFineGrid) {
  Random random(2);
  int moving = 0;
  for (int i = 0; i < 3000; ++i) {
    const Case c = random_case(random);
    Queue queue = queue_of(c.program);
    const BranchMinimum found = minimize_branch(c.program, c.name, c.branch, c.price, c.mu, queue);
    ASSERT_GE(found.x, c.branch.lower - 1e-12) << i;
    ASSERT_LE(found.x, c.branch.upper + 1e-12) << i;
    ASSERT_NEAR(found.value, cost_at(c, found.x), 1e-12) << i;
    double least = 1e300;
    constexpr int points = 400;
    for (int p = 0; p <= points; ++p) {
      least = std::min(least, cost_at(c, c.branch.lower + (c.branch.upper - c.branch.lower) * p / points));
    }
    ASSERT_LE(found.value, least + 1e-12) << i;
    // Convex with slopes changing by at most curvature + 2 in a cell: the grid comes this near.
    ASSERT_GE(found.value, least - 4.0 / points) << i;

    double consumed = 0.0;
    consume(c.program, c.branch, queue, -found.x, [&](int, double taken) { consumed += taken; });
    ASSERT_NEAR(consumed, std::max(0.0, -found.x), 1e-12) << i;
    if (found.give >= 0.0) continue;
    ASSERT_EQ(found.marginal_piece >= 0, found.x < 0.0) << i;
    constexpr double nudge = 1e-9;
    const BranchMinimum next = minimize_branch(c.program, c.name, c.branch, c.price + nudge, c.mu, queue);
    if (next.give < 0.0) {
      ASSERT_NEAR((next.x - found.x) / nudge, found.give, 1e-4 * std::fabs(found.give)) << i;
      ++moving;
    }
  }
  EXPECT_GT(moving, 200);
}

TEST(MinimizeBranch, EqualPiecesGoInTheOrderOfTheirIndexForcedOnesFirst) {
  Program program;
  program.pieces = {{.length = 0.1, .cost = 0.2},
                    {.length = 0.1, .cost = -0.1},
                    {.length = 0.1, .cost = 0.9, .forced = true},
                    {.length = 0.1, .cost = -0.1}};
  const Branch branch{.lower = -0.4, .upper = -0.1, .pieces = {0, 4}};
  Queue queue = queue_of(program);
  price_pieces(program, branch, {}, queue);
  std::vector<int> order;
  for (const PricedPiece& piece : queue) order.push_back(piece.piece);
  EXPECT_EQ(order, (std::vector<int>{2, 1, 3, 0}));
  // Nothing else matters (zero curvature): forced and negative pieces go, the dear one stays.
  const BranchMinimum found = minimize_branch(program, {}, branch, 0.0, {}, queue);
  EXPECT_NEAR(found.x, -0.3, 1e-15);
  EXPECT_NEAR(found.value, 0.09 - 0.02, 1e-15);
}

}  // namespace
}  // namespace lotwright::numerics
