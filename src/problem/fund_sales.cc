#include "problem/fund_sales.h"

#include <algorithm>

#include "checks/sale_costs.h"

namespace lotwright {
namespace {

// The whole steps worth at least `dollars`, or all of it.
Quantity enough_of(const Security& security, Quantity held, Money dollars, Money trade_min) {
  return std::min(held, least_quantity_worth(std::max(dollars, trade_min), *security.price, security.quantity_step));
}

}  // namespace

std::vector<FundSale> fund_sales(const CheckedUnit& unit, const CheckedAccount& account, Money cash, Money trade_min) {
  const Policy& policy = unit.book->account(account.account).effective_policy;
  const Money needed = own_cash_needed(unit, account);
  std::vector<FundSale> sales;
  for (std::size_t i = 0; i < account.cash_holdings.size(); ++i) {
    const CashHolding& holding = account.cash_holdings[i];
    const bool all_out = account.liquidating || holding.sell_all;
    if ((cash >= needed && !all_out) || !holding.may_sell || !holding.held.is_positive()) continue;
    const Security& security = unit.book->security(holding.security);
    FundSale& sale = sales.emplace_back();
    sale.holding = i;
    sale.quantity =
        all_out ? holding.held : enough_of(security, holding.held, with_its_cost(needed - cash, policy), trade_min);
    sale.amount = amount_of(sale.quantity, *security.price);
    sale.commission = commission_of(sale.amount, policy.commission, policy.ticket_cost);
    if (sale.amount <= sale.commission && !all_out) {
      sales.pop_back();  // it would bring nothing
      continue;
    }
    cash += sale.amount - sale.commission;
  }
  return sales;
}

bool brings_nothing(const CheckedUnit& unit, const CheckedAccount& account, const CashHolding& holding) {
  if (account.liquidating || holding.sell_all) return false;
  const Policy& policy = unit.book->account(account.account).effective_policy;
  const Money amount = amount_of(holding.held, *unit.book->security(holding.security).price);
  return amount <= commission_of(amount, policy.commission, policy.ticket_cost);
}

Money cost_of(const std::vector<FundSale>& sales) {
  Money cost;
  for (const FundSale& sale : sales) cost += sale.commission;
  return cost;
}

// In mode buy_only a fund is sold for what is due, not to buy: the problem leaves such money out of reach.
Money own_cash_needed(const CheckedUnit& unit, const CheckedAccount& account) {
  return std::max(std::min(Money{}, unit.book->account(account.account).cash), account.reserved);
}

}  // namespace lotwright
