// solution/search.h — local search from the dual's choices to whole steps and lots.
//
// In:       a HoldingPlan (any state), and a cost that is good enough.
// Out:      the plan, improved until no single move, and no pair of moves, lowers its cost, or it is good enough.
// Promises: effort is a number of passes; names are visited in order, so the result depends on nothing else.
#pragma once

#include <vector>

#include "numerics/dual.h"
#include "solution/holding_plan.h"

namespace lotwright {

// Sets the plan to the dual's choices, rounded to the lattice; modes that only serve the bound become "hold".
void round_choices(HoldingPlan& plan, const std::vector<numerics::BlockChoice>& choices);

// How far the search looks: single moves; pairs of moves too; for small accounts also chains of answers.
enum class Depth { singles, all };

// Improves the plan in place; returns the passes used.
int improve(HoldingPlan& plan, double enough, int passes_max, Depth depth);

}  // namespace lotwright
