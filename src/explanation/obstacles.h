// explanation/obstacles.h — what stands in the way of selling more of a line after the orders: for the drifts that were
// left (reasons_left) and for the losses that were not taken (harvests).
//
// Promises: of several obstacles the strongest is named, in the order of docs/rules.md.
#pragma once

#include <map>
#include <string>

#include "explanation/reasons.h"

namespace lotwright {

// The rule that stands in the way, and whose word it is. Empty: none does.
struct Obstacle {
  std::string rule;
  std::string source;

  [[nodiscard]] bool empty() const { return rule.empty(); }
  auto operator<=>(const Obstacle&) const = default;
};

// The order in `security`, or nullptr.
[[nodiscard]] const Trade* trade_of(const DecidedAccount& decided, SecurityIndex security);

// Shares of line `i` after the orders.
[[nodiscard]] Quantity held_after(const DecidedAccount& decided, std::size_t i);

// By which rule nothing of the account may be traded at all: it is frozen. Empty: it is not.
[[nodiscard]] Obstacle bar_of_account(const DecidedAccount& decided);

[[nodiscard]] const Bar* strongest(const std::vector<Bar>& bars);

// What forbids selling more of line `i`, whatever the lot: a bar, the least weight, a locked quantity.
[[nodiscard]] Obstacle bar_of_line(const DecidedAccount& decided, std::size_t i);

// What forbids selling the lot: a bar on it, or for a loss the wash-sale window.
[[nodiscard]] Obstacle bar_of_lot(const DecidedAccount& decided, std::uint32_t lot, const tax::SoldByLot& sold);

// The rule by which nothing is traded on the account's own discretion; empty: it has discretion. A loss is at
// discretion under mode harvest_only too.
[[nodiscard]] Obstacle bar_of_discretion(const DecidedAccount& decided, bool loss);

// An order of `dollars` in line `i` that would be too small by itself. `closes`: it closes the position, and is exempt.
[[nodiscard]] bool below_trade_min(const DecidedAccount& decided, std::size_t i, bool closes, double dollars);

// Moving line `i` by `dollars` (> 0: bought) on top of the orders: the fall of risk, hurdle, alpha, location and bands.
// What the cash line feels is in the funding.
[[nodiscard]] double benefit_of_moving(const DecidedAccount& decided, std::size_t i, double dollars);

// The trading cost of an order of `dollars` in line `i` on top of the orders: a larger order of a line that trades in
// the same direction anyway needs no second ticket.
[[nodiscard]] double cost_of_moving(const DecidedAccount& decided, std::size_t i, Side side, double dollars);
// The cash it raises (> 0) or uses (< 0), at the account's shadow price of cash.
[[nodiscard]] double funding_of_moving(const DecidedAccount& decided, std::size_t i, Side side, double dollars);

// The tax part's rise if these gains are realized on top of the orders'.
[[nodiscard]] double tax_on_top(const DecidedAccount& decided, double gain_short, double gain_long);

// Where no rule forbids a step that would bring `net`, with `waiting` taken off for what could have waited: what the
// dollars say, or what stops the account as a whole.
[[nodiscard]] std::string rule_of_dollars(const DecidedAccount& decided, Money net, Money waiting);

}  // namespace lotwright
