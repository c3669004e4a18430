// solution/settle.h — the one door from the optimizer's plan back to exact money, shares and lots.
//
// In:       a HoldingPlan in whole quantities.
// Out:      AccountTrades: amounts to the cent, lots with their basis, gain and term, disallowed losses marked; sales
//           of cash securities where the account's own cash would fall short.
// Promises: cash and quantities are re-checked exactly: no lot oversold, account cash not below zero (nor below what it
//           was), the cash line what the limits ask. `shortfall` says what is missing.
#pragma once

#include "solution/holding_plan.h"

namespace lotwright {

struct Settled {
  AccountTrades trades;
  Money cash_after;  // the account's own cash
};

[[nodiscard]] Settled settle(const HoldingPlan& plan, const CheckedUnit& unit, const CheckedAccount& account,
                             const tax::UnitProgress& progress);

}  // namespace lotwright
