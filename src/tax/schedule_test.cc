#include "tax/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "testing/book_builder.h"

namespace lotwright::tax {
namespace {

const Schedule steps = Schedule::of(tax_brackets(single_2025()).ordinary);

TEST(Schedule, TaxesEachDollarAtTheRateOfItsBracket) {
  EXPECT_EQ(steps.tax_on(Money(), money("11925")), money("1192.50"));
  EXPECT_EQ(steps.tax_on(money("11925"), money("1")), money("0.12"));
  EXPECT_EQ(steps.tax_on(money("11924"), money("2")), money("0.22"));
  // 1,925 at 10 %, 36,550 at 12 %, 1,525 at 22 %.
  EXPECT_EQ(steps.tax_on(money("10000"), money("40000")), money("4914"));
  EXPECT_EQ(steps.tax_on(money("700000"), money("1000")), money("370"));
}

TEST(Schedule, BelowTheFirstThresholdNothingIsDue) {
  EXPECT_EQ(steps.tax_on(money("-500"), money("500")), Money());
  EXPECT_EQ(steps.tax_on(money("-500"), money("600")), money("10"));
  EXPECT_EQ(Schedule().tax_on(money("1000000"), money("5")), Money());
}

TEST(Schedule, OneRateDoesNotLookAtTheIncome) {
  const Schedule flat = Schedule::flat(weight("0.238"));
  for (const char* income : {"-1000", "0", "1000000"}) {
    EXPECT_EQ(flat.tax_on(money(income), money("100")), money("23.80"));
    EXPECT_EQ(flat.rate_at(money(income).to_double()), 0.238);
  }
}

TEST(Schedule, TheNextDollarOnAThresholdIsInTheHigherBracket) {
  EXPECT_EQ(steps.rate_at(11924.99), 0.10);
  EXPECT_EQ(steps.rate_at(11925.0), 0.12);
  EXPECT_EQ(steps.rate_at(-0.01), 0.0);
}

TEST(Schedule, ExactAndDoubleAgreeToTheRoundingOfEachBracket) {
  EXPECT_TRUE(rc::check("on any stretch of income", [] {
    const auto dollars = [](std::int64_t low, std::int64_t high) {
      return Money::of_count(*rc::gen::inRange<std::int64_t>(low, high));
    };
    const Money start = dollars(-20'000'000'000, 700'000'000'000);
    const Money amount = dollars(0, 700'000'000'000);
    const double exact = steps.tax_on(start, amount).to_double();
    RC_ASSERT(std::abs(exact - steps.tax_on(start.to_double(), amount.to_double())) <= 5e-6);
  }));
}

TEST(Schedule, ThresholdsThatDoNotAscendAreRefused) {
  EXPECT_THROW((void)Schedule::of({{money("10"), weight("0.1")}, {money("10"), weight("0.2")}}), Defect);
}

}  // namespace
}  // namespace lotwright::tax
