#include "explanation/purposes.h"

#include <gtest/gtest.h>

#include "book/rules.h"
#include "explanation/idle_cash.h"
#include "explanation/test_case.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

Quantity shares(std::int64_t whole) { return Quantity::of_whole(whole); }

// V = 10,000 and hardly any risk aversion, so that tax alone says what a sale is worth by itself: AAA has a long-term
// gain of 20 a share, BBB a long-term loss of 50, CCC neither.
BookBuilder gains_and_losses(const std::string& cash = "0") {
  return BookBuilder()
      .security({.id = "AAA"})
      .security({.id = "BBB"})
      .security({.id = "CCC"})
      .account({.id = "A", .cash = cash})
      .lot({.account = "A", .id = "L1", .security = "AAA", .quantity = "40", .cost_basis = "3200"})
      .lot({.account = "A", .id = "L2", .security = "BBB", .quantity = "30", .cost_basis = "4500"})
      .lot({.account = "A", .id = "L3", .security = "CCC", .quantity = "30", .cost_basis = "3000"})
      .policy("A", "risk_aversion", "0.000001");
}

// 1,000 of AAA and 2,000 of BBB are sold, 2,000 of CCC bought; nothing forced any of them.
struct Exchange : Case {
  explicit Exchange(const BookBuilder& builder = gains_and_losses()) : Case(builder) {
    sell("AAA", {shares(10)});
    sell("BBB", {shares(20)});
    buy("CCC", "20");
    solution.reasons.assign(3, "");
  }
};

std::string reason_of(const Case& c, const std::string& security) {
  const AccountResult result = c.explained();
  for (const Order& order : result.orders) {
    if (c.book.security(order.trade.security).id.text != security) continue;
    for (const ReasonRow& row : result.reasons) {
      if (row.security_id == security && row.decision != Decision::kept && row.decision != Decision::not_bought) {
        EXPECT_EQ(row.rule, order.reason) << "the rows say what the order says";
      }
    }
    return order.reason;
  }
  return {};
}

TEST(Purposes, what_pays_by_itself_is_not_sold_for_the_cash) {
  Exchange c;
  c.solution.cash_line_min = 1900;  // and there is none: either sale alone would do
  EXPECT_EQ(reason_of(c, "AAA"), "raise_cash") << "its gain costs tax: only the cash explains it";
  EXPECT_EQ(reason_of(c, "BBB"), "harvest_loss");
  EXPECT_EQ(reason_of(c, "CCC"), "rebalance");
}

TEST(Purposes, a_sale_of_more_than_twice_the_need_is_for_something_else) {
  Exchange c;
  c.solution.cash_line_min = 500;
  EXPECT_EQ(reason_of(c, "AAA"), "raise_cash") << "half of it is needed";
  c.solution.cash_line_min = 499;
  EXPECT_EQ(reason_of(c, "AAA"), "rebalance");
  EXPECT_EQ(reason_of(c, "BBB"), "harvest_loss");
  c.solution.cash_line_min = 3000;
  EXPECT_EQ(reason_of(c, "BBB"), "raise_cash") << "all of both is needed";
}

TEST(Purposes, what_a_rule_sells_meets_the_need_first) {
  Exchange c;
  c.solution.cash_line_min = 900;
  c.solution.reasons[1] = rule::restriction_sell_all;
  EXPECT_EQ(reason_of(c, "AAA"), "rebalance") << "BBB brings 2,000 anyway";
  EXPECT_EQ(reason_of(c, "BBB"), rule::restriction_sell_all);
}

TEST(Purposes, a_loss_is_harvested_only_where_it_saves_more_than_the_line_brings) {
  BookBuilder overweight =
      gains_and_losses().lot({.account = "A", .id = "L4", .security = "BBB", .quantity = "100", .cost_basis = "10100"});
  overweight.policy("A", "risk_aversion", "50");
  Case c(overweight);
  c.sell("BBB", {shares(0), shares(60)});  // a loss of 60, and 130 of 200 shares where a third is wanted
  c.solution.reasons.assign(1, "");
  EXPECT_EQ(reason_of(c, "BBB"), "rebalance");
  overweight.policy("A", "risk_aversion", "0.000001");
  Case calm(overweight);
  calm.sell("BBB", {shares(0), shares(60)});
  calm.solution.reasons.assign(1, "");
  EXPECT_EQ(reason_of(calm, "BBB"), "harvest_loss");
}

TEST(Purposes, purchases_invest_no_more_than_was_in_excess) {
  // Of 12,000 the 2,000 in cash are 1,760 beyond cash_max of 2 %.
  Case c(gains_and_losses("2000"));
  c.sell("AAA", {shares(30)});
  c.buy("BBB", "30");
  c.buy("CCC", "16");
  c.solution.reasons.assign(3, "");
  EXPECT_EQ(reason_of(c, "CCC"), "invest_cash");
  EXPECT_EQ(reason_of(c, "BBB"), "rebalance") << "160 are left of the excess, and AAA paid for it";
  Case rich(gains_and_losses("9000"));
  rich.buy("BBB", "30");
  rich.buy("CCC", "16");
  rich.solution.reasons.assign(2, "");
  EXPECT_EQ(reason_of(rich, "BBB"), "invest_cash");
  EXPECT_EQ(reason_of(rich, "CCC"), "invest_cash");
}

// ── money that the orders leave idle

Findings idle_of(const Case& c) {
  Findings findings = c.explained().exceptions;
  std::erase_if(findings, [](const Finding& finding) { return finding.rule != unusual_cash_left; });
  return findings;
}

TEST(IdleCash, a_sale_that_nothing_is_bought_for_is_told_without_configuration) {
  Case c(gains_and_losses());
  c.sell("AAA", {shares(7)});
  EXPECT_TRUE(idle_of(c).empty()) << "7 % in cash, 2 % are wanted: not beyond 5 %";
  Case more(gains_and_losses());
  more.sell("AAA", {shares(8)});
  ASSERT_EQ(idle_of(more).size(), 1U);
  EXPECT_EQ(idle_of(more)[0].severity, Severity::note);
  EXPECT_EQ(idle_of(more)[0].observed, "0.06000");
  EXPECT_EQ(idle_of(more)[0].message,
            "cash after the orders $800 (8.0 % of what is invested), 6.0 % beyond the most its policy wants, limit 5.0 "
            "%; of $800 sold: 100 % correcting drift ($800)");
}

TEST(IdleCash, a_person_is_asked_where_it_is_a_fifth_of_the_account_and_a_quarter_million) {
  const auto severity_of = [](std::int64_t sold, const char* others) {
    Case c(BookBuilder()
               .security({.id = "AAA"})
               .security({.id = "BBB"})
               .account({.id = "A"})
               .lot({.account = "A", .security = "AAA", .quantity = "4000", .cost_basis = "400000"})
               .lot({.account = "A", .security = "BBB", .quantity = others, .cost_basis = "400000"}));
    c.sell("AAA", {shares(sold)});
    return idle_of(c).at(0).severity;
  };
  EXPECT_EQ(severity_of(2701, "6000"), Severity::review) << "2 % of 1,000,000 are wanted: 250,100 are not";
  EXPECT_EQ(severity_of(2700, "6000"), Severity::note) << "just 250,000";
  EXPECT_EQ(severity_of(3741, "13000"), Severity::review) << "20.01 % of 1,700,000 beyond 2 %";
  EXPECT_EQ(severity_of(3740, "13000"), Severity::note) << "just a fifth";
}

TEST(IdleCash, cash_that_was_there_that_is_asked_for_or_that_a_firm_tests_itself_is_not) {
  Case there(gains_and_losses("9000"));
  there.sell("AAA", {shares(1)});
  EXPECT_TRUE(idle_of(there).empty()) << "the orders did not raise it";
  Case asked(gains_and_losses());
  asked.sell("AAA", {shares(40)});
  EXPECT_EQ(idle_of(asked).size(), 1U);
  asked.solution.reasons[0] = rule::request_directed;
  EXPECT_TRUE(idle_of(asked).empty());
  asked.solution.reasons[0] = "rebalance";
  ExceptionRule own;
  own.measure = ExceptionMeasure::cash_left;
  own.limit = 0.9;
  asked.book.firm.exception_rules = {own};
  EXPECT_TRUE(idle_of(asked).empty()) << "the firm's own test takes its place";
  asked.book.firm.exception_rules[0].value_min = Money::of_whole(1'000'000);
  EXPECT_EQ(idle_of(asked).size(), 1U) << "which is not for an account so small";
}

}  // namespace
}  // namespace lotwright
