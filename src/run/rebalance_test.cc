#include "run/rebalance.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "run/run_fixtures.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

// Taxable "TX" and "IRA" of one taxpayer: one unit of two accounts, IRA first.
struct Case {
  Book book = taxable_and_ira().build();
  std::vector<DecisionUnit> units = decision_units(book);
  FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
  Steps steps = plain_steps(book);
  AccountIndex ira = account_index(book, "IRA");
  AccountIndex taxable = account_index(book, "TX");

  UnitOutcome rebalance_it(Refusals refused = {}) const {
    return rebalance(book, risk, units.at(0), {}, steps, std::move(refused));
  }
};

bool has(const AccountResult& result, const std::string& rule) {
  return std::ranges::any_of(result.exceptions, [&](const Finding& one) { return one.rule == rule; });
}

TEST(Rebalance, DecidesEveryAccountOfTheUnitInOrder) {
  const Case here;
  const UnitOutcome outcome = here.rebalance_it();
  ASSERT_EQ(outcome.accounts.size(), 2U);
  EXPECT_EQ(outcome.accounts[0].account, here.ira);
  EXPECT_EQ(outcome.accounts[1].account, here.taxable);
  for (const AccountResult& result : outcome.accounts) EXPECT_EQ(result.status, ResultStatus::traded);
  EXPECT_TRUE(outcome.refused.empty());
}

TEST(Rebalance, ARefusedAccountIsHeldAndTheOthersAreDecidedAgainWithoutItsOrders) {
  Case here;
  int rounds = 0;
  here.steps.verify_unit = [&](const DecisionUnit&, const std::vector<const AccountResult*>& results) {
    std::vector<Breach> breaches;
    if (rounds++ == 0) breaches.push_back({here.ira, "cash_min_yielded", "AAB", "", "cash is below its minimum"});
    EXPECT_EQ(results.size(), 2U);
    return breaches;
  };
  const UnitOutcome outcome = here.rebalance_it();
  EXPECT_EQ(rounds, 2);
  EXPECT_EQ(outcome.accounts[0].status, ResultStatus::held);
  EXPECT_TRUE(outcome.accounts[0].orders.empty());
  EXPECT_EQ(outcome.accounts[0].cash_after, outcome.accounts[0].cash_before);
  EXPECT_TRUE(has(outcome.accounts[0], "verification_refused"));
  EXPECT_EQ(outcome.accounts[1].status, ResultStatus::traded);
  ASSERT_EQ(outcome.refused.size(), 1U);
  EXPECT_EQ(outcome.refused[0].breaches.at(0).message, "cash is below its minimum");
  EXPECT_EQ(outcome.refused[0].accounts.at(0).orders.at(0).id, "IRA-AAB");
}

TEST(Rebalance, ARefusalThatNeverEndsStillEnds) {
  Case here;
  here.steps.verify_unit = [&](const DecisionUnit&, const std::vector<const AccountResult*>&) {
    return std::vector<Breach>{{here.taxable, "cash_min_yielded", "", "", "always"}};
  };
  const UnitOutcome outcome = here.rebalance_it();
  EXPECT_EQ(outcome.accounts[0].status, ResultStatus::traded);
  EXPECT_EQ(outcome.accounts[1].status, ResultStatus::held);
}

TEST(Rebalance, AnAccountRefusedBookWideIsHeldFromTheStart) {
  const Case here;
  const UnitOutcome outcome = here.rebalance_it({{here.taxable, "wash_sale_window: sold and bought"}});
  EXPECT_EQ(outcome.accounts[1].status, ResultStatus::held);
  EXPECT_TRUE(has(outcome.accounts[1], "verification_refused"));
}

TEST(Rebalance, AThrowingAccountFailsAloneAndItsLossSalesAreNobodys) {
  Case here;
  here.steps.solve = [&](const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress&,
                         const Effort&) {
    if (account.account == here.ira) throw Defect("the search lost a lot");
    return sell_one_share(unit, account);
  };
  const UnitOutcome outcome = here.rebalance_it();
  EXPECT_EQ(outcome.accounts[0].status, ResultStatus::failed);
  EXPECT_TRUE(outcome.accounts[0].orders.empty());
  EXPECT_TRUE(has(outcome.accounts[0], "verification_defect"));
  EXPECT_EQ(outcome.accounts[1].status, ResultStatus::traded);
  EXPECT_NE(outcome.accounts[0].exceptions.at(0).message.find("the search lost a lot"), std::string::npos);
}

TEST(Rebalance, ThrowingChecksFailTheUnitAndNothingElse) {
  Case here;
  here.steps.check = [](const FactorRisk&, const DecisionUnit&) -> CheckedUnit { throw Defect("no such lot"); };
  const UnitOutcome outcome = here.rebalance_it();
  ASSERT_EQ(outcome.accounts.size(), 2U);
  for (const AccountResult& result : outcome.accounts) EXPECT_EQ(result.status, ResultStatus::failed);
}

TEST(Rebalance, AFrozenAccountIsQuiet) {
  Case here;
  here.book.accounts[here.ira.value].status = AccountStatus::frozen;
  const UnitOutcome outcome = here.rebalance_it();
  EXPECT_EQ(outcome.accounts[0].status, ResultStatus::no_trade);
  EXPECT_TRUE(outcome.accounts[0].orders.empty());
}

}  // namespace
}  // namespace lotwright
