// solution/conflicts.h — what a request that cannot be met runs into: the smallest set of rules that cannot hold
// together with it, and what giving up each of them would cost. Internal to solution/.
//
// In:       an account, and the orders that meet its requests only in part.
// Out:      one review `request_impossible` for each unmet kind of request.
// Promises: with no other rules in force than those of the set the request cannot be met, and it can as soon as any one
//           of them is left out as well. Weaker rules have yielded already and are in no set; law and lot facts are
//           named like every other rule, and nobody can give them up.
// Refuses:  many re-solves: a handful an account, the rest of a set is named without a price.
#pragma once

#include <string>
#include <vector>

#include "solution/lifted.h"
#include "solution/solution.h"

namespace lotwright {

// A request that may be out of reach, and how far rules let the account go towards it.
struct Wish {
  enum class Kind { cash, liquidation, goal } kind = Kind::cash;
  std::size_t goal = 0;               // of kind goal: its place in CheckedAccount::realizations
  std::string rule;                   // request_cash_out, request_liquidate, request_harvest ...
  std::vector<std::string> requests;  // ids
};

// Dollars towards the wish that rules leave within reach, and how many it asks for.
struct Reach {
  double reached = 0.0;
  double asked = 0.0;
  [[nodiscard]] bool enough() const { return reached >= asked - 0.005; }
};

// With all rules but `lifted`, weaker ones than requests having yielded. Every lot that may go counts whole.
[[nodiscard]] Reach reach_of(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                             const Wish& wish, const std::vector<NamedRule>& lifted);

// The rules of the account that can stand in a wish's way, sorted; restrictions by their ids.
[[nodiscard]] std::vector<NamedRule> rules_in_the_way(const CheckedUnit& unit, const CheckedAccount& account);

// The smallest set of `rules` that by itself puts the wish out of reach; empty where no rule does: either it is within
// reach, or it asks for more than there is.
[[nodiscard]] std::vector<NamedRule> smallest_conflict(const CheckedUnit& unit, const CheckedAccount& account,
                                                       const tax::UnitProgress& progress, const Wish& wish,
                                                       const std::vector<NamedRule>& rules);

// Of the requests that `made` leaves unmet.
[[nodiscard]] Findings conflicts_of(const CheckedUnit& unit, const CheckedAccount& account,
                                    const tax::UnitProgress& progress, const Effort& effort, const Solution& made);

}  // namespace lotwright
