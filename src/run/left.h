// run/left.h — benefit left on the table: what closing the drifts that stay would bring, by what stands in the way.
//
// In:       the book and every account's result.
// Out:      sums by cause for the whole book, and for each account its dearest drift in one line.
// Promises: every dollar is one of reasons.csv, or of a held account its objective. The drifts are the ten largest of
//           each account, each closed alone: sums say where to look, not what all of them together would bring.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orders/orders.h"

namespace lotwright {

struct LeftByCause {
  std::size_t accounts = 0;
  std::size_t lines = 0;
  Money benefit;  // a year: risk and holding costs that closing each drift alone would remove
  Money tax;      // what that would cost
  Money cost;     // of trading
};

// restriction, request, tax, trading, wash_sale, minimum, setting, limit; of held accounts data_hold or other_hold,
// where `benefit` is the whole objective before orders.
[[nodiscard]] std::map<std::string, LeftByCause> left_by_cause(const std::vector<AccountResult>& results);

[[nodiscard]] std::string cause_of(const ReasonRow& row);

// The drift of an account whose closing alone would bring the most; nullopt: nothing would bring anything.
struct LeftLine {
  const ReasonRow* row = nullptr;
  double tracking_error_removed = 0.0;  // annual, where nothing but risk were at stake
  std::string sentence;                 // "selling AAPL would cost $76.21 tax to remove 0.3 bp of risk"
};
[[nodiscard]] std::optional<LeftLine> dearest_left(const Book& book, const AccountResult& result);

}  // namespace lotwright
