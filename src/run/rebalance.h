// run/rebalance.h — the main path: one decision unit from checked facts to verified orders.
//
// In:       the book, its risk model, one unit, and the accounts that must be held whatever the solver says.
// Out:      one result for each account of the unit.
// Promises: orders leave only when the verifier finds nothing against them. Whatever goes wrong in one account ends
//           that account: a refusal holds it (its unit is decided again without its orders), a broken invariant fails
//           it.
// Refuses:  nothing: no exception of ours leaves this function, save for want of memory.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "explanation/explanation.h"
#include "orders/orders.h"
#include "solution/solution.h"
#include "verification/verification.h"

namespace lotwright {

// The floors as the main path calls them, with what they look up once a run. A test puts its own in place of one to see
// what the run does then.
struct Steps {
  std::function<CheckedUnit(const FactorRisk&, const DecisionUnit&)> check;
  std::function<Solution(const CheckedUnit&, const CheckedAccount&, const tax::UnitProgress&, const Effort&)> solve;
  std::function<std::vector<Breach>(const DecisionUnit&, const std::vector<const AccountResult*>&)> verify_unit;
  std::function<std::vector<Breach>(const std::vector<AccountResult>&, const std::vector<Block>&)> verify_book;
  // The accounts of a household together (run/household_rail.h); empty: nobody looks.
  std::function<void(const CheckedUnit&, std::vector<AccountResult>&)> watch_households = {};
};

// The engine's own. `book` outlives them.
[[nodiscard]] Steps engine_steps(const Book& book);

// Accounts that the verifier refused, each with what it said.
using Refusals = std::map<AccountIndex, std::string>;

// What a unit's accounts were to do, and what the verifier has against it.
struct RefusedResults {
  std::vector<AccountResult> accounts;
  std::vector<Breach> breaches;
};

struct UnitOutcome {
  std::vector<AccountResult> accounts;  // in the unit's order
  std::vector<RefusedResults> refused;  // on the way there, first to last
};

[[nodiscard]] UnitOutcome rebalance(const Book& book, const FactorRisk& risk, const DecisionUnit& unit,
                                    const Effort& effort, const Steps& steps, Refusals refused = {});

}  // namespace lotwright
