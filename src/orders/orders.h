// orders/orders.h — what leaves the engine for one account, and the blocks that join accounts.
//
// In:       settled trades.
// Out:      orders with ids, lot instructions and one reason each; blocks across accounts, made after all are decided.
// Promises: ids depend only on account and security, so the same run writes the same bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "book/finding.h"
#include "book/trades.h"

namespace lotwright {

struct Order {
  std::string id;  // "<account_id>-<security_id>"
  Trade trade;
  std::string reason;  // the rule that drove it: "rebalance", "harvest_loss", "raise_cash", "invest_cash",
                       // "restriction_sell_all" ...
};

enum class Decision { bought, sold, kept, not_bought, cash };

// One line of reasons.csv, dollars to the millionth; net = benefit - tax - cost + funding. The nets of an account's
// bought, sold and cash rows add up to objective_before - objective_after. A kept row of no security prices a rule.
struct ReasonRow {
  std::string security_id;  // empty for cash, and for the price of a rule
  std::string lot_id;       // empty: the whole order
  Decision decision = Decision::kept;
  std::string rule;
  Money benefit;
  Money tax;
  Money cost;
  Money funding;
  Money net;
  std::string source;  // whose word the rule is: a restriction's or request's id, a setting; may be empty
  // Of the price of a rule: the annual tracking error that could at most be saved without it and no other part of the
  // objective dearer. Of a drift that was left: what closing it alone would take off it; < 0: it would rise.
  std::optional<double> tracking_error = {};
  // Of a drift that was left: its part of the risk and holding costs that stay (AccountResult::left).
  std::optional<Money> share = {};
  // Of what was done and has a negative net: by how much the objective would be worse, were this order (of a sale this
  // lot) left out and all else done; < 0: better.
  std::optional<Money> without = {};
};

// Drifts beyond the largest, which have no row of their own, by what stands in the way of closing them.
struct SmallerDrifts {
  std::string cause;  // as in left.csv
  std::size_t lines = 0;
  Money share;
};

// A budget of the year after the orders, and what a dollar more of it would be worth.
struct BudgetUse {
  Money budget;        // the tightest of account and taxpayer, prorated where asked
  Money left;          // negative where the year had gone beyond it before the orders
  double price = 0.0;  // dollars the objective falls by per dollar more, to first order
};

enum class HarvestStatus { scanned, not_scanned, taken, partly, skipped };

// One line of harvests.csv: the losses of a taxable account, or of one security in it. loss = taken + skipped in every
// row, and the dollars of an account's security rows add up to those of its own. Not scanned: nothing is known.
struct HarvestRow {
  std::string security_id;  // empty: the account's own row
  HarvestStatus status = HarvestStatus::scanned;
  int lots = 0;                // at a loss by today's price, or sold at one
  int lots_unknown_basis = 0;  // nobody can say whether they are at a loss
  Money loss;                  // found; this and the next three are never negative
  Money taken;                 // realized by this run's orders, what is disallowed included
  Money disallowed;            // of what was taken, by the wash-sale rule
  Money skipped;
  // Why the rest was skipped. In the account's row: by which rule no orders left it; empty where it was decided.
  std::string rule;
  std::string source;          // whose word the rule is, as in ReasonRow
  std::optional<Money> value;  // what the tax part of the objective says that the skipped rest would save; > 0: saves
  // Annual, of the investable value: between what was sold and what the money bought; nullopt: nothing was taken, or of
  // a security without risk.
  std::optional<double> replacement_tracking_error;
  std::optional<double> tracking_error_added;  // the account's with the swap less without it
};

enum class ResultStatus { traded, no_trade, held, failed };

// Everything about one account that the output files and explanations read.
struct AccountResult {
  AccountIndex account;
  ResultStatus status = ResultStatus::no_trade;
  Money value;
  Money investable;
  Money cash_before;
  Money cash_after;
  double tracking_error_before = 0.0;
  double tracking_error_after = 0.0;
  double turnover = 0.0;  // smaller of buys and sells over investable value; securities of kind cash left out
  Money gain_short;       // realized by these orders, disallowed losses as zero
  Money gain_long;
  double tax = 0.0;                       // the objective's tax term
  double trading_cost = 0.0;              // the objective's trading term
  std::optional<double> year_tax_before;  // T of docs/formulas.md, dollars; nullopt: no taxpayer
  std::optional<double> year_tax_after;
  double waiting = 0.0;  // the objective's waiting term
  std::optional<BudgetUse> gain_budget;
  std::optional<BudgetUse> tax_budget;
  double objective_before = 0.0;
  double objective_after = 0.0;
  Money improvement;               // objective_before - objective_after to the cent: what the nets add up to
  std::optional<double> bound;     // nullopt: held, nothing was proved
  std::optional<Money> gap;        // objective_after - bound, rounded up to the cent: no orders are better by more
  std::vector<Order> orders;       // sorted by security
  std::vector<ReasonRow> reasons;  // sorted by security, lot; cash row first (empty security id)
  // Dollars a year of risk and holding costs that stay after the orders, beyond those of the target: the shares of the
  // drifts that were left, and of the smaller ones, add up to it. nullopt: held, and positions, prices or target are in
  // doubt.
  std::optional<Money> left;
  std::vector<SmallerDrifts> left_smaller;  // by cause
  // Of a taxable account: its own row, then one for each security with a loss, sorted. Of others none.
  std::vector<HarvestRow> harvests;
  ShadowPrices shadow_prices;  // at which the orders were found; empty: not decided
  bool proven_quiet = false;   // those of the run before proved that no orders improve by improvement_min
  Findings exceptions;         // one line each in exceptions.csv
};

struct Block {
  std::string id;
  SecurityIndex security;
  Side side = Side::buy;
  Quantity quantity;
  int orders = 0;
  int orders_review = 0;  // of these, the ones a person must release
};

// Orders of settled trades; `reasons` gives one reason for each trade, in the same order.
[[nodiscard]] std::vector<Order> order(const Book& book, const AccountTrades& trades,
                                       const std::vector<std::string>& reasons);

// The account's orders are proposed and a person must release them: it has a finding of severity review.
[[nodiscard]] bool awaits_release(const AccountResult& result);

// One block for each security and side that has orders, sorted by security, buys first.
[[nodiscard]] std::vector<Block> block(const Book& book, const std::vector<AccountResult>& results);

[[nodiscard]] AccountTrades trades_of(const AccountResult& result);

// Amounts of the orders of one side, securities of kind cash among them.
[[nodiscard]] Money traded(const AccountResult& result, Side side);

// Dollars by which the orders change T of docs/formulas.md; 0 without a taxpayer.
[[nodiscard]] double year_tax_added(const AccountResult& result);

// Basis points between objective and bound; nullopt without a bound or without a positive investable value.
[[nodiscard]] std::optional<double> gap_bps(const AccountResult& result);

}  // namespace lotwright
