// reports/savings_page.h — taxes saved or deferred in one account, as an HTML page for its owner: a chart, the figures,
// the lots they come from, and how they are reckoned. It prints on paper.
//
// In:       SavingsFacts, gathered by run/.
// Out:      a page that needs nothing else: no scripts, fonts or pictures from outside. All text is escaped.
// Promises: every dollar on the page is a figure of tax_lots.csv's rows, a sum of such, or a fact of the account.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orders/orders.h"
#include "savings/savings.h"

namespace lotwright::reports {

// What one trader does in one account.
struct TraderFacts {
  Money bought;
  Money sold;
  Money cash_missing;           // of what is reserved for payments, once the orders are done
  double tracking_error = 0.0;  // annual, after the orders
  double trading_cost = 0.0;    // dollars: half spreads, commissions, tickets
};

struct TradedAccount {
  AccountIndex account;
  ResultStatus status = ResultStatus::no_trade;
  std::string held_by;  // the rule; empty: decided
  Money value;
  double tracking_error_before = 0.0;
  TraderFacts run;
  std::vector<TraderFacts> baselines;  // by savings::Baseline; empty: held or failed

  [[nodiscard]] bool decided() const { return !baselines.empty(); }
};

// How many of the accounts are not compared, by the rule that held them; by status where no rule did.
[[nodiscard]] std::map<std::string, std::size_t> held_by_rule(const std::vector<const TradedAccount*>& accounts);

struct SavingsFacts {
  const Book* book = nullptr;
  const TradedAccount* account = nullptr;
  std::vector<const TradedAccount*> of_taxpayer;        // its taxable accounts, this one among them
  std::vector<const savings::Comparison*> comparisons;  // of its taxpayer, all periods and baselines
};

[[nodiscard]] std::string savings_page(const SavingsFacts& facts);

}  // namespace lotwright::reports
