#include "run/stakes.h"

#include <gtest/gtest.h>

#include "book/rules.h"

namespace lotwright {
namespace {

Finding finding_of(const char* rule, Severity severity) { return {rule, severity, {}, {}, "", "", ""}; }

TEST(NextStep, IsOfTheRuleAndOnlySomeNotesAskForSomething) {
  EXPECT_EQ(next_step_of(finding_of(rule::model_household_drift, Severity::review), {}),
            "Look at the swap that the message names, if any; place it, or release the orders without it.");
  EXPECT_EQ(next_step_of(finding_of(rule::restriction_expires, Severity::note), {}),
            "Prolong it if that is not meant.");
  EXPECT_EQ(next_step_of(finding_of(rule::cash_nothing_to_sell, Severity::note), {}), "Nothing to do.");
  EXPECT_NE(next_step_of(finding_of(rule::cash_nothing_to_sell, Severity::review), {}).find("bars the sales"),
            std::string::npos);
}

}  // namespace
}  // namespace lotwright
