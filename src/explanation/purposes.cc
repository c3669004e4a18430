#include "explanation/purposes.h"

#include <algorithm>
#include <span>

namespace lotwright {
namespace {

// A trade with what its rows say it does by itself, dollars.
struct Judged {
  std::size_t trade = 0;
  double amount = 0.0;
  double step = 0.0;  // the dollars of its smallest step
  double benefit = 0.0;
  double tax = 0.0;
  double cost = 0.0;

  [[nodiscard]] double worth_a_dollar() const { return amount > 0.0 ? (benefit - tax - cost) / amount : 0.0; }
};

bool is_of_cash_kind(const Book& book, const Trade& trade) {
  return book.security(trade.security).kind == SecurityKind::cash;
}

// The rows of each trade: one of a purchase, one for each lot of a sale; before them all is that of the cash line.
std::vector<std::span<ReasonRow>> by_trade(const DecidedAccount& decided, std::vector<ReasonRow>& rows) {
  std::vector<std::span<ReasonRow>> parts;
  std::size_t next = 1;
  for (const Trade& trade : decided.solution.trades.trades) {
    const std::size_t count = trade.side == Side::buy ? 1 : trade.lots.size();
    require(next + count <= rows.size(), "a trade has no rows that say what it brings");
    parts.push_back(std::span(rows).subspan(next, count));
    next += count;
  }
  return parts;
}

Judged judged(const DecidedAccount& decided, std::span<const ReasonRow> rows, std::size_t i) {
  const Trade& trade = decided.solution.trades.trades[i];
  Judged one{.trade = i, .amount = trade.amount.to_double()};
  one.step = value_of(decided.book().security(trade.security).quantity_step, trade.price).to_double();
  for (const ReasonRow& row : rows) {
    one.benefit += row.benefit.to_double();
    one.tax += row.tax.to_double();
    one.cost += row.cost.to_double();
  }
  return one;
}

// What the orders that a rule forced bring to the cash line (> 0) or take from it.
double forced_cash(const DecidedAccount& decided) {
  double cash = 0.0;
  for (std::size_t i = 0; i < decided.solution.trades.trades.size(); ++i) {
    const Trade& trade = decided.solution.trades.trades[i];
    if (decided.solution.reasons[i].empty()) continue;
    const double dollars = is_of_cash_kind(decided.book(), trade) ? 0.0 : trade.amount.to_double();
    cash += cash_raised(trade.side, dollars, trade.commission.to_double());
  }
  return cash;
}

// Gives `reason` to those of `orders` that account for `dollars`, and leaves the others in `orders`.
void give(std::vector<Judged>& orders, double dollars, const char* reason, std::vector<std::string>& purposes) {
  std::ranges::stable_sort(orders, {}, &Judged::worth_a_dollar);
  const auto give_if = [&](auto fits) {
    std::erase_if(orders, [&](const Judged& order) {
      if (dollars <= 0.0 || !fits(order)) return false;
      purposes[order.trade] = reason;
      dollars -= order.amount;
      return true;
    });
  };
  give_if([&](const Judged& order) { return order.amount <= dollars + order.step; });
  give_if([&](const Judged& order) { return 0.5 * order.amount <= dollars; });
}

// A loss is what the sale is for where it saves more than moving the line brings.
bool harvests(const DecidedAccount& decided, const Judged& sale) {
  if (!decided.terms.taxable || !decided.holder().effective_policy.harvest) return false;
  Money gain;
  for (const LotSale& lot : decided.solution.trades.trades[sale.trade].lots) gain += lot.gain.value_or(Money{});
  return gain.is_negative() && sale.tax < 0.0 && -sale.tax >= sale.benefit;
}

}  // namespace

std::vector<std::string> enter_purposes(const DecidedAccount& decided, std::vector<ReasonRow>& rows) {
  const std::vector<std::span<ReasonRow>> parts = by_trade(decided, rows);
  std::vector<std::string> purposes = decided.solution.reasons;
  std::vector<Judged> sales;
  std::vector<Judged> purchases;
  for (std::size_t i = 0; i < purposes.size(); ++i) {
    if (!purposes[i].empty()) continue;
    (decided.solution.trades.trades[i].side == Side::sell ? sales : purchases).push_back(judged(decided, parts[i], i));
  }
  const objective::Terms& terms = decided.terms;
  const double forced = forced_cash(decided);
  const double most = terms.cash_max * terms.investable + decided.account.set_aside.to_double();
  give(sales, decided.solution.cash_line_min - terms.cash_line_before - forced, "raise_cash", purposes);
  give(purchases, terms.cash_line_before + std::min(0.0, forced) - most, "invest_cash", purposes);
  for (const Judged& sale : sales) purposes[sale.trade] = harvests(decided, sale) ? "harvest_loss" : "rebalance";
  for (const Judged& purchase : purchases) purposes[purchase.trade] = "rebalance";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    for (ReasonRow& row : parts[i]) row.rule = purposes[i];
  }
  return purposes;
}

}  // namespace lotwright
