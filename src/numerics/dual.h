// numerics/dual.h — the Lagrangian dual of a Program: prices for factors and rows turn it into independent
// one-dimensional minimizations, exact also where a name is not convex.
//
// In:       a Program and multipliers.
// Out:      `bound`: a lower bound on the program's optimum for ANY multipliers; and a smoothed function with gradient
//           and curvature, for Newton's method to climb.
// Promises: no libm exp or log; sums in fixed order; room is kept from call to call and only grows. The Program may
//           change its rows between calls, nothing else.
#pragma once

#include <vector>

#include "numerics/lanes.h"
#include "numerics/moves.h"
#include "numerics/program.h"

namespace lotwright::numerics {

// The modes that blocks must keep; -1 leaves a block free. By block.
using Modes = std::vector<int>;

// How far the climbed function is from the true one, and around what. Where several options of a name, or modes of a
// block, tie, their weights w minimize  sum w_i v_i + mode_width/2 |w - center|^2  over the simplex; row values get
// row_width/2 (s - center)^2. Where centers are the answers themselves, nothing is changed: they are moved there step
// by step (the proximal point method).
struct Smoothing {
  double mode_width = 1e-5;
  double row_width = 0.03;
};

// What a block does at given prices.
struct NameChoice {
  int name = 0;
  int branch = 0;
  double x = 0.0;
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
  // first. With `modes` the bound is of the program so restricted.
  [[nodiscard]] double bound(const Multipliers& at, const Modes& modes);

  // Weights and row values are pulled towards: every option alike, rows to the nearest they may be.
  void center(const Modes& modes);
  // ... or towards what is best at these prices, rows to the nearest that they may be.
  void center_at(const Multipliers& at, const Modes& modes);
  // The answers of the last climb become the centers.
  void recenter();

  // The gradient of the smoothed dual at `at`: factors, then rows; unknowns() long.
  const std::vector<double>& climb(const Multipliers& at, const Smoothing& smoothing, const Modes& modes);

  // The Newton direction of the last climb, into `direction`. `damping` is relative to the curvature; no row's price
  // moves further than about row_move_max.
  void newton_direction(double damping, double row_move_max, std::vector<double>& direction);

  // The cheapest mode of each block at `at`.
  void choose(const Multipliers& at, const Modes& modes, std::vector<BlockChoice>& choices);

  // Where the shared weights of the last climb lean: the mode of most weight, by block. Together these modes keep the
  // rows better than those that are cheapest one by one.
  void lean(const Modes& modes, Modes& leaning) const;

  // Of the last climb: the block whose modes share the largest move; -1 where every block takes one mode alone, so that
  // the bound could be reached.
  [[nodiscard]] int most_undecided(const Modes& modes) const;

  [[nodiscard]] int unknowns() const { return program_.stride + static_cast<int>(program_.rows.size()); }

 private:
  // A branch as an offer has it.
  struct Option {
    int name = 0;
    int branch = 0;
    int slot = Moves::holding;
  };

  struct Used {
    int option = 0;
    double weight = 0.0;
  };
  // Options that share the weight of one name, which counts `weight` times.
  struct Tied {
    Range options;
    double weight = 0.0;
  };

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  // Several names choose together in the others.
  [[nodiscard]] bool is_single(const Block& block) const {
    return program_.modes[at(block.modes.begin)].offers.size() == 1;
  }
  [[nodiscard]] static Range modes_of(const Block& block, int mode) {
    return mode >= 0 ? Range{mode, mode + 1} : block.modes;
  }
  [[nodiscard]] int first_option(Range modes) const {
    return offer_options_[at(program_.modes[at(modes.begin)].offers.begin)].begin;
  }
  [[nodiscard]] int last_option(Range modes) const {
    return offer_options_[at(program_.modes[at(modes.end - 1)].offers.end - 1)].end;
  }

  // The share of a mode of the last climb's answer; `single`: its block has one name.
  [[nodiscard]] double weight_of(int mode, bool single) const;

  void evaluate(const Multipliers& point);
  [[nodiscard]] int cheapest(Range options) const;
  [[nodiscard]] double least_of_mode(int mode) const;

  static double mix(int count, const double* values, const double* centers, double width, double* weights);
  double mix_options(Range options);
  double mix_mode(int mode);
  void use(Range options, double weight);
  void answer(const Modes& modes);
  void add_gradient();
  void place_rows(double row_width);

  void add_curvature();
  void add_give(const Option& option, double weight);
  template <class Put>
  void add_spread(int tied, double weight, const Put& put);
  void put_bundle(int bundle, double amount, double* rows) const;
  void put_option(const Option& option, double weight, double* into) const;
  void put_mode(int mode, double weight, double* into) const;
  double* new_update();

  const Program& program_;
  int width_;  // stride + padded rows
  Moves moves_;
  std::vector<Option> options_;       // by mode and offer
  std::vector<double> option_value_;  // at the prices of the last evaluation, less that of holding
  std::vector<Range> offer_options_;  // by offer
  std::vector<double> by_lane_;       // loadings, eight names at a time: factor by factor, lane by lane
  double at_rest_ = 0.0;              // what holding everything costs by name

  // At the prices of the last evaluation.
  Multipliers point_;
  bool evaluated_ = false;
  std::vector<double> name_price_;  // nu'F by name
  std::vector<double> bundle_price_;
  std::vector<double> bundle_size_;  // the sizes of what a bundle's price adds
  Multipliers clipped_;

  // Of the last climb.
  double mode_width_ = 0.0;
  std::vector<double> option_weight_;
  std::vector<double> option_center_;
  std::vector<double> mode_weight_;  // of blocks of several names
  std::vector<double> mode_center_;
  std::vector<Used> used_;  // options of positive weight
  std::vector<Tied> tied_options_;
  std::vector<Range> tied_modes_;
  std::vector<double> moved_;          // x by name
  std::vector<double> bundle_amount_;  // by bundle
  std::vector<double> gradient_;
  std::vector<double> row_position_;  // s(mu)
  std::vector<double> row_center_;
  std::vector<double> row_give_;  // ds/dmu

  // Room to work.
  std::vector<double> mode_values_;
  std::vector<double> scratch_;
  std::vector<int> sharing_;
  std::vector<double> updates_;  // rank-one vectors of the curvature, width_ each
  std::vector<double> hessian_;
};

}  // namespace lotwright::numerics
