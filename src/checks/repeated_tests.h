// checks/repeated_tests.h — a trade or a payment that stands under two ids (docs/faults.md), called by data_tests.h.
#pragma once

#include "book/book.h"
#include "checks/doubts.h"

namespace lotwright {

void test_repeated(const Book& book, Doubts& doubts);

}  // namespace lotwright
