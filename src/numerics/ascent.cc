#include "numerics/ascent.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace lotwright::numerics {
namespace {

// From wide to narrow; each stage starts where the last one ended.
constexpr std::array<Smoothing, 4> stages = {{{.mode_width = 1e-5, .row_width = 0.02},
                                              {.mode_width = 1e-6, .row_width = 0.02},
                                              {.mode_width = 1e-7, .row_width = 0.002},
                                              {.mode_width = 1e-8, .row_width = 6e-5}}};  // for the exact only
constexpr int stage_recenterings = 4;
constexpr int last_recenterings = 40;
// Steps of less than this part of what a center must bring are not made.
constexpr double step_part = 1e-2;
constexpr double exact_tolerance = 1e-10;
constexpr int line_evaluations_max = 7;
constexpr double row_move_max = 0.5;
constexpr double last_step = 30.0;  // in tolerances
constexpr double damping_least = 1e-10;
constexpr double damping_most = 1e4;

std::span<const Smoothing> stages_of(const AscentLimits& limits) {
  const std::size_t first = limits.start == Start::here ? 1 : 0;
  const std::size_t end = limits.tolerance < exact_tolerance ? stages.size() : stages.size() - 1;
  return std::span(stages).subspan(first, end - first);
}

// A stage ends where a step, or a new center, brings less than this.
double tolerance_of(const Smoothing& smoothing, const AscentLimits& limits) {
  return &smoothing == &stages.back() ? limits.tolerance : std::max(limits.tolerance, 0.01 * smoothing.mode_width);
}

double slope_along(const std::vector<double>& gradient, const std::vector<double>& direction) {
  double total = 0.0;
  for (std::size_t i = 0; i < direction.size(); ++i) total += gradient[i] * direction[i];
  return total;
}

}  // namespace

const std::vector<double>& Climber::gradient_at(double step, const Smoothing& smoothing, const Modes& modes) {
  moved_ = point_;
  const std::size_t k = moved_.factor.size();
  for (std::size_t i = 0; i < direction_.size(); ++i) {
    (i < k ? moved_.factor[i] : moved_.row[i - k]) += step * direction_[i];
  }
  return dual_.climb(moved_, smoothing, modes);
}

// One climb at fixed smoothing. Along a direction the function is concave, so its slope falls: a step is good where the
// slope has fallen below half and not turned as steep the other way. Where none is found the next direction is damped.
// The dual is left where the point is.
void Climber::climb(const Smoothing& smoothing, const Modes& modes, const AscentLimits& limits) {
  if (dual_.unknowns() == 0) return;
  double damping = damping_least;
  const double tolerance = tolerance_of(smoothing, limits) * step_part;
  const std::vector<double>& gradient = dual_.climb(point_, smoothing, modes);
  while (best_.iterations < limits.iterations_max && damping <= damping_most) {
    ++best_.iterations;
    dual_.newton_direction(damping, row_move_max, direction_);
    const double promise = slope_along(gradient, direction_);
    if (!(promise > tolerance)) break;  // also where it is not a number
    const Step step = line_step(smoothing, modes, promise);
    if (!step.tried_last) gradient_at(step.length, smoothing, modes);
    std::swap(point_, moved_);
    // A whole step of little promise ends on the piece that it began on: there is no more to be had.
    if (step.length == 1.0 && promise < last_step * tolerance) break;
    damping = step.good ? std::max(damping * 0.01, damping_least) : damping * 100.0;
  }
}

Climber::Step Climber::line_step(const Smoothing& smoothing, const Modes& modes, double slope_at_zero) {
  double low = 0.0;
  double slope_low = slope_at_zero;
  double high = 0.0;
  double slope_high = 0.0;
  double step = 1.0;
  for (int i = 0; i < line_evaluations_max; ++i) {
    const double slope = slope_along(gradient_at(step, smoothing, modes), direction_);
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

// Keeps the point if it proves more than any before; returns by how much more.
double Climber::record(const Modes& modes) {
  const double bound = dual_.bound(point_, modes);
  const double rise = bound - best_.bound;
  if (rise > 0.0) {
    best_.bound = bound;
    best_.multipliers = point_;
    clip_rows(program_, best_.multipliers);
  }
  return rise;
}

const Ascent& Climber::ascend(const Multipliers& start, const Modes& modes, const AscentLimits& limits) {
  point_ = start;
  clip_rows(program_, point_);
  best_.iterations = 0;
  best_.bound = -std::numeric_limits<double>::infinity();
  record(modes);
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
  for (const Smoothing& smoothing : stages_of(limits)) {
    const bool last = &smoothing == &stages.back();
    for (int i = 0; i < (last ? last_recenterings : stage_recenterings); ++i) {
      climb(smoothing, modes, limits);
      const double rise = record(modes);
      if (best_.bound >= limits.enough || best_.iterations >= limits.iterations_max) return best_;
      dual_.recenter();
      if (program_.rows.empty() || (i > 0 && rise < tolerance_of(smoothing, limits))) break;
    }
  }
  return best_;
}

}  // namespace lotwright::numerics
