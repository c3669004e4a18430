// run/binding_rules.h — the rules that bind anywhere in the book, with what they cost all accounts together.
//
// In:       a finished run's accounts: the prices of rules in their reasons.
// Out:      one row for each rule and source, dearest first.
#pragma once

#include <string>
#include <vector>

#include "run/runner.h"

namespace lotwright {

// Dollars and tracking error a year, at most: what giving the rule up could save.
struct BindingRule {
  std::string rule;
  std::string source;
  int accounts = 0;                 // that it costs anything
  Money dollars;                    // of all of them
  double tracking_error = 0.0;      // mean by investable value
  double tracking_error_max = 0.0;  // the most of any of them
};

[[nodiscard]] std::vector<BindingRule> binding_rules(const RunResult& run);

// binding_rules.csv
[[nodiscard]] Result<bool> write_binding_rules(const RunResult& run, OutputFolder& folder);

}  // namespace lotwright
