// numerics/test_programs.h — programs drawn at random for the tests of this floor, and what their points cost.
//
// Out:      small programs with every kind of branch, piece and row; of ordinary sizes or of hostile ones.
// Promises: the same program for the same seed; the cost of a point is worked out straight from program.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "numerics/lanes.h"
#include "numerics/program.h"

namespace lotwright::numerics {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  double real(double low, double high) {
    return low + (high - low) * static_cast<double>(engine_() % 1'000'001) / 1'000'000.0;
  }
  int pick(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  // Of any size from 10^low to 10^high.
  double sized(int low, int high) {
    double size = real(0.1, 1.0);
    for (int e = low + pick(high - low + 1); e != 0; e += e < 0 ? 1 : -1) size = e < 0 ? size / 10.0 : size * 10.0;
    return size;
  }
  double sign() { return pick(2) == 0 ? -1.0 : 1.0; }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

// How large the numbers of a program are.
class Sizes {
 public:
  explicit Sizes(bool hostile) : hostile_(hostile) {}
  double length(Random& random) const { return hostile_ ? random.sized(-9, 0) : random.real(0.01, 0.3); }
  double cost(Random& random) const { return hostile_ ? random.sign() * random.sized(-6, 6) : random.real(-0.2, 0.2); }
  double fixed_cost(Random& random) const { return hostile_ ? random.sized(-6, 3) : random.real(0, 0.01); }
  double amount(Random& random) const { return hostile_ ? random.sign() * random.sized(-3, 3) : random.real(-1, 1); }
  double curvature(Random& random) const {
    if (random.pick(4) == 0) return 0.0;
    if (!hostile_) return random.real(0, 2);
    return random.pick(3) == 0 ? 1e12 : random.sized(-12, 12);
  }
  // Falls from the first to the last by no more than 200.
  std::vector<double> slopes(Random& random, int count) const {
    if (hostile_ && count == 1) return {random.sign() * 100.0};
    std::vector<double> slopes = {hostile_ && random.pick(2) == 0 ? -100.0 : random.real(-5, 0)};
    for (int i = 1; i < count; ++i) slopes.push_back(slopes.back() + random.real(0, 4));
    if (hostile_) slopes.back() = 100.0;
    return slopes;
  }

 private:
  bool hostile_;
};

class ProgramMaker {
 public:
  ProgramMaker(Random& random, bool hostile) : random_(random), sizes_(hostile) {}

  // Blocks of one or two names; each may hold, sell in pieces or buy; rows with knots and one without.
  Program make() {
    program_.factors = 1 + random_.pick(3);
    program_.stride = padded(program_.factors);
    program_.risk_aversion = random_.real(1, 30);
    program_.factor_start.assign(static_cast<std::size_t>(program_.stride), 0.0);
    for (int f = 0; f < program_.factors; ++f) {
      program_.factor_start[static_cast<std::size_t>(f)] = random_.real(-0.1, 0.1);
    }
    for (int knots = 1; knots <= 3; ++knots) add_row(knots);
    program_.rows.push_back({.start = 0.1, .knots = {}, .slopes = sizes_.slopes(random_, 1)});
    for (int block = 0; block < 4; ++block) add_block(1 + random_.pick(2), 1);
    return program_;
  }

  // Many names that choose for themselves, each with several ways to sell, of queues up to `pieces_max` long.
  Program many_names(int names, int pieces_max) {
    pieces_max_ = pieces_max;
    for (int knots = 1; knots <= 3; ++knots) add_row(knots);
    for (int n = 0; n < names; ++n) add_block(1, 1 + random_.pick(3));
    return program_;
  }

 private:
  void add_row(int knots) {
    Row row{.start = random_.real(-0.3, 0.3),
            .knots = {},
            .slopes = sizes_.slopes(random_, knots + 1),
            .value_at_first_knot = random_.real(-0.1, 0.1)};
    for (int k = 0; k < knots; ++k) {
      row.knots.push_back((k == 0 ? random_.real(-0.3, 0) : row.knots.back()) + random_.real(0, 0.3));
    }
    program_.rows.push_back(row);
  }

  int bundle() {
    const int rows = static_cast<int>(program_.rows.size());
    std::vector<RowEntry> entries;
    for (int e = random_.pick(3); e > 0; --e) entries.push_back({random_.pick(rows), random_.real(-1, 1)});
    return add_bundle(program_, entries);
  }

  void add_block(int size, int ways) {
    const int first = static_cast<int>(program_.names.size());
    for (int i = 0; i < size; ++i) add_name();
    const int first_mode = static_cast<int>(program_.modes.size());
    for (int kind = 0; kind < 3; ++kind) {  // hold, sell, buy
      const int first_offer = static_cast<int>(program_.offers.size());
      for (int n = first; n < first + size; ++n) add_offer(n, kind, ways);
      program_.modes.push_back({{first_offer, static_cast<int>(program_.offers.size())}});
    }
    program_.blocks.push_back({{first_mode, static_cast<int>(program_.modes.size())}});
  }

  void add_name() {
    program_.names.push_back({.start = random_.real(-0.2, 0.2),
                              .curvature = sizes_.curvature(random_),
                              .hinge_cost = random_.pick(2) == 0 ? 0.0 : sizes_.fixed_cost(random_) * 10.0});
    for (int f = 0; f < program_.stride; ++f) {
      program_.loadings.push_back(f < program_.factors ? random_.real(-0.5, 0.5) : 0.0);
    }
  }

  void add_offer(int name, int kind, int ways) {
    const int begin = static_cast<int>(program_.branches.size());
    for (int way = 0; way < ways; ++way) {
      Branch branch;
      if (kind > 0) {
        branch.fixed_cost = sizes_.fixed_cost(random_);
        branch.cost = sizes_.cost(random_);
        branch.bundle = bundle();
        branch.fixed_bundle = bundle();
      }
      if (kind == 1) add_pieces(branch);
      if (kind == 2) {
        branch.lower = random_.pick(2) == 0 ? 0.0 : 0.1 * sizes_.length(random_);
        branch.upper = branch.lower + sizes_.length(random_);
      }
      program_.branches.push_back(branch);
    }
    if (kind > 0 && random_.pick(2) == 0) program_.branches.push_back({});
    program_.offers.push_back({name, {begin, static_cast<int>(program_.branches.size())}});
  }

  void add_pieces(Branch& branch) {
    branch.pieces.begin = static_cast<int>(program_.pieces.size());
    const int shared = bundle();
    double all = 0.0;
    double forced = 0.0;
    for (int p = random_.pick(pieces_max_); p >= 0; --p) {
      Piece piece{.length = sizes_.length(random_),
                  .cost = sizes_.cost(random_),
                  .amount = random_.pick(3) == 0 ? 0.0 : sizes_.amount(random_),
                  .bundle = random_.pick(3) == 0 ? 0 : shared,
                  .forced = random_.pick(8) == 0};
      // A lot bought at the same price as the one before.
      if (random_.pick(5) == 0 && p > 0 && all > 0.0) {
        const double length = piece.length;
        piece = program_.pieces.back();
        piece.length = length;
      }
      all += piece.length;
      forced += piece.forced ? piece.length : 0.0;
      program_.pieces.push_back(piece);
    }
    branch.pieces.end = static_cast<int>(program_.pieces.size());
    const double most = random_.pick(2) == 0 ? all : random_.real(forced, all);
    branch.lower = -most;
    branch.upper = -(random_.pick(2) == 0 ? forced : random_.real(forced, most));
  }

  Random& random_;
  Sizes sizes_;
  int pieces_max_ = 3;
  Program program_;
};

// A point that a program allows: for each name of the chosen modes its branch and how far it goes.
struct PointMove {
  int name = 0;
  int branch = 0;
  double x = 0.0;
};

// Where `modes` names a mode of a block, that one is taken.
inline std::vector<PointMove> random_point(const Program& program, const std::vector<int>& modes, Random& random) {
  std::vector<PointMove> point;
  for (std::size_t b = 0; b < program.blocks.size(); ++b) {
    const Range choice = program.blocks[b].modes;
    const int mode = modes[b] >= 0 ? modes[b] : choice.begin + random.pick(choice.size());
    const Range offers = program.modes[static_cast<std::size_t>(mode)].offers;
    for (int o = offers.begin; o < offers.end; ++o) {
      const Offer& offer = program.offers[static_cast<std::size_t>(o)];
      const int chosen = offer.branches.begin + random.pick(offer.branches.size());
      const Branch& branch = program.branches[static_cast<std::size_t>(chosen)];
      const double x = random.pick(4) == 0 ? branch.upper : random.real(branch.lower, branch.upper);
      point.push_back({offer.name, chosen, std::clamp(x, branch.lower, branch.upper)});
    }
  }
  return point;
}

// What a point costs and puts on factors and rows, in more digits than the solver has.
class PointCost {
 public:
  // Free pieces are given up in an order drawn by `random`: none is cheaper than what the program finds.
  PointCost(const Program& program, const std::vector<PointMove>& point, Random& random)
      : program_(program), factors_(program.factor_start.begin(), program.factor_start.end()) {
    for (const Row& row : program.rows) rows_.push_back(row.start);
    for (const PointMove& move : point) add(move, random);
  }

  [[nodiscard]] long double total() const {
    long double total = own_;
    for (const long double f : factors_) total += 0.5L * program_.risk_aversion * f * f;
    for (std::size_t r = 0; r < rows_.size(); ++r) total += cost_of_row(program_.rows[r], rows_[r]);
    return total;
  }

 private:
  static long double cost_of_row(const Row& row, long double s) {
    if (row.knots.empty()) return row.slopes[0] * s;
    long double value = row.value_at_first_knot;
    if (s <= row.knots[0]) return value + row.slopes[0] * (s - row.knots[0]);
    for (std::size_t i = 0; i < row.knots.size(); ++i) {
      const bool last = i + 1 == row.knots.size() || s <= row.knots[i + 1];
      value += row.slopes[i + 1] * ((last ? s : row.knots[i + 1]) - row.knots[i]);
      if (last) break;
    }
    return value;
  }

  void put(int bundle, long double amount) {
    const Bundle range = program_.bundles[static_cast<std::size_t>(bundle)];
    for (int e = range.begin; e < range.end; ++e) {
      const RowEntry& entry = program_.entries[static_cast<std::size_t>(e)];
      rows_[static_cast<std::size_t>(entry.row)] += amount * entry.coefficient;
    }
  }

  void add(const PointMove& move, Random& random) {
    const Branch& branch = program_.branches[static_cast<std::size_t>(move.branch)];
    const Name& name = program_.names[static_cast<std::size_t>(move.name)];
    const long double x = move.x;
    const long double z = name.start + x;
    own_ += branch.fixed_cost + branch.cost * x + 0.5L * name.curvature * z * z;
    own_ += name.hinge_cost * std::max(0.0L, z);
    put(branch.bundle, x);
    put(branch.fixed_bundle, 1.0L);
    for (int f = 0; f < program_.factors; ++f) {
      factors_[static_cast<std::size_t>(f)] += program_.loadings_of(move.name)[f] * x;
    }
    std::vector<int> order;
    for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) order.push_back(p);
    std::shuffle(order.begin(), order.end(), random.engine());
    std::stable_partition(order.begin(), order.end(),
                          [&](int p) { return program_.pieces[static_cast<std::size_t>(p)].forced; });
    long double left = -x;
    for (const int p : order) {
      const Piece& piece = program_.pieces[static_cast<std::size_t>(p)];
      const long double taken = std::clamp<long double>(left, 0.0L, piece.length);
      own_ += piece.cost * taken;
      put(piece.bundle, piece.amount * taken);
      left -= taken;
    }
  }

  const Program& program_;
  long double own_ = 0.0L;
  std::vector<long double> factors_;
  std::vector<long double> rows_;
};

inline long double random_cost(const Program& program, const std::vector<int>& modes, Random& random) {
  return PointCost(program, random_point(program, modes, random), random).total();
}

}  // namespace lotwright::numerics
