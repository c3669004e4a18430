// numerics/ascent.h — semi-smooth Newton on the dual: climbs to multipliers that prove a tight bound.
//
// In:       a Program, where to start, how much effort; optionally the mode each block must keep.
// Out:      the best multipliers met, the bound they prove, and each block's choice there.
// Promises: effort is counted in iterations; any result is a valid bound, converged or not. A Climber that climbs
//           again allocates only where it needs more room than ever before.
#pragma once

#include <limits>
#include <vector>

#include "numerics/dual.h"

namespace lotwright::numerics {

// What is known of the start: nothing; that its prices are near; or that the climber ended a climb near it just now, of
// the same program under other modes or rows, so that its centers are worth keeping too.
enum class Start { anywhere, near, here };

struct AscentLimits {
  int iterations_max = 60;  // Newton steps
  double tolerance = 1e-9;  // stop when the dual cannot rise by more than this
  Start start = Start::anywhere;
  // Stop as soon as the bound reaches this value: the caller knows something at least as good.
  double enough = std::numeric_limits<double>::infinity();
};

struct Ascent {
  Multipliers multipliers;
  double bound = -std::numeric_limits<double>::infinity();
  int iterations = 0;
};

class Climber {
 public:
  explicit Climber(const Program& program) : program_(program), dual_(program) {}

  // The result is the climber's own until the next call.
  const Ascent& ascend(const Multipliers& start, const Modes& modes, const AscentLimits& limits);

  [[nodiscard]] Dual& dual() { return dual_; }

 private:
  struct Step {
    double length = 0.0;
    bool good = false;
    bool tried_last = false;  // the dual stands there
  };

  double climb(double width, double least_width, const Modes& modes, const AscentLimits& limits);
  Step line_step(double width, const Modes& modes);
  double slope_at(double step, double width, const Modes& modes);
  double record(const Modes& modes);

  const Program& program_;
  Dual dual_;
  Ascent best_;
  Multipliers point_;
  Multipliers moved_;
  Dual::Direction direction_;
};

}  // namespace lotwright::numerics
