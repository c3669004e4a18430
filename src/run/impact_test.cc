#include "run/impact.h"

#include <gtest/gtest.h>

#include "book/rules.h"
#include "run/run_fixtures.h"
#include "testing/households.h"

namespace lotwright {
namespace {

TEST(Impact, AnAccountOfWhichTheNewFilesSaySomethingElseIsAffected) {
  const Book present = taxable_and_ira().build();
  EXPECT_EQ(impact(present, present, 1, StillClock())->affected, 0U);
  Book coming = present;
  coming.findings = {{rule::data_number_unreadable,
                      Severity::hold,
                      {SubjectKind::account, "TX"},
                      {"directed.csv", 2, "quantity", "x"},
                      "x",
                      "",
                      "no number"}};
  const auto told = impact(present, coming, 1, StillClock());
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->affected, 1U);
  EXPECT_EQ(told->coming.held, told->present.held + 1);
  coming.findings[0].subject = {SubjectKind::household, coming.households[0].id.text};
  EXPECT_EQ(impact(present, coming, 1, StillClock())->affected, coming.households[0].accounts.size());
}

TEST(Impact, ADecisionWithNewModelsIsTheOneARunWouldMakeWithThem) {
  const Book present = taxable_and_ira().build();
  Book coming = present;
  coming.models[0].weights[0].weight = Weight::parse("0.8").value();
  coming.models[0].weights[1].weight = Weight::parse("0.2").value();
  std::vector<std::size_t> told_of;
  const auto told = impact(present, coming, 1, StillClock(), [&](const Progress& so_far) {
    if (so_far.accounts_done == so_far.accounts_total) told_of.push_back(so_far.accounts_total);
  });
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told_of, (std::vector<std::size_t>{2, 2}));  // both accounts, as they are and with the new model

  const Summary run = summarize(coming, run_of(coming, engine_steps(coming)));
  EXPECT_EQ(told->coming.orders, run.orders);
  EXPECT_EQ(told->coming.bought, run.bought);
  EXPECT_EQ(told->coming.sold, run.sold);
  EXPECT_EQ(told->coming.tax, run.tax);
  EXPECT_EQ(told->coming.tracking_error_after, run.tracking_error_after);
  EXPECT_NE(told->present.tracking_error_after, run.tracking_error_after);
}

}  // namespace
}  // namespace lotwright
