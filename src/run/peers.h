// run/peers.h — accounts that end far from the others of their model (firm.toml, measure tracking_error_of_peers).
//
// In:       the book and every account's result.
// Promises: each finding says what keeps the account there, by the causes of left.csv; accounts of a model with fewer
//           than ten others are not compared, nor those whose data are held.
#pragma once

#include <vector>

#include "orders/orders.h"

namespace lotwright {

// Adds to the exceptions of `results` (sorted by account) what the firm's tests of this measure find, in place of what
// they found before among others. True: something.
bool compare_peers(const Book& book, std::vector<AccountResult>& results);

}  // namespace lotwright
