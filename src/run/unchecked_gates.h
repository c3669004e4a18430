// run/unchecked_gates.h — gates of firm.toml that are set and could not be judged on this day: what a desk relies on
// and does not have.
#pragma once

#include <string>
#include <vector>

#include "book/previous_run.h"
#include "orders/orders.h"

namespace lotwright {

struct UncheckedGate {
  std::string setting;  // of [gates]
  std::string lacks;    // what it needs and is not there, as a sentence without its point
};

// Those that gates.h passes over for want of an earlier run, of positions.csv, or of a daily_volume of any security
// that is traded.
[[nodiscard]] std::vector<UncheckedGate> unchecked_gates(const Book& book, const std::vector<AccountResult>& results,
                                                         const PreviousRun& previous);

}  // namespace lotwright
