#include "numerics/moves.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "numerics/wide.h"

namespace lotwright::numerics {
namespace {

constexpr double before_all = -1e300;  // the key of a forced piece
constexpr double unwanted = 1e290;     // the cost of a piece that only fills a lane

LOTWRIGHT_INLINE void price_slots(SlotLanes& s, const double* name_price, const double* bundle_price) {
  double units[lanes];
  double fixed[lanes];
  for (int l = 0; l < lanes; ++l) units[l] = name_price[s.name[l]] + bundle_price[s.bundle[l]];
  for (int l = 0; l < lanes; ++l) fixed[l] = bundle_price[s.fixed_bundle[l]];
  for (int l = 0; l < lanes; l += half_lanes) {
    half(s.unit_price + l) = half(units + l) + half(s.cost + l);
    half(s.fixed_price + l) = half(fixed + l) + half(s.fixed_cost + l);
  }
}

// Increases: the slope at x is price + curvature (z0 + x), and the hinge where z0 + x > 0.
LOTWRIGHT_WIDE void minimize_increases(SlotLanes& s, const double* name_price, const double* bundle_price,
                                       MoveLanes& move) {
  price_slots(s, name_price, bundle_price);
  const Half zero{};
  for (int l = 0; l < lanes; l += half_lanes) {
    const Half u = half(s.unit_price + l);
    const Half z = half(s.start + l);
    const Half h = half(s.hinge + l);
    const Half inverse = half(s.inverse + l);
    const Half least = half(s.least + l);
    const Half most = half(s.most + l);
    const Half without = -u * inverse - z;
    const Half with = -(u + h) * inverse - z;
    // Up to the hinge its cost is not paid; there the move may stop.
    const Half bent = without < -z ? without : -z;
    Half a = with > bent ? with : bent;
    const auto moves = ~((h > zero) & (a == -z));
    a = a > least ? a : least;
    a = a < most ? a : most;
    const Half end = z + a;
    const Half hinge = h * (end > zero ? end : zero);
    half(move.value + l) = half(s.fixed_price + l) + u * a + half(s.curvature + l) * a * (z + 0.5 * a) +
                           (hinge - half(s.hinge_at_rest + l));
    half(move.give + l) = (a > least) & (a < most) & moves ? inverse : zero;
    half(move.amount + l) = a;
  }
}

// Prices the pieces; returns whether every queue is in order.
LOTWRIGHT_WIDE bool price_ranks(PieceLanes* ranks, int count, const double* bundle_price) {
  double last[lanes];
  for (double& key : last) key = before_all;
  double wrong[lanes] = {};
  const Half zero{};
  for (int r = 0; r < count; ++r) {
    PieceLanes& rank = ranks[r];
    double bundles[lanes];
    for (int l = 0; l < lanes; ++l) bundles[l] = bundle_price[rank.bundle[l]];
    for (int l = 0; l < lanes; l += half_lanes) {
      const Half price = half(rank.cost + l) + half(rank.amount + l) * half(bundles + l);
      const Half key = price + half(rank.first + l);
      half(wrong + l) = key < half(last + l) ? zero + 1.0 : half(wrong + l);
      half(rank.price + l) = price;
      half(rank.key + l) = key;
      half(last + l) = key;
    }
  }
  double any = 0.0;
  for (const double w : wrong) any += w;
  return any == 0.0;
}

// What the queues give up in all where a unit more is worth `worth` before the name's own curvature, and the rank of
// the piece that is partly given up (-1: none). Lanes l and on.
LOTWRIGHT_INLINE void add_given(const PieceLanes* ranks, int count, int l, const Half& worth, const Half& inverse,
                                Half& total, Half& marginal) {
  const Half zero{};
  total = zero;
  marginal = zero - 1.0;
  for (int r = 0; r < count; ++r) {
    const PieceLanes& rank = ranks[r];
    const Half length = half(rank.length + l);
    Half a = (worth - half(rank.key + l)) * inverse - half(rank.before + l);
    marginal = (a > zero) & (a < length) ? zero + static_cast<double>(r) : marginal;
    a = a > zero ? a : zero;
    a = a < length ? a : length;
    total += a;
  }
}

// Decreases: with a = -x a unit more is worth v - curvature a, v = price + curvature z0, and the hinge while a < z0;
// it costs the price of the piece in turn. Pieces in order of price: each is given up as far as it is worth it after
// those before it.
LOTWRIGHT_WIDE void minimize_decreases(const SlotLanes& s, const PieceLanes* ranks, MoveLanes& move) {
  const Half zero{};
  for (int l = 0; l < lanes; l += half_lanes) {
    const Half u = half(s.unit_price + l);
    const Half z = half(s.start + l);
    const Half h = half(s.hinge + l);
    const Half inverse = half(s.inverse + l);
    const Half curvature = half(s.curvature + l);
    const Half least = half(s.least + l);
    const Half most = half(s.most + l);
    const Half worth = u + curvature * z;
    Half a;
    Half marginal;
    add_given(ranks, s.ranks, l, worth, inverse, a, marginal);
    if (s.hinged) {
      Half with;
      Half marginal_with;
      add_given(ranks, s.ranks, l, worth + h, inverse, with, marginal_with);
      marginal_with = with < z ? marginal_with : zero - 1.0;
      const Half bent = with < z ? with : z;
      marginal = a > bent ? marginal : marginal_with;
      a = a > bent ? a : bent;
    }
    a = a > least ? a : least;
    a = a < most ? a : most;
    Half pieces = zero;
    for (int r = 0; r < s.ranks; ++r) {
      const PieceLanes& rank = ranks[r];
      const Half length = half(rank.length + l);
      Half part = a - half(rank.before + l);
      part = part > zero ? part : zero;
      part = part < length ? part : length;
      pieces += half(rank.price + l) * part;
    }
    const Half end = z - a;
    const Half hinge = h * (end > zero ? end : zero);
    half(move.value + l) =
        half(s.fixed_price + l) + pieces - u * a + curvature * a * (0.5 * a - z) + (hinge - half(s.hinge_at_rest + l));
    half(move.give + l) = (a > least) & (a < most) & (marginal >= zero) ? inverse : zero;
    half(move.marginal + l) = marginal;
    half(move.amount + l) = a;
  }
}

}  // namespace

struct Moves::Entry {
  int branch = 0;
  int name = 0;
  bool decreases = false;
  bool hinged = false;
  int pieces = 0;

  [[nodiscard]] auto kind() const { return std::tuple(decreases, hinged); }
};

Moves::Moves(const Program& program) : slot_of_branch_(program.branches.size(), holding) {
  std::vector<Entry> entries;
  for (const Offer& offer : program.offers) {
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      const Branch& branch = program.branches[at(b)];
      if ((branch.lower == 0.0 && branch.upper == 0.0) || slot_of_branch_[at(b)] != holding) continue;
      slot_of_branch_[at(b)] = 1;  // seen
      Entry entry{.branch = b, .name = offer.name, .decreases = branch.upper <= 0.0, .pieces = branch.pieces.size()};
      entry.hinged = program.names[at(offer.name)].hinge_cost > 0.0;
      entries.push_back(entry);
    }
  }
  // Like with like, so that no lane waits for another.
  std::ranges::stable_sort(entries, {}, [](const Entry& e) { return std::tuple(e.kind(), e.pieces); });
  slots_.reserve(entries.size() / lanes + 9);
  sizes_.reserve(entries.size() / lanes + 9);
  slots_.emplace_back();
  sizes_.emplace_back();
  std::size_t longest = 0;
  for (std::size_t i = 0; i < entries.size();) {
    SlotLanes& s = slots_.emplace_back();
    sizes_.emplace_back();
    const Entry& head = entries[i];
    std::tie(s.decreases, s.hinged) = head.kind();
    std::size_t end = i;
    while (end < entries.size() && end - i < lanes && entries[end].kind() == head.kind()) ++end;
    s.ranks = entries[end - 1].pieces;
    s.first_rank = ranks_.size();
    ranks_.resize(ranks_.size() + at(s.ranks));
    longest = std::max(longest, at(s.ranks));
    for (std::size_t l = 0; i + l < end; ++l) {
      add_slot(program, entries[i + l], static_cast<int>((slots_.size() - 1) * lanes + l));
    }
    for (std::size_t r = 0; r < at(s.ranks); ++r) {
      PieceLanes& rank = ranks_[s.first_rank + r];
      for (std::size_t l = 0; l < lanes; ++l) {
        if (static_cast<int>(r) >= s.pieces[l]) rank.cost[l] = unwanted;
      }
    }
    i = end;
  }
  sorting_.resize(longest);
  moves_.resize(slots_.size());
  for (MoveLanes& move : moves_) std::ranges::fill(move.marginal, -1.0);
}

void Moves::add_slot(const Program& program, const Entry& entry, int slot) {
  SlotLanes& s = slots_[at(slot) / lanes];
  const std::size_t l = lane(slot);
  const Branch& branch = program.branches[at(entry.branch)];
  const Name& name = program.names[at(entry.name)];
  slot_of_branch_[at(entry.branch)] = slot;
  s.name[l] = entry.name;
  s.bundle[l] = branch.bundle;
  s.fixed_bundle[l] = branch.fixed_bundle;
  s.pieces[l] = entry.pieces;
  s.start[l] = name.start;
  s.curvature[l] = std::max(name.curvature, least_curvature);
  s.inverse[l] = 1.0 / s.curvature[l];
  s.hinge[l] = name.hinge_cost;
  s.hinge_at_rest[l] = name.hinge_cost * std::max(0.0, name.start);
  s.least[l] = entry.decreases ? -branch.upper : branch.lower;
  s.most[l] = entry.decreases ? -branch.lower : branch.upper;
  s.cost[l] = branch.cost;
  s.fixed_cost[l] = branch.fixed_cost;
  s.step[l] = name.step;
  SizeLanes& sizes = sizes_[at(slot) / lanes];
  sizes.terms[l] = program.factors + 2.0 * entry.pieces + 40.0;
  const double* f = program.loadings_of(entry.name);
  price_terms_ += sizes.terms[l] * std::sqrt(dot(f, f, program.stride)) * s.most[l];
  lifted_ += (s.curvature[l] - name.curvature) * s.most[l] * (std::fabs(name.start) + 0.5 * s.most[l]);
  for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) {
    const Piece& piece = program.pieces[at(p)];
    PieceLanes& rank = ranks_[s.first_rank + at(p - branch.pieces.begin)];
    rank.length[l] = piece.length;
    rank.cost[l] = piece.cost;
    rank.amount[l] = piece.amount;
    rank.bundle[l] = piece.bundle;
    rank.first[l] = piece.forced ? before_all : 0.0;
    sizes.piece_cost[l] = std::max(sizes.piece_cost[l], std::fabs(piece.cost));
    sizes.piece_amount[l] = std::max(sizes.piece_amount[l], std::fabs(piece.amount));
  }
  const std::size_t end = s.first_rank + at(s.ranks);
  double before = 0.0;
  for (std::size_t r = s.first_rank; r < end; ++r) {
    ranks_[r].before[l] = before;
    before += ranks_[r].length[l];
  }
}

void Moves::sort_lane(SlotLanes& s, std::size_t l) {
  const auto count = static_cast<std::size_t>(s.pieces[l]);
  PieceLanes* ranks = ranks_.data() + s.first_rank;
  const auto in_order = [&] {
    for (std::size_t r = 1; r < count; ++r) {
      if (ranks[r].key[l] < ranks[r - 1].key[l]) return false;
    }
    return true;
  };
  if (in_order()) return;
  for (std::size_t r = 0; r < count; ++r) {
    const PieceLanes& rank = ranks[r];
    sorting_[r] = {rank.length[l], rank.cost[l], rank.amount[l], rank.first[l],
                   rank.price[l],  rank.key[l],  rank.bundle[l]};
  }
  const auto cheaper = [](const Keyed& a, const Keyed& b) {
    return std::tie(a.key, a.cost, a.length, a.amount, a.bundle) <
           std::tie(b.key, b.cost, b.length, b.amount, b.bundle);
  };
  std::sort(sorting_.begin(), sorting_.begin() + static_cast<std::ptrdiff_t>(count), cheaper);
  double before = 0.0;
  for (std::size_t r = 0; r < count; ++r) {
    const Keyed& piece = sorting_[r];
    PieceLanes& rank = ranks[r];
    rank.length[l] = piece.length;
    rank.before[l] = before;
    rank.cost[l] = piece.cost;
    rank.amount[l] = piece.amount;
    rank.first[l] = piece.first;
    rank.price[l] = piece.price;
    rank.key[l] = piece.key;
    rank.bundle[l] = piece.bundle;
    before += piece.length;
  }
}

double Moves::value_at(int slot, double a) const {
  const SlotLanes& s = slots_[group(slot)];
  const std::size_t l = lane(slot);
  const double way = s.decreases ? -1.0 : 1.0;
  double pieces = 0.0;
  const PieceLanes* rank = ranks_.data() + s.first_rank;
  for (int left = s.pieces[l]; left > 0 && rank->before[l] < a; --left, ++rank) {
    pieces += rank->price[l] * std::min(a - rank->before[l], rank->length[l]);
  }
  const double hinge = s.hinge[l] * std::max(0.0, s.start[l] + way * a);
  return s.fixed_price[l] + pieces + way * s.unit_price[l] * a + s.curvature[l] * a * (0.5 * a + way * s.start[l]) +
         (hinge - s.hinge_at_rest[l]);
}

double Moves::stepped_value(int slot) const {
  const SlotLanes& s = slots_[group(slot)];
  const std::size_t l = lane(slot);
  const double step = s.step[l];
  const double a = amount(slot);
  if (!(step > 0.0) || a <= s.least[l] || a >= s.most[l]) return value(slot);
  const double below = std::floor(a / step) * step;
  const double above = below + step;
  return std::min(value_at(slot, below > s.least[l] ? below : s.least[l]),
                  value_at(slot, above < s.most[l] ? above : s.most[l]));
}

double Moves::rounding(double nu, const std::vector<double>& name_price, const std::vector<double>& bundle_size) const {
  const double any_bundle = *std::ranges::max_element(bundle_size);
  double total = nu * price_terms_;
  for (std::size_t g = 1; g < slots_.size(); ++g) {
    const SlotLanes& s = slots_[g];
    const SizeLanes& sizes = sizes_[g];
    const MoveLanes& move = moves_[g];
    for (std::size_t l = 0; l < lanes; ++l) {
      const double a = move.amount[l] + s.step[l];
      const double unit = std::fabs(name_price[at(s.name[l])]) + std::fabs(s.cost[l]) + bundle_size[at(s.bundle[l])];
      const double pieces = sizes.piece_cost[l] + sizes.piece_amount[l] * any_bundle;
      const double curved = s.curvature[l] * (0.5 * a + std::fabs(s.start[l]));
      const double hinge = s.hinge[l] * (std::fabs(s.start[l]) + a) + s.hinge_at_rest[l];
      const double fixed = std::fabs(s.fixed_cost[l]) + bundle_size[at(s.fixed_bundle[l])];
      total += sizes.terms[l] * (fixed + hinge + (unit + pieces + curved) * a);
    }
  }
  return half_ulp * total + lifted_;
}

void Moves::minimize(const std::vector<double>& name_price, const std::vector<double>& bundle_price) {
  for (std::size_t g = 1; g < slots_.size(); ++g) {
    SlotLanes& s = slots_[g];
    if (!s.decreases) {
      minimize_increases(s, name_price.data(), bundle_price.data(), moves_[g]);
      continue;
    }
    PieceLanes* ranks = ranks_.data() + s.first_rank;
    price_slots(s, name_price.data(), bundle_price.data());
    if (!price_ranks(ranks, s.ranks, bundle_price.data())) {
      for (std::size_t l = 0; l < lanes; ++l) sort_lane(s, l);
    }
    minimize_decreases(s, ranks, moves_[g]);
  }
}

}  // namespace lotwright::numerics
