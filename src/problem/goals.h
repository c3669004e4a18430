// problem/goals.h — what due requests want realized, as rows of the program. Internal to problem/.
#pragma once

#include "problem/problem.h"

namespace lotwright {

// The goals of an account, rows and slopes not yet set. None where everything is sold anyway.
[[nodiscard]] std::vector<Goal> goals_of(const CheckedUnit& unit, const CheckedAccount& account,
                                         const tax::UnitProgress& progress, const PoseOptions& options);

// Once the pieces are there: aims, ends and slopes, by what the pieces can reach.
void set_goals(Problem& problem, const CheckedUnit& unit, const CheckedAccount& account);

// Can orders do anything for a goal?
[[nodiscard]] bool any_goal_in_reach(const Problem& problem);

// The row of a goal: nothing where it is reached, `slope` below, `steep` above `most`; `slack` dollars are forgiven.
[[nodiscard]] numerics::Row goal_row(const Goal& goal, double most, double scale, double slack, double steep);

}  // namespace lotwright
