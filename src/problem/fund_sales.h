// problem/fund_sales.h — what is sold of securities of kind cash, where the account's own cash does not do.
//
// In:       a checked account and its own cash as its other orders leave it.
// Out:      sales in the order of its holdings: all of what must go, of the others what is missing and the order's own
//           commission and ticket, unless the sale would bring nothing.
// Promises: the smaller the cash, the more the sales cost.
#pragma once

#include <vector>

#include "checks/checks.h"

namespace lotwright {

struct FundSale {
  std::size_t holding = 0;  // of CheckedAccount::cash_holdings
  Quantity quantity;
  Money amount;
  Money commission;  // the ticket with it
};

// `trade_min`: the least an order is worth that does not close its position.
[[nodiscard]] std::vector<FundSale> fund_sales(const CheckedUnit& unit, const CheckedAccount& account, Money cash,
                                               Money trade_min);

// Its sale costs what it is worth: it is sold only where all of it must go.
[[nodiscard]] bool brings_nothing(const CheckedUnit& unit, const CheckedAccount& account, const CashHolding& holding);

// What the sales take from the cash line.
[[nodiscard]] Money cost_of(const std::vector<FundSale>& sales);

// Of the account's own cash nothing is missing from here on: what is reserved, or an overdraft as it is.
[[nodiscard]] Money own_cash_needed(const CheckedUnit& unit, const CheckedAccount& account);

}  // namespace lotwright
