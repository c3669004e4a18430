// run/unchecked_gates.h — gates of firm.toml that are set and could not be judged on this day.
#pragma once

#include <string>
#include <vector>

#include "book/previous_run.h"
#include "orders/orders.h"

namespace lotwright {

// Those that gates.h passes over for want of an earlier run, of positions.csv, or of a daily_volume of any security
// that is traded.
[[nodiscard]] std::vector<UncheckedGate> unchecked_gates(const Book& book, const std::vector<AccountResult>& results,
                                                         const PreviousRun& previous);

}  // namespace lotwright
