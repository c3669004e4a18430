// run/check_report.h — `lotwright check`: everything that is wrong with a book, before anything is decided on it.
#pragma once

#include <string>

#include "book/book.h"

namespace lotwright {

struct CheckReport {
  Findings findings;  // of loading, as sorted there; then of accounts, in their order, each once
  std::size_t accounts = 0;
  std::size_t held = 0;
};

// A risk model that is no covariance is a Failure.
[[nodiscard]] Result<CheckReport> check_book(const Book& book);

// One line for each finding, "hold data_number_unreadable: account A: lots.csv line 17: quantity ...", and a closing
// line of counts.
[[nodiscard]] std::string text_of(const CheckReport& report);
[[nodiscard]] std::string json_of(const CheckReport& report);

}  // namespace lotwright
