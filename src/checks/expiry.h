// checks/expiry.h — restrictions that end or begin soon, told before the day so that nobody is surprised on it.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// A note for each restriction on something the account holds or wants that ends, or begins, within
// expiry_notice_days: what may trade from then on, or until then.
void tell_what_ends_or_begins(const BookFacts& facts, CheckedAccount& checked);

}  // namespace lotwright
