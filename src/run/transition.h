// run/transition.h — a plan of several years: the engine itself, day after day, on prices that nobody knows yet.
//
// In:       a book, an account's id, a budget of tax or gain a year, how many years, paths and the seed.
// Out:      how far the account has come on the plan's dates, as quantiles over the paths; when it arrives, which
//           budget would let it arrive in time, and in how many paths it is stuck, and by what.
// Promises: the first decision is the engine's on today's book under the budget, the same in every path. Later ones
//           decide the lots, gains, loss sales and carried losses that those before left, at simulated prices, by all
//           rules of the account. A path's prices are the same however often it is decided. The same seed gives the
//           same bytes for any number of threads.
// Assumes:  prices move by the risk model and a stated drift; models, settings and rates stay; taxes are paid from
//           elsewhere; no gains outside the book after the first year; the other accounts of the unit do nothing.
//           docs/method.md, "A plan of several years".
// Refuses:  an account that is held: the finding that holds it is the Failure.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "run/transition_path.h"

namespace lotwright {

// Over the paths, nearest rank.
struct Quantiles {
  double p10 = 0.0;
  double p25 = 0.0;
  double p50 = 0.0;
  double p75 = 0.0;
  double p90 = 0.0;
};

// How the account stands on one of the plan's dates, after its orders; the first row: as it is.
struct TransitionRow {
  int year = 0;            // of the plan, from 1; 0: as it is
  bool ends_year = false;  // the year's last decision: what is told of a year is told here
  Date decided_on;
  Quantiles tracking_error;
  Quantiles distance;         // half the sum of the active weights
  Quantiles moved;            // part of the way from where it was to its target, by that distance
  Quantiles unrealized_gain;  // dollars, of known bases
  Quantiles tax;              // dollars, since the plan began: what the orders added to T
  Quantiles gain;             // realized, net, since the plan began
  Quantiles value;            // positions and cash
  Quantiles budget_used;      // of the calendar year: tax or gain, whichever the budget limits
  Quantiles wanted;  // tax or gain that a decision without the budget would take beyond that; where a year ends
  // Parts of the paths, where a year ends.
  double slow = 0.0;        // hardly moved this year and have far to go, since the budget is used up: time will do it
  double stuck = 0.0;       // the same, and no time will: for `stuck_cause`
  double rests = 0.0;       // the same, and nothing more is wanted: for `rests_cause`
  double away = 0.0;        // further from the target than today, for losses or for the market
  std::string stuck_cause;  // of most of the stuck paths, a word of Standing::cause; empty: none is stuck
  std::string rests_cause;  // of most that rest
};

// Years until nothing more is wanted than the budget gives, over the paths; nullopt: never.
struct Arrival {
  std::optional<double> p10;
  std::optional<double> p50;
  std::optional<double> p90;
};

struct Transition {
  std::string account_id;
  TransitionWishes wishes;              // `budget` is the one in force
  Money budget_asked;                   // as it was given: more than the one in force where its own is tighter
  std::optional<OwnBudget> own_budget;  // that holds whatever the plan's
  double wanted_at_once = 0.0;          // tax or gain that today's decision takes without the budget
  std::vector<TransitionRow> rows;
  // Beyond the plan's years extrapolated: what is wanted then over the budget.
  Arrival arrival;
  // At least half of the paths arrive within the plan's years with this budget in force, in place of the account's own;
  // nullopt: they do with the one there is, or none was found that lets them.
  std::optional<Money> budget_to_arrive;
  int budget_paths = 0;  // on which it was looked for, with one decision a year
};

// `decided` counts decisions while they are made, for whoever wants to show it.
[[nodiscard]] Result<Transition> transition(const Book& book, const std::string& account_id,
                                            const TransitionWishes& wishes,
                                            std::atomic<std::size_t>* decided = nullptr);

// How many decisions the plan takes, those that look for another budget left out.
[[nodiscard]] std::size_t decisions_of(const TransitionWishes& wishes, Date first);

[[nodiscard]] std::string csv_of(const Transition& transition);
[[nodiscard]] std::string json_of(const Transition& transition);

}  // namespace lotwright
