// explanation/benefit_split.h — what moving an account from one outcome to another brings in risk and holding costs,
// split among its lines.
//
// In:       the account's terms and two outcomes.
// Out:      each line's part of the fall of risk, hurdle, alpha, location and bands (docs/formulas.md, "How the reasons
//           add up"): exact, because risk is quadratic and the mean of its gradients at both ends is that of the path.
// Promises: the parts of all lines add up to the fall of these parts of the objective.
#pragma once

#include <vector>

#include "objective/objective.h"

namespace lotwright {

class BenefitSplit {
 public:
  BenefitSplit(const objective::Terms& terms, const objective::Outcome& from, const objective::Outcome& to);

  // Dollars a year; < 0: moving this line raises them.
  [[nodiscard]] double of_line(std::size_t i) const;

 private:
  const objective::Terms* terms_;
  objective::Terms without_lines_;  // the account's constants
  std::vector<double> from_;        // dollars by line
  std::vector<double> to_;
  std::vector<double> risk_;  // by line: the mean of the gradients at both ends
  std::vector<double> band_;  // by priced band: the mean slope
};

// Hurdle, alpha and location of one line with `dollars` in it; they depend on no other line. `constants`: the account's
// terms, whose lines are not looked at.
[[nodiscard]] double own_cost(const objective::Terms& constants, const objective::Line& line, double dollars);

// What closing every drift would leave: each line at its target. The cash line and what was realized stay.
[[nodiscard]] objective::Outcome at_target(const objective::Terms& terms, objective::Outcome outcome);

}  // namespace lotwright
