// checks/directed.h — trades that a person orders (directed.csv): how much of each the account's facts and stronger
// rules let be made.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// The securities that directed trades of the account buy: they join what it holds or wants. Sorted.
[[nodiscard]] std::vector<SecurityIndex> directed_purchases(const Book& book, AccountIndex account);

// Once lines and lots have their bars: what can be made of each directed trade, and a finding for what cannot and why.
// Money and wash sales are looked at when the account is decided (solution/relax.h).
void direct_trades(const BookFacts& facts, CheckedAccount& checked);

// A line that joined the account for an ordered purchase alone is not bought where nothing of the order is made.
void bar_what_only_an_order_wanted(const Book& book, const CheckedAccount& checked, CheckedLine& line);

// A review that of an ordered trade something is left: `made` of `ordered` shares, because of `rule` (its `source` may
// be empty).
[[nodiscard]] Finding directed_left(const Book& book, AccountIndex account, SecurityIndex security, Side side,
                                    Quantity ordered, Quantity made, const std::string& rule,
                                    const std::string& source);

}  // namespace lotwright
