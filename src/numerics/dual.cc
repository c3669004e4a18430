#include "numerics/dual.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/cholesky.h"
#include "numerics/lanes.h"

namespace lotwright::numerics {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// Rounding may move a sum of this many terms of this size by about 2^-53 each; the bound gives up far more than that.
constexpr double rounding_allowance = 1e-13;

// A linear row has one possible price: it is fixed there and takes no part in the climb.
bool is_linear(const Row& row) { return row.slopes.front() == row.slopes.back(); }

// Far above any curvature a row can have: its unknown stays where it is.
constexpr double fixed_give = 1e100;

// argmin over s of psi(s) - mu s + weight/2 (s - center)^2, and ds/dmu there.
struct Placed {
  double position;
  double give;
};
Placed place(const Row& row, double mu, double weight, double center) {
  for (std::size_t i = 0; i < row.slopes.size(); ++i) {
    const double free = center + (mu - row.slopes[i]) / weight;
    if (i < row.knots.size() && free > row.knots[i]) {
      // Beyond this stretch; the knot holds it if the next slope already pushes back.
      const double next = center + (mu - row.slopes[i + 1]) / weight;
      if (next <= row.knots[i]) return {row.knots[i], 0.0};
      continue;
    }
    return {free, 1.0 / weight};
  }
  return {center, 0.0};  // not reached: the last slope has no knot beyond it
}

}  // namespace

double cost_of(const Row& row, double s) {
  if (row.knots.empty()) return row.slopes[0] * s;
  double value = row.value_at_first_knot;
  if (s <= row.knots[0]) return value + row.slopes[0] * (s - row.knots[0]);
  for (std::size_t i = 0; i < row.knots.size(); ++i) {
    const double end = i + 1 < row.knots.size() ? std::min(s, row.knots[i + 1]) : s;
    value += row.slopes[i + 1] * (end - row.knots[i]);
    if (end == s) break;
  }
  return value;
}

// At one of the knots, since psi is piecewise linear and mu lies between its end slopes. Without a knot psi is
// slopes[0] s, mu its slope: nothing is left.
double priced_minimum(const Row& row, double mu) {
  if (row.knots.empty()) return 0.0;
  double least = std::numeric_limits<double>::infinity();
  for (const double knot : row.knots) least = std::min(least, cost_of(row, knot) - mu * knot);
  return least;
}

Multipliers zero_multipliers(const Program& program) {
  return {std::vector<double>(at(program.stride), 0.0), std::vector<double>(program.rows.size(), 0.0)};
}

void clip_rows(const Program& program, Multipliers& point) {
  for (std::size_t r = 0; r < program.rows.size(); ++r) {
    point.row[r] = std::clamp(point.row[r], program.rows[r].slopes.front(), program.rows[r].slopes.back());
  }
}

Dual::Dual(const Program& program)
    : program_(program), width_(program.stride + padded(static_cast<int>(program.rows.size()))) {
  queue_ = queue_of(program);
  name_price_.resize(program.names.size());
  gradient_.resize(at(width_));
}

void Dual::price(const Multipliers& point) {
  for (std::size_t i = 0; i < program_.names.size(); ++i) {
    name_price_[i] = dot(point.factor.data(), program_.loadings_of(static_cast<int>(i)), program_.stride);
  }
}

void Dual::evaluate_mode(int mode, const std::vector<double>& mu, Candidate& into) {
  into.mode = mode;
  into.value = 0.0;
  into.names.clear();
  const Range offers = program_.modes[at(mode)].offers;
  for (int o = offers.begin; o < offers.end; ++o) {
    const Offer& offer = program_.offers[at(o)];
    const Name& name = program_.names[at(offer.name)];
    NameChoice best{.name = offer.name, .branch = -1, .minimum = {}};
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      const BranchMinimum found =
          minimize_branch(program_, name, program_.branches[at(b)], name_price_[at(offer.name)], mu, queue_);
      if (best.branch < 0 || found.value < best.minimum.value) {
        best.branch = b;
        best.minimum = found;
      }
    }
    into.value += best.minimum.value;
    into.names.push_back(best);
  }
}

void Dual::evaluate_block(const Block& block, int only_mode, const std::vector<double>& mu) {
  best_.mode = second_.mode = -1;
  const int begin = only_mode >= 0 ? only_mode : block.modes.begin;
  const int end = only_mode >= 0 ? only_mode + 1 : block.modes.end;
  for (int m = begin; m < end; ++m) {
    evaluate_mode(m, mu, trial_);
    if (best_.mode < 0 || trial_.value < best_.value) {
      std::swap(second_, best_);
      std::swap(best_, trial_);
    } else if (second_.mode < 0 || trial_.value < second_.value) {
      std::swap(second_, trial_);
    }
  }
}

double Dual::bound(const Multipliers& unclipped, const std::vector<int>& mode_of_block) {
  Multipliers point = unclipped;
  clip_rows(program_, point);
  price(point);
  double value = 0.0;
  double size = 0.0;
  const auto add = [&value, &size](double term) {
    value += term;
    size += std::fabs(term);
  };
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    evaluate_block(program_.blocks[b], mode_of_block[b], point.row);
    add(best_.value);
  }
  if (program_.factors > 0) {
    add(dot(point.factor.data(), program_.factor_start.data(), program_.stride));
    add(-dot(point.factor.data(), point.factor.data(), program_.stride) / (2.0 * program_.risk_aversion));
  }
  for (std::size_t r = 0; r < program_.rows.size(); ++r) {
    add(point.row[r] * program_.rows[r].start);
    add(priced_minimum(program_.rows[r], point.row[r]));
  }
  return value - rounding_allowance * size * static_cast<double>(program_.blocks.size() + 64);
}

// Right after the choice's mode was evaluated: the queue of its branch is still priced.
void Dual::contribute(const NameChoice& choice, double weight, double* factors, double* rows) const {
  const Branch& branch = program_.branches[at(choice.branch)];
  const double x = choice.minimum.x;
  if (x != 0.0) add_scaled(weight * x, program_.loadings_of(choice.name), factors, program_.stride);
  const auto put = [this, rows](Range entries, double amount) {
    for (int e = entries.begin; e < entries.end; ++e) {
      rows[program_.entries[at(e)].row] += amount * program_.entries[at(e)].coefficient;
    }
  };
  put(branch.rows, weight * x);
  put(branch.fixed_rows, weight);
  consume(program_, branch, queue_, -x,
          [&](int piece, double taken) { put(program_.pieces[at(piece)].rows, weight * taken); });
}

void Dual::add_curvature(const NameChoice& choice, double weight) {
  if (choice.minimum.give >= 0.0 || weight <= 0.0) return;
  const std::size_t begin = updates_.size();
  updates_.resize(begin + at(width_), 0.0);
  double* u = updates_.data() + begin;
  const double scale = std::sqrt(-choice.minimum.give * weight);
  add_scaled(scale, program_.loadings_of(choice.name), u, program_.stride);
  double* rows = u + program_.stride;
  const Branch& branch = program_.branches[at(choice.branch)];
  for (int e = branch.rows.begin; e < branch.rows.end; ++e) {
    rows[program_.entries[at(e)].row] += scale * program_.entries[at(e)].coefficient;
  }
  if (choice.minimum.marginal_piece < 0) return;
  const Range entries = program_.pieces[at(choice.minimum.marginal_piece)].rows;
  for (int e = entries.begin; e < entries.end; ++e) {
    rows[program_.entries[at(e)].row] -= scale * program_.entries[at(e)].coefficient;
  }
}

void Dual::mix_block(double width) {
  double* factors = gradient_.data();
  double* rows = gradient_.data() + program_.stride;
  const bool tied = second_.mode >= 0 && second_.value - best_.value < width;
  const double weight = tied ? 0.5 + 0.5 * (second_.value - best_.value) / width : 1.0;
  for (const NameChoice& choice : best_.names) {
    contribute(choice, weight, factors, rows);
    add_curvature(choice, weight);
  }
  if (!tied) return;
  for (const NameChoice& choice : second_.names) {
    contribute(choice, 1.0 - weight, factors, rows);
    add_curvature(choice, 1.0 - weight);
  }
  // The weight itself moves with the prices: one more rank-one term along the difference of the two modes.
  const std::size_t begin = updates_.size();
  updates_.resize(begin + at(width_), 0.0);
  double* u = updates_.data() + begin;
  const double scale = 1.0 / std::sqrt(2.0 * width);
  for (const NameChoice& choice : best_.names) contribute(choice, scale, u, u + program_.stride);
  for (const NameChoice& choice : second_.names) contribute(choice, -scale, u, u + program_.stride);
}

double Dual::place_rows(const std::vector<double>& mu, const Smoothing& smoothing) {
  const std::size_t m = program_.rows.size();
  row_values_.resize(m);
  row_positions_.resize(m);
  row_give_.resize(m);
  double value = 0.0;
  for (std::size_t r = 0; r < m; ++r) {
    const Row& row = program_.rows[r];
    double& slot = gradient_[at(program_.stride) + r];
    row_values_[r] = row.start + slot;
    if (is_linear(row)) {
      value += mu[r] * row.start + priced_minimum(row, mu[r]);
      row_positions_[r] = row_values_[r];
      row_give_[r] = fixed_give;
      slot = 0.0;
      continue;
    }
    const Placed placed = place(row, mu[r], smoothing.row_weight, smoothing.row_center[r]);
    row_positions_[r] = placed.position;
    row_give_[r] = placed.give;
    const double away = placed.position - smoothing.row_center[r];
    value += mu[r] * row.start + cost_of(row, placed.position) - mu[r] * placed.position +
             0.5 * smoothing.row_weight * away * away;
    slot = row_values_[r] - placed.position;
  }
  return value;
}

double Dual::climb(const Multipliers& point, const Smoothing& smoothing, const std::vector<int>& mode_of_block) {
  price(point);
  std::fill(gradient_.begin(), gradient_.end(), 0.0);
  updates_.clear();
  double value = 0.0;
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    evaluate_block(program_.blocks[b], mode_of_block[b], point.row);
    value += best_.value;
    if (second_.mode >= 0 && second_.value - best_.value < smoothing.mode_width) {
      const double short_by = smoothing.mode_width - (second_.value - best_.value);
      value -= short_by * short_by / (4.0 * smoothing.mode_width);
    }
    mix_block(smoothing.mode_width);
  }
  if (program_.factors > 0) {
    value += dot(point.factor.data(), program_.factor_start.data(), program_.stride) -
             dot(point.factor.data(), point.factor.data(), program_.stride) / (2.0 * program_.risk_aversion);
    add_scaled(1.0, program_.factor_start.data(), gradient_.data(), program_.stride);
    add_scaled(-1.0 / program_.risk_aversion, point.factor.data(), gradient_.data(), program_.stride);
  }
  return value + place_rows(point.row, smoothing);
}

std::vector<double> Dual::newton_direction(double damping) const {
  std::vector<double> a(at(width_) * at(width_), 0.0);
  const int used = program_.stride + static_cast<int>(program_.rows.size());
  for (std::size_t begin = 0; begin < updates_.size(); begin += at(width_)) {
    const double* u = updates_.data() + begin;
    for (int i = 0; i < used; ++i) {
      if (u[i] != 0.0) add_scaled(u[i], u, a.data() + at(i) * at(width_), padded(i + 1));
    }
  }
  for (int i = 0; i < used; ++i) {
    double& diagonal = a[at(i) * at(width_) + at(i)];
    if (i < program_.stride) {
      diagonal += 1.0 / program_.risk_aversion;
    } else {
      diagonal += row_give_[at(i - program_.stride)];
    }
    diagonal += damping * (diagonal + 1.0);
  }
  std::vector<double> direction(gradient_.begin(), gradient_.begin() + used);
  solve_positive_definite(a, used, width_, direction);
  return direction;
}

std::vector<BlockChoice> Dual::choices(const Multipliers& point, const std::vector<int>& mode_of_block) {
  price(point);
  std::vector<BlockChoice> result;
  result.reserve(program_.blocks.size());
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    evaluate_block(program_.blocks[b], mode_of_block[b], point.row);
    const double margin = second_.mode >= 0 ? second_.value - best_.value : std::numeric_limits<double>::infinity();
    result.push_back({best_.mode, margin, best_.names});
  }
  return result;
}

}  // namespace lotwright::numerics
