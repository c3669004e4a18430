// The accounts of a household together, against what they are to be.
#include "run/household_rail.h"

#include <gtest/gtest.h>

#include "book/rules.h"
#include "run/rebalance.h"
#include "run/run_fixtures.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// A is 80 : 20 of $60,000, B 30 : 70 of $40,000, each as its own model: 60 : 40 together against 50 : 50.
BookBuilder drifted(const char* limit) {
  BookBuilder builder;
  for (const char* id : {"AAA", "BBB"})
    builder.security({.id = id, .price = "10", .exposures = {0.0}, .volatility = 0.2});
  builder.model("BRAVE", {{"AAA", "0.8"}, {"BBB", "0.2"}});
  builder.model("CALM", {{"AAA", "0.3"}, {"BBB", "0.7"}});
  builder.model("BOTH", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.account({.id = "A", .household = "H", .treatment = TaxTreatment::tax_free, .model = "BRAVE"});
  builder.account({.id = "B", .household = "H", .treatment = TaxTreatment::tax_free, .model = "CALM"});
  for (const auto& [account, first, second] : {std::tuple("A", "4800", "1200"), std::tuple("B", "1200", "2800")}) {
    builder.lot({.account = account, .security = "AAA", .quantity = first, .cost_basis = "1"});
    builder.lot({.account = account, .security = "BBB", .quantity = second, .cost_basis = "1"});
    for (const char* name : {"cash_target", "cash_min"}) builder.policy(account, name, "0");
    builder.policy(account, "household_model", "BOTH");
    builder.policy(account, "household_tracking_error_max", limit);
  }
  return builder;
}

Findings drift_of(const Book& book) {
  const auto risk = FactorRisk::of(book.risk, book.securities.size());
  Findings found;
  for (const DecisionUnit& unit : decision_units(book)) {
    for (const AccountResult& result : rebalance(book, *risk, unit, {}, engine_steps(book)).accounts) {
      for (const Finding& one : result.exceptions) {
        if (one.rule == rule::model_household_drift) found.push_back(one);
      }
    }
  }
  return found;
}

// sqrt(2 x (0.1 x 0.2)^2) = 0.028284.
TEST(HouseholdRail, beyond_it_a_person_is_asked_and_told_the_cheapest_correction) {
  const Findings found = drift_of(drifted("0.0282").build());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::review);
  EXPECT_EQ(found[0].observed, "0.028284");
  EXPECT_NE(
      found[0].message.find("sell 1000 AAA and buy 1000 BBB, tax 0.00 and cost 0.00 dollars, which leaves 0.00 %"),
      std::string::npos)
      << found[0].message;
}

TEST(HouseholdRail, within_it_nothing_is_said) { EXPECT_TRUE(drift_of(drifted("0.0283").build()).empty()); }

TEST(HouseholdRail, what_may_not_be_sold_is_not_proposed) {
  BookBuilder builder = drifted("0.01");
  builder.restriction({.scope = RestrictionScope::firm, .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  const Findings found = drift_of(builder.build());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("no single swap"), std::string::npos) << found[0].message;
}

TEST(HouseholdRail, against_a_model_that_is_not_there_nothing_can_be_told) {
  BookBuilder builder = drifted("0.01");
  builder.policy("A", "household_model", "NONE");
  builder.policy("B", "household_model", "NONE");
  const Findings found = drift_of(builder.build());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("cannot be told"), std::string::npos);
}

}  // namespace
}  // namespace lotwright
