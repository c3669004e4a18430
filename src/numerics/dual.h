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
#include "numerics/row_prices.h"

namespace lotwright::numerics {

// The modes that blocks must keep; -1 leaves a block free. By block.
using Modes = std::vector<int>;

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

  // The climbed function: where several options of a name, or modes of a block, tie, their weights w minimize
  // sum w_i v_i + width/2 |w - center|^2 over the simplex. Where centers are the answers themselves, nothing is
  // changed: they are moved there step by step (the proximal point method).
  //
  // Weights are pulled towards: every option alike ...
  void center(const Modes& modes);
  // ... or what is best at these prices ...
  void center_at(const Multipliers& at, const Modes& modes);
  // ... or the answers of the last climb.
  void recenter();

  // The smoothed dual at `at`. Row prices lie within the slopes of their rows.
  void climb(const Multipliers& at, double width, const Modes& modes);
  // The true dual there, but for rounding; and how far the smoothed one lies above it.
  [[nodiscard]] double value() const;
  [[nodiscard]] double smoothing() const { return smoothing_; }

  // The Newton step from where the last climb was, and what the smoothed dual gains by it per length of it. Rows are
  // taken as they are, kinks and all. `damping` is relative to the curvature; no row's price moves further than about
  // row_move_max.
  struct Direction {
    std::vector<double> factor;
    std::vector<double> row;
    std::vector<double> row_end;  // the row prices after the whole step: often a slope exactly
    double promise = 0.0;
  };
  void newton_direction(double damping, double row_move_max, Direction& direction);
  // The slope of the smoothed dual at the last climb, along a direction; of the slopes of a kink the least.
  [[nodiscard]] double slope_along(const Direction& direction) const;

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

  // What a block may choose from; `single`: for one name, several names choose together in the others.
  struct Choice {
    Range options;
    bool single = false;
  };

  struct Used {
    int option = 0;
    double weight = 0.0;
  };
  // A weight times the square of a name's loadings.
  struct NameSquare {
    const double* loadings = nullptr;
    double weight = 0.0;
  };
  // Options that share the weight of one name, which counts `weight` times.
  struct Tied {
    Range options;
    double weight = 0.0;
  };

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
  // Of a mode: for each of its offers the least of value(option), summed.
  template <class Value>
  [[nodiscard]] double least_of_mode(int mode, const Value& value) const;

  double mix(int count, const double* values, const double* centers, double* weights);
  // A smoothed value, and the true one that it lies above.
  struct Mixed {
    double value = 0.0;
    double least = 0.0;
  };
  // The cheapest of some options, and the values of it and of the next.
  struct Nearest {
    int option = 0;
    double least = 0.0;
    double second = 0.0;
  };
  [[nodiscard]] Nearest nearest_of(Range options) const;
  [[nodiscard]] bool is_alone(const Nearest& nearest) const;
  void take_alone(Range options, int option);
  Mixed mix_near(Range options, double least);
  Mixed mix_options(Range options);
  Mixed mix_mode(int mode);
  void use(Range options, double weight);
  void answer(const Modes& modes);
  void answer_several(Range modes);
  void add_gradient();
  [[nodiscard]] double missed(std::size_t row) const;
  void promise(Direction& direction) const;

  void forget_base();
  void update_base();
  void change_base(int option, const Moves::Margin& margin, double sign);
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
  std::vector<Option> options_;  // by mode and offer
  std::vector<Choice> blocks_;
  std::vector<double> option_value_;  // at the prices of the last evaluation, less that of holding
  std::vector<Range> offer_options_;  // by offer
  std::vector<double> by_lane_;       // loadings, eight names at a time: factor by factor, lane by lane
  double at_rest_ = 0.0;              // what holding everything costs by name

  // At the prices of the last evaluation.
  Multipliers point_;
  bool evaluated_ = false;
  std::vector<double> name_price_;  // nu'F by name
  std::vector<double> bundle_price_;
  std::vector<double> bundle_size_;  // room for the sizes of what a bundle's price adds
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
  std::vector<double> gradient_;       // factors; then the values that the rows reach
  double block_value_ = 0.0;           // the least values of all blocks
  double smoothing_ = 0.0;

  // The curvature by itself of the options that have their names alone; kept from step to step, since few change. What
  // belongs above the diagonal of a factor's columns and a row is left below it; see mirror().
  std::vector<double> base_;
  std::vector<Moves::Margin> in_base_;  // by option; without give: not in it
  std::vector<int> base_options_;
  std::vector<int> base_seen_;  // by option: the step that found it there
  int base_step_ = 0;
  int base_changes_ = 0;  // since it was begun

  // Room to work.
  std::vector<NameSquare> squares_;
  std::vector<int> margin_rows_;
  std::vector<double> no_loadings_;
  std::vector<double> mode_values_;
  std::vector<double> scratch_;
  std::vector<int> sharing_;
  std::vector<double> updates_;  // rank-one vectors of the curvature, width_ each
  std::vector<double> hessian_;
  std::vector<double> step_;
  RowPrices row_prices_;
};

}  // namespace lotwright::numerics
