// problem/blocks.h — the separable part of the program: for each line the ways it may trade, for each identical group
// the ways its lines may trade together. Internal to problem/.
#pragma once

#include "problem/problem.h"

namespace lotwright {

// Adds names, branches, pieces, modes and blocks for every line that has a choice to make.
void add_blocks(Problem& problem, const CheckedUnit& unit, const CheckedAccount& account,
                const tax::UnitProgress& progress, const PoseOptions& options);

// Is this bar still in force for a line that `forcing` (nullopt: nothing) drives out?
[[nodiscard]] bool in_force(const Bar& bar, const Relaxed& relaxed, std::optional<Strength> forcing);

// What drives a line out: a request, a restriction, or nothing.
[[nodiscard]] std::optional<Strength> forcing_of(const CheckedAccount& account, const CheckedLine& line);

}  // namespace lotwright
