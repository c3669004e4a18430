// Eight branches at once against the same minimum found branch by branch, and that company changes nothing.

#include "numerics/moves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "numerics/branch.h"
#include "numerics/test_programs.h"

namespace lotwright::numerics {
namespace {

// Prices of names and rows, and of the bundles there.
struct Prices {
  std::vector<double> name;
  std::vector<double> row;
  std::vector<double> bundle;
};

Prices random_prices(const Program& program, double size, Random& random) {
  Prices prices;
  for (std::size_t n = 0; n < program.names.size(); ++n) prices.name.push_back(random.real(-size, size));
  for (std::size_t r = 0; r < program.rows.size(); ++r) prices.row.push_back(random.real(-size, size));
  for (std::size_t b = 0; b < program.bundles.size(); ++b) {
    prices.bundle.push_back(price_of(program, static_cast<int>(b), prices.row));
  }
  return prices;
}

// Each moving branch of the program with its name.
template <class Visit>
void each_moving(const Program& program, const Visit& visit) {
  for (const Offer& offer : program.offers) {
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      const Branch& branch = program.branches[static_cast<std::size_t>(b)];
      if (branch.lower != 0.0 || branch.upper != 0.0) visit(offer.name, b, branch);
    }
  }
}

std::vector<double> rows_of_bundle(const Program& program, int bundle) {
  std::vector<double> rows(program.rows.size(), 0.0);
  const Bundle& range = program.bundles[static_cast<std::size_t>(bundle)];
  for (int e = range.begin; e < range.end; ++e) {
    const RowEntry& entry = program.entries[static_cast<std::size_t>(e)];
    rows[static_cast<std::size_t>(entry.row)] += entry.coefficient;
  }
  return rows;
}

class Rows {
 public:
  explicit Rows(const Program& program) : program_(program), rows_(program.rows.size(), 0.0) {}
  void put(int bundle, double amount) {
    const std::vector<double> unit = rows_of_bundle(program_, bundle);
    for (std::size_t r = 0; r < rows_.size(); ++r) rows_[r] += amount * unit[r];
  }
  [[nodiscard]] double away_from(const Rows& other) const {
    double most = 0.0;
    for (std::size_t r = 0; r < rows_.size(); ++r) most = std::max(most, std::fabs(rows_[r] - other.rows_[r]));
    return most;
  }

 private:
  const Program& program_;
  std::vector<double> rows_;
};

// One branch minimized by itself.
class Alone {
 public:
  Alone(const Program& program, int name, int branch, const Prices& prices, double curvature_min)
      : program_(program),
        name_(program.names[static_cast<std::size_t>(name)]),
        branch_(program.branches[static_cast<std::size_t>(branch)]),
        queue_(queue_of(program)) {
    name_.curvature = std::max(name_.curvature, curvature_min);
    found_ = minimize_branch(program, name_, branch_, prices.name[static_cast<std::size_t>(name)], prices.row, queue_);
    at_rest_ = 0.5 * name_.curvature * name_.start * name_.start + name_.hinge_cost * std::max(0.0, name_.start);
  }

  [[nodiscard]] double value() const { return found_.value - at_rest_; }
  [[nodiscard]] double at_rest() const { return at_rest_; }
  [[nodiscard]] double x() const { return found_.x; }
  [[nodiscard]] double give() const { return -found_.give; }

  // How far x may be off: a slope's rounding, divided by the curvature.
  [[nodiscard]] double blur(const Prices& prices) const {
    double slopes = 1.0 + std::fabs(branch_.cost) + name_.hinge_cost + name_.curvature;
    for (const double price : prices.name) slopes = std::max(slopes, std::fabs(price));
    return 1e-14 * slopes / std::max(name_.curvature, least_curvature) + 1e-13;
  }

  // Is x within `near` of a place where the slope jumps?
  [[nodiscard]] bool at_kink(double near) const {
    const double kinks[] = {branch_.lower, branch_.upper, -name_.start};
    for (const double kink : kinks) {
      if (std::fabs(found_.x - kink) <= near) return true;
    }
    double end = 0.0;
    for (int i = branch_.pieces.begin; i < branch_.pieces.end; ++i) {
      end += piece_at(i).length;
      if (std::fabs(found_.x + end) <= near) return true;
    }
    return false;
  }

  [[nodiscard]] Rows rows() const {
    Rows rows(program_);
    rows.put(branch_.fixed_bundle, 1.0);
    rows.put(branch_.bundle, found_.x);
    consume(program_, branch_, queue_, -found_.x, [&](int p, double taken) {
      const Piece& piece = program_.pieces[static_cast<std::size_t>(p)];
      rows.put(piece.bundle, piece.amount * taken);
    });
    return rows;
  }

  [[nodiscard]] Rows margin() const {
    Rows rows(program_);
    rows.put(branch_.bundle, 1.0);
    if (found_.marginal_piece < 0) return rows;
    const Piece& piece = program_.pieces[static_cast<std::size_t>(found_.marginal_piece)];
    rows.put(piece.bundle, -piece.amount);
    return rows;
  }

 private:
  [[nodiscard]] const Piece& piece_at(int i) const {
    return program_.pieces[static_cast<std::size_t>(queue_[static_cast<std::size_t>(i)].piece)];
  }

  const Program& program_;
  Name name_;
  Branch branch_;
  Queue queue_;
  BranchMinimum found_;
  double at_rest_ = 0.0;
};

struct Seen {
  int branches = 0;
  int smooth = 0;
  int stopped = 0;
};

std::vector<double> sizes(std::vector<double> prices) {
  for (double& price : prices) price = std::fabs(price);
  return prices;
}

void expect_same(const Program& program, const Moves& moves, const Prices& prices, Seen& seen) {
  const double rounding = moves.rounding(0.0, prices.name, sizes(prices.bundle));
  each_moving(program, [&](int name, int b, const Branch& branch) {
    const int slot = moves.slot_of(b);
    ASSERT_NE(slot, Moves::holding);
    const Alone alone(program, name, b, prices, least_curvature);
    const double tolerance = 1e-13 * (1.0 + std::fabs(alone.value()) + alone.at_rest());
    ASSERT_NEAR(moves.value(slot), alone.value(), tolerance) << b;
    ASSERT_GE(moves.x(slot), branch.lower) << b;
    ASSERT_LE(moves.x(slot), branch.upper) << b;
    const double blur = alone.blur(prices);
    ASSERT_NEAR(moves.x(slot), alone.x(), blur) << b;
    // The branch as it is, without the least curvature.
    const Alone exact(program, name, b, prices, 0.0);
    ASSERT_LE(moves.value(slot), exact.value() + rounding + tolerance) << b;

    Rows rows(program);
    moves.visit_rows(slot, [&](int bundle, double amount) { rows.put(bundle, amount); });
    ASSERT_LE(rows.away_from(alone.rows()), 10.0 * blur) << b;
    ++seen.branches;
    if (alone.at_kink(blur)) {
      seen.stopped += moves.give(slot) == 0.0 ? 1 : 0;
      return;
    }
    ASSERT_NEAR(moves.give(slot), alone.give(), 1e-12 * alone.give()) << b;
    if (moves.give(slot) == 0.0) return;
    Rows margin(program);
    const Moves::Margin unit = moves.margin(slot);
    margin.put(unit.bundle, 1.0);
    margin.put(unit.piece_bundle, unit.amount);
    ASSERT_LE(margin.away_from(alone.margin()), 1e-12) << b;
    ++seen.smooth;
  });
}

TEST(Moves, AreThoseOfEachBranchAlone) {
  Random random(4);
  Seen seen;
  for (int i = 0; i < 40; ++i) {
    const Program program = ProgramMaker(random, false).many_names(30, i % 2 == 0 ? 4 : 40);
    Moves moves(program);
    // The queues stay in the order of the prices before: the next ones stand in another.
    for (const double size : {0.3, 0.3, 2.0, 0.0, 0.1}) {
      const Prices prices = random_prices(program, size, random);
      moves.minimize(prices.name, prices.bundle);
      expect_same(program, moves, prices, seen);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(seen.branches, 10'000);
  EXPECT_GT(seen.smooth, 1'000);
  EXPECT_GT(seen.stopped, 1'000);
}

// The program of one branch of another.
Program only(const Program& program, int name, const Branch& branch) {
  Program result;
  result.rows = program.rows;
  result.entries = program.entries;
  result.bundles = program.bundles;
  result.names = {program.names[static_cast<std::size_t>(name)]};
  result.branches = {branch};
  result.branches[0].pieces = {0, branch.pieces.size()};
  for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) {
    result.pieces.push_back(program.pieces[static_cast<std::size_t>(p)]);
  }
  result.offers = {{0, {0, 1}}};
  result.modes = {{{0, 1}}};
  result.blocks = {{{0, 1}}};
  return result;
}

TEST(Moves, AreTheSameToTheBitInAnyCompany) {
  Random random(5);
  for (int i = 0; i < 10; ++i) {
    const Program program = ProgramMaker(random, i % 2 == 1).many_names(20, 30);
    Moves moves(program);
    const Prices prices = random_prices(program, 0.5, random);
    moves.minimize(prices.name, prices.bundle);
    each_moving(program, [&](int name, int b, const Branch& branch) {
      const Program single = only(program, name, branch);
      Moves alone(single);
      alone.minimize({prices.name[static_cast<std::size_t>(name)]}, prices.bundle);
      const int slot = moves.slot_of(b);
      const int own = alone.slot_of(0);
      ASSERT_EQ(moves.value(slot), alone.value(own)) << b;
      ASSERT_EQ(moves.x(slot), alone.x(own)) << b;
      ASSERT_EQ(moves.give(slot), alone.give(own)) << b;
    });
  }
}

// x in steps of 0.1 from 0.35 on: least of (x - 0.62)^2 / 2 - 0.62^2 / 2 at 0.6, and 1.0 at the end may be no step.
TEST(Moves, InStepsAreThoseAboutTheMinimum) {
  Program program;
  program.names = {{.start = 0.0, .curvature = 1.0, .step = 0.1}};
  program.branches = {{.lower = 0.35, .upper = 0.97, .pieces = {}}};
  program.offers = {{0, {0, 1}}};
  Moves moves(program);
  const int slot = moves.slot_of(0);
  const auto at_price = [&](double price) {
    moves.minimize({price}, {0.0});
    return moves.stepped_value(slot);
  };
  const auto value = [](double x, double price) { return 0.5 * x * x + price * x; };
  EXPECT_NEAR(at_price(-0.62), value(0.6, -0.62), 1e-15);
  EXPECT_NEAR(at_price(-0.67), value(0.7, -0.67), 1e-15);
  EXPECT_NEAR(at_price(-0.36), value(0.35, -0.36), 1e-15) << "the least order";
  EXPECT_NEAR(at_price(-0.96), value(0.97, -0.96), 1e-15) << "the end";
  EXPECT_NEAR(at_price(-5.0), value(0.97, -5.0), 1e-15);
  for (double price = -1.2; price < 0.2; price += 0.003) EXPECT_GE(at_price(price), moves.value(slot));
}

TEST(Moves, OfABranchThatHoldsAreNone) {
  Program program;
  program.names = {{.start = 0.4, .curvature = 3.0, .hinge_cost = 0.2}};
  program.branches = {{}};
  program.offers = {{0, {0, 1}}};
  Moves moves(program);
  EXPECT_EQ(moves.slot_of(0), Moves::holding);
  moves.minimize({-5.0}, {0.0});
  EXPECT_EQ(moves.value(Moves::holding), 0.0);
  EXPECT_EQ(moves.x(Moves::holding), 0.0);
  EXPECT_EQ(moves.give(Moves::holding), 0.0);
}

}  // namespace
}  // namespace lotwright::numerics
