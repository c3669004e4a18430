#include "numerics/dual.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/cholesky.h"
#include "numerics/wide.h"

namespace lotwright::numerics {
namespace {

// Blocks whose modes share less of the whole than this are decided.
constexpr double least_spread = 1e-7;

double steepest(const Row& row) { return std::max(std::fabs(row.slopes.front()), std::fabs(row.slopes.back())); }

// prices[i] = sum over factors of nu_f F_if, eight names at a time.
LOTWRIGHT_WIDE void price_names(const double* by_lane, const double* nu, int factors, int groups, double* prices) {
  for (int g = 0; g < groups; ++g, prices += lanes) {
    Half low{};
    Half high{};
    for (int f = 0; f < factors; ++f, by_lane += lanes) {
      low += nu[f] * half(by_lane);
      high += nu[f] * half(by_lane + half_lanes);
    }
    half(prices) = low;
    half(prices + half_lanes) = high;
  }
}

// sums[f] += F_if x_i over the names of each lane; the caller adds the lanes up.
LOTWRIGHT_WIDE void add_exposures(const double* by_lane, const double* x, int factors, int groups, double* sums) {
  for (int g = 0; g < groups; ++g, by_lane += factors * lanes, x += lanes) {
    double any = 0.0;
    for (int l = 0; l < lanes; ++l) any += std::fabs(x[l]);
    if (any == 0.0) continue;
    const Half low = half(x);
    const Half high = half(x + half_lanes);
    const double* loadings = by_lane;
    double* sum = sums;
    for (int f = 0; f < factors; ++f, loadings += lanes, sum += lanes) {
      half(sum) += half(loadings) * low;
      half(sum + half_lanes) += half(loadings + half_lanes) * high;
    }
  }
}

// matrix += sum over four names of weight f f', the upper triangle in whole lanes; rows are `width` apart.
LOTWRIGHT_WIDE void add_four_squares(const double* const* f, const double* weights, int used, int width,
                                     double* __restrict matrix) {
  const int end = padded(used);
  const double* f0 = f[0];
  const double* f1 = f[1];
  const double* f2 = f[2];
  const double* f3 = f[3];
  for (int i = 0; i < used; ++i, matrix += width) {
    const double w0 = weights[0] * f0[i];
    const double w1 = weights[1] * f1[i];
    const double w2 = weights[2] * f2[i];
    const double w3 = weights[3] * f3[i];
    for (int j = i / lanes * lanes; j < end; j += half_lanes) {
      half(matrix + j) += (w0 * half(f0 + j) + w1 * half(f1 + j)) + (w2 * half(f2 + j) + w3 * half(f3 + j));
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
    : program_(program),
      width_(program.stride + padded(static_cast<int>(program.rows.size()))),
      moves_(program),
      row_prices_(program.rows) {
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
  for (const Block& block : program.blocks) {
    blocks_.push_back({.options = {first_option(block.modes), last_option(block.modes)},
                       .single = program.modes[at(block.modes.begin)].offers.size() == 1});
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
  base_.assign(at(width_) * at(width_), 0.0);
  in_base_.resize(options_.size());
  base_seen_.resize(options_.size());
  margin_rows_.reserve(program.rows.size());
  no_loadings_.assign(at(program.stride), 0.0);
  bundle_amount_.resize(program.bundles.size());
  option_value_.resize(options_.size());
  option_weight_.resize(options_.size());
  option_center_.resize(options_.size());
  mode_weight_.resize(program.modes.size());
  mode_center_.resize(program.modes.size());
  gradient_.resize(at(unknowns()));
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
  }
  moves_.minimize(name_price_, bundle_price_);
  for (std::size_t o = 0; o < options_.size(); ++o) option_value_[o] = moves_.value(options_[o].slot);
}

int Dual::cheapest(Range options) const {
  int best = options.begin;
  for (int o = options.begin + 1; o < options.end; ++o) {
    if (option_value_[at(o)] < option_value_[at(best)]) best = o;
  }
  return best;
}

template <class Value>
double Dual::least_of_mode(int mode, const Value& value) const {
  const Range offers = program_.modes[at(mode)].offers;
  double total = 0.0;
  for (int o = offers.begin; o < offers.end; ++o) {
    double least = std::numeric_limits<double>::infinity();
    const Range options = offer_options_[at(o)];
    for (int i = options.begin; i < options.end; ++i) least = std::min(least, value(i));
    total += least;
  }
  return total;
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
  const auto in_steps = [this](int option) { return moves_.stepped_value(options_[at(option)].slot); };
  add(at_rest_);
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    const Range of_block = modes_of(program_.blocks[b], modes[b]);
    double least = std::numeric_limits<double>::infinity();
    for (int m = of_block.begin; m < of_block.end; ++m) least = std::min(least, least_of_mode(m, in_steps));
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
  for (std::size_t b = 0; b < bundle_size_.size(); ++b) {
    bundle_size_[b] = size_of(program_, static_cast<int>(b), clipped_.row);
  }
  const double rounding = moves_.rounding(norm(clipped_.factor.data(), program_.stride), name_price_, bundle_size_);
  return value - rounding - half_ulp * size * static_cast<double>(program_.blocks.size() + program_.names.size() + 200);
}

void Dual::choose(const Multipliers& point, const Modes& modes, std::vector<BlockChoice>& choices) {
  evaluate(point);
  const auto value_of = [this](int option) { return option_value_[at(option)]; };
  choices.resize(program_.blocks.size());
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    BlockChoice& choice = choices[b];
    const Range of_block = modes_of(program_.blocks[b], modes[b]);
    double best = std::numeric_limits<double>::infinity();
    double second = best;
    for (int m = of_block.begin; m < of_block.end; ++m) {
      const double value = least_of_mode(m, value_of);
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
    const bool single = blocks_[b].single;
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
    const bool single = blocks_[b].single;
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
    const bool alone = blocks_[b].single;
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
  option_weight_ = option_center_;
  mode_weight_ = mode_center_;
  forget_base();
}

void Dual::center_at(const Multipliers& point, const Modes& modes) {
  evaluate(point);
  mode_width_ = 1e-300;
  answer(modes);
  recenter();
  forget_base();
}

void Dual::recenter() {
  option_center_ = option_weight_;
  mode_center_ = mode_weight_;
}

// Weights on the simplex that minimize sum w v + width/2 |w - center|^2: w_i = max(0, center_i - v_i/width - level).
// Returns the least value.
double Dual::mix(int count, const double* values, const double* centers, double* weights) {
  double least = values[0];
  for (int i = 1; i < count; ++i) least = std::min(least, values[i]);
  for (int i = 0; i < count; ++i) weights[i] = centers[i] - (values[i] - least) / mode_width_;
  // Those below the level drop out; the level of the rest only rises.
  double level = -std::numeric_limits<double>::infinity();
  int left = 0;
  for (int dropped = -1; dropped != 0;) {
    double sum = 0.0;
    left = 0;
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
    weights[i] = weights[i] > level ? (left == 1 ? 1.0 : weights[i] - level) : 0.0;
    const double away = weights[i] - centers[i];
    value += weights[i] * values[i] + 0.5 * mode_width_ * away * away;
  }
  return value;
}

// The cheapest of one name's options, and the value of the next.
LOTWRIGHT_INLINE Dual::Nearest Dual::nearest_of(Range options) const {
  Nearest nearest{options.begin, option_value_[at(options.begin)], std::numeric_limits<double>::infinity()};
  for (int o = options.begin + 1; o < options.end; ++o) {
    // Without branches: which of a few options is cheapest nobody can foresee.
    const double value = option_value_[at(o)];
    nearest.option = value < nearest.least ? o : nearest.option;
    nearest.second = std::min(nearest.second, std::max(nearest.least, value));
    nearest.least = std::min(nearest.least, value);
  }
  return nearest;
}

// Nobody else is near: at most one step of the center away.
LOTWRIGHT_INLINE bool Dual::is_alone(const Nearest& nearest) const {
  return nearest.second > nearest.least + 2.0 * mode_width_;
}

LOTWRIGHT_INLINE void Dual::take_alone(Range options, int option) {
  // No zeros first: they would be a call of memset for a few numbers, and this is done for every block of every step.
  for (int o = options.begin; o < options.end; ++o) option_weight_[at(o)] = o == option ? 1.0 : 0.0;
}

Dual::Mixed Dual::mix_near(Range options, double least) {
  return {mix(options.size(), option_value_.data() + options.begin, option_center_.data() + options.begin,
              option_weight_.data() + options.begin),
          least};
}

// Shares the weight of one name's options.
Dual::Mixed Dual::mix_options(Range options) {
  const Nearest nearest = nearest_of(options);
  if (!is_alone(nearest)) return mix_near(options, nearest.least);
  take_alone(options, nearest.option);
  return {nearest.least, nearest.least};
}

Dual::Mixed Dual::mix_mode(int mode) {
  const Range offers = program_.modes[at(mode)].offers;
  Mixed all;
  for (int o = offers.begin; o < offers.end; ++o) {
    const Mixed one = mix_options(offer_options_[at(o)]);
    all.value += one.value;
    all.least += one.least;
  }
  return all;
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
  smoothing_ = 0.0;
  block_value_ = 0.0;
  for (std::size_t b = 0; b < program_.blocks.size(); ++b) {
    if (!blocks_[b].single) {
      answer_several(modes_of(program_.blocks[b], modes[b]));
      continue;
    }
    const int mode = modes[b];
    const Range options =
        mode < 0 ? blocks_[b].options : Range{first_option({mode, mode + 1}), last_option({mode, mode + 1})};
    const Nearest nearest = nearest_of(options);
    if (is_alone(nearest)) {
      take_alone(options, nearest.option);
      block_value_ += nearest.least;
      if (options_[at(nearest.option)].slot != Moves::holding) used_.push_back({nearest.option, 1.0});
      continue;
    }
    const Mixed mixed = mix_near(options, nearest.least);
    smoothing_ += mixed.value - mixed.least;
    block_value_ += mixed.least;
    use(options, 1.0);
  }
}

void Dual::answer_several(Range modes) {
  mode_values_.clear();
  double least = std::numeric_limits<double>::infinity();
  for (int m = modes.begin; m < modes.end; ++m) {
    const Mixed mixed = mix_mode(m);
    mode_values_.push_back(mixed.value);
    least = std::min(least, mixed.least);
  }
  double* weights = mode_weight_.data() + modes.begin;
  smoothing_ += mix(modes.size(), mode_values_.data(), mode_center_.data() + modes.begin, weights) - least;
  block_value_ += least;
  int tied = 0;
  for (int m = modes.begin; m < modes.end; ++m) {
    if (mode_weight_[at(m)] <= 0.0) continue;
    ++tied;
    const Range offers = program_.modes[at(m)].offers;
    for (int o = offers.begin; o < offers.end; ++o) use(offer_options_[at(o)], mode_weight_[at(m)]);
  }
  if (tied > 1) tied_modes_.push_back(modes);
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
  for (std::size_t r = 0; r < program_.rows.size(); ++r) rows[r] += program_.rows[r].start;
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

void Dual::climb(const Multipliers& point, double width, const Modes& modes) {
  evaluate(point);
  mode_width_ = width;
  answer(modes);
  add_gradient();
}

double Dual::value() const {
  double value = at_rest_ + block_value_;
  if (program_.factors > 0) {
    const double* nu = point_.factor.data();
    value += dot(nu, program_.factor_start.data(), program_.stride);
    value -= dot(nu, nu, program_.stride) / (2.0 * program_.risk_aversion);
  }
  for (std::size_t r = 0; r < program_.rows.size(); ++r) {
    value += point_.row[r] * program_.rows[r].start + priced_minimum(program_.rows[r], point_.row[r]);
  }
  return value;
}

double Dual::slope_along(const Direction& direction) const {
  double slope = 0.0;
  for (std::size_t f = 0; f < direction.factor.size(); ++f) slope += gradient_[f] * direction.factor[f];
  for (std::size_t r = 0; r < direction.row.size(); ++r) slope += missed(r) * direction.row[r];
  return slope;
}

// By how much a row misses the values it takes at its price: zero if it reaches one of them.
double Dual::missed(std::size_t r) const {
  const RowValues values = values_at(program_.rows[r], point_.row[r]);
  const double reached = gradient_[at(program_.stride) + r];
  return reached - std::clamp(reached, values.low, values.high);
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
  const Moves::Margin margin = moves_.margin(option.slot);
  if (margin.give <= 0.0) return;
  double* u = new_update();
  const double scale = std::sqrt(margin.give * weight);
  add_scaled(scale, program_.loadings_of(option.name), u, program_.stride);
  put_bundle(margin.bundle, scale, u + program_.stride);
  put_bundle(margin.piece_bundle, scale * margin.amount, u + program_.stride);
}

// Adds or takes away what an option by itself gives way.
void Dual::change_base(int option, const Moves::Margin& margin, double sign) {
  ++base_changes_;
  const double weight = sign * margin.give;
  const double* f = program_.loadings_of(options_[at(option)].name);
  squares_.push_back({f, weight});
  margin_rows_.clear();
  double* on_rows = scratch_.data();
  for (const auto& [bundle, amount] : {std::pair(margin.bundle, 1.0), std::pair(margin.piece_bundle, margin.amount)}) {
    const Bundle& entries = program_.bundles[at(bundle)];
    for (int e = entries.begin; e < entries.end; ++e) {
      const RowEntry& entry = program_.entries[at(e)];
      if (on_rows[entry.row] == 0.0) margin_rows_.push_back(entry.row);
      on_rows[entry.row] += amount * entry.coefficient;
    }
  }
  for (const int r : margin_rows_) {
    double* row = base_.data() + at(program_.stride + r) * at(width_);
    const double w = weight * on_rows[r];
    add_scaled(w, f, row, program_.stride);
    for (const int c : margin_rows_) {
      if (c >= r) row[program_.stride + c] += w * on_rows[c];
    }
  }
  for (const int r : margin_rows_) on_rows[r] = 0.0;
}

void Dual::forget_base() {
  base_changes_ = 0;
  std::ranges::fill(base_, 0.0);
  for (const int o : base_options_) in_base_[at(o)] = {};
  base_options_.clear();
}

void Dual::update_base() {
  constexpr int rounding_grows = 20000;  // changes after which it is begun anew
  if (base_changes_ > rounding_grows) forget_base();
  ++base_step_;
  squares_.clear();
  scratch_.assign(program_.rows.size(), 0.0);
  for (const Used& used : used_) {
    const Option& option = options_[at(used.option)];
    if (used.weight != 1.0 || moves_.give(option.slot) <= 0.0) continue;
    Moves::Margin& before = in_base_[at(used.option)];
    base_seen_[at(used.option)] = base_step_;
    const Moves::Margin now = moves_.margin(option.slot);
    if (now == before) continue;
    if (before.give > 0.0) {
      change_base(used.option, before, -1.0);
    } else {
      base_options_.push_back(used.option);
    }
    change_base(used.option, now, 1.0);
    before = now;
  }
  std::erase_if(base_options_, [this](int o) {
    if (base_seen_[at(o)] == base_step_) return false;
    change_base(o, in_base_[at(o)], -1.0);
    in_base_[at(o)] = {};
    return true;
  });
  while (squares_.size() % 4 != 0) squares_.push_back({no_loadings_.data(), 0.0});
  for (std::size_t i = 0; i < squares_.size(); i += 4) {
    const double* f[4];
    double weights[4];
    for (std::size_t j = 0; j < 4; ++j) {
      f[j] = squares_[i + j].loadings;
      weights[j] = squares_[i + j].weight;
    }
    add_four_squares(f, weights, program_.stride, width_, base_.data());
  }
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
  for (const Used& used : used_) {
    if (used.weight != 1.0) add_give(options_[at(used.option)], used.weight);
  }
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

// Factors are eliminated first; what is left is a problem of the row prices alone.
void Dual::newton_direction(double damping, double row_move_max, Direction& direction) {
  update_base();
  add_curvature();
  std::ranges::copy(base_, hessian_.begin());
  const int used = unknowns();
  const int stride = program_.stride;
  const int count = static_cast<int>(updates_.size() / at(width_));
  add_squares(updates_.data(), count, stride, width_, hessian_.data());
  add_sparse_squares(updates_.data(), count, stride, used, width_, hessian_.data());
  mirror(stride, used, width_, hessian_.data());
  for (int i = 0; i < used; ++i) {
    double& diagonal = hessian_[at(i) * at(width_) + at(i)];
    // A row that few names can move would jump: its own damping fades as what it misses does.
    diagonal += i < stride ? 1.0 / program_.risk_aversion : std::fabs(missed(at(i - stride))) / row_move_max;
    diagonal += damping * (diagonal + 1.0);
  }
  step_ = gradient_;
  eliminate(hessian_, stride, used, width_, step_, scratch_);
  direction.row_end = point_.row;
  row_prices_.maximize(hessian_.data() + at(stride) * at(width_ + 1), width_, step_.data() + stride, direction.row_end);
  direction.row.resize(direction.row_end.size());
  for (std::size_t r = 0; r < direction.row.size(); ++r) {
    direction.row[r] = step_[at(stride) + r] = direction.row_end[r] - point_.row[r];
  }
  back_substitute(hessian_, stride, used, width_, step_);
  direction.factor.assign(step_.begin(), step_.begin() + stride);
  promise(direction);
}

void Dual::promise(Direction& direction) const {
  direction.promise = 0.0;
  for (std::size_t f = 0; f < direction.factor.size(); ++f) direction.promise += gradient_[f] * direction.factor[f];
  for (std::size_t r = 0; r < direction.row.size(); ++r) {
    const double d = direction.row[r];
    if (d == 0.0) continue;
    const RowValues values = values_at(program_.rows[r], point_.row[r]);
    direction.promise += (gradient_[at(program_.stride) + r] - (d > 0.0 ? values.high : values.low)) * d;
  }
}

}  // namespace lotwright::numerics
