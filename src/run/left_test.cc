#include "run/left.h"

#include <gtest/gtest.h>

#include "orders/causes.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

ReasonRow left_row(const std::string& security, const std::string& rule, const std::string& share,
                   const std::string& tax, const std::string& cost) {
  ReasonRow row;
  row.security_id = security;
  row.decision = Decision::kept;
  row.rule = rule;
  row.share = money(share);
  row.tax = money(tax);
  row.cost = money(cost);
  return row;
}

TEST(Left, where_dollars_decided_the_dearer_of_tax_and_trading_is_the_cause) {
  EXPECT_EQ(cause_of(left_row("AAA", "benefit_below_cost", "1", "5", "4")), "tax");
  EXPECT_EQ(cause_of(left_row("AAA", "benefit_below_cost", "1", "4", "5")), "trading");
  EXPECT_EQ(cause_of(left_row("AAA", "restriction_never_sell", "1", "5", "4")), "restriction");
  EXPECT_EQ(cause_of(left_row("AAA", "wash_sale_window", "1", "5", "4")), "wash_sale");
  EXPECT_EQ(cause_of(left_row("AAA", "bought_in_run", "1", "5", "4")), "bought_in_run") << "that is no wash sale";
  EXPECT_EQ(cause_of(left_row("AAA", "trade_min_amount", "1", "5", "4")), "minimum");
  EXPECT_EQ(cause_of(left_row("AAA", "mode_buy_only", "1", "5", "4")), "setting");
  EXPECT_EQ(cause_of(left_row("AAA", "data_unknown_basis_excluded", "1", "5", "4")), "data");
}

AccountResult held_by(const std::string& rule, const std::optional<Money>& left) {
  AccountResult held;
  held.status = ResultStatus::held;
  held.left = left;
  held.exceptions = {{rule, Severity::hold, {}, {}, {}, {}, {}}};
  return held;
}

TEST(Left, causes_add_up_drifts_large_and_small_and_a_held_account_once) {
  AccountResult quiet;
  quiet.reasons = {left_row("AAA", "mode_hold", "10", "3", "1"), left_row("BBB", "mode_hold", "-2", "0", "1"),
                   left_row("", "mode_hold", "99", "0", "0")};
  quiet.reasons.back().share = {};
  quiet.left_smaller = {{"setting", 7, money("1.50")}, {"tax", 2, money("0.25")}};
  const auto causes =
      left_by_cause({quiet, held_by("data_number_unreadable", money("12.34")), held_by("price_missing", std::nullopt)});
  ASSERT_EQ(causes.size(), 3U) << "a rule's price is no drift";
  EXPECT_EQ(causes.at("setting").dollars, money("9.50")) << "what offsets others is taken off";
  EXPECT_EQ(causes.at("setting").lines, 9U);
  EXPECT_EQ(causes.at("setting").accounts, 1U);
  EXPECT_EQ(causes.at("tax").dollars, money("0.25"));
  EXPECT_EQ(causes.at("data_hold").dollars, money("12.34"));
  EXPECT_EQ(causes.at("data_hold").accounts, 2U);
  EXPECT_EQ(causes.at("data_hold").accounts_unknown, 1U) << "unknown is not zero";
}

TEST(Left, the_drift_that_would_be_best_closed_alone_is_first_and_says_its_price) {
  AccountResult quiet;
  quiet.reasons = {left_row("AAA", "benefit_below_cost", "3", "500", "2"),
                   left_row("BBB", "mode_hold", "5", "-40.50", "1"), left_row("CCC", "mode_hold", "5", "0", "1")};
  quiet.reasons[0].net = money("-400");
  quiet.reasons[1].net = money("-1");
  quiet.reasons[2].net = money("4");
  quiet.reasons[0].tracking_error = 0.0100;
  quiet.reasons[1].tracking_error = -0.0002;
  quiet.reasons[2].tracking_error = 0.0003;
  quiet.reasons[2].decision = Decision::not_bought;
  const std::vector<LeftLine> lines = left_lines(quiet);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[2].rank, 1U) << "it pays, though another would take more off the risk";
  EXPECT_EQ(lines[0].rank, 2U);
  EXPECT_EQ(lines[0].sentence,
            "selling AAA would cost $500.00 in tax and $2.00 to trade, to remove 100.0 bp of tracking error: "
            "benefit_below_cost");
  EXPECT_EQ(lines[1].rank, 3U);
  EXPECT_EQ(lines[1].sentence,
            "selling BBB would save $40.50 in tax and cost $1.00 to trade, and add 2.0 bp to the tracking error: "
            "mode_hold");
  EXPECT_EQ(lines[2].sentence, "buying CCC would cost $1.00 to trade, to remove 3.0 bp of tracking error: mode_hold");
}

}  // namespace
}  // namespace lotwright
