// run/impact_spread.h — how an impact falls on the accounts: how many of them lie in each range of a figure.
//
// Promises: every account of the book is in one bucket of each spread; those held or failed have one of their own.
#pragma once

#include <string>
#include <vector>

#include "run/impact.h"

namespace lotwright {

struct Bucket {
  std::string label;  // "5 % to 10 %": the lower end belongs to it
  std::size_t present = 0;
  std::size_t coming = 0;
};

struct Spread {
  std::string name;  // as JSON has it
  std::string heading;
  bool both_runs = true;  // false: of the difference between them, in `coming`
  std::vector<Bucket> buckets;
};

// Turnover, tracking error after the orders, and what the new files add to the tax.
[[nodiscard]] std::vector<Spread> spreads_of(const Impact& impact);

}  // namespace lotwright
