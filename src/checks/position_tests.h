// checks/position_tests.h — tests of positions, bases and cash (docs/faults.md), called by data_tests.h.
#pragma once

#include "checks/data_tests.h"
#include "checks/doubts.h"

namespace lotwright {

// The lots against the custodian's own count (positions.csv).
void test_custodian(const Book& book, Doubts& doubts);
// Positions, bases and cash since the run before: what no transaction, corporate action or request explains.
void test_moves(const Book& book, const PreviousRun& previous, Doubts& doubts);

}  // namespace lotwright
