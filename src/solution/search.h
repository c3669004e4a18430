// solution/search.h — local search from the dual's choices to whole steps and lots.
//
// In:       a HoldingPlan (any state), and a cost that is good enough.
// Out:      the plan, improved until no single move lowers its cost and no pair of moves by enough to matter, or it is
//           good enough.
// Promises: effort is counted in passes and moves; names are visited in order and ties broken by index, so the result
//           depends on nothing else but what earlier searches of the SearchMemory weighed. With the same SearchMemory a
//           search allocates nothing once that has grown.
#pragma once

#include <cstdint>
#include <vector>

#include "numerics/dual.h"
#include "solution/holding_plan.h"

namespace lotwright {

// Sets the plan to the dual's choices, rounded to the lattice; modes that only serve the bound become "hold".
void round_choices(HoldingPlan& plan, const std::vector<numerics::BlockChoice>& choices);

// How far the search looks: single moves; pairs of moves too; for small accounts also chains of answers.
enum class Depth { singles, all };

// A name, and branches it may go over to while the others of its block stay as they are.
struct BranchChoice {
  std::size_t block = 0;
  int name = 0;
  numerics::Range branches;
};

// How far a name was from moving when it was looked at last.
struct LastLook {
  double risk_price = 0.0;
  double margin = -1.0;  // what its best move would have added to the cost, cash apart; negative: look again
  double reach = 0.0;    // the largest |x| of its moves
};

// Two departures together, by their places.
struct Pair {
  std::size_t first = 0;
  std::size_t second = 0;
  double change = 0.0;
};

// A name that may answer the departure of another one.
struct Answering {
  int name = 0;
  double priced = 0.0;     // of its best departure
  std::size_t choice = 0;  // the first of `choices` that is the name's
};

// What a search works in. Kept, it saves the next one its allocations and counts what all of them weighed; nothing else
// of it means anything between two.
struct SearchMemory {
  std::vector<LastLook> settled;  // by name
  std::vector<bool> in_group;     // by name: several names choose together
  std::vector<BranchChoice> choices;
  std::vector<Departure> departures;
  std::vector<Pair> pairs;
  std::vector<Answering> answering;
  std::vector<bool> answers;  // by name: it is one of `answering`
  std::vector<bool> touched;  // by block
  std::vector<NamePlan> start;
  std::vector<NamePlan> group_start;
  std::vector<NamePlan> group_best;
  std::int64_t moves_weighed = 0;  // by all searches: a small account's later ones look less far
};

// Improves the plan in place; returns the passes used.
int improve(HoldingPlan& plan, double enough, int passes_max, Depth depth, SearchMemory& memory);
int improve(HoldingPlan& plan, double enough, int passes_max, Depth depth);

}  // namespace lotwright
