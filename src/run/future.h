// run/future.h — one account's unit carried forward in time: orders filled, a calendar year closed, prices moved.
#pragma once

#include "generation/chance.h"
#include "run/unit_book.h"

namespace lotwright {

// Fills the orders at their prices: lots, cash, the taxpayer's year and the account's transactions. A loss that a wash
// sale disallows goes to the basis of the account's young shares that replace what was sold, and so do its days of
// holding (IRC 1091(d), 1223(3)); where the replacement is in another account it is not followed there.
void fill(UnitBook& unit, const AccountResult& result);

// Moves every price by `days` trading days, one after another: a drift a year and what the risk model says of its
// variance, both by the 252nd part a day.
void move_prices(UnitBook& unit, const FactorRisk& risk, double drift, int days, generation::Chance& chance);

// Moves the book's date. Where a calendar year ends, its losses are carried forward; restrictions that begin by then
// are in force, those that have ended are not; requests that have come due by then are done with: money out has left,
// money in has come. Corporate actions that take effect by then are done with too: somebody books
// them, and the prices know nothing of them.
void move_date(UnitBook& unit, Date day);

}  // namespace lotwright
