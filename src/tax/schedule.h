// tax/schedule.h — a tax by brackets: a marginal rate from each threshold of income on. One rate for every dollar is a
// schedule of one bracket.
//
// In:       the rows of brackets.csv, or a single rate.
// Out:      the tax on a stretch of income, exact in Money and in double for the optimizer; a test holds them together.
// Promises: the two agree but for rounding: Money rounds the product of each bracket to the millionth.
// Refuses:  thresholds that do not ascend: a Defect, since inputs/ lets none through. Rates may fall.
// Example:  Schedule::of({{Money(), weight("0.10")}, {money("11925"), weight("0.12")}}).tax_on(11000.0, 2000.0)
#pragma once

#include <vector>

#include "book/book.h"

namespace lotwright::tax {

class Schedule {
 public:
  // The same rate on every dollar, whatever the income.
  [[nodiscard]] static Schedule flat(Weight rate);
  // Nothing below the first threshold, negative income included.
  [[nodiscard]] static Schedule of(const std::vector<TaxBracket>& brackets);

  // Tax on the `amount` (>= 0) dollars of income that come on top of `start`.
  [[nodiscard]] double tax_on(double start, double amount) const;
  [[nodiscard]] Money tax_on(Money start, Money amount) const;

  // What the next dollar on top of `income` is taxed at.
  [[nodiscard]] double rate_at(double income) const;

  struct Step {
    double from = -1e300;  // `over` for the optimizer; the first step begins below all incomes
    double rate = 0.0;
    TaxBracket exact;
  };
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }  // ascending, never empty

 private:
  std::vector<Step> steps_ = std::vector<Step>(1);
};

}  // namespace lotwright::tax
