// solution/directed.h — trades that a person orders, when the account is decided: what is made of them where money or a
// stronger limit does not let all of it be made, and what they cost. Internal to solution/.
#pragma once

#include "solution/attempt.h"
#include "solution/solution.h"

namespace lotwright {

[[nodiscard]] bool has_directed(const CheckedAccount& account);

// The account with as much less of its directed trades as the limits that `made` breaks tell: of purchases what money
// or the most of a group of lines does not allow, of sales what its least does not, and where that is not enough, of
// purchases outside the group. With none of them where `all` says so.
[[nodiscard]] CheckedAccount with_less_directed(const Book& book, const CheckedAccount& account, const Attempt& made,
                                                bool all);

// What was taken off, a review for each trade.
[[nodiscard]] Findings left_of_directed(const Book& book, const CheckedAccount& ordered, const CheckedAccount& fitted);

// A note of what the account's directed trades cost: the objective with them less that of the account decided without;
// nothing where none was made.
[[nodiscard]] Findings cost_of_directed(const CheckedUnit& unit, const CheckedAccount& account,
                                        const tax::UnitProgress& progress, const Effort& effort, const Solution& made);

}  // namespace lotwright
