// numerics/program.h — the nouns of the mathematical program: low-rank convex risk, separable non-convex names, a few
// coupling rows (docs/formulas.md maps the symbols).
//
//   minimize  lambda/2 |F'z|^2 + sum_b phi_b(x_b) + sum_r psi_r(r_r)
//   z = z0 + x,  r = r0 + what the chosen branches and pieces put on the rows
//
// In:       filled by problem/; this floor knows nothing of finance.
// Out:      read by the dual function and by whoever rounds its answer.
// Promises: a block chooses one of its modes, each name of the block one branch the mode offers it, each branch a
//           change x inside its interval; decreasing branches consume pieces, cheapest first. Everything else is
//           convex.
// Units:    x, z and piece lengths are fractions of the whole; costs are per unit of x; rows in their own units.
#pragma once

#include <compare>
#include <cstddef>
#include <vector>

namespace lotwright::numerics {

// An index as containers want it.
[[nodiscard]] constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

struct RowEntry {
  int row = 0;
  double coefficient = 0.0;
  friend auto operator<=>(const RowEntry&, const RowEntry&) = default;
};

// A range of one of the Program's flat vectors.
struct Range {
  int begin = 0;
  int end = 0;
  [[nodiscard]] int size() const { return end - begin; }
};

// Entries that many pieces and branches put on rows together, each as many times as it says: a bundle is priced once,
// whoever uses it.
using Bundle = Range;  // of Program::entries

// A part of a position that can be given up at its own cost per unit, and puts its own amounts on rows.
struct Piece {
  double length = 0.0;  // > 0
  double cost = 0.0;    // per unit given up
  double amount = 0.0;  // of `bundle` per unit given up
  int bundle = 0;
  bool forced = false;  // given up in full before any other piece; part of the branch's least decrease
};

// One convex choice of a name: x in [lower, upper], all of one sign. Where both are zero it holds: at no cost and with
// nothing on any row.
struct Branch {
  double lower = 0.0;
  double upper = 0.0;
  double fixed_cost = 0.0;
  double cost = 0.0;     // per unit of x
  int bundle = 0;        // on rows, per unit of x
  int fixed_bundle = 0;  // on rows, once
  Range pieces;          // consumed by -x; empty where x >= 0
};

struct Name {
  double start = 0.0;       // z0
  double curvature = 0.0;   // d: adds d/2 (z0 + x)^2
  double hinge_cost = 0.0;  // adds hinge_cost * max(0, z0 + x)
  double step = 0.0;        // |x| is a multiple of it, or an end of its branch; 0: any
};

// What a mode offers one name: the name takes the cheapest of these branches.
struct Offer {
  int name = 0;
  Range branches;  // of Program::branches
};

struct Mode {
  Range offers;  // one for each name of the block
};

struct Block {
  Range modes;
};

// A convex piecewise-linear cost psi of a row's value: `slopes[i]` holds between knots[i-1] and knots[i] (one slope
// more than knots, ascending). Hard ends are steep slopes, beyond +-hard_slope.
inline constexpr double hard_slope = 10.0;
struct Row {
  double start = 0.0;  // r0
  std::vector<double> knots;
  std::vector<double> slopes;
  double value_at_first_knot = 0.0;  // psi(knots[0]); with no knots psi(s) = slopes[0] * s
};

struct Program {
  int factors = 0;                   // k
  int stride = 0;                    // k rounded up to whole lanes; loadings are padded with zeros
  double risk_aversion = 0.0;        // lambda; > 0 where factors > 0
  std::vector<double> loadings;      // names x stride
  std::vector<double> factor_start;  // F'z0, stride long
  std::vector<Name> names;
  std::vector<Branch> branches;
  std::vector<Piece> pieces;
  std::vector<RowEntry> entries;
  std::vector<Bundle> bundles = {{}};  // the first puts nothing on any row
  std::vector<Offer> offers;
  std::vector<Mode> modes;
  std::vector<Block> blocks;
  std::vector<Row> rows;

  [[nodiscard]] const double* loadings_of(int name) const {
    return loadings.data() + static_cast<std::size_t>(name) * static_cast<std::size_t>(stride);
  }
};

// A new bundle of these entries; without entries the empty one.
int add_bundle(Program& program, const std::vector<RowEntry>& entries);

// What a unit of the bundle costs at row prices `mu`.
[[nodiscard]] double price_of(const Program& program, int bundle, const std::vector<double>& mu);

// The sizes of the terms that the price adds, summed.
[[nodiscard]] double size_of(const Program& program, int bundle, const std::vector<double>& mu);

// psi(s).
[[nodiscard]] double cost_of(const Row& row, double s);

// min over s of psi(s) - mu s, for mu between the row's first and last slope: what the row gives to the dual.
[[nodiscard]] double priced_minimum(const Row& row, double mu);

// nu for the factors (stride long, padding zero), mu for the rows.
struct Multipliers {
  std::vector<double> factor;
  std::vector<double> row;
};

[[nodiscard]] Multipliers zero_multipliers(const Program& program);

// What holding everything says of the prices: lambda F'z0 for the factors, for each row the slope where it starts, or
// where that is a hard end the slope next to it.
[[nodiscard]] Multipliers resting_multipliers(const Program& program);

// Brings row prices within the slopes of their rows: outside, the dual is minus infinity.
void clip_rows(const Program& program, Multipliers& point);

}  // namespace lotwright::numerics
