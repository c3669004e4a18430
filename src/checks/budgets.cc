#include "checks/budgets.h"

#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
#include "checks/findings.h"

namespace lotwright {
namespace {

constexpr int turnover_days = 30;

std::optional<Money> tightest(const std::optional<Money>& one, const std::optional<Money>& other) {
  if (!one || !other) return one ? one : other;
  return std::min(*one, *other);
}

bool is_discretionary_trade(const Book& book, const Transaction& row) {
  const bool trades = row.kind == TransactionKind::buy || row.kind == TransactionKind::sell;
  return trades && row.discretionary && row.trade_date <= book.firm.as_of && row.security.exists() &&
         book.security(row.security).kind != SecurityKind::cash;
}

}  // namespace

Money prorated(Money budget, Date as_of) {
  return Money::of_count(multiply_divide_half_away(budget.count(), as_of.day_of_year(), as_of.days_in_year()));
}

void find_budgets(const Book& book, CheckedAccount& checked) {
  const Account& account = book.account(checked.account);
  if (account.tax_treatment != TaxTreatment::taxable || !account.taxpayer.exists()) return;
  const Policy& policy = account.effective_policy;
  const Taxpayer& taxpayer = book.taxpayers[account.taxpayer.value];
  checked.gain_budget = tightest(policy.gain_budget, taxpayer.gain_budget);
  checked.tax_budget = tightest(policy.tax_budget, taxpayer.tax_budget);
  if (!policy.budget_prorated) return;
  if (checked.gain_budget) checked.gain_budget = prorated(*checked.gain_budget, book.firm.as_of);
  if (checked.tax_budget) checked.tax_budget = prorated(*checked.tax_budget, book.firm.as_of);
}

void count_recent_trades(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const Date as_of = book.firm.as_of;
  std::optional<Date> last;
  for (const Transaction& row : facts.transactions_of(checked.account)) {
    if (!is_discretionary_trade(book, row)) continue;
    last = std::max(last.value_or(row.trade_date), row.trade_date);
    if (as_of - row.trade_date > turnover_days) continue;
    (row.kind == TransactionKind::buy ? checked.bought_recently : checked.sold_recently) += row.amount;
  }
  const int wait = book.account(checked.account).effective_policy.rebalance_days_min;
  checked.discretion = !last || as_of - *last >= wait;
  if (checked.discretion) return;
  add_finding(
      book, checked, rule::turnover_rebalance_wait, Severity::note, std::to_string(as_of - *last), std::to_string(wait),
      fmt::format("the last discretionary trade was on {}, {} days ago, and rebalance_days_min is {}: only what is "
                  "forced is traded",
                  last->to_string(), as_of - *last, wait));
}

}  // namespace lotwright
