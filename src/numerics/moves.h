// numerics/moves.h — the inner step of the dual function in eight lanes: the exact one-dimensional minimum of every
// branch that moves a name, at given prices, also where the name as a whole is not convex.
//
// In:       a Program; then, as often as wanted, the price of a unit of each name and of a unit of each bundle.
// Out:      by slot (one for each branch that moves): the least cost against holding, how far it moves, how that gives
//           way to prices; how much of all that may be rounding.
// Promises: the same bytes on every machine: the lanes never mix. No allocation after construction. A branch's pieces
//           are kept in the order of their prices; the order of the last call is nearly right for the next one.
#pragma once

#include <cstddef>
#include <vector>

#include "numerics/lanes.h"
#include "numerics/program.h"

namespace lotwright::numerics {

// Below this a name's own curvature is taken to be this much: a name of no specific risk would jump from end to end.
// The bound gives up what that can add (Moves::rounding).
inline constexpr double least_curvature = 1e-9;

// A little more than 2^-53: the relative error of one operation.
inline constexpr double half_ulp = 1.2e-16;

// Eight branches that are minimized together: facts and prices of the moment.
struct SlotLanes {
  double start[lanes] = {};  // z0
  double curvature[lanes] = {};
  double inverse[lanes] = {};  // 1 / curvature
  double hinge[lanes] = {};
  double hinge_at_rest[lanes] = {};  // hinge * max(0, z0)
  double least[lanes] = {};          // of |x|
  double most[lanes] = {};
  double cost[lanes] = {};
  double fixed_cost[lanes] = {};
  double step[lanes] = {};  // of |x|; 0: none

  double unit_price[lanes] = {};  // of x
  double fixed_price[lanes] = {};

  int name[lanes] = {};
  int bundle[lanes] = {};
  int fixed_bundle[lanes] = {};
  int pieces[lanes] = {};
  std::size_t first_rank = 0;
  int ranks = 0;  // pieces of the longest queue
  bool decreases = false;
  bool hinged = false;
};

// What measures rounding errors, of eight branches.
struct SizeLanes {
  double terms[lanes] = {};         // so many operations make a value
  double piece_cost[lanes] = {};    // the largest |cost| of a piece
  double piece_amount[lanes] = {};  // the largest |amount|
};

// What a branch does at the prices of the moment, eight branches at a time.
struct MoveLanes {
  double value[lanes] = {};     // phi + prices, less those of holding
  double amount[lanes] = {};    // |x|
  double give[lanes] = {};      // -dx / d(price of x): 1/curvature strictly inside a smooth stretch, else 0
  double marginal[lanes] = {};  // the rank of the piece that is partly given up; -1: none
};

// The pieces of one rank of eight queues, each in the order in which its branch gives them up. Where a queue is shorter
// there is a piece of no length that nobody would want.
struct PieceLanes {
  double length[lanes] = {};
  double before[lanes] = {};  // lengths of those before it
  double cost[lanes] = {};
  double amount[lanes] = {};
  double first[lanes] = {};  // -1e300 for forced pieces, which go before all others; else 0
  double price[lanes] = {};
  double key[lanes] = {};  // the order: price, forced ones first
  int bundle[lanes] = {};
};

class Moves {
 public:
  explicit Moves(const Program& program);

  // The slot of a branch; `holding` where it can only hold.
  [[nodiscard]] int slot_of(int branch) const { return slot_of_branch_[static_cast<std::size_t>(branch)]; }
  static constexpr int holding = 0;  // a slot that never moves

  // Finds the minimum of every slot at these prices, by name and by bundle.
  void minimize(const std::vector<double>& name_price, const std::vector<double>& bundle_price);

  // Of the last minimize(), by slot.
  [[nodiscard]] double value(int slot) const { return moves_[group(slot)].value[lane(slot)]; }
  [[nodiscard]] double x(int slot) const { return slots_[group(slot)].decreases ? -amount(slot) : amount(slot); }
  [[nodiscard]] double give(int slot) const { return moves_[group(slot)].give[lane(slot)]; }

  // The same where x keeps to its steps. A branch is convex: one of the two steps about its minimum is the best.
  [[nodiscard]] double stepped_value(int slot) const;

  // How far, in all, the values of all slots may lie above the true ones: by rounding, where the price of a name is
  // itself a sum with factor prices of length `nu` and `bundle_size` are the sizes of the terms that a bundle's price
  // adds, summed; and by least_curvature.
  [[nodiscard]] double rounding(double nu, const std::vector<double>& name_price,
                                const std::vector<double>& bundle_size) const;

  // Calls visit(bundle, amount) for all that the slot's move puts on rows.
  template <class Visit>
  void visit_rows(int slot, const Visit& visit) const {
    const SlotLanes& s = slots_[group(slot)];
    const std::size_t l = lane(slot);
    const double moved = amount(slot);
    if (s.fixed_bundle[l] != 0) visit(s.fixed_bundle[l], 1.0);
    if (s.bundle[l] != 0) visit(s.bundle[l], x(slot));
    const PieceLanes* rank = ranks_.data() + s.first_rank;
    for (int left = s.pieces[l]; left > 0 && rank->before[l] < moved; --left, ++rank) {
      const double most = moved - rank->before[l];
      visit(rank->bundle[l], (most < rank->length[l] ? most : rank->length[l]) * rank->amount[l]);
    }
  }

  // How one unit of x more moves a slot: its give, and what it puts on rows.
  struct Margin {
    double give = 0.0;
    int bundle = 0;        // once
    double amount = 0.0;   // so often ...
    int piece_bundle = 0;  // ... the bundle of the piece in turn
    bool operator==(const Margin&) const = default;
  };
  [[nodiscard]] Margin margin(int slot) const {
    const SlotLanes& s = slots_[group(slot)];
    const std::size_t l = lane(slot);
    Margin margin{.give = give(slot), .bundle = s.bundle[l]};
    const double marginal = moves_[group(slot)].marginal[l];
    if (marginal < 0.0) return margin;
    const PieceLanes& rank = ranks_[s.first_rank + static_cast<std::size_t>(marginal)];
    margin.amount = -rank.amount[l];
    margin.piece_bundle = rank.bundle[l];
    return margin;
  }

 private:
  struct Entry;  // a branch on its way to a slot
  [[nodiscard]] static std::size_t group(int slot) { return static_cast<std::size_t>(slot) / lanes; }
  [[nodiscard]] static std::size_t lane(int slot) { return static_cast<std::size_t>(slot) % lanes; }
  [[nodiscard]] double amount(int slot) const { return moves_[group(slot)].amount[lane(slot)]; }
  [[nodiscard]] double value_at(int slot, double amount) const;
  void add_slot(const Program& program, const Entry& entry, int slot);
  void sort_lane(SlotLanes& slots, std::size_t lane);

  std::vector<SlotLanes> slots_;  // the first only holds
  std::vector<SizeLanes> sizes_;
  std::vector<MoveLanes> moves_;
  std::vector<PieceLanes> ranks_;
  std::vector<int> slot_of_branch_;
  double price_terms_ = 0.0;  // sum over slots of operations * |F_i| * most
  double lifted_ = 0.0;       // what least_curvature can add to all values
  struct Keyed {
    double length;
    double cost;
    double amount;
    double first;
    double price;
    double key;
    int bundle;
  };
  std::vector<Keyed> sorting_;  // room for the longest queue
};

}  // namespace lotwright::numerics
