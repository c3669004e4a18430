// run/case_file.h — what it takes to look at a refusal or a broken invariant, as text a person can read: the breaches,
// the orders that were refused, and the rows of the book they were decided on.
#pragma once

#include <string>
#include <vector>

#include "book/book.h"
#include "orders/orders.h"
#include "verification/verification.h"

namespace lotwright {

[[nodiscard]] std::string case_text(const Book& book, const std::vector<AccountResult>& results,
                                    const std::vector<Breach>& breaches);

// "cases/<first account>.txt"; bytes that do not belong in a file name are written %XX.
[[nodiscard]] std::string case_name(const Book& book, const DecisionUnit& unit);

}  // namespace lotwright
