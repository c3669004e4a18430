// checks/budgets.h — what the account may still do this month and this year: budgets of gain and tax, recent trades.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// The part of a calendar year's budget that belongs to the days up to `as_of`, to the millionth, half away from zero.
[[nodiscard]] Money prorated(Money budget, Date as_of);

// Fills gain_budget and tax_budget: the tightest of account and taxpayer. Untaxed accounts have none.
void find_budgets(const Book& book, CheckedAccount& checked);

// Fills discretion, bought_recently and sold_recently from the account's own transactions. Reinvestments, forced orders
// and securities of kind cash do not count.
void count_recent_trades(const BookFacts& facts, CheckedAccount& checked);

}  // namespace lotwright
