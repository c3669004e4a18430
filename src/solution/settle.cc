#include "solution/settle.h"

#include <algorithm>

#include "checks/lots.h"
#include "problem/fund_sales.h"
#include "tax/lot_relief.h"
#include "tax/wash_sale.h"

namespace lotwright {
namespace {

Trade trade_of(const Book& book, const Account& account, SecurityIndex security, Side side, Quantity quantity,
               std::vector<LotTake> lots) {
  const Policy& policy = account.effective_policy;
  const Price price = *book.security(security).price;
  Trade trade{.security = security,
              .side = side,
              .quantity = quantity,
              .price = price,
              .amount = amount_of(quantity, price),
              .commission = {},
              .lots = {}};
  trade.commission = commission_of(trade.amount, policy.commission, policy.ticket_cost);
  if (side == Side::buy) return trade;
  std::sort(lots.begin(), lots.end(), [](const LotTake& a, const LotTake& b) { return a.lot < b.lot; });
  std::vector<Quantity> quantities;
  for (const LotTake& take : lots) {
    require(take.quantity.is_positive() && take.quantity <= account.lots[take.lot].quantity, "a lot would be oversold");
    quantities.push_back(take.quantity);
  }
  const std::vector<Money> proceeds = tax::share_proceeds(quantities, price, trade.amount);
  for (std::size_t i = 0; i < lots.size(); ++i) {
    trade.lots.push_back(tax::sale_of(lot_as_taxed(account, account.lots[lots[i].lot]), lots[i].lot, lots[i].quantity,
                                      proceeds[i], book.firm.as_of));
  }
  return trade;
}

std::vector<LotTake> oldest_first(const Account& account, const CashHolding& holding, Quantity quantity) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t l = holding.lot_begin; l < holding.lot_end; ++l) order.push_back(l);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    const TaxLot& x = account.lots[a];
    const TaxLot& y = account.lots[b];
    return x.acquired_on != y.acquired_on ? x.acquired_on < y.acquired_on : a < b;
  });
  std::vector<LotTake> takes;
  for (const std::uint32_t l : order) {
    const Quantity taken = std::min(quantity, account.lots[l].quantity);
    if (taken.is_positive()) takes.push_back({l, taken});
    quantity -= taken;
  }
  return takes;
}

}  // namespace

Settled settle(const HoldingPlan& plan, const CheckedUnit& unit, const CheckedAccount& checked,
               const tax::UnitProgress& progress) {
  const Book& book = *unit.book;
  const Account& account = book.account(checked.account);
  Settled settled{.trades = {.account = checked.account, .trades = {}}, .cash_after = account.cash};
  const Problem& problem = plan.problem();
  const auto add = [&](Trade trade) {
    settled.cash_after += cash_effect(trade);
    settled.trades.trades.push_back(std::move(trade));
  };
  for (std::size_t n = 0; n < problem.line_of_name.size(); ++n) {
    const NamePlan& name = plan.current(static_cast<int>(n));
    if (name.branch < 0) continue;
    const Side side = name.x > 0.0 ? Side::buy : Side::sell;
    const SecurityIndex security = checked.lines[static_cast<std::size_t>(problem.line_of_name[n])].security;
    add(trade_of(book, account, security, side, name.quantity, plan.lots_of(static_cast<int>(n))));
  }
  // Money in securities of kind cash is sold first when money is needed: for the orders, and for what is reserved.
  for (const FundSale& sale : fund_sales(unit, checked, settled.cash_after, problem.limits.trade_min)) {
    const CashHolding& holding = checked.cash_holdings[sale.holding];
    add(trade_of(book, account, holding.security, Side::sell, sale.quantity,
                 oldest_first(account, holding, sale.quantity)));
  }
  std::sort(settled.trades.trades.begin(), settled.trades.trades.end(),
            [](const Trade& a, const Trade& b) { return a.security < b.security; });
  tax::mark_disallowed(book, progress.wash, settled.trades);
  return settled;
}

}  // namespace lotwright
