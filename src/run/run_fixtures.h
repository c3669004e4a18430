// run/run_fixtures.h — for tests of the run: a clock that ticks, and steps that decide without a solver.
#pragma once

#include <string>

#include "checks/checks.h"
#include "run/rebalance.h"
#include "run/runner.h"
#include "tax/lot_relief.h"

namespace lotwright {

// Every look at it is a quarter of a second later.
class TickingClock final : public Clock {
 public:
  [[nodiscard]] double seconds() const override { return 0.25 * ++looks_; }

 private:
  mutable std::atomic<int> looks_ = 0;
};

// Sells one share of the first lot, if the account has one.
inline Solution sell_one_share(const CheckedUnit& unit, const CheckedAccount& checked) {
  const Book& book = *unit.book;
  const Account& account = book.account(checked.account);
  Solution solution;
  solution.trades.account = checked.account;
  if (account.lots.empty()) return solution;
  const TaxLot& lot = account.lots.front();
  Trade trade;
  trade.security = lot.security;
  trade.side = Side::sell;
  trade.quantity = Quantity::of_whole(1);
  trade.price = *book.security(lot.security).price;
  trade.amount = amount_of(trade.quantity, trade.price);
  trade.lots = {tax::sale_of(lot, 0, trade.quantity, trade.amount, book.firm.as_of)};
  solution.trades.trades = {trade};
  solution.reasons = {"rebalance"};
  return solution;
}

// Real checks, no solver, a verifier that finds nothing.
inline Steps plain_steps(const Book& book) {
  Steps steps;
  steps.check = [&book](const FactorRisk& risk, const DecisionUnit& unit) { return check(book, risk, unit); };
  steps.solve = [](const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress&, const Effort&) {
    return sell_one_share(unit, account);
  };
  steps.verify_unit = [](const DecisionUnit&, const std::vector<const AccountResult*>&) {
    return std::vector<Breach>();
  };
  steps.verify_book = [](const std::vector<AccountResult>&, const std::vector<Block>&) {
    return std::vector<Breach>();
  };
  return steps;
}

inline RunResult run_of(const Book& book, const Steps& steps, int threads = 1, const RunOptions& given = {}) {
  RunOptions options = given;
  options.threads = threads;
  const std::atomic<bool> stop = false;
  return run_book(book, options, steps, TickingClock(), nullptr, stop).value();
}

}  // namespace lotwright
