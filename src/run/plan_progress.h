// run/plan_progress.h — where an account stands beside the plan that was once made for it.
//
// In:       today's book, an account's id, and the rows that `transition --out` wrote.
// Out:      how far it has moved and what of the year's budget it has used, each beside the plan's fan for the day; and
//           where it has hardly moved, why.
// Promises: the fan of a day between two of the plan's dates is on the straight line between them; what the budget
//           counts begins with nothing in a calendar year. The way is measured as the plan measured it: from the
//           distance on its first day, to the model as it is today. A difference of less than a hundredth of the way is
//           none.
// Refuses:  a held account, and a day before the plan began.
#pragma once

#include <string>

#include "run/table.h"
#include "run/transition.h"

namespace lotwright {

struct Plan {
  std::string account_id;
  TransitionWishes wishes;  // budget and what it limits; the rest is not known
  std::vector<TransitionRow> rows;
};

// The columns of `transition --out`.
[[nodiscard]] Result<Table> read_plan_table(const std::string& path);
// A Failure where the table has no rows of the account, or one that cannot be read.
[[nodiscard]] Result<Plan> plan_of(const Table& table, const std::string& account_id);

enum class AgainstPlan { beyond_fan, ahead, on_track, behind, below_fan };

struct PlanProgress {
  std::string account_id;
  Date as_of;
  Date planned_on;
  bool after_the_end = false;  // of the plan: its last row is compared with
  bool gains = false;          // the budget is of gain; else of tax
  Money budget;                // a calendar year, the one in force today
  double moved = 0.0;          // part of the way, before today's orders
  double tracking_error = 0.0;
  double budget_used = 0.0;  // of the calendar year, before today's orders
  Quantiles moved_planned;
  Quantiles tracking_error_planned;
  Quantiles budget_used_planned;
  AgainstPlan standing = AgainstPlan::on_track;
  double moved_by_orders = 0.0;  // part of the way that today's orders under the budget would bring
  std::string stuck_cause;       // it has hardly moved: "not_carried_out", "slow_budget", or as Standing::cause;
                                 // empty: it has moved, or has little left to go
};

[[nodiscard]] const char* name_of(AgainstPlan standing);

[[nodiscard]] Result<PlanProgress> progress_of(const Book& book, const Plan& plan);

[[nodiscard]] std::string json_of(const PlanProgress& progress);

}  // namespace lotwright
