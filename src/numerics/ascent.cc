#include "numerics/ascent.h"

#include <algorithm>
#include <cmath>

namespace lotwright::numerics {
namespace {

// Widths of the rounded kinks, in value: each stage starts where the last one ended.
constexpr double stage_widths[] = {1e-4, 1e-5, 1e-6};
constexpr int stage_recenterings = 4;
constexpr int line_evaluations_max = 7;
constexpr double row_move_max = 0.5;
constexpr double damping_least = 1e-10;
constexpr double damping_most = 1e4;
constexpr double row_weight = 0.02;

double slope_along(const std::vector<double>& gradient, const std::vector<double>& direction) {
  double total = 0.0;
  for (std::size_t i = 0; i < direction.size(); ++i) total += gradient[i] * direction[i];
  return total;
}

Multipliers moved(const Multipliers& from, const std::vector<double>& direction, double step) {
  Multipliers to = from;
  const std::size_t k = to.factor.size();
  for (std::size_t i = 0; i < direction.size(); ++i) {
    (i < k ? to.factor[i] : to.row[i - k]) += step * direction[i];
  }
  return to;
}

// One climb at fixed smoothing. Along a direction the function is concave, so its slope falls: a step is good where the
// slope has fallen below half and not turned as steep the other way. Where none is found the next direction is damped.
class Climber {
 public:
  Climber(Dual& dual, const std::vector<int>& modes, const AscentLimits& limits)
      : dual_(dual), modes_(modes), limits_(limits) {}

  int climb(Multipliers& point, const Smoothing& smoothing, int iterations_left) {
    int used = 0;
    double damping = damping_least;
    const double tolerance = std::max(limits_.tolerance, 0.01 * smoothing.mode_width);
    bool fresh = false;  // the dual was evaluated at `point` already, at the end of the last step
    while (used < iterations_left && damping <= damping_most) {
      if (!fresh) dual_.climb(point, smoothing, modes_);
      ++used;
      std::vector<double> direction = dual_.newton_direction(damping);
      shorten(direction, point.factor.size());
      const double promise = slope_along(dual_.gradient(), direction);
      if (!(promise > tolerance)) break;  // also where it is not a number
      const Step step = line_step(point, direction, smoothing, promise);
      if (step.length > 0.0) point = moved(point, direction, step.length);
      fresh = step.evaluated_last;
      damping = step.good ? std::max(damping * 0.01, damping_least) : damping * 100.0;
    }
    return used;
  }

 private:
  struct Step {
    double length = 0.0;
    bool good = false;
    bool evaluated_last = false;
  };

  // Row prices are dollars a dollar: none moves further than this in one step.
  static void shorten(std::vector<double>& direction, std::size_t factors) {
    double longest = 0.0;
    for (std::size_t i = factors; i < direction.size(); ++i) longest = std::max(longest, std::fabs(direction[i]));
    if (longest <= row_move_max) return;
    for (double& d : direction) d *= row_move_max / longest;
  }

  Step line_step(const Multipliers& point, const std::vector<double>& direction, const Smoothing& smoothing,
                 double slope_at_zero) {
    double low = 0.0;
    double slope_low = slope_at_zero;
    double high = 0.0;
    double slope_high = 0.0;
    double step = 1.0;
    for (int i = 0; i < line_evaluations_max; ++i) {
      dual_.climb(moved(point, direction, step), smoothing, modes_);
      const double slope = slope_along(dual_.gradient(), direction);
      if (std::fabs(slope) <= 0.5 * slope_at_zero) return {step, true, true};
      if (slope > 0.0) {
        low = step;
        slope_low = slope;
        if (high == 0.0) {
          step *= 4.0;
          continue;
        }
      } else {
        high = step;
        slope_high = slope;
      }
      const double secant = low + (high - low) * slope_low / (slope_low - slope_high);
      step = std::clamp(secant, low + 0.1 * (high - low), high - 0.1 * (high - low));
    }
    return {low, low > 0.0, false};
  }

  Dual& dual_;
  const std::vector<int>& modes_;
  const AscentLimits& limits_;
};

}  // namespace

Ascent ascend(const Program& program, Multipliers start, const std::vector<int>& mode_of_block,
              const AscentLimits& limits) {
  Dual dual(program);
  clip_rows(program, start);
  Climber climber(dual, mode_of_block, limits);
  Ascent best{.multipliers = start, .bound = dual.bound(start, mode_of_block), .iterations = 0};
  Smoothing smoothing{.mode_width = stage_widths[0], .row_weight = row_weight, .row_center = {}};
  for (const Row& row : program.rows) {
    smoothing.row_center.push_back(row.knots.empty() ? row.start
                                                     : std::clamp(row.start, row.knots.front(), row.knots.back()));
  }
  Multipliers point = std::move(start);
  for (const double width : stage_widths) {
    if (limits.warm && width == stage_widths[0]) continue;
    smoothing.mode_width = width;
    for (int i = 0; i < stage_recenterings; ++i) {
      best.iterations += climber.climb(point, smoothing, limits.iterations_max - best.iterations);
      const double bound = dual.bound(point, mode_of_block);
      const bool better = bound > best.bound;
      const double rise = bound - best.bound;
      if (better) {
        best.bound = bound;
        best.multipliers = point;
      }
      if (best.bound >= limits.enough || best.iterations >= limits.iterations_max) return best;
      smoothing.row_center = dual.row_positions();
      if (program.rows.empty() || (i > 0 && rise < limits.tolerance)) break;
    }
  }
  return best;
}

}  // namespace lotwright::numerics
