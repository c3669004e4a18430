// checks/account_tests.h — accounts that came, went, or changed whose they are since the run before (docs/faults.md),
// called by data_tests.h.
#pragma once

#include "checks/data_tests.h"
#include "checks/doubts.h"

namespace lotwright {

void test_accounts(const Book& book, const PreviousRun& previous, Doubts& doubts);

}  // namespace lotwright
