// checks/holds.h — the ladder of facts that forbid trading at all: each rung is one rule, and each holds the account.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

void find_holds(const BookFacts& facts, CheckedAccount& checked);

}  // namespace lotwright
