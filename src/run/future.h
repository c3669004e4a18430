// run/future.h — one account's unit carried forward in time: orders filled, a calendar year closed, prices moved.
#pragma once

#include "generation/chance.h"
#include "run/unit_book.h"

namespace lotwright {

// Fills the orders at their prices: lots, cash, the taxpayer's year and the account's transactions.
void fill(UnitBook& unit, const AccountResult& result);

// Moves every price by `quarters` quarters of a year: a drift and what the risk model says of its variance.
void move_prices(UnitBook& unit, const FactorRisk& risk, double drift, int quarters, generation::Chance& chance);

// Moves the book's date. Where a calendar year ends, its losses are carried forward; requests that have come due by
// then are done with: money out has left, money in has come.
void move_date(UnitBook& unit, Date day);

// The same day `months` later; the last of its month where that is shorter.
[[nodiscard]] Date months_later(Date day, int months);

}  // namespace lotwright
