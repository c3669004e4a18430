// run/left.h — benefit left on the table: the risk and holding costs that stay after the orders, by what stands in the
// way of removing them.
//
// In:       the book and every account's result.
// Out:      the lines of left.csv, and their sums by cause for the whole book.
// Promises: the dollars of a decided account's lines add up to AccountResult::left, to the cent: all that closing every
//           drift would bring before tax and cost, counted once. Of a held account it is what its data say stays as
//           long as it waits, or unknown.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orders/orders.h"

namespace lotwright {

// A drift of reasons.csv, an account's smaller drifts of one cause, or a held account as a whole.
struct LeftLine {
  std::string cause;  // orders/causes.h; of held accounts data_hold or other_hold
  std::string rule;   // of a drift, or of what holds the account
  std::size_t lines = 0;
  std::optional<Money> dollars;    // a year; nullopt: nobody knows
  const ReasonRow* row = nullptr;  // of a drift
  std::size_t rank = 0;            // of a drift: 1 would be best closed alone, after tax and cost; else 0
  std::string sentence;            // "selling AAPL would cost $76.21 tax to remove 0.3 bp of tracking error: ..."
};

// Sorted by security, what has none first. Empty: nothing is left, or nothing is invested.
[[nodiscard]] std::vector<LeftLine> left_lines(const AccountResult& result);

struct LeftByCause {
  std::size_t accounts = 0;
  std::size_t accounts_unknown = 0;  // of these, those of which nobody knows the dollars
  std::size_t lines = 0;
  Money dollars;  // a year
};

[[nodiscard]] std::map<std::string, LeftByCause> left_by_cause(const std::vector<AccountResult>& results);

}  // namespace lotwright
