// orders/causes.h — what stands in the way of closing a drift, in a word.
#pragma once

#include <string>

#include "orders/orders.h"

namespace lotwright {

// restriction, request, wash_sale, bought_in_run (for what is sold or barred), minimum (a trade or an improvement too
// small), tax or trading (where dollars decided: whichever weighed more), setting, limit, data (lots of unknown basis).
// Of a row of reasons.csv that was left.
[[nodiscard]] std::string cause_of(const ReasonRow& row);

// "a restriction": the cause as it is read aloud; itself where it is none of these.
[[nodiscard]] std::string cause_in_words(const std::string& cause);

}  // namespace lotwright
