// numerics/dual.h — the Lagrangian dual of a Program: prices for factors and rows turn it into
// independent one-dimensional minimizations, exact also where a name is not convex.
//
// In:       a Program and multipliers.
// Out:      `bound`: a lower bound on the program's optimum for ANY multipliers; and a smoothed value with gradient and
//           curvature, for Newton's method to climb.
// Promises: no libm exp or log; sums in fixed order.
#pragma once

#include <vector>

#include "numerics/branch.h"
#include "numerics/program.h"

namespace lotwright::numerics {

// How far the climbed function is from the true one: kinks between modes are rounded within `mode_width` of value, row
// costs get a proximal term row_weight/2 (s - center)^2.
struct Smoothing {
  double mode_width = 1e-6;
  double row_weight = 0.03;
  std::vector<double> row_center;
};

// What a block does at given prices.
struct NameChoice {
  int name = 0;
  int branch = 0;
  BranchMinimum minimum;
};

struct BlockChoice {
  int mode = 0;         // of Program::modes
  double margin = 0.0;  // value by which the next mode is dearer; infinite where there is none
  std::vector<NameChoice> names;
};

class Dual {
 public:
  explicit Dual(const Program& program);

  // A lower bound on the optimum, less an allowance for rounding. Row prices outside the slopes' range are clipped
  // first. `mode_of_block`: -1 leaves a block free, else only that mode counts (the bound is then of the restricted
  // program).
  [[nodiscard]] double bound(const Multipliers& at, const std::vector<int>& mode_of_block);

  // The smoothed dual at `at`: returns its value and keeps gradient and curvature for `step`.
  double climb(const Multipliers& at, const Smoothing& smoothing, const std::vector<int>& mode_of_block);

  // Of the last climb: gradient (factors then rows), the Newton direction, row values and row centers to come.
  [[nodiscard]] const std::vector<double>& gradient() const { return gradient_; }
  [[nodiscard]] std::vector<double> newton_direction(double damping) const;
  [[nodiscard]] const std::vector<double>& row_values() const { return row_values_; }        // r(x)
  [[nodiscard]] const std::vector<double>& row_positions() const { return row_positions_; }  // s(mu)

  // The cheapest mode of each block at `at`.
  [[nodiscard]] std::vector<BlockChoice> choices(const Multipliers& at, const std::vector<int>& mode_of_block);

  [[nodiscard]] int unknowns() const { return program_.stride + static_cast<int>(program_.rows.size()); }

 private:
  struct Candidate {
    double value = 0.0;
    int mode = -1;
    std::vector<NameChoice> names;
  };

  void price(const Multipliers& at);
  void evaluate_mode(int mode, const std::vector<double>& mu, Candidate& into);
  // Finds the two cheapest modes of a block; `second_.mode` is -1 where there is only one.
  void evaluate_block(const Block& block, int only_mode, const std::vector<double>& mu);
  void contribute(const NameChoice& choice, double weight, double* factors, double* rows) const;
  void add_curvature(const NameChoice& choice, double weight);
  void mix_block(double width);
  double place_rows(const std::vector<double>& mu, const Smoothing& smoothing);

  const Program& program_;
  int width_;                       // stride + padded rows
  std::vector<double> name_price_;  // nu'F by name
  Candidate best_;
  Candidate second_;
  Candidate trial_;
  Queue queue_;
  std::vector<double> gradient_;
  std::vector<double> row_values_;
  std::vector<double> row_positions_;
  std::vector<double> row_give_;  // ds/dmu
  std::vector<double> updates_;   // rank-one vectors of the curvature, width_ each
};

}  // namespace lotwright::numerics
