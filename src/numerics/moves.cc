#include "numerics/moves.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "numerics/wide.h"

namespace lotwright::numerics {
namespace {

constexpr double before_all = -1e300;  // the key of a forced piece
constexpr double unwanted = 1e290;     // the cost of a piece that only fills a lane

std::size_t at(int i) { return static_cast<std::size_t>(i); }

void price_slots(SlotLanes& s, const double* name_price, const double* bundle_price, const double* bundle_size) {
  for (std::size_t l = 0; l < lanes; ++l) {
    s.unit_price[l] = name_price[s.name[l]] + s.cost[l] + bundle_price[s.bundle[l]];
    s.fixed_price[l] = s.fixed_cost[l] + bundle_price[s.fixed_bundle[l]];
    s.unit_size[l] = std::fabs(name_price[s.name[l]]) + std::fabs(s.cost[l]) + bundle_size[s.bundle[l]];
    s.fixed_size[l] = std::fabs(s.fixed_cost[l]) + bundle_size[s.fixed_bundle[l]];
  }
}

// Increases: the slope at x is price + curvature (z0 + x), and the hinge where z0 + x > 0.
LOTWRIGHT_WIDE void minimize_increases(const SlotLanes& __restrict s, MoveLanes& __restrict move) {
  for (std::size_t l = 0; l < lanes; ++l) {
    const double u = s.unit_price[l];
    const double z = s.start[l];
    const double h = s.hinge[l];
    const double without = -u * s.inverse[l] - z;
    const double with = -(u + h) * s.inverse[l] - z;
    // Up to the hinge its cost is not paid; there the move may stop.
    const double bent = without < -z ? without : -z;
    double a = with > bent ? with : bent;
    const bool stops = h > 0.0 && a == -z;
    a = a > s.least[l] ? a : s.least[l];
    a = a < s.most[l] ? a : s.most[l];
    const double end = z + a;
    const double hinge = h * (end > 0.0 ? end : 0.0);
    move.value[l] = s.fixed_price[l] + u * a + s.curvature[l] * a * (z + 0.5 * a) + (hinge - s.hinge_at_rest[l]);
    move.size[l] = s.fixed_size[l] + s.unit_size[l] * a + s.curvature[l] * a * (std::fabs(z) + 0.5 * a) +
                   (hinge + s.hinge_at_rest[l]);
    move.give[l] = a > s.least[l] && a < s.most[l] && !stops ? s.inverse[l] : 0.0;
    move.amount[l] = a;
  }
}

// Prices the pieces; returns whether every queue is in order.
LOTWRIGHT_WIDE bool price_ranks(PieceLanes* ranks, int count, const double* bundle_price, const double* bundle_size) {
  double wrong[lanes] = {};
  double last[lanes];
  for (double& key : last) key = before_all;
  for (int r = 0; r < count; ++r) {
    PieceLanes& rank = ranks[r];
    for (std::size_t l = 0; l < lanes; ++l) {
      rank.price[l] = rank.cost[l] + rank.amount[l] * bundle_price[rank.bundle[l]];
      rank.size[l] = std::fabs(rank.cost[l]) + std::fabs(rank.amount[l]) * bundle_size[rank.bundle[l]];
    }
    for (std::size_t l = 0; l < lanes; ++l) {
      const double key = rank.price[l] + rank.first[l];
      wrong[l] += key < last[l] ? 1.0 : 0.0;
      last[l] = key;
      rank.key[l] = key;
    }
  }
  double any = 0.0;
  for (const double w : wrong) any += w;
  return any == 0.0;
}

// What the queues give up in all where a unit more is worth `worth` before the name's own curvature.
LOTWRIGHT_INLINE void add_given(const PieceLanes* __restrict ranks, int count, const double* __restrict worth,
                                const double* __restrict inverse, double* __restrict total) {
  for (std::size_t l = 0; l < lanes; ++l) total[l] = 0.0;
  for (int r = 0; r < count; ++r) {
    const PieceLanes& rank = ranks[r];
    for (std::size_t l = 0; l < lanes; ++l) {
      double a = (worth[l] - rank.key[l]) * inverse[l] - rank.before[l];
      a = a > 0.0 ? a : 0.0;
      a = a < rank.length[l] ? a : rank.length[l];
      total[l] += a;
    }
  }
}

// Decreases: with a = -x a unit more is worth v - curvature a, v = price + curvature z0, and the hinge while a < z0;
// it costs the price of the piece in turn. Pieces in order of price: each is given up as far as it is worth it after
// those before it.
LOTWRIGHT_WIDE void minimize_decreases(const SlotLanes& __restrict s, const PieceLanes* __restrict ranks,
                                       MoveLanes& __restrict move) {
  double worth[lanes];
  double amount[lanes];
  for (std::size_t l = 0; l < lanes; ++l) worth[l] = s.unit_price[l] + s.curvature[l] * s.start[l];
  add_given(ranks, s.ranks, worth, s.inverse, amount);
  double stops[lanes] = {};
  if (s.hinged) {
    double with[lanes];
    for (std::size_t l = 0; l < lanes; ++l) worth[l] += s.hinge[l];
    add_given(ranks, s.ranks, worth, s.inverse, with);
    for (std::size_t l = 0; l < lanes; ++l) {
      const double bent = with[l] < s.start[l] ? with[l] : s.start[l];
      amount[l] = amount[l] > bent ? amount[l] : bent;
      stops[l] = s.hinge[l] > 0.0 && amount[l] == s.start[l] ? 1.0 : 0.0;
    }
  }
  for (std::size_t l = 0; l < lanes; ++l) {
    amount[l] = amount[l] > s.least[l] ? amount[l] : s.least[l];
    amount[l] = amount[l] < s.most[l] ? amount[l] : s.most[l];
  }
  double pieces[lanes] = {};
  double size[lanes] = {};
  double marginal[lanes];
  for (double& m : marginal) m = -1.0;
  for (int r = 0; r < s.ranks; ++r) {
    const PieceLanes& rank = ranks[r];
    const double place = r;
    for (std::size_t l = 0; l < lanes; ++l) {
      double a = amount[l] - rank.before[l];
      a = a > 0.0 ? a : 0.0;
      const double part = a < rank.length[l] ? place : -1.0;
      marginal[l] = a > 0.0 ? part : marginal[l];
      a = a < rank.length[l] ? a : rank.length[l];
      pieces[l] += rank.price[l] * a;
      size[l] += rank.size[l] * a;
    }
  }
  for (std::size_t l = 0; l < lanes; ++l) {
    const double u = s.unit_price[l];
    const double z = s.start[l];
    const double a = amount[l];
    const double end = z - a;
    const double hinge = s.hinge[l] * (end > 0.0 ? end : 0.0);
    move.value[l] =
        s.fixed_price[l] + pieces[l] - u * a + s.curvature[l] * a * (0.5 * a - z) + (hinge - s.hinge_at_rest[l]);
    move.size[l] = s.fixed_size[l] + size[l] + s.unit_size[l] * a + s.curvature[l] * a * (0.5 * a + std::fabs(z)) +
                   (hinge + s.hinge_at_rest[l]);
    const double inside = a > s.least[l] && a < s.most[l] && stops[l] == 0.0 ? s.inverse[l] : 0.0;
    move.give[l] = marginal[l] >= 0.0 ? inside : 0.0;
    move.marginal[l] = marginal[l];
    move.amount[l] = a;
  }
}

}  // namespace

struct Moves::Entry {
  int branch = 0;
  int name = 0;
  bool decreases = false;
  bool hinged = false;
  bool forced = false;
  int pieces = 0;

  [[nodiscard]] auto kind() const { return std::tuple(decreases, hinged, forced); }
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
      for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) entry.forced |= program.pieces[at(p)].forced;
      entries.push_back(entry);
    }
  }
  // Like with like, so that no lane waits for another.
  std::ranges::stable_sort(entries, {}, [](const Entry& e) { return std::tuple(e.kind(), e.pieces); });
  slots_.reserve(entries.size() / lanes + 9);
  slots_.emplace_back();
  std::size_t longest = 0;
  for (std::size_t i = 0; i < entries.size();) {
    SlotLanes& s = slots_.emplace_back();
    const Entry& head = entries[i];
    std::tie(s.decreases, s.hinged, s.forced) = head.kind();
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
  s.terms[l] = program.factors + 2.0 * entry.pieces + 40.0;
  const double* f = program.loadings_of(entry.name);
  price_terms_ += s.terms[l] * std::sqrt(dot(f, f, program.stride)) * s.most[l];
  lifted_ += (s.curvature[l] - name.curvature) * s.most[l] * (std::fabs(name.start) + 0.5 * s.most[l]);
  for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) {
    const Piece& piece = program.pieces[at(p)];
    PieceLanes& rank = ranks_[s.first_rank + at(p - branch.pieces.begin)];
    rank.length[l] = piece.length;
    rank.cost[l] = piece.cost;
    rank.amount[l] = piece.amount;
    rank.bundle[l] = piece.bundle;
    rank.first[l] = piece.forced ? before_all : 0.0;
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
                   rank.price[l],  rank.size[l], rank.key[l],    rank.bundle[l]};
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
    rank.size[l] = piece.size;
    rank.key[l] = piece.key;
    rank.bundle[l] = piece.bundle;
    before += piece.length;
  }
}

double Moves::rounding(double nu) const {
  double sizes[lanes] = {};
  for (std::size_t g = 1; g < slots_.size(); ++g) {
    for (std::size_t l = 0; l < lanes; ++l) sizes[l] += slots_[g].terms[l] * moves_[g].size[l];
  }
  double total = nu * price_terms_;
  for (const double size : sizes) total += size;
  return half_ulp * total + lifted_;
}

void Moves::minimize(const std::vector<double>& name_price, const std::vector<double>& bundle_price,
                     const std::vector<double>& bundle_size) {
  for (std::size_t g = 1; g < slots_.size(); ++g) {
    SlotLanes& s = slots_[g];
    price_slots(s, name_price.data(), bundle_price.data(), bundle_size.data());
    if (!s.decreases) {
      minimize_increases(s, moves_[g]);
      continue;
    }
    PieceLanes* ranks = ranks_.data() + s.first_rank;
    if (!price_ranks(ranks, s.ranks, bundle_price.data(), bundle_size.data())) {
      for (std::size_t l = 0; l < lanes; ++l) sort_lane(s, l);
    }
    minimize_decreases(s, ranks, moves_[g]);
  }
}

}  // namespace lotwright::numerics
