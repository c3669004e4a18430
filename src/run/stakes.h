// run/stakes.h — what an exception is worth a person's time: dollars at stake, a rank, and a proposed next step.
//
// Source: docs/data.md, "exceptions.csv" says what the dollars are, family by family.
#pragma once

#include <string>
#include <vector>

#include "run/outputs.h"

namespace lotwright {

struct Stake {
  Money dollars;         // >= 0
  std::size_t rank = 1;  // 1 = most dollars; ties in the order of the lines
  std::string next_step;
};

// Beside the lines.
[[nodiscard]] std::vector<Stake> stakes_of(const Book& book, const RunResult& run,
                                           const std::vector<ExceptionLine>& lines);

// What exceptions.csv and the account's report tell a person to do.
[[nodiscard]] std::string next_step_of(const Finding& finding, const Firm& firm);

}  // namespace lotwright
