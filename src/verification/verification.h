// verification/verification.h — a second opinion on finished orders: every hard rule of objective.md on exact numbers.
//
// In:       the book and the finished orders of a unit's accounts (or of the whole book), with the exceptions that
//           accompany them.
// Out:      one finding for each breach; none means the orders may leave.
// Promises: shares no code with problem/, solution/ or numerics/, and recomputes from the book's rows what checks/ and
//           tax/ derived. A rule that was relaxed with leave must be named by an exception of at least `review`.
#pragma once

#include <string>
#include <vector>

#include "book/finding.h"
#include "orders/orders.h"

namespace lotwright {

// One rule broken by one account's orders.
struct Breach {
  AccountIndex account;
  std::string rule;      // a name of book/rules.def's families, "restriction_never_buy" ...
  std::string security_id;  // may be empty
  std::string lot_id;       // may be empty
  std::string message;   // what, observed, limit
};

// Re-checks the finished orders of the accounts of one unit together, in account order. `results` holds one entry for
// each account of the unit. Rules that `exceptions` name with severity review or hold are excused for that account.
[[nodiscard]] std::vector<Breach> verify_unit(const Book& book, const DecisionUnit& unit,
                                              const std::vector<const AccountResult*>& results);

// Once more over the whole book: wash sales between any two accounts of a taxpayer, blocks against orders, unique
// order ids, one result an account.
[[nodiscard]] std::vector<Breach> verify_book(const Book& book, const std::vector<AccountResult>& results,
                                              const std::vector<Block>& blocks);

}  // namespace lotwright
