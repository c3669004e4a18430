#include "numerics/ascent.h"

#include <algorithm>
#include <cmath>

#include "base/defect.h"

namespace lotwright::numerics {
namespace {

// Options of a name that tie share it over this much value, of the whole split over all names. Where nothing is known
// of the start the first steps share over more; the less a step promised, the less.
constexpr double tie_width = 1e-5;
constexpr double first_tie_width = 1e-4;
constexpr double width_of_promise = 0.03;
constexpr int idle_centers_max = 3;  // that bring nothing, one after the other
// Steps of less than this part of what is left to prove are not made.
constexpr double step_part = 0.1;
constexpr int line_evaluations_max = 7;
constexpr double row_move_max = 0.5;
constexpr double damping_least = 1e-10;
constexpr double damping_most = 1e4;

}  // namespace

double Climber::slope_at(double step, double width, const Modes& modes) {
  for (std::size_t f = 0; f < moved_.factor.size(); ++f) {
    moved_.factor[f] = point_.factor[f] + step * direction_.factor[f];
  }
  for (std::size_t r = 0; r < moved_.row.size(); ++r) moved_.row[r] = point_.row[r] + step * direction_.row[r];
  if (step == 1.0) moved_.row = direction_.row_end;
  clip_rows(program_, moved_);
  dual_.climb(moved_, width, modes);
  return dual_.slope_along(direction_);
}

// One climb, sharing ties over `width` and then less, until a step promises little; returns what the last one promised.
// Along a direction the function is concave, so its slope falls: a step is good where the slope has fallen below half
// and not turned as steep the other way. Where none is found the next direction is damped. The dual is left where the
// point is.
double Climber::climb(double width, double least_width, const Modes& modes, const AscentLimits& limits) {
  double damping = damping_least;
  dual_.climb(point_, width, modes);
  while (best_.iterations < limits.iterations_max && damping <= damping_most) {
    ++best_.iterations;
    dual_.newton_direction(damping, row_move_max, direction_);
    const double promise = direction_.promise;
    if (!(promise > std::max(step_part * limits.tolerance, step_part * dual_.smoothing()))) return promise;
    const Step step = line_step(width, modes);
    if (!step.tried_last) slope_at(step.length, width, modes);
    std::swap(point_, moved_);
    if (dual_.value() >= limits.enough) return promise;
    if (width > least_width) {
      width = std::clamp(width_of_promise * promise, least_width, width);
      dual_.climb(point_, width, modes);
    }
    damping = step.good ? std::max(damping * 0.01, damping_least) : damping * 100.0;
  }
  return direction_.promise;
}

Climber::Step Climber::line_step(double width, const Modes& modes) {
  double low = 0.0;
  double slope_low = direction_.promise;
  double high = 0.0;
  double slope_high = 0.0;
  double step = 1.0;
  for (int i = 0; i < line_evaluations_max; ++i) {
    const double slope = slope_at(step, width, modes);
    if (std::fabs(slope) <= 0.5 * direction_.promise) return {step, true, true};
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

// Keeps the point if it proves more than any before; returns by how much more.
double Climber::record(const Modes& modes) {
  const double bound = dual_.bound(point_, modes);
  const double rise = bound - best_.bound;
  if (rise > 0.0) {
    best_.bound = bound;
    best_.multipliers = point_;
  }
  return rise;
}

const Ascent& Climber::ascend(const Multipliers& start, const Modes& modes, const AscentLimits& limits) {
  require(start.row.size() == program_.rows.size(), "the prices of another program");
  point_ = start;
  clip_rows(program_, point_);
  moved_ = point_;
  best_.iterations = 0;
  best_.multipliers = point_;
  best_.bound = -std::numeric_limits<double>::infinity();
  record(modes);
  if (best_.bound >= limits.enough) return best_;
  switch (limits.start) {
    case Start::anywhere:
      dual_.center(modes);
      break;
    case Start::near:
      dual_.center_at(point_, modes);
      break;
    case Start::here:
      dual_.recenter();
      break;
  }
  const double names = static_cast<double>(program_.blocks.size());
  double width = (limits.start == Start::anywhere ? first_tie_width : tie_width) / names;
  for (int idle = 0; idle < idle_centers_max;) {
    const double promise = climb(width, tie_width / names, modes, limits);
    idle = record(modes) > limits.tolerance ? 0 : idle + 1;
    if (best_.bound >= limits.enough || best_.iterations >= limits.iterations_max) break;
    // The smoothed dual, and what its next step promises, says about how far the true one may still rise.
    if (promise + dual_.smoothing() <= limits.tolerance) break;
    dual_.recenter();
    width = tie_width / names;
  }
  return best_;
}

}  // namespace lotwright::numerics
