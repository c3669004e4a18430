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

}  // namespace
}  // namespace lotwright
