// numerics/ascent.h — semi-smooth Newton on the dual: climbs to multipliers that prove a tight bound.
//
// In:       a Program, where to start, how much effort; optionally the mode each block must keep.
// Out:      the best multipliers met, the bound they prove, and each block's choice there.
// Promises: effort is counted in iterations; any result is a valid bound, converged or not.
#pragma once

#include <limits>
#include <vector>

#include "numerics/dual.h"

namespace lotwright::numerics {

struct AscentLimits {
  int iterations_max = 60;  // Newton steps over all stages
  double tolerance = 1e-9;  // stop a stage when a step promises less than this much value
  bool warm = false;        // `start` is near: skip the stage that only finds the neighborhood
  // Stop as soon as the bound reaches this value: the caller knows something at least as good.
  double enough = std::numeric_limits<double>::infinity();
};

struct Ascent {
  Multipliers multipliers;
  double bound = -std::numeric_limits<double>::infinity();
  int iterations = 0;
};

[[nodiscard]] Ascent ascend(const Program& program, Multipliers start, const std::vector<int>& mode_of_block,
                            const AscentLimits& limits);

}  // namespace lotwright::numerics
