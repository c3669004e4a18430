// checks/contradictions.h — limits on weights that cannot hold together, by a set of them of which none can be spared.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// Looks at the hard bands, cash_min, and the restrictions weight_min, weight_max and sell_all on securities and asset
// classes, as limits on the account's lines. Each set told is irreducible: without any one member the others can hold.
// Restrictions alone hold the account (restriction_conflict); where settings are among them the weaker yields, which a
// person is told (data_settings_contradict). What settings alone contradict is told when they are read, pairs of
// restrictions on one subject by check_conflicts; where the account holds nothing of it, a note says so here.
void check_limits_together(const BookFacts& facts, CheckedAccount& checked);

}  // namespace lotwright
