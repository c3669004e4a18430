// solution/solution.h — from a checked account to settled, exact trades and the proof of how good they are.
//
// In:       a CheckedAccount and what earlier accounts of its unit did.
// Out:      a Solution: trades (exact), the bound, the rules that had to be relaxed, the shadow price of cash.
// Promises: doing nothing is always a candidate unless a rule forces sales; the bound holds for every set of orders
// that
//           keeps the hard rules as relaxed, whatever the floating point did to the multipliers.
// Refuses:  seconds: effort is counted in iterations and moves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "book/trades.h"
#include "checks/checks.h"
#include "problem/problem.h"

namespace lotwright {

struct Effort {
  int newton_iterations_max = 60;  // for each convex cell
  int search_rounds_max = 40;      // passes of the share search
  // Newton steps a cell for the proof that nothing improves by improvement_min, from the prices of the run before. More
  // than one pays where the same account is decided day after day.
  int quiet_steps_max = 1;
  // Branch and bound: only while the gap is above this many basis points, at most so many regions, and so many names
  // looked at in all (small accounts get many regions, large ones few).
  double branch_gap_min = 0.05;
  double branch_nodes_max = 120.0;
  double branch_work_max = 6000.0;
  // What each rule in the way costs is found by solving again without it: for reports alone, no order depends on it.
  bool price_rules = true;
  // What is told beyond orders, taxes, risk and findings: the bound of accounts that may not do all it is over, losses
  // and drifts left. For reports alone too (and for run/peers.h, whose findings name what is left).
  bool tell_what_is_left = true;
};

// A weaker rule that yielded to a stronger one, and what cannot hold together.
struct Relaxation {
  Strength strength = Strength::trade_min;  // of the rule that yielded
  std::string rule;                         // its exception's name: "mode_yielded", "band_yielded" ...
  std::string stronger;                     // the rule it yielded to: "request_cash_out", "cash_min" ...
  std::string observed;
  std::string limit;
};

// What lifting one rule could bring, and every other kept: dollars of the objective, at most.
struct RulePrice {
  std::string rule;
  std::string source;  // the restriction's id, the security or the setting; may be empty
  double at_most = 0.0;
};

struct Solution {
  AccountTrades trades;              // empty: do nothing
  std::vector<std::string> reasons;  // one for each trade: the rule that forced it; empty: the dollars asked for it
  std::optional<double> bound;       // dollars of the objective; nullopt only where investable value is not positive
  double cash_shadow_price = 0.0;    // dollars the objective falls by per dollar of cash more; < 0: cash in excess
  double cash_line_min = -1e300;     // dollars: the least the cash line had to be afterwards, the reserve taken off
  double gain_budget_price = 0.0;    // dollars the objective falls by per dollar more of the budget, to first order
  double tax_budget_price = 0.0;
  std::vector<Relaxation> relaxations;  // each becomes a review exception
  ShadowPrices shadow_prices;           // at which the orders were found: where the next decision starts
  bool proven_quiet = false;            // those of the run before proved that no orders improve by improvement_min
  std::vector<RulePrice> rule_prices;   // of the rules that stand in the way, largest first
  Findings findings;                    // further exceptions: cash short, liquidation left, wash_sale_forced ...
  bool forced = false;                  // a request, restriction or cash need forced sales
};

[[nodiscard]] Solution solve(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                             const Effort& effort);

}  // namespace lotwright
