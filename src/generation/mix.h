// generation/mix.h — what an invented firm is made of: shares and sizes, each with a name, a default and a range.
//
// In:       `name = value` lines of a file, or single settings of the command line.
// Out:      a Mix.
// Refuses:  names nobody knows and values out of range, saying which there are.
// Example:  if (auto failure = set(mix, "taxable", "0.8")) return *failure;
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lotwright::generation {

struct Mix {
  // kinds of account
  double taxable = 0.60, tax_deferred = 0.28, tax_free = 0.12;
  // targets
  double direct = 0.45, funds = 0.35, nested = 0.20;
  // sizes in dollars: up to 50 thousand, 250 thousand, 1 million, 5 million, 25 million, 80 million
  double size_tiny = 0.15, size_small = 0.30, size_middle = 0.30, size_large = 0.18, size_huge = 0.06,
         size_giant = 0.01;
  double lots = 200;      // lots an account, on average
  double years = 6;       // of daily prices before as_of
  double price_days = 1;  // days of prices.csv
  // how many accounts
  double transition = 0.15, concentrated = 0.10, young = 0.15, selling = 0.20, fractional = 0.10, reinvesting = 0.25;
  double gift = 0.05, tacked = 0.08, unknown_basis = 0.04, frozen = 0.01;
  double requests = 0.12, restrictions = 0.20, settings = 0.12, budgets = 0.06, carryforward = 0.25;
  double faults = 0.01;
  double alpha = 0;  // securities with an expected excess return
};

struct MixSetting {
  const char* name;
  double Mix::*field;
  double low, high;
  const char* meaning;
};

// Every setting, in the order of docs/data.md.
[[nodiscard]] std::span<const MixSetting> mix_settings();

// None where it is set.
[[nodiscard]] std::optional<Failure> set(Mix& mix, std::string_view name, std::string_view value);

// The lines of a file: `name = value`; # begins a comment. `file` is named in failures.
[[nodiscard]] std::optional<Failure> set_all(Mix& mix, std::string_view text, const std::string& file);

}  // namespace lotwright::generation
