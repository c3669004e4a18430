// checks/price_tests.h — tests of prices, bases and asset classes (docs/faults.md), called by data_tests.h.
#pragma once

#include "checks/data_tests.h"
#include "checks/doubts.h"

namespace lotwright {

// Prices that moved as prices do not: beside their peers, without a corporate action.
void test_prices(const Book& book, const PreviousRun& previous, Doubts& doubts);
// Bases of lots beside those of the same security and day, and beside the price.
void test_bases(const Book& book, Doubts& doubts);
// Securities without asset class in accounts whose instructions count classes.
void test_classes(const Book& book, Doubts& doubts);

}  // namespace lotwright
