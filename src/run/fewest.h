// run/fewest.h — few orders: how much of the improvement one trade keeps, or two, or six.
//
// In:       one account with its unit, the run of it, and how many orders there may be at most.
// Out:      for each number the best orders found, decided in full (whole shares, all rules), with a bound.
// Promises: the bound holds for every set of so few orders that keeps the rules: with a price p on each order, whatever
//           such a set is worth, it is worth no less than the bound at that price less p for each order allowed
//           (docs/method.md, "Few orders"). Orders that a request or restriction forces are made even where they are
//           more.
#pragma once

#include <vector>

#include "run/unit_book.h"

namespace lotwright {

struct FewOrders {
  std::size_t orders_max = 0;
  AccountResult result;  // with the bound for so few orders; more than orders_max only where they are forced
};

// As many as `counts`, in their order. The account is decided in `run`, and not held.
[[nodiscard]] std::vector<FewOrders> fewest(const UnitBook& unit, const RunResult& run,
                                            const std::vector<std::size_t>& counts);

}  // namespace lotwright
