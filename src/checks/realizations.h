// checks/realizations.h — the gains and losses that due harvest and realize_gains requests want realized.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// Requests add up: those of one term to the amount of that term, and all of a kind to the amount of either term where a
// request leaves the term open. An account that cannot realize what counts (untaxed, frozen) is reviewed.
void gather_realizations(const BookFacts& facts, CheckedAccount& checked);

}  // namespace lotwright
