// explanation/idle_cash.h — orders that leave money idle: the one test of unusual results that needs no configuration.
//
// In:       a DecidedAccount and its orders with their reasons.
// Out:      "unusual_cash_left", a note, where the orders leave more than `idle_cash_max` of the investable value in
//           cash beyond what the account's policy wants at most, as far as they raised it and no request asked for it;
//           a review where it is more than `idle_cash_asked` and `idle_dollars_asked`.
// Promises: turnover is the smaller of purchases and sales, so that a sale of everything has none; this sees it. A
//           firm's own test of `cash_left` that concerns the account takes its place.
#pragma once

#include "explanation/reasons.h"

namespace lotwright {

inline constexpr const char* unusual_cash_left = "unusual_cash_left";
inline constexpr double idle_cash_max = 0.05;    // of the investable value: told
inline constexpr double idle_cash_asked = 0.20;  // the same: a person is asked
inline constexpr double idle_dollars_asked = 250'000.0;

[[nodiscard]] Findings left_idle(const DecidedAccount& decided, const AccountResult& result);

}  // namespace lotwright
