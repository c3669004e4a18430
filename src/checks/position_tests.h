// checks/position_tests.h — tests of positions, cash, accounts and trades (docs/faults.md), called by data_tests.h.
#pragma once

#include "checks/data_tests.h"
#include "checks/doubts.h"

namespace lotwright {

// The lots against the custodian's own count (positions.csv).
void test_custodian(const Book& book, Doubts& doubts);
// One trade, or one payment, under two ids.
void test_repeated(const Book& book, Doubts& doubts);
// Positions, bases and cash since the run before: what no transaction, corporate action or request explains.
void test_moves(const Book& book, const PreviousRun& previous, Doubts& doubts);
// Accounts that came, went, or changed whose they are.
void test_accounts(const Book& book, const PreviousRun& previous, Doubts& doubts);

}  // namespace lotwright
