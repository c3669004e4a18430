#include "run/left.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"

namespace lotwright {
namespace {

ReasonRow left_row(const std::string& security, const std::string& rule, const std::string& benefit,
                   const std::string& tax, const std::string& cost) {
  ReasonRow row;
  row.security_id = security;
  row.decision = Decision::kept;
  row.rule = rule;
  row.benefit = money(benefit);
  row.tax = money(tax);
  row.cost = money(cost);
  return row;
}

Book one_account() {
  return BookBuilder().security({.id = "AAA"}).security({.id = "BBB"}).account({.id = "A", .cash = "1"}).build();
}

TEST(Left, WhereDollarsDecidedTheDearerOfTaxAndTradingIsTheCause) {
  EXPECT_EQ(cause_of(left_row("AAA", "benefit_below_cost", "1", "5", "4")), "tax");
  EXPECT_EQ(cause_of(left_row("AAA", "benefit_below_cost", "1", "4", "5")), "trading");
  EXPECT_EQ(cause_of(left_row("AAA", "restriction_never_sell", "1", "5", "4")), "restriction");
  EXPECT_EQ(cause_of(left_row("AAA", "wash_sale_window", "1", "5", "4")), "wash_sale");
  EXPECT_EQ(cause_of(left_row("AAA", "trade_min_amount", "1", "5", "4")), "minimum");
  EXPECT_EQ(cause_of(left_row("AAA", "mode_buy_only", "1", "5", "4")), "setting");
}

TEST(Left, CausesAddUpRowsAndAHeldAccountIsLeftAsAWhole) {
  AccountResult quiet;
  quiet.reasons = {left_row("AAA", "mode_hold", "10", "3", "1"), left_row("BBB", "mode_hold", "5", "0", "1"),
                   left_row("BBB", "restriction_freeze", "-5", "0", "1"), left_row("", "mode_hold", "99", "0", "0")};
  AccountResult held;
  held.status = ResultStatus::held;
  held.objective_before = 12.349;
  held.exceptions = {{"price_missing", Severity::hold, {}, {}, {}, {}, {}}};
  const auto causes = left_by_cause({quiet, held});
  ASSERT_EQ(causes.size(), 2U) << "nothing is left where closing would cost, and a rule's price is no drift";
  EXPECT_EQ(causes.at("setting").benefit, money("15"));
  EXPECT_EQ(causes.at("setting").lines, 2U);
  EXPECT_EQ(causes.at("setting").accounts, 1U);
  EXPECT_EQ(causes.at("data_hold").benefit, money("12.34"));
}

TEST(Left, TheDearestDriftSaysWhatItWouldCostAndWhatRiskWouldGo) {
  const Book book = one_account();
  AccountResult quiet;
  quiet.account = account_index(book, "A");
  quiet.investable = money("100000");
  quiet.tracking_error_after = 0.02;  // risk: 100,000 x 20 / 2 x 0.0004 = $400
  quiet.reasons = {left_row("AAA", "benefit_below_cost", "300", "500", "2"),
                   left_row("BBB", "mode_hold", "5", "0", "1")};
  const auto left = dearest_left(book, quiet);
  ASSERT_TRUE(left.has_value());
  EXPECT_NEAR(left->tracking_error_removed, 0.01, 1e-12) << "$100 of risk are a tracking error of 1 %";
  EXPECT_EQ(
      left->sentence,
      "selling AAA would cost $500.00 tax and cost $2.00 to trade, to remove 100.0 bp of risk: benefit_below_cost");
}

}  // namespace
}  // namespace lotwright
