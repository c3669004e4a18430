#include "explanation/benefit_split.h"

#include <utility>

namespace lotwright {

BenefitSplit::BenefitSplit(const objective::Terms& terms, const objective::Outcome& from, const objective::Outcome& to)
    : terms_(&terms),
      without_lines_(terms),
      from_(from.dollars),
      to_(to.dollars),
      risk_(objective::risk_gradient(terms, from)),
      band_(objective::mean_band_slopes(terms, from, to)) {
  without_lines_.lines.clear();
  without_lines_.waiting.clear();
  const std::vector<double> after = objective::risk_gradient(terms, to);
  for (std::size_t i = 0; i < after.size(); ++i) risk_[i] = 0.5 * (risk_[i] + after[i]);
}

double BenefitSplit::of_line(std::size_t i) const {
  const objective::Line& line = terms_->lines[i];
  const double moved = to_[i] - from_[i];
  const double in_band = line.band >= 0 ? band_[static_cast<std::size_t>(line.band)] : 0.0;
  return own_cost(without_lines_, line, from_[i]) - own_cost(without_lines_, line, to_[i]) - risk_[i] * moved -
         in_band * moved;
}

double own_cost(const objective::Terms& constants, const objective::Line& line, double dollars) {
  if (line.hurdle == 0.0 && line.alpha == 0.0 && line.location == 0.0) return 0.0;
  objective::Terms alone = constants;
  alone.waiting.clear();
  alone.lines = {line};
  objective::Outcome outcome = objective::before(alone);
  outcome.dollars = {dollars};
  const objective::Parts parts = objective::parts_of(alone, outcome);
  return parts.hurdle + parts.alpha + parts.location;
}

objective::Outcome at_target(const objective::Terms& terms, objective::Outcome outcome) {
  for (std::size_t i = 0; i < outcome.dollars.size(); ++i) {
    outcome.dollars[i] = terms.lines[i].target * terms.investable;
  }
  return outcome;
}

}  // namespace lotwright
