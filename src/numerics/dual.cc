#include "numerics/dual.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/cholesky.h"
#include "numerics/wide.h"

namespace lotwright::numerics {
namespace {

// A linear row has one possible price: it is fixed there and takes no part in the climb.
bool is_linear(const Row& row) { return row.slopes.front() == row.slopes.back(); }

// Blocks whose modes share less of the whole than this are decided.
constexpr double least_spread = 1e-7;

double steepest(const Row& row) { return std::max(std::fabs(row.slopes.front()), std::fabs(row.slopes.back())); }

double between_knots(const Row& row, double s) {
  return row.knots.empty() ? s : std::clamp(s, row.knots.front(), row.knots.back());
}

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

// prices[i] = sum over factors of nu_f F_if, eight names at a time.
LOTWRIGHT_WIDE void price_names(const double* by_lane, const double* nu, int factors, int groups, double* prices) {
  for (int g = 0; g < groups; ++g) {
    double total[lanes] = {};
    for (int f = 0; f < factors; ++f) {
      for (int l = 0; l < lanes; ++l) total[l] += nu[f] * by_lane[f * lanes + l];
    }
    for (int l = 0; l < lanes; ++l) prices[l] = total[l];
    by_lane += factors * lanes;
    prices += lanes;
  }
}

// sums[f] += F_if x_i over the names of each lane; the caller adds the lanes up.
LOTWRIGHT_WIDE void add_exposures(const double* by_lane, const double* x, int factors, int groups, double* sums) {
  for (int g = 0; g < groups; ++g, by_lane += factors * lanes, x += lanes) {
    double any = 0.0;
    for (int l = 0; l < lanes; ++l) any += std::fabs(x[l]);
    if (any == 0.0) continue;
    for (int f = 0; f < factors; ++f) {
      for (int l = 0; l < lanes; ++l) sums[f * lanes + l] += by_lane[f * lanes + l] * x[l];
    }
  }
}

// matrix += sum of u u' over `count` vectors (a multiple of four) of `used` entries each, the upper triangle, in whole
// lanes; vectors and rows of the matrix are `width` apart.
LOTWRIGHT_WIDE void add_squares(const double* u, int count, int used, int width, double* __restrict matrix) {
  const int end = padded(used);
  for (int c = 0; c < count; c += 4) {
    const double* u0 = u + static_cast<std::ptrdiff_t>(c) * width;
    const double* u1 = u0 + width;
    const double* u2 = u1 + width;
    const double* u3 = u2 + width;
    for (int i = 0; i < used; ++i) {
      const double w0 = u0[i];
      const double w1 = u1[i];
      const double w2 = u2[i];
      const double w3 = u3[i];
      double* row = matrix + static_cast<std::ptrdiff_t>(i) * width;
      for (int j = i / lanes * lanes; j < end; ++j) row[j] += (w0 * u0[j] + w1 * u1[j]) + (w2 * u2[j] + w3 * u3[j]);
    }
  }
}

// The rest of the squares of such vectors, whose entries from `dense` on are nearly all zero: names touch few rows.
// What belongs above the diagonal of the dense columns is left below it, row by row; see mirror().
LOTWRIGHT_WIDE void add_sparse_squares(const double* u, int count, int dense, int used, int width,
                                       double* __restrict matrix) {
  for (int c = 0; c < count; ++c, u += width) {
    for (int i = dense; i < used; ++i) {
      const double w = u[i];
      if (w == 0.0) continue;
      double* row = matrix + static_cast<std::ptrdiff_t>(i) * width;
      for (int j = 0; j < dense; ++j) row[j] += w * u[j];
      for (int j = i; j < used; ++j) row[j] += w * u[j];
    }
  }
}

// Adds the entries left of `dense` to those above the diagonal that they stand for.
void mirror(int dense, int used, int width, double* matrix) {
  for (int i = dense; i < used; ++i) {
    double* row = matrix + static_cast<std::ptrdiff_t>(i) * width;
    for (int j = 0; j < dense; ++j) matrix[static_cast<std::ptrdiff_t>(j) * width + i] += row[j];
  }
}

double norm(const double* v, int size) { return std::sqrt(dot(v, v, size)); }

}  // namespace

Dual::Dual(const Program& program)
    : program_(program), width_(program.stride + padded(static_cast<int>(program.rows.size()))), moves_(program) {
  offer_options_.resize(program.offers.size());
  for (const Mode& mode : program.modes) {
    for (int o = mode.offers.begin; o < mode.offers.end; ++o) {
      const Offer& offer = program.offers[at(o)];
      const int begin = static_cast<int>(options_.size());
      for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
        options_.push_back({offer.name, b, moves_.slot_of(b)});
      }
      offer_options_[at(o)] = {begin, static_cast<int>(options_.size())};
    }
  }
  const std::size_t names = at(padded(static_cast<int>(program.names.size())));
  by_lane_.assign(names * at(program.factors), 0.0);
  for (std::size_t n = 0; n < program.names.size(); ++n) {
    const double* f = program.loadings_of(static_cast<int>(n));
    double* group = by_lane_.data() + n / lanes * lanes * at(program.factors);
    for (int i = 0; i < program.factors; ++i) group[at(i) * lanes + n % lanes] = f[i];
    const Name& name = program.names[n];
    at_rest_ += 0.5 * name.curvature * name.start * name.start + name.hinge_cost * std::max(0.0, name.start);
  }
  name_price_.resize(names);
  moved_.resize(names);
  bundle_price_.resize(program.bundles.size());
  bundle_size_.resize(program.bundles.size());
  bundle_amount_.resize(program.bundles.size());
  option_value_.resize(options_.size());
  option_weight_.resize(options_.size());
  option_center_.resize(options_.size());
  mode_weight_.resize(program.modes.size());
  mode_center_.resize(program.modes.size());
  gradient_.resize(at(unknowns()));
  row_position_.resize(program.rows.size());
  row_center_.resize(program.rows.size());
  row_give_.resize(program.rows.size());
  hessian_.resize(at(width_) * at(width_));
}

// ── at given prices ─────────────────────────────────────────────────────────────────────────────────────────────────

void Dual::evaluate(const Multipliers& point) {
  if (evaluated_ && point.row == point_.row && point.factor == point_.factor) return;
  point_ = point;
  evaluated_ = true;
  price_names(by_lane_.data(), point.factor.data(), program_.factors, static_cast<int>(name_price_.size()) / lanes,
              name_price_.data());
  for (std::size_t b = 0; b < bundle_price_.size(); ++b) {
    bundle_price_[b] = price_of(program_, static_cast<int>(b), point.row);
    bundle_size_[b] = size_of(program_, static_cast<int>(b), point.row);
  }
  moves_.minimize(name_price_, bundle_price_, bundle_size_);
  for (std::size_t o = 0; o < options_.size(); ++o) option_value_[o] = moves_.value(options_[o].slot);
}

int Dual::cheapest(Range options) const {
  int best = options.begin;
  for (int o = options.begin + 1; o < options.end; ++o) {
    if (option_value_[at(o)] < option_value_[at(best)]) best = o;
  }
  return best;
}

double Dual::least_of_mode(int mode) const {
  const Range offers = program_.modes[at(mode)].offers;
  double value = 0.0;
  for (int o = offers.begin; o < offers.end; ++o) value += option_value_[at(cheapest(offer_options_[at(o)]))];
  return value;
}

double Dual::bound(const Multipliers& unclipped, const Modes& modes) {
  clipped_ = unclipped;
  clip_rows(program_, clipped_);
  evaluate(clipped_);
  double value = 0.0;
  double size = 0.0;
  const auto add = [&value, &size](double term) {
    value += term;
    size += std::fabs(term);
  };
  add(at_rest_);
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    const Range of_block = modes_of(program_.blocks[b], modes[b]);
    double least = std::numeric_limits<double>::infinity();
    for (int m = of_block.begin; m < of_block.end; ++m) least = std::min(least, least_of_mode(m));
    add(least);
  }
  if (program_.factors > 0) {
    add(dot(clipped_.factor.data(), program_.factor_start.data(), program_.stride));
    add(-dot(clipped_.factor.data(), clipped_.factor.data(), program_.stride) / (2.0 * program_.risk_aversion));
  }
  for (std::size_t r = 0; r < program_.rows.size(); ++r) {
    add(clipped_.row[r] * program_.rows[r].start);
    add(priced_minimum(program_.rows[r], clipped_.row[r]));
    for (const double knot : program_.rows[r].knots)
      size += (steepest(program_.rows[r]) + std::fabs(clipped_.row[r])) * std::fabs(knot);
    size += std::fabs(program_.rows[r].value_at_first_knot);
  }
  const double rounding = moves_.rounding(norm(clipped_.factor.data(), program_.stride));
  return value - rounding - half_ulp * size * static_cast<double>(program_.blocks.size() + program_.names.size() + 200);
}

void Dual::choose(const Multipliers& point, const Modes& modes, std::vector<BlockChoice>& choices) {
  evaluate(point);
  choices.resize(program_.blocks.size());
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    BlockChoice& choice = choices[b];
    const Range of_block = modes_of(program_.blocks[b], modes[b]);
    double best = std::numeric_limits<double>::infinity();
    double second = best;
    for (int m = of_block.begin; m < of_block.end; ++m) {
      const double value = least_of_mode(m);
      if (value < best) {
        second = best;
        best = value;
        choice.mode = m;
      } else {
        second = std::min(second, value);
      }
    }
    choice.margin = second - best;
    choice.names.clear();
    const Range offers = program_.modes[at(choice.mode)].offers;
    for (int o = offers.begin; o < offers.end; ++o) {
      const Option& option = options_[at(cheapest(offer_options_[at(o)]))];
      choice.names.push_back({option.name, option.branch, moves_.x(option.slot)});
    }
  }
}

double Dual::weight_of(int mode, bool single) const {
  if (!single) return mode_weight_[at(mode)];
  double weight = 0.0;
  for (int o = first_option({mode, mode + 1}); o < last_option({mode, mode + 1}); ++o) weight += option_weight_[at(o)];
  return weight;
}

void Dual::lean(const Modes& modes, Modes& leaning) const {
  leaning.resize(program_.blocks.size());
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    const Range of_block = modes_of(program_.blocks[b], modes[b]);
    const bool single = is_single(program_.blocks[b]);
    double most = -1.0;
    for (int m = of_block.begin; m < of_block.end; ++m) {
      const double weight = weight_of(m, single);
      if (weight <= most) continue;
      most = weight;
      leaning[b] = m;
    }
  }
}

int Dual::most_undecided(const Modes& modes) const {
  int found = -1;
  double most = least_spread;
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    const Range of_block = modes_of(program_.blocks[b], modes[b]);
    if (of_block.size() == 1) continue;
    const bool single = is_single(program_.blocks[b]);
    double spread = 0.0;
    for (int m = of_block.begin; m < of_block.end; ++m) {
      const Range options = {first_option({m, m + 1}), last_option({m, m + 1})};
      const double weight = weight_of(m, single);
      double moved = 0.0;
      for (int o = options.begin; o < options.end; ++o) {
        moved += option_weight_[at(o)] * std::fabs(moves_.x(options_[at(o)].slot));
      }
      // Of a single block the weights of options are those of its modes already.
      spread += (1.0 - weight) * (single ? moved : weight * moved);
    }
    if (spread <= most) continue;
    most = spread;
    found = static_cast<int>(b);
  }
  return found;
}

// ── the climbed function ────────────────────────────────────────────────────────────────────────────────────────────

void Dual::center(const Modes& modes) {
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    const Range of_block = modes_of(program_.blocks[b], modes[b]);
    const bool alone = is_single(program_.blocks[b]);
    const Range all = {first_option(of_block), last_option(of_block)};
    for (int m = of_block.begin; m < of_block.end; ++m) {
      mode_center_[at(m)] = 1.0 / of_block.size();
      const Range offers = program_.modes[at(m)].offers;
      for (int o = offers.begin; o < offers.end; ++o) {
        const Range options = offer_options_[at(o)];
        const double share = 1.0 / (alone ? all.size() : options.size());
        std::fill(option_center_.begin() + options.begin, option_center_.begin() + options.end, share);
      }
    }
  }
  for (std::size_t r = 0; r < program_.rows.size(); ++r) {
    const Row& row = program_.rows[r];
    row_center_[r] = between_knots(row, row.start);
  }
  option_weight_ = option_center_;
  mode_weight_ = mode_center_;
}

void Dual::center_at(const Multipliers& point, const Modes& modes) {
  evaluate(point);
  mode_width_ = 1e-300;
  answer(modes);
  add_gradient();
  for (std::size_t r = 0; r < program_.rows.size(); ++r) {
    const Row& row = program_.rows[r];
    row_position_[r] = between_knots(row, row.start + gradient_[at(program_.stride) + r]);
  }
  recenter();
}

void Dual::recenter() {
  option_center_ = option_weight_;
  mode_center_ = mode_weight_;
  row_center_ = row_position_;
}

// Weights on the simplex that minimize sum w v + width/2 |w - center|^2: w_i = max(0, center_i - v_i/width - level).
// Returns the least value.
double Dual::mix(int count, const double* values, const double* centers, double width, double* weights) {
  double least = values[0];
  for (int i = 1; i < count; ++i) least = std::min(least, values[i]);
  for (int i = 0; i < count; ++i) weights[i] = centers[i] - (values[i] - least) / width;
  // Those below the level drop out; the level of the rest only rises.
  double level = -std::numeric_limits<double>::infinity();
  for (int dropped = -1; dropped != 0;) {
    double sum = 0.0;
    int left = 0;
    for (int i = 0; i < count; ++i) {
      if (weights[i] > level) {
        sum += weights[i];
        ++left;
      }
    }
    const double next = (sum - 1.0) / left;
    dropped = 0;
    for (int i = 0; i < count; ++i) dropped += weights[i] > level && weights[i] <= next ? 1 : 0;
    level = next;
  }
  double value = 0.0;
  for (int i = 0; i < count; ++i) {
    weights[i] = std::max(0.0, weights[i] - level);
    const double away = weights[i] - centers[i];
    value += weights[i] * values[i] + 0.5 * width * away * away;
  }
  return value;
}

// Shares the weight of one name's options; returns the smoothed value.
double Dual::mix_options(Range options) {
  double* weights = option_weight_.data() + options.begin;
  const int best = cheapest(options);
  const double least = option_value_[at(best)];
  // Nobody else is near: at most one step of the center away.
  int near = 0;
  for (int o = options.begin; o < options.end; ++o) {
    near += option_value_[at(o)] <= least + 2.0 * mode_width_ ? 1 : 0;
    option_weight_[at(o)] = 0.0;
  }
  option_weight_[at(best)] = 1.0;
  if (near <= 1) return least;
  return mix(options.size(), option_value_.data() + options.begin, option_center_.data() + options.begin, mode_width_,
             weights);
}

double Dual::mix_mode(int mode) {
  const Range offers = program_.modes[at(mode)].offers;
  double value = 0.0;
  for (int o = offers.begin; o < offers.end; ++o) value += mix_options(offer_options_[at(o)]);
  return value;
}

void Dual::use(Range options, double weight) {
  int tied = 0;
  for (int o = options.begin; o < options.end; ++o) {
    const double w = option_weight_[at(o)];
    if (w <= 0.0) continue;
    ++tied;
    if (options_[at(o)].slot != Moves::holding) used_.push_back({o, weight * w});
  }
  if (tied > 1) tied_options_.push_back({options, weight});
}

// Which options every block takes, and how much of each.
void Dual::answer(const Modes& modes) {
  used_.clear();
  tied_options_.clear();
  tied_modes_.clear();
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    const Range of_block = modes_of(program_.blocks[b], modes[b]);
    if (is_single(program_.blocks[b])) {
      const Range options = {first_option(of_block), last_option(of_block)};
      mix_options(options);
      use(options, 1.0);
      continue;
    }
    mode_values_.clear();
    for (int m = of_block.begin; m < of_block.end; ++m) mode_values_.push_back(mix_mode(m));
    double* weights = mode_weight_.data() + of_block.begin;
    mix(of_block.size(), mode_values_.data(), mode_center_.data() + of_block.begin, mode_width_, weights);
    int tied = 0;
    for (int m = of_block.begin; m < of_block.end; ++m) {
      if (mode_weight_[at(m)] <= 0.0) continue;
      ++tied;
      const Range offers = program_.modes[at(m)].offers;
      for (int o = offers.begin; o < offers.end; ++o) use(offer_options_[at(o)], mode_weight_[at(m)]);
    }
    if (tied > 1) tied_modes_.push_back(of_block);
  }
}

void Dual::add_gradient() {
  std::ranges::fill(gradient_, 0.0);
  std::ranges::fill(moved_, 0.0);
  std::ranges::fill(bundle_amount_, 0.0);
  for (const Used& used : used_) {
    const Option& option = options_[at(used.option)];
    moved_[at(option.name)] += used.weight * moves_.x(option.slot);
    moves_.visit_rows(option.slot,
                      [&](int bundle, double amount) { bundle_amount_[at(bundle)] += used.weight * amount; });
  }
  double* rows = gradient_.data() + program_.stride;
  for (std::size_t b = 1; b < bundle_amount_.size(); ++b) put_bundle(static_cast<int>(b), bundle_amount_[b], rows);
  if (program_.factors == 0) return;
  scratch_.assign(at(program_.factors) * lanes, 0.0);
  add_exposures(by_lane_.data(), moved_.data(), program_.factors, static_cast<int>(moved_.size()) / lanes,
                scratch_.data());
  for (int f = 0; f < program_.factors; ++f) {
    Lanes of_factor;
    load(scratch_.data() + at(f) * lanes, of_factor);
    gradient_[at(f)] = sum(of_factor) + program_.factor_start[at(f)] - point_.factor[at(f)] / program_.risk_aversion;
  }
}

void Dual::place_rows(double row_width) {
  for (std::size_t r = 0; r < program_.rows.size(); ++r) {
    const Row& row = program_.rows[r];
    double& slot = gradient_[at(program_.stride) + r];
    const double reached = row.start + slot;
    if (is_linear(row)) {
      row_position_[r] = reached;
      row_give_[r] = fixed_give;
      slot = 0.0;
      continue;
    }
    const Placed placed = place(row, point_.row[r], row_width, row_center_[r]);
    row_position_[r] = placed.position;
    row_give_[r] = placed.give;
    slot = reached - placed.position;
  }
}

const std::vector<double>& Dual::climb(const Multipliers& point, const Smoothing& smoothing, const Modes& modes) {
  evaluate(point);
  mode_width_ = smoothing.mode_width;
  answer(modes);
  add_gradient();
  place_rows(smoothing.row_width);
  return gradient_;
}

// ── its curvature ───────────────────────────────────────────────────────────────────────────────────────────────────

double* Dual::new_update() {
  updates_.resize(updates_.size() + at(width_), 0.0);
  return updates_.data() + (updates_.size() - at(width_));
}

void Dual::put_bundle(int bundle, double amount, double* rows) const {
  const Bundle& entries = program_.bundles[at(bundle)];
  for (int e = entries.begin; e < entries.end; ++e) {
    rows[program_.entries[at(e)].row] += amount * program_.entries[at(e)].coefficient;
  }
}

// What an option does to factors and rows, `weight` times.
void Dual::put_option(const Option& option, double weight, double* into) const {
  if (option.slot == Moves::holding) return;
  add_scaled(weight * moves_.x(option.slot), program_.loadings_of(option.name), into, program_.stride);
  moves_.visit_rows(option.slot,
                    [&](int bundle, double amount) { put_bundle(bundle, weight * amount, into + program_.stride); });
}

void Dual::put_mode(int mode, double weight, double* into) const {
  const Range offers = program_.modes[at(mode)].offers;
  for (int o = offers.begin; o < offers.end; ++o) {
    const Range options = offer_options_[at(o)];
    for (int i = options.begin; i < options.end; ++i) {
      if (option_weight_[at(i)] > 0.0) put_option(options_[at(i)], weight * option_weight_[at(i)], into);
    }
  }
}

// A name that is free to move gives way to prices by itself.
void Dual::add_give(const Option& option, double weight) {
  const double give = moves_.give(option.slot);
  if (give <= 0.0) return;
  double* u = new_update();
  const double scale = std::sqrt(give * weight);
  add_scaled(scale, program_.loadings_of(option.name), u, program_.stride);
  moves_.visit_margin(option.slot,
                      [&](int bundle, double amount) { put_bundle(bundle, scale * amount, u + program_.stride); });
}

// Shared weights move with the prices: (1/width) sum (g_i - mean)(g_i - mean)' over those that share, g_i being what
// the i-th does to factors and rows.
template <class Put>
void Dual::add_spread(int tied, double weight, const Put& put) {
  const double scale = std::sqrt(weight / mode_width_);
  if (tied == 2) {  // both differ from their mean by half of what they differ by
    double* u = new_update();
    put(0, scale * std::sqrt(0.5), u);
    put(1, -scale * std::sqrt(0.5), u);
    return;
  }
  for (int i = 0; i < tied; ++i) {
    double* u = new_update();
    for (int j = 0; j < tied; ++j) put(j, scale * ((i == j ? 1.0 : 0.0) - 1.0 / tied), u);
  }
}

void Dual::add_curvature() {
  updates_.clear();
  for (const Used& used : used_) add_give(options_[at(used.option)], used.weight);
  for (const Tied& tied : tied_options_) {
    sharing_.clear();
    for (int o = tied.options.begin; o < tied.options.end; ++o) {
      if (option_weight_[at(o)] > 0.0) sharing_.push_back(o);
    }
    add_spread(static_cast<int>(sharing_.size()), tied.weight,
               [&](int i, double scale, double* u) { put_option(options_[at(sharing_[at(i)])], scale, u); });
  }
  for (const Range modes : tied_modes_) {
    sharing_.clear();
    for (int m = modes.begin; m < modes.end; ++m) {
      if (mode_weight_[at(m)] > 0.0) sharing_.push_back(m);
    }
    add_spread(static_cast<int>(sharing_.size()), 1.0,
               [&](int i, double scale, double* u) { put_mode(sharing_[at(i)], scale, u); });
  }
  while (updates_.size() / at(width_) % 4 != 0) new_update();
}

void Dual::newton_direction(double damping, double row_move_max, std::vector<double>& direction) {
  add_curvature();
  std::ranges::fill(hessian_, 0.0);
  const int used = unknowns();
  const int count = static_cast<int>(updates_.size() / at(width_));
  add_squares(updates_.data(), count, program_.stride, width_, hessian_.data());
  add_sparse_squares(updates_.data(), count, program_.stride, used, width_, hessian_.data());
  mirror(program_.stride, used, width_, hessian_.data());
  for (int i = 0; i < used; ++i) {
    double& diagonal = hessian_[at(i) * at(width_) + at(i)];
    if (i < program_.stride) {
      diagonal += 1.0 / program_.risk_aversion;
    } else {
      // A row that few names can move would jump: its own damping fades as its gradient does.
      diagonal += row_give_[at(i - program_.stride)] + std::fabs(gradient_[at(i)]) / row_move_max;
    }
    diagonal += damping * (diagonal + 1.0);
  }
  direction = gradient_;
  solve_positive_definite(hessian_, used, width_, direction, scratch_);
}

}  // namespace lotwright::numerics
