#include "tax/schedule.h"

#include "base/defect.h"

namespace lotwright::tax {
namespace {

double over(const Schedule::Step& step, double) { return step.from; }
Money over(const Schedule::Step& step, Money) { return step.exact.over; }
double taxed(double amount, const Schedule::Step& step) { return amount * step.rate; }
Money taxed(Money amount, const Schedule::Step& step) { return fraction_of(amount, step.exact.rate); }

// The bracket that the next dollar on top of `income` falls into.
template <class Amount>
std::size_t step_at(const std::vector<Schedule::Step>& steps, Amount income) {
  std::size_t i = 0;
  while (i + 1 < steps.size() && over(steps[i + 1], income) <= income) ++i;
  return i;
}

template <class Amount>
Amount tax_over(const std::vector<Schedule::Step>& steps, Amount start, Amount amount) {
  std::size_t i = step_at(steps, start);
  Amount tax{};
  for (; i + 1 < steps.size(); ++i) {
    const Amount end = over(steps[i + 1], start);
    const Amount room = end - start;
    if (room >= amount) break;
    tax += taxed(room, steps[i]);
    amount -= room;
    start = end;
  }
  return tax + taxed(amount, steps[i]);
}

}  // namespace

Schedule Schedule::flat(Weight rate) {
  Schedule schedule;
  schedule.steps_[0].rate = rate.to_double();
  schedule.steps_[0].exact.rate = rate;
  return schedule;
}

Schedule Schedule::of(const std::vector<TaxBracket>& brackets) {
  Schedule schedule;
  for (const TaxBracket& bracket : brackets) {
    const double from = bracket.over.to_double();
    require(from > schedule.steps_.back().from, "the thresholds of a tax schedule do not ascend");
    schedule.steps_.push_back({from, bracket.rate.to_double(), bracket});
  }
  return schedule;
}

double Schedule::tax_on(double start, double amount) const { return tax_over(steps_, start, amount); }
Money Schedule::tax_on(Money start, Money amount) const { return tax_over(steps_, start, amount); }
double Schedule::rate_at(double income) const { return steps_[step_at(steps_, income)].rate; }

}  // namespace lotwright::tax
