// run/clean_run.h — for properties of runs: a run in which nothing is wrong by itself, and what two runs may differ by.
#pragma once

#include <algorithm>
#include <cmath>
#include <ostream>

#include "book/rules.h"
#include "run/run_fixtures.h"

namespace lotwright::properties {

// A run that the verifier has nothing against, in which no invariant broke and no orders beat the bound.
inline RunResult clean_run(const Book& book, std::ostream& wrong, int threads = 1) {
  RunResult run = run_of(book, engine_steps(book), threads);
  for (const SavedCase& one : run.cases) wrong << "a case was saved: " << one.text.substr(0, 2000) << '\n';
  if (run.accounts.size() != book.accounts.size()) wrong << "accounts are missing\n";
  for (const AccountResult& result : run.accounts) {
    const std::string& id = book.account(result.account).id.text;
    if (result.status == ResultStatus::failed) wrong << id << " failed\n";
    if (result.bound && *result.bound > result.objective_after + 1e-9 * std::abs(result.objective_after)) {
      wrong << id << ": the bound " << *result.bound << " is above the objective " << result.objective_after << '\n';
    }
  }
  return run;
}

inline double gap_of(const AccountResult& result) {
  return std::max(0.0, result.objective_after - result.bound.value());
}

// Rules that yield to a need do so for the need alone: nothing else is improved then. And where a need cannot be met,
// the orders are not among those that the bound is about.
inline bool falls_short(const AccountResult& result) {
  return std::ranges::any_of(result.exceptions, [](const Finding& one) {
    return one.rule.find("yielded") != std::string::npos || one.rule == rule::wash_sale_forced ||
           one.rule == rule::request_cash_short || one.rule == rule::cash_nothing_to_sell ||
           one.rule == rule::request_liquidation_left || one.rule == rule::request_harvest_short ||
           one.rule == rule::request_realize_gains_short;
  });
}

}  // namespace lotwright::properties
