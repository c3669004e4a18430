#include "tax/waiting.h"

#include <gtest/gtest.h>

#include <cmath>

namespace lotwright::tax {
namespace {

// A dollar of short-term gain or loss counts 40 cents, one of long-term 20.
constexpr MarginalRates rates{.on_gain = {0.40, 0.20}, .on_loss = {0.40, 0.20}};
constexpr MarginalRates one_rate{.on_gain = {0.20, 0.20}, .on_loss = {0.20, 0.20}};
constexpr double phi0 = 0.3989422804014327;  // normal density at 0

// A lot worth 10,000 dollars with a gain of 100 that is short-term for `days` more.
LotOutlook gain_in(int days) {
  return {.gain = 100, .value = 10'000, .days_to_long_term = days, .days_to_year_end = 184, .volatility = 0.3};
}

// A long-term lot worth 10,000 dollars that has lost `loss`, `days` before the year ends; 20 dollars lead back.
LotOutlook loss_of(double loss, int days, double volatility = 0.3) {
  return {.gain = -loss,
          .value = 10'000,
          .days_to_long_term = 0,
          .days_to_year_end = days,
          .volatility = volatility,
          .way_back = 20};
}

TEST(Waiting, FiveDaysFromLongTermASaleNeedsMuchMore) {
  // To wait costs 5 days of risk and saves 20 dollars: a year's risk has to cost 20 x 365 / 5 = 1,460 before selling
  // now beats that, and the tax part asks for 40 already.
  EXPECT_NEAR(waiting_value(gain_in(5), rates), 1420.0, 1e-9);
  EXPECT_NEAR(waiting_value(gain_in(1), rates), 7260.0, 1e-9);
  EXPECT_NEAR(waiting_value(gain_in(100), rates), 33.0, 1e-9);
}

TEST(Waiting, FarFromLongTermTheTaxPartSaysItAll) {
  // 365 x (0.40 - 0.20) / 0.40 = 182.5 days.
  EXPECT_GT(waiting_value(gain_in(182), rates), 0.0);
  EXPECT_EQ(waiting_value(gain_in(183), rates), 0.0);
  EXPECT_EQ(waiting_value(gain_in(300), rates), 0.0);
}

TEST(Waiting, ALongTermGainHasNothingToWaitFor) { EXPECT_EQ(waiting_value(gain_in(0), rates), 0.0); }

TEST(Waiting, NorHasAGainTaxedTheSameEitherWay) { EXPECT_EQ(waiting_value(gain_in(5), one_rate), 0.0); }

TEST(Waiting, IsNeverWorthMoreThanTheLot) {
  LotOutlook doubled = gain_in(1);
  doubled.gain = 5000;
  EXPECT_EQ(waiting_value(doubled, rates), 10'000.0);
}

TEST(Waiting, OfALossIsWhatItMayGrowByLessTheFreshLotsPutOff) {
  // A fresh lot at the money is worth phi(0) standard deviations of 31 days.
  const double fresh = 3000.0 * std::sqrt(31.0 / 365.0) * phi0;
  // At the money itself sqrt(t / 31) - t / 31 is largest for a quarter of 31 days; of whole days for 8.
  const double best = std::sqrt(8.0 / 31.0) - 8.0 / 31.0;
  EXPECT_NEAR(waiting_value(loss_of(1e-9, 360), rates), 0.20 * fresh * best + 20.0, 1e-6);
  // With a day left, and a loss of one standard deviation of it: the call at x = -1 is phi(1) - Phi(-1) of that.
  const double a_day = 3000.0 * std::sqrt(1.0 / 365.0);
  EXPECT_NEAR(waiting_value(loss_of(a_day, 1), rates), 0.20 * (a_day * 0.0833154706 - fresh / 31.0) + 20.0, 1e-6);
  EXPECT_EQ(waiting_value(loss_of(3000, 360), rates), 20.0) << "the fresh lots are worth more";
}

TEST(Waiting, ADeeperLossGivesUpLess) {
  double before = waiting_value(loss_of(1, 360), rates);
  for (double loss = 10; loss <= 5000; loss += 10) {
    const double here = waiting_value(loss_of(loss, 360), rates);
    EXPECT_LE(here, before) << loss;
    before = here;
  }
  EXPECT_EQ(before, 20.0);
}

TEST(Waiting, AShallowLossWaitsAndADeepOneIsTaken) {
  const auto saved = [](double loss) { return 0.20 * loss; };
  EXPECT_GT(waiting_value(loss_of(60, 360), rates), saved(60));
  EXPECT_LT(waiting_value(loss_of(1500, 360), rates), saved(1500));
}

TEST(Waiting, WhatWaitsInJanuaryIsTakenOnTheTwentyEighthOfDecember) {
  const auto free_of_cost = [](int days) {
    LotOutlook lot = loss_of(93, days, 0.5);
    lot.way_back = 0.0;
    return waiting_value(lot, rates);
  };
  EXPECT_GT(free_of_cost(350), 0.20 * 93);
  EXPECT_LT(free_of_cost(3), 0.20 * 93);
}

TEST(Waiting, AWilderPriceIsWorthWaitingForLonger) {
  double before = 0.0;
  for (double volatility = 0.0; volatility <= 1.0; volatility += 0.05) {
    const double here = waiting_value(loss_of(60, 360, volatility), rates);
    EXPECT_GE(here, before) << volatility;
    before = here;
  }
  EXPECT_GT(before, 60.0);
}

TEST(Waiting, AtTheEndOfTheYearOnlyTheWayBackIsLeft) {
  EXPECT_GT(waiting_value(loss_of(60, 20), rates), 30.0);
  double before = waiting_value(loss_of(60, 31), rates);
  for (int days = 30; days >= 0; --days) {
    const double here = waiting_value(loss_of(60, days), rates);
    EXPECT_LE(here, before) << days;
    before = here;
  }
  EXPECT_EQ(before, 20.0);
}

TEST(Waiting, AShortTermLossWaitsNoLongerThanItIsShortTerm) {
  LotOutlook soon = loss_of(60, 360);
  soon.days_to_long_term = 3;
  LotOutlook three_days = loss_of(60, 3);
  three_days.days_to_long_term = 300;
  EXPECT_NEAR(waiting_value(soon, rates), waiting_value(three_days, rates), 1e-12);
  EXPECT_GT(waiting_value(soon, one_rate), waiting_value(three_days, one_rate)) << "the term makes no difference";
}

TEST(Waiting, ALossThatSavesNothingHasOnlyTheWayBack) {
  const MarginalRates spoiled{.on_gain = {-0.1, -0.1}, .on_loss = {-0.1, -0.1}};
  EXPECT_EQ(waiting_value(loss_of(60, 360), spoiled), 20.0);
  EXPECT_EQ(waiting_value(gain_in(5), spoiled), 0.0);
}

TEST(Waiting, OfNothingIsNothing) {
  EXPECT_EQ(waiting_value({.gain = 0, .value = 10'000, .days_to_long_term = 5}, rates), 0.0);
  EXPECT_EQ(waiting_value({.gain = -500, .value = 0, .days_to_year_end = 300, .volatility = 0.3}, rates), 0.0);
}

}  // namespace
}  // namespace lotwright::tax
