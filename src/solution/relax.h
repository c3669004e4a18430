// solution/relax.h — what gives way when a due request cannot be met under all rules: weaker rules yield to it, the
// fewest and weakest that suffice, each by name. Internal to solution/.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "solution/attempt.h"
#include "solution/solution.h"

namespace lotwright {

struct Decided {
  // The account with less of its directed trades, where money or a stronger limit leaves no more; null: as given.
  std::unique_ptr<CheckedAccount> fitted;
  std::unique_ptr<Attempt> attempt;
  PoseOptions options;      // under which it was made
  std::string relaxed_for;  // the stronger rule that others yielded to; empty: none had to
  std::vector<Relaxation> relaxations;
  Findings findings;
};

// `improvement_min`: as of attempt().
[[nodiscard]] Decided decide(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                             const PoseOptions& options, const Effort& effort, double improvement_min);

// A review exception `wash_sale_forced` for each disallowed loss that a due payment forced.
void note_forced_wash_sales(const Book& book, Solution& solution);

}  // namespace lotwright
