// explanation/explanation.h — what was done and why, what was left and why not, in dollars that add up.
//
// In:       a checked account, what earlier accounts of its unit did, its objective terms and its solution.
// Out:      the account's result: numbers before and after, orders, reason rows, losses taken and left, exceptions.
// Promises: the nets of the bought, sold and cash rows add up to objective_before - objective_after to the cent
//           (docs/formulas.md, "Reasons add up"); nothing is recomputed with another formula than objective/'s.
#pragma once

#include "orders/orders.h"
#include "solution/solution.h"

namespace lotwright {

// `orders`: neither what is left nor the losses that are, which are half the work and which no finding names: the
// result has no `left`, no `harvests`, and of `reasons` those of its orders, without what each is worth to the others.
enum class Told { everything, orders };

// Fills an AccountResult for an account that was decided (it may still have no trades). `progress` is the unit's before
// this account is recorded: the one `terms` and `solution` were made with. A finding of severity hold, the firm's own
// tests included, takes the orders back: status held, after = before. A bound above the objective is a Defect.
[[nodiscard]] AccountResult explain(const CheckedUnit& unit, const CheckedAccount& account,
                                    const tax::UnitProgress& progress, const objective::Terms& terms,
                                    const Solution& solution, Told told = Told::everything);

// The result of an account that was held or is frozen: before = after. A frozen one is its own bound, a held one has
// none.
[[nodiscard]] AccountResult explain_untouched(const CheckedUnit& unit, const CheckedAccount& account,
                                              const objective::Terms& terms, Told told = Told::everything);

// The firm's own tests (firm.toml, exceptions.rule) on a decided account with its reasons: findings named "unusual_" +
// name. What compares accounts with each other is not among them (run/peers.h).
[[nodiscard]] Findings unusual(const Book& book, const AccountResult& result);

// The test is meant for this account, by its policy and value.
[[nodiscard]] bool concerns(const ExceptionRule& rule, const Account& account, const AccountResult& result);

[[nodiscard]] Finding unusual_finding(const ExceptionRule& rule, const Account& account, double value,
                                      std::string message);

}  // namespace lotwright
