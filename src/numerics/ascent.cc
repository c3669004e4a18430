#include "numerics/ascent.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace lotwright::numerics {
long g_evals = 0, g_its = 0, g_asc = 0;
struct Pr { ~Pr() { if (getenv("CNT")) fprintf(stderr, "COUNT evals %ld its %ld ascends %ld\n", g_evals, g_its, g_asc); } } g_pr;
namespace {

// Widths of the rounded kinks, in value: each stage starts where the last one ended.
[[maybe_unused]] constexpr double stage_widths[] = {1e-4, 1e-5, 1e-6};
[[maybe_unused]] constexpr int stage_recenterings = 4;
constexpr int line_evaluations_max = 7;
[[maybe_unused]] constexpr double row_move_max = 0.5;
constexpr double damping_least = 1e-10;
constexpr double damping_most = 1e4;
[[maybe_unused]] constexpr double row_width = 0.02;

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
  ++evals_; ++g_evals;
  return dual_.climb(moved_, smoothing, modes);
}

// One climb at fixed smoothing. Along a direction the function is concave, so its slope falls: a step is good where the
// slope has fallen below half and not turned as steep the other way. Where none is found the next direction is damped.
// The dual is left where the point is.
void Climber::climb(const Smoothing& smoothing, const Modes& modes, const AscentLimits& limits) {
  double damping = damping_least;
  const double tolerance = std::max(limits.tolerance, 0.01 * smoothing.mode_width);
  const std::vector<double>& gradient = dual_.climb(point_, smoothing, modes);
  while (best_.iterations < limits.iterations_max && damping <= damping_most) {
    ++best_.iterations; ++g_its;
    dual_.newton_direction(damping, mm_, direction_);
    const double promise = slope_along(gradient, direction_);
    if (!(promise > tolerance)) break;  // also where it is not a number
    const Step step = line_step(smoothing, modes, promise);
    if (!step.tried_last) gradient_at(step.length, smoothing, modes);
    std::swap(point_, moved_);
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
  }
  return rise;
}

const Ascent& Climber::ascend(const Multipliers& start, const Modes& modes, const AscentLimits& limits) {
  point_ = start; ++g_asc;
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
  static const auto parse = [](const char* n, const char* d) { std::vector<double> v; const char* e = getenv(n); if (!e) e = d; while (*e) { char* q; v.push_back(strtod(e, &q)); e = *q ? q + 1 : q; } return v; };
  static const std::vector<double> cold = parse("W1", "1e-4,1e-5,1e-6"), warm = parse("W2", "1e-5,1e-6"), here = parse("W3", "1e-6"), rw = parse("RW", "0.02"), rc = parse("RC", "4"), mx = parse("MX", "0.5");
  mm_ = mx[0];
  for (const double width : limits.start == Start::anywhere ? cold : limits.start == Start::near ? warm : here) {
    const Smoothing smoothing{.mode_width = width, .row_width = rw[0]};
    for (int i = 0; i < (int)rc[0]; ++i) {
      const int before_ = best_.iterations;
      climb(smoothing, modes, limits);
      const double rise = record(modes);
      if (getenv("DBG")) {
        double gr = 0, gf = 0;
        const auto& g = dual_.climb(point_, smoothing, modes);
        for (size_t q = 0; q < g.size(); ++q) (q < point_.factor.size() ? gf : gr) = std::max(q < point_.factor.size() ? gf : gr, std::fabs(g[q]));
        fprintf(stderr, "   width %g center %d its %d evals %d bound %.10f rise %.3g |g| %.2g %.2g\n", width, i, best_.iterations - before_, evals_, best_.bound, rise, gf, gr);
      }
      if (best_.bound >= limits.enough || best_.iterations >= limits.iterations_max) return best_;
      dual_.recenter();
      if (program_.rows.empty() || (i > 0 && rise < std::max(limits.tolerance, 0.01 * width))) break;
    }
  }
  return best_;
}

}  // namespace lotwright::numerics
