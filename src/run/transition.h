// run/transition.h — a plan of several years: the engine itself, year after year, on prices that nobody knows yet.
//
// In:       a book, an account's id, a budget of tax or gain a year, how many years, paths and the seed.
// Out:      year by year how far the account has come, as quantiles over the paths, and in how many it is stuck.
// Promises: the first year is the engine on today's book under the budget, the same in every path. Later years decide
//           the lots, gains and carried losses that the years before left, at simulated prices, by all rules of the
//           account. The same seed gives the same bytes for any number of threads.
// Assumes:  prices move by the risk model and a stated drift; models, settings and rates stay; taxes are paid from
//           elsewhere; no gains outside the book after the first year; the other accounts of the unit do nothing.
//           docs/method.md, "A plan of several years".
// Refuses:  an account that is held: the finding that holds it is the Failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/unit_book.h"

namespace lotwright {

struct TransitionWishes {
  int years = 5;       // 1..30
  Money budget;        // dollars a calendar year
  bool gains = false;  // of net gain; else of tax
  int paths = 20;      // 1..1000
  std::uint64_t seed = 1;
  int decisions_a_year = 1;  // 1, 2 or 4
  double drift = 0.05;       // of every price, a year
  int threads = 0;           // 0: all cores
};

// Over the paths, nearest rank.
struct Quantiles {
  double p10 = 0.0;
  double p50 = 0.0;
  double p90 = 0.0;
};

// How the account stands after the orders of a year; year 0: as it is.
struct TransitionYear {
  int year = 0;
  Date decided_on;  // the year's last decision
  Quantiles tracking_error;
  Quantiles moved;               // part of the way from where it is to its target, by weight
  Quantiles unrealized_gain;     // dollars, of known bases
  Quantiles tax;                 // dollars, of the years so far: what the orders added to T
  Quantiles gain;                // realized, net, of the years so far
  Quantiles value;               // positions and cash
  double stuck = 0.0;            // part of the paths that hardly moved this year and have far to go
  double stuck_by_budget = 0.0;  // of all paths: the year's budget was used up
  double away = 0.0;             // of all paths: further from the target than today, for losses or for the market
};

struct Transition {
  std::string account_id;
  TransitionWishes wishes;
  std::vector<TransitionYear> years;  // from year 0
};

[[nodiscard]] Result<Transition> transition(const Book& book, const std::string& account_id,
                                            const TransitionWishes& wishes);

[[nodiscard]] std::string csv_of(const Transition& transition);
[[nodiscard]] std::string json_of(const Transition& transition);

}  // namespace lotwright
