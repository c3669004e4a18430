#include "run/stakes.h"

#include <gtest/gtest.h>

#include "book/rules.h"
#include "explanation/idle_cash.h"

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

TEST(NextStep, OfTurnoverIsNotALimitThatEmptiesTheAccount) {
  ExceptionRule busy;
  busy.name = "busy";
  Firm firm;
  firm.exception_rules = {busy};
  const std::string step = next_step_of(finding_of("unusual_busy", Severity::review), firm);
  EXPECT_EQ(step.find("turnover_max"), std::string::npos) << step;
  EXPECT_NE(step.find("--orders"), std::string::npos) << step;
  EXPECT_NE(next_step_of(finding_of(unusual_cash_left, Severity::review), {}).find("what the money waits for"),
            std::string::npos);
}

ExceptionLine payment(const char* rule, const char* there, const char* due, Severity severity = Severity::review) {
  ExceptionLine line{"A", "A", finding_of(rule, severity)};
  line.finding.observed = there;
  line.finding.limit = due;
  return line;
}

// $350,296.62 are due and $64,170.59 are there; the account is held, so no order waits, and the client does.
TEST(Stakes, OfAPaymentIsWhatIsMissingOfIt) {
  const std::vector<Stake> stakes = stakes_of({}, {},
                                              {payment(rule::request_too_late, "64170.59", "350296.62"),
                                               payment(rule::request_cash_short, "-100.00", "43199.57"),
                                               payment(rule::cash_nothing_to_sell, "1", "2", Severity::note)});
  EXPECT_EQ(stakes[0].dollars, *Money::parse("286126.03"));
  EXPECT_EQ(stakes[1].dollars, *Money::parse("43299.57"));
  EXPECT_TRUE(stakes[2].dollars.is_zero()) << "a note asks nobody";
  EXPECT_EQ(stakes[0].rank, 1U);
}

TEST(Stakes, AllOrdersWaitForAllGatesAndAreToldOnceAtTheFirst) {
  RunResult run;
  for (const char* observed : {"AAA 9", "BBB 9"}) {
    run.gates.push_back(finding_of(rule::gate_price_move, Severity::hold));
    run.gates.back().observed = observed;
  }
  Book book;
  book.households.resize(1);
  book.accounts.resize(1);
  book.accounts[0].household = HouseholdIndex{0};
  AccountResult result;
  result.account = AccountIndex{0};
  result.orders.resize(1);
  result.orders[0].trade.amount = Money::of_whole(70);
  run.accounts = {result};
  const std::vector<Stake> stakes = stakes_of(book, run, {{"", "", run.gates[1]}, {"", "", run.gates[0]}});
  EXPECT_TRUE(stakes[0].dollars.is_zero());
  EXPECT_EQ(stakes[1].dollars, Money::of_whole(70));
  EXPECT_EQ(stakes[1].rank, 1U);
}

}  // namespace
}  // namespace lotwright
