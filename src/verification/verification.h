// verification/verification.h — a second opinion on finished orders: every hard rule of docs/rules.md, on exact numbers
//
// In:       the book and the finished orders of a unit's accounts (or of the whole book), with the exceptions that
//           accompany them.
// Out:      one breach for each rule broken; none means the orders may leave.
// Promises: shares no code with checks/, problem/, solution/ or numerics/, and recomputes from the book's rows what
//           they and tax/ derived (the calendar of holding periods apart). A rule that yields has a family
//           (docs/data.md: "mode_", "band_" ...): an exception of that family with severity `review` or `hold` excuses
//           the account. Law, frozen accounts and never_buy, never_sell, freeze and locks yield to nothing and are
//           never excused.
// Refuses:  repairing anything. A number that does not fit its exact type is a Defect.
//
// Where docs/rules.md leaves a choice, this is the reading:
//   - Limits that are fractions of investable value, and sums of dollars, are kept to the cent.
//   - mode cash_only: securities are sold only where the cash line was below what is due (reserved + set aside) or a
//     liquidation is due, and the line then ends no more than one minimum trade, or one step of a security that
//     could be sold if that is more, above it, costs of funds that must be sold for it apart; a line below cash_min is
//     no reason to sell. They are bought only where the line was above cash_max x V + reserved, and the line ends no
//     lower than cash_min x V + reserved. Otherwise there are no orders. Securities of kind cash move freely.
//   - mode harvest_only: every lot sold is sold at a loss, and purchases take no more than the sales bring: the line
//     ends no lower than the smaller of where it was and cash_max x V + reserved. Securities of kind cash move freely.
//   - rebalance_days_min: until the days have passed nothing is bought, and securities are sold as in cash_only; what a
//     sell_all, a liquidation or a directed trade forces is no matter of it.
//   - a sale is at a gain or at a loss as its whole lot is at today's price: rounding an order to the cent makes
//     neither.
//   - weight_max on several: nothing that is bought exceeds it alone, even where the sum did before.
//   - a due harvest or realize_gains counts each lot sold by itself, and what this run's orders realize; a cent for
//     each lot sold may be rounded away. While one is due, mode cash_only and rebalance_days_min let lots of the kind
//     asked for be sold, where nothing is due no more of them than one smallest order above the amount, and purchases
//     that leave the line no lower than the smaller of where it was and cash_max x V + reserved.
//   - wash_sale_disallowed_max_usd limits the sum over one account's sales of one identical group.
//   - an account whose day has both a purchase and a loss sale of a group, by one taxpayer in two accounts, is in
//   breach
//     in the account decided later.
#pragma once

#include <string>
#include <vector>

#include "book/finding.h"
#include "orders/orders.h"
#include "verification/book_index.h"

namespace lotwright {

// One rule broken by one account's orders.
struct Breach {
  AccountIndex account;
  std::string rule;         // a name of book/rules.def
  std::string security_id;  // may be empty
  std::string lot_id;       // may be empty
  std::string message;      // what, observed, limit

  bool operator==(const Breach&) const = default;
};

// The hard rules alone, for anybody's orders: of each result only account, status, orders and exceptions are read.
// `results` are accounts of `unit` in the order they are decided; those missing have no orders.
[[nodiscard]] std::vector<Breach> verify_orders(const BookIndex& index, const DecisionUnit& unit,
                                                const std::vector<const AccountResult*>& results);

// The same, and that what the results state about the orders (cash_after, gains, disallowed losses ...) is true.
[[nodiscard]] std::vector<Breach> verify_unit(const BookIndex& index, const DecisionUnit& unit,
                                              const std::vector<const AccountResult*>& results);

// Once more over the whole book: one result an account, unique order ids, blocks against orders, and wash sales between
// any two accounts of a taxpayer, whatever unit they were put in. `results` are sorted by account.
[[nodiscard]] std::vector<Breach> verify_book(const BookIndex& index, const std::vector<AccountResult>& results,
                                              const std::vector<Block>& blocks);

}  // namespace lotwright
