// checks/lines.h — which securities an account's problem is about, what it holds of them and what it wants.
//
// Universe: securities the account holds, those of its target, and substitutes of either that may be bought. Nothing
// else may be bought. Securities of kind cash are not lines: they belong to the cash line.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// The model the account follows now; nullptr where it is unknown or was rejected.
[[nodiscard]] const Model* model_of(const Book& book, const CheckedAccount& checked);

// Held securities (kind cash too) and wanted ones that are not of kind cash; sorted.
[[nodiscard]] std::vector<SecurityIndex> held_or_wanted(const Book& book, const CheckedAccount& checked);

// Its price is there, and older than the policy allows.
[[nodiscard]] bool price_is_too_old(const Security& security, Date as_of, const Policy& policy);

// Fills lines and cash_holdings: what is held, targets, hurdles.
void draw_lines(const BookFacts& facts, CheckedAccount& checked);

// Fills value, cash_line and investable; value stays zero where a position has no price.
void value_positions(const Book& book, CheckedAccount& checked);

// Bars that follow from the security and the account: not tradable, substitutes that may only be held, the mode.
void bar_lines(const BookFacts& facts, CheckedAccount& checked);

// A note of positions smaller than a step of their quantity: no order but the closing one can move them.
void tell_residues(const Book& book, CheckedAccount& checked);

}  // namespace lotwright
