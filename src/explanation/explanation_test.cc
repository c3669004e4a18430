#include "explanation/explanation.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>

#include "book/rules.h"
#include "explanation/cents.h"
#include "explanation/drivers.h"
#include "explanation/test_case.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

Quantity shares(std::int64_t whole) { return Quantity::of_whole(whole); }
Money dollars(const std::string& text) { return *Money::parse(text); }

bool in_sum(const ReasonRow& row) { return row.decision != Decision::kept && row.decision != Decision::not_bought; }

const ReasonRow* row_of(const AccountResult& result, const std::string& security, const std::string& lot = {}) {
  const auto found = std::ranges::find_if(
      result.reasons, [&](const ReasonRow& row) { return row.security_id == security && row.lot_id == lot; });
  return found == result.reasons.end() ? nullptr : &*found;
}

const Finding* finding_of(const AccountResult& result, const std::string& rule) {
  const auto found = std::ranges::find(result.exceptions, rule, &Finding::rule);
  return found == result.exceptions.end() ? nullptr : &*found;
}

// V = 10,000: 60 AAA at 100 in two lots (one bought at 80 long ago, one at 110 this year), nothing of BBB, 4,000 cash.
// Wanted: half each of 99 %.
BookBuilder two_stocks() {
  return BookBuilder()
      .security({.id = "AAA", .half_spread_bps = "5"})
      .security({.id = "BBB", .half_spread_bps = "10"})
      .account({.id = "A", .cash = "4000"})
      .lot({.account = "A", .id = "L1", .security = "AAA", .quantity = "40", .cost_basis = "3200"})
      .lot({.account = "A",
            .id = "L2",
            .security = "AAA",
            .quantity = "20",
            .cost_basis = "2200",
            .acquired_on = "2025-01-15"})
      .policy("A", "ticket_cost_usd", "1")
      .policy("A", "commission_bps", "2");
}

TEST(Explain, figures_of_an_account_that_traded) {
  Case c(two_stocks());
  c.sell("AAA", {shares(4), shares(6)});
  c.buy("BBB", "45");
  c.solution.bound = -1e6;
  const AccountResult result = c.explained();
  EXPECT_EQ(result.status, ResultStatus::traded);
  EXPECT_EQ(result.value, dollars("10000"));
  EXPECT_EQ(result.cash_before, dollars("4000"));
  EXPECT_EQ(result.cash_after, dollars("496.90"));  // + 1000 - 1.20 - 4500 - 1.90
  EXPECT_EQ(result.turnover, 0.1);
  EXPECT_EQ(result.gain_short, dollars("-60"));
  EXPECT_EQ(result.gain_long, dollars("80"));
  EXPECT_NEAR(result.tax, 0.15 * 20 - 0.3 * 0.15 * 20, 1e-9);
  EXPECT_NEAR(result.trading_cost, 1000 * 7e-4 + 4500 * 12e-4 + 2, 1e-9);
  EXPECT_EQ(result.bound, -1e6);
  EXPECT_EQ(result.orders.size(), 2U);
  EXPECT_LT(result.tracking_error_after, result.tracking_error_before);
}

TEST(Explain, every_lot_sold_has_its_own_tax_and_the_rest_by_quantity) {
  Case c(two_stocks());
  c.sell("AAA", {shares(4), shares(6)});
  c.buy("BBB", "45");
  const AccountResult result = c.explained();
  // Along the path the net is a gain with short-term losses: every dollar of gain counts r_long (1 - kappa).
  const ReasonRow* gain = row_of(result, "AAA", "L1");
  const ReasonRow* loss = row_of(result, "AAA", "L2");
  ASSERT_TRUE(gain != nullptr && loss != nullptr);
  EXPECT_EQ(gain->tax, dollars("8.40"));   // 80 x 0.15 x 0.7
  EXPECT_EQ(loss->tax, dollars("-6.30"));  // -60 x 0.15 x 0.7
  EXPECT_EQ(gain->cost + loss->cost, dollars("1.70"));
  EXPECT_NEAR(loss->benefit.to_double(), 1.5 * gain->benefit.to_double(), 0.02);
  EXPECT_EQ(loss->decision, Decision::sold);
  EXPECT_EQ(loss->rule, "rebalance");
}

TEST(Explain, funding_is_cash_at_its_shadow_price_and_the_cash_line_stands_against_it) {
  Case c(two_stocks());
  c.sell("AAA", {shares(10)});
  c.buy("BBB", "20");
  c.solution.cash_shadow_price = -0.02;  // cash in excess: 40 % before, 30 % after, cash_max 2 %
  const AccountResult result = c.explained();
  EXPECT_EQ(row_of(result, "AAA", "L1")->funding, dollars("-19.98"));  // 1000 - 1.20 raised: -19.976
  EXPECT_EQ(row_of(result, "BBB")->funding, dollars("40.03"));         // 2000 + 1.40 used: 40.028
  const ReasonRow& cash = result.reasons.front();
  EXPECT_EQ(cash.decision, Decision::cash);
  EXPECT_EQ(cash.rule, rule::cash_line);
  EXPECT_EQ(cash.funding, dollars("-20.05"));
  EXPECT_NEAR(cash.benefit.to_double(), 10.03, 0.011);  // 1 % of the 1,002.60 that left the line
}

TEST(Explain, orders_of_cash_kind_stay_within_the_cash_line) {
  Case c(two_stocks()
             .security({.id = "MMF", .price = "1", .kind = SecurityKind::cash})
             .lot({.account = "A", .id = "M1", .security = "MMF", .quantity = "500", .cost_basis = "500"}));
  c.sell("MMF", {shares(500)});
  c.solution.cash_shadow_price = 0.5;
  const AccountResult result = c.explained();
  EXPECT_EQ(result.turnover, 0.0);
  EXPECT_EQ(row_of(result, "MMF", "M1")->funding, dollars("-0.55"));  // the commission of 1.10 leaves the line
}

TEST(Explain, an_account_left_alone_has_no_rows_in_the_sum) {
  Case c(two_stocks());
  c.solution.bound = 3.0;
  const AccountResult result = c.explained();
  EXPECT_EQ(result.status, ResultStatus::no_trade);
  EXPECT_TRUE(std::ranges::none_of(result.reasons, in_sum));
  EXPECT_FALSE(result.reasons.empty());
  EXPECT_EQ(result.objective_before, result.objective_after);
}

TEST(Explain, the_price_of_a_rule_is_a_row_of_no_security_outside_the_sum) {
  Case c(two_stocks());
  c.buy("BBB", "20");
  c.solution.rule_prices = {{rule::restriction_never_sell, "R1", 12.341}};
  const AccountResult result = c.explained();
  const ReasonRow& price = result.reasons.at(1);  // after the cash row
  EXPECT_EQ(price.decision, Decision::kept);
  EXPECT_EQ(price.rule, rule::restriction_never_sell);
  EXPECT_EQ(price.source, "R1");
  EXPECT_TRUE(price.security_id.empty());
  EXPECT_EQ(price.net, dollars("12.35")) << "at most: rounded up";
  Money sum;
  for (const ReasonRow& row : result.reasons) {
    if (in_sum(row)) sum += row.net;
  }
  EXPECT_EQ(sum, result.improvement);
}

TEST(Explain, the_gap_is_told_in_dollars_rounded_up) {
  Case c(two_stocks());
  c.solution.bound = -1000.0;
  const AccountResult result = c.explained();
  EXPECT_GE(result.gap->to_double(), result.objective_after + 1000.0);
  EXPECT_LT(result.gap->to_double(), result.objective_after + 1000.01);
}

TEST(Explain, a_bound_above_the_objective_is_a_defect_and_rounding_is_not) {
  Case c(two_stocks());
  const double objective = c.explained().objective_after;
  c.solution.bound = objective + 0.0199;  // 0.01 + 1e-6 x V = 0.02
  EXPECT_EQ(*c.explained().bound, objective);
  c.solution.bound = objective + 0.0201;
  EXPECT_THROW(static_cast<void>(c.explained()), Defect);
  c.solution.bound = objective - 1.0;
  EXPECT_EQ(*c.explained().bound, objective - 1.0);
}

TEST(Explain, a_relaxed_rule_is_a_review_that_names_the_stronger) {
  Case c(two_stocks());
  c.solution.relaxations = {{Strength::turnover, rule::turnover_yielded, "request_cash_out", "0.30", "0.10"}};
  const AccountResult result = c.explained();
  const Finding* finding = finding_of(result, rule::turnover_yielded);
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::review);
  EXPECT_EQ(finding->observed, "0.30");
  EXPECT_NE(finding->message.find("request_cash_out"), std::string::npos);
}

TEST(Explain, a_disallowed_loss_counts_as_zero_and_is_noted) {
  Case c(two_stocks().policy("A", "wash_sale_disallowed_max_usd", "100"));
  c.sell("AAA", {Quantity{}, shares(6)});
  c.solution.trades.trades[0].lots[0].disallowed = dollars("20");
  const AccountResult result = c.explained();
  EXPECT_EQ(result.gain_short, dollars("-40"));
  const Finding* note = finding_of(result, rule::wash_sale_partial);
  ASSERT_NE(note, nullptr);
  EXPECT_EQ(note->severity, Severity::note);
  EXPECT_EQ(note->observed, "20.00");
}

TEST(Explain, a_finding_of_hold_takes_the_orders_back) {
  Case c(two_stocks().adjust([](Book& book) {
    book.firm.exception_rules = {{.name = "any_order",
                                  .measure = ExceptionMeasure::orders,
                                  .limit = 0.0,
                                  .value_min = {},
                                  .value_max = {},
                                  .policy = {},
                                  .severity = Severity::hold}};
  }));
  c.buy("BBB", "20");
  c.solution.bound = 0.0;
  const AccountResult result = c.explained();
  EXPECT_EQ(result.status, ResultStatus::held);
  EXPECT_TRUE(result.orders.empty());
  EXPECT_TRUE(result.reasons.empty());
  EXPECT_EQ(result.cash_after, result.cash_before);
  EXPECT_EQ(result.objective_after, result.objective_before);
  EXPECT_FALSE(result.bound.has_value());
  EXPECT_NE(finding_of(result, "unusual_any_order"), nullptr);
}

TEST(ExplainUntouched, after_is_before_and_nothing_is_proved) {
  Case c(two_stocks());
  CheckedAccount held = c.account();
  held.held = true;
  held.findings = {{.rule = rule::price_missing,
                    .severity = Severity::hold,
                    .subject = {},
                    .place = {},
                    .observed = {},
                    .limit = {},
                    .message = {}}};
  const AccountResult result = explain_untouched(c.checked, held, c.terms);
  EXPECT_EQ(result.status, ResultStatus::held);
  EXPECT_EQ(result.exceptions, held.findings);
  EXPECT_EQ(result.objective_after, result.objective_before);
  EXPECT_GT(result.tracking_error_after, 0.0);
  EXPECT_FALSE(result.bound.has_value());

  CheckedAccount frozen = c.account();
  frozen.frozen = true;
  EXPECT_EQ(explain_untouched(c.checked, frozen, c.terms).status, ResultStatus::no_trade);
}

// ── what was left, and why

TEST(ReasonsLeft, a_bar_names_its_rule_and_the_figures_are_those_of_closing_alone) {
  Case c(two_stocks().restriction({.scope_id = "A", .rule = RestrictionRule::never_buy, .subject_id = "BBB"}));
  c.solution.cash_shadow_price = -0.01;
  const AccountResult result = c.explained();
  const ReasonRow* row = row_of(result, "BBB");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->decision, Decision::not_bought);
  EXPECT_EQ(row->rule, rule::restriction_never_buy);
  EXPECT_EQ(row->cost, dollars("6.88"));      // 49 shares of 4,950 dollars wanted: 4,900 x 12 bp + 1
  EXPECT_EQ(row->funding, dollars("49.02"));  // 4,900 + 0.98 + 1 used
  EXPECT_EQ(row->tax, Money{});

  objective::Outcome closed = objective::before(c.terms);
  closed.dollars[1] += 4900;
  const double risk = objective::parts_of(c.terms, objective::before(c.terms)).risk;
  EXPECT_NEAR(row->benefit.to_double(), risk - objective::parts_of(c.terms, closed).risk, 0.006);
}

TEST(ReasonsLeft, a_locked_position_and_a_mode_name_themselves) {
  const auto rule_of_surplus = [](BookBuilder builder) {
    return row_of(Case(builder.policy("A", "ticket_cost_usd", "0")).explained(), "AAA")->rule;
  };
  const auto locked = [](const std::string& shares_kept) {
    return two_stocks().restriction(
        {.scope_id = "A", .rule = RestrictionRule::lock_quantity, .subject_id = "AAA", .value = shares_kept});
  };
  EXPECT_EQ(rule_of_surplus(locked("60")), rule::restriction_lock_quantity);
  EXPECT_NE(rule_of_surplus(locked("59")), rule::restriction_lock_quantity);
  EXPECT_EQ(rule_of_surplus(two_stocks().policy("A", "mode", "buy_only")), rule::mode_buy_only);
  EXPECT_EQ(rule_of_surplus(two_stocks().policy("A", "mode", "cash_only")), rule::mode_cash_only);
  EXPECT_EQ(rule_of_surplus(two_stocks().policy("A", "trade_min_usd", "2000")), rule::trade_min_amount);
}

TEST(ReasonsLeft, what_pays_alone_is_left_for_the_account_as_a_whole) {
  // Half the account wants to be BBB and nothing forbids it.
  const BookBuilder demanding = two_stocks().policy("A", "improvement_min_bps", "5000");
  EXPECT_EQ(row_of(Case(demanding).explained(), "BBB")->rule, rule::improvement_below_min);
  EXPECT_EQ(row_of(Case(two_stocks()).explained(), "BBB")->rule, rule::account_limit_reached)
      << "what pays more than the least improvement is not left for that";
  Case trades(two_stocks());
  trades.buy("BBB", "10");
  const AccountResult result = trades.explained();
  const auto rest = std::ranges::find(result.reasons, Decision::not_bought, &ReasonRow::decision);
  ASSERT_NE(rest, result.reasons.end());
  EXPECT_EQ(rest->rule, rule::account_limit_reached);
  EXPECT_EQ(rest->cost, dollars("4.68"));  // 39 shares more x 12 bp: the ticket is paid already
}

TEST(ReasonsLeft, shares_add_up_to_the_risk_that_stays_and_their_drift_to_its_tracking_error) {
  Case c(two_stocks());
  const AccountResult result = c.explained();
  Money shares;
  for (const ReasonRow& row : result.reasons) shares += row.share.value_or(Money());
  for (const SmallerDrifts& smaller : result.left_smaller) shares += smaller.share;
  ASSERT_TRUE(result.left.has_value());
  EXPECT_EQ(shares, *result.left);
  EXPECT_EQ(*result.left, to_cents(objective::parts_of(c.terms, objective::before(c.terms)).risk));

  objective::Outcome closed = objective::before(c.terms);
  closed.dollars[1] += 4900;
  const double error = objective::parts_of(c.terms, closed).tracking_error;
  EXPECT_NEAR(row_of(result, "BBB")->tracking_error.value(), result.tracking_error_after - error, 1e-12);
}

TEST(ReasonsLeft, what_a_person_ordered_is_named_and_not_a_limit) {
  Case c(two_stocks());
  c.sell("AAA", {shares(20)});
  c.solution.reasons = {rule::request_directed};
  const AccountResult result = c.explained();
  const auto left = std::ranges::find(result.reasons, Decision::not_bought, &ReasonRow::decision);
  ASSERT_NE(left, result.reasons.end());
  EXPECT_EQ(left->security_id, "AAA") << "40 are left of the 49 that are wanted";
  EXPECT_EQ(left->rule, rule::request_directed);
}

TEST(ReasonsLeft, a_frozen_account_has_its_drifts_by_the_rule_that_freezes_it) {
  Case c(two_stocks().account({.id = "B", .status = AccountStatus::frozen}));
  CheckedAccount frozen = c.account();
  frozen.frozen = true;
  const AccountResult result = explain_untouched(c.checked, frozen, c.terms);
  ASSERT_NE(row_of(result, "BBB"), nullptr);
  EXPECT_EQ(row_of(result, "BBB")->rule, rule::request_freeze) << "its status is not frozen";
  EXPECT_TRUE(result.left.has_value());
}

TEST(ReasonsLeft, of_a_held_account_what_stays_is_unknown_where_its_risk_is_in_doubt) {
  Case c(two_stocks());
  const auto left_when_held = [&](const char* rule) {
    CheckedAccount held = c.account();
    held.held = true;
    held.findings = {{rule, Severity::hold, {}, {}, {}, {}, {}}};
    return explain_untouched(c.checked, held, c.terms).left;
  };
  EXPECT_FALSE(left_when_held(rule::price_missing).has_value());
  EXPECT_FALSE(left_when_held(rule::model_unknown).has_value());
  EXPECT_EQ(left_when_held(rule::data_taxpayer_missing),
            to_cents(objective::parts_of(c.terms, objective::before(c.terms)).risk));
}

TEST(Explain, an_order_of_negative_net_says_what_the_account_would_lack_without_it) {
  Case c(two_stocks());
  c.buy("BBB", "120");  // 49 are wanted
  const AccountResult result = c.explained();
  const ReasonRow* row = row_of(result, "BBB");
  const auto total = [&](const objective::Outcome& outcome) { return objective::parts_of(c.terms, outcome).total(); };
  const objective::Outcome after = objective::outcome_of(c.terms, c.book, c.solution.trades);
  ASSERT_TRUE(row->net.is_negative());
  ASSERT_TRUE(row->without.has_value());
  EXPECT_EQ(*row->without, to_cents(total(objective::before(c.terms)) - total(after)));
}

TEST(ReasonsLeft, a_closed_wash_sale_window_names_itself) {
  Case c(two_stocks().transaction({.account = "A",
                                   .trade_date = "2025-06-10",
                                   .kind = TransactionKind::sell,
                                   .security = "BBB",
                                   .amount = "90",
                                   .gain_short = "-10"}));
  EXPECT_EQ(row_of(c.explained(), "BBB")->rule, rule::wash_sale_window);
}

TEST(ReasonsLeft, a_gain_too_dear_to_realize_costs_more_than_it_brings) {
  // Only the long-held lot, bought for next to nothing: closing realizes 99 a share at 10.5 %.
  Case c(BookBuilder()
             .security({.id = "AAA"})
             .security({.id = "BBB"})
             .account({.id = "A", .cash = "0"})
             .lot({.account = "A", .id = "L1", .security = "AAA", .quantity = "52", .cost_basis = "52"})
             .lot({.account = "A", .id = "L2", .security = "BBB", .quantity = "48", .cost_basis = "4800"}));
  const AccountResult result = c.explained();
  const ReasonRow* row = row_of(result, "AAA");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->decision, Decision::kept);
  EXPECT_EQ(row->rule, rule::benefit_below_cost);
  EXPECT_EQ(row->tax, dollars("20.79"));  // two shares
  EXPECT_TRUE(row->net.is_negative());
}

// All of it AAA, bought for 95 and five days from long-term; half is wanted.
BookBuilder soon_long_term() {
  return BookBuilder()
      .security({.id = "AAA", .half_spread_bps = "5"})
      .security({.id = "BBB"})
      .account({.id = "A", .cash = "100"})
      .lot({.account = "A",
            .id = "L1",
            .security = "AAA",
            .quantity = "100",
            .cost_basis = "9500",
            .acquired_on = "2024-07-04"})
      .policy("A", "long_term_wait_days", "0")
      .policy("A", "waiting_weight", "1");
}

TEST(ReasonsLeft, what_is_worth_waiting_for_is_said) {
  // (0.20 x 365 / 5 - 0.305) x 5 dollars of gain a share: 0.20 and 0.305 are 35 % and 15 %, less the higher basis.
  const double waiting_a_share = (0.20 * 365 / 5 - (0.35 - 0.3 * 0.15)) * 5;
  const AccountResult result = Case(soon_long_term()).explained();
  const ReasonRow* row = row_of(result, "AAA");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->rule, rule::waiting_worth_more);
  EXPECT_TRUE(row->net.is_negative());
  // 50 shares are too many: 10,100 of value, 49.5 % wanted.
  EXPECT_EQ(row->cost, dollars("2.50") + to_cents(50 * waiting_a_share));
  const AccountResult impatient = Case(soon_long_term().policy("A", "waiting_weight", "0")).explained();
  EXPECT_NE(row_of(impatient, "AAA")->rule, rule::waiting_worth_more);
  EXPECT_TRUE(row_of(impatient, "AAA")->net.is_positive());
}

TEST(Explain, what_could_have_waited_is_a_cost_of_its_lot) {
  Case c(soon_long_term());
  c.sell("AAA", {shares(10)});
  const AccountResult result = c.explained();
  const double waiting = 10 * (0.20 * 365 / 5 - (0.35 - 0.3 * 0.15)) * 5;
  EXPECT_NEAR(result.waiting, waiting, 1e-9);
  EXPECT_EQ(row_of(result, "AAA", "L1")->cost, dollars("0.50") + to_cents(waiting));
}

TEST(ReasonsLeft, at_most_ten_and_those_that_most_of_what_stays_is_in) {
  BookBuilder builder;
  for (char letter = 'A'; letter <= 'L'; ++letter) builder.security({.id = std::string(3, letter)});
  builder.account({.id = "A", .cash = "12000"});
  builder.lot({.account = "A", .id = "L1", .security = "LLL", .quantity = "60", .cost_basis = "6000"});
  builder.lot({.account = "A", .id = "L2", .security = "KKK", .quantity = "5", .cost_basis = "500"});
  const AccountResult result = Case(builder).explained();
  EXPECT_EQ(result.reasons.size(), 10U);
  EXPECT_NE(row_of(result, "AAA"), nullptr);
  EXPECT_NE(row_of(result, "JJJ"), nullptr);
  EXPECT_EQ(row_of(result, "KKK"), nullptr) << "a third of it is there";
  EXPECT_EQ(row_of(result, "LLL"), nullptr) << "the largest drift, but it balances what is missing of the others";
}

// ── the firm's own tests

AccountResult measured_result() {
  AccountResult result;
  result.account = AccountIndex{0};
  result.value = dollars("10000");
  result.investable = dollars("10000");
  result.cash_after = dollars("500");
  result.turnover = 0.30;
  return result;
}

Findings tested(Case& c, ExceptionRule rule, const AccountResult& result) {
  c.book.firm.exception_rules = {std::move(rule)};
  return unusual(c.book, result);
}

ExceptionRule turnover_above(double limit) {
  ExceptionRule rule;
  rule.name = "busy";
  rule.limit = limit;
  return rule;
}

TEST(Unusual, speaks_above_the_limit_and_not_at_it) {
  Case c(two_stocks());
  EXPECT_TRUE(tested(c, turnover_above(0.30), measured_result()).empty());
  const Findings findings = tested(c, turnover_above(0.2999), measured_result());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "unusual_busy");
  EXPECT_EQ(findings[0].severity, Severity::review);
  EXPECT_EQ(findings[0].observed, "0.30000");
}

TEST(Unusual, holds_only_for_accounts_of_its_size_and_policy) {
  Case c(two_stocks());
  const auto with = [&](auto change) {
    ExceptionRule rule = turnover_above(0.1);
    change(rule);
    return tested(c, rule, measured_result()).size();
  };
  EXPECT_EQ(with([](ExceptionRule& rule) { rule.value_min = dollars("10000"); }), 1U);
  EXPECT_EQ(with([](ExceptionRule& rule) { rule.value_min = dollars("10000.01"); }), 0U);
  EXPECT_EQ(with([](ExceptionRule& rule) { rule.value_max = dollars("10000"); }), 1U);
  EXPECT_EQ(with([](ExceptionRule& rule) { rule.value_max = dollars("9999.99"); }), 0U);
  EXPECT_EQ(with([](ExceptionRule& rule) { rule.policy = "another"; }), 0U);
  EXPECT_EQ(with([&](ExceptionRule& rule) { rule.policy = c.book.accounts.front().policy; }), 1U);
}

TEST(Unusual, measures_what_its_name_says) {
  Case c(two_stocks());
  AccountResult result = measured_result();
  result.gain_short = dollars("-40");
  result.gain_long = dollars("100");
  result.tax = 7.0;
  result.tracking_error_before = 0.01;
  result.tracking_error_after = 0.03;
  result.orders = {{"A-BBB", c.priced(c.security("BBB"), Side::buy, shares(15)), "rebalance"}};
  const auto above = [&](ExceptionMeasure measure, double limit) {
    ExceptionRule rule = turnover_above(limit);
    rule.measure = measure;
    return tested(c, rule, result).size() == 1;
  };
  const auto measures = [&](ExceptionMeasure measure, double value) {
    return above(measure, value - 1e-9) && !above(measure, value + 1e-9);
  };
  EXPECT_TRUE(measures(ExceptionMeasure::gain, 60.0));
  EXPECT_TRUE(measures(ExceptionMeasure::tax, 7.0));
  EXPECT_TRUE(measures(ExceptionMeasure::orders, 1.0));
  EXPECT_TRUE(measures(ExceptionMeasure::order_weight, 0.15));
  EXPECT_TRUE(measures(ExceptionMeasure::tracking_error_rise, 0.02));
  EXPECT_TRUE(measures(ExceptionMeasure::cash_left, 0.05));
}

// 15 BBB are bought for 1,500.
TEST(Unusual, counts_what_works_against_a_request) {
  Case c(two_stocks());
  AccountResult result = measured_result();
  result.orders = {{"A-BBB", c.priced(c.security("BBB"), Side::buy, shares(15)), "rebalance"}};
  ExceptionRule rule = turnover_above(0.0);
  rule.measure = ExceptionMeasure::against_request;
  const auto observed = [&](RequestKind kind, const char* amount, int days) {
    Request request;
    request.account = AccountIndex{0};
    request.kind = kind;
    request.amount = dollars(amount);
    request.due_on = c.book.firm.as_of + days;
    c.book.requests = {request};
    const Findings findings = tested(c, rule, result);
    return findings.empty() ? std::string() : findings[0].observed;
  };
  EXPECT_EQ(observed(RequestKind::cash_out, "400", 5), "400.00") << "no more than is asked for";
  EXPECT_EQ(observed(RequestKind::cash_out, "4000", 5), "1500.00");
  EXPECT_EQ(observed(RequestKind::cash_out, "4000", 6), "") << "cash_raise_days before it is due nothing is asked for";
  EXPECT_EQ(observed(RequestKind::liquidate, "0", 0), "1500.00");
  EXPECT_EQ(observed(RequestKind::liquidate, "0", 1), "");
  EXPECT_EQ(observed(RequestKind::cash_in, "4000", 0), "");
  c.book.requests.clear();
  c.book.directed = {{AccountIndex{0}, c.security("BBB"), Side::sell, shares(3)}};
  EXPECT_EQ(tested(c, rule, result).at(0).observed, "1500.00") << "a person ordered a sale";
}

TEST(Unusual, compares_turnover_with_the_accounts_own) {
  Case c(two_stocks());
  const auto above = [&](double limit) {
    ExceptionRule rule = turnover_above(limit);
    rule.measure = ExceptionMeasure::turnover_of_usual;
    return tested(c, rule, measured_result()).size() == 1;
  };
  EXPECT_FALSE(above(0.0)) << "nobody knows what is usual";
  c.book.accounts[0].turnover_usual = weight("0.10");
  EXPECT_TRUE(above(2.99));
  EXPECT_FALSE(above(3.01));
  c.book.accounts[0].turnover_usual = weight("0");
  EXPECT_TRUE(above(299.0)) << "an account that never trades counts as one of a thousandth";
  EXPECT_FALSE(above(301.0));
}

// 1,000 of AAA at a loss and 500 for drift are sold, 1,200 of BBB bought: 300 more are raised than spent.
AccountResult driven_result(const Case& c, const char* reason_of_loss, const char* reason_of_drift) {
  AccountResult result = measured_result();
  Order loss{"A-AAA", c.priced(c.security("AAA"), Side::sell, shares(10)), reason_of_loss};
  Order drift{"A-AAA2", c.priced(c.security("AAA"), Side::sell, shares(5)), reason_of_drift};
  result.orders = {loss, drift, {"A-BBB", c.priced(c.security("BBB"), Side::buy, shares(12)), "rebalance"}};
  return result;
}

TEST(Drivers, AddUpToWhatIsSoldMostFirst) {
  const Case c(two_stocks());
  const std::vector<Driven> drivers = drivers_of(c.book, driven_result(c, "harvest_loss", "rebalance"));
  ASSERT_EQ(drivers.size(), 2U);
  EXPECT_EQ(drivers[0].driver, Driver::harvest);
  EXPECT_EQ(drivers[0].sold, dollars("1000"));
  EXPECT_EQ(drivers[1].driver, Driver::drift);
  EXPECT_EQ(drivers[1].sold, dollars("500"));
  EXPECT_EQ(in_words(drivers), "of $1,500 sold: 67 % harvesting losses ($1,000), 33 % correcting drift ($500)");
}

TEST(Drivers, MoneyRaisedIsWhatIsSoldForIt) {
  const Case c(two_stocks());
  const std::vector<Driven> drivers = drivers_of(c.book, driven_result(c, "harvest_loss", "raise_cash"));
  ASSERT_EQ(drivers.size(), 2U);
  EXPECT_EQ(drivers[0].driver, Driver::harvest);
  EXPECT_EQ(drivers[0].sold, dollars("1000"));
  EXPECT_EQ(drivers[1].driver, Driver::raise_cash);
  EXPECT_EQ(drivers[1].sold, dollars("500"));
  EXPECT_DOUBLE_EQ(turnover_unexplained(c.book, driven_result(c, "harvest_loss", "raise_cash")), 0.0);
}

TEST(Drivers, TurnoverIsUnexplainedOnlyWhereNobodyAskedForTheSales) {
  Case c(two_stocks());
  EXPECT_DOUBLE_EQ(turnover_unexplained(c.book, driven_result(c, "harvest_loss", "rebalance")), 0.05);
  EXPECT_DOUBLE_EQ(turnover_unexplained(c.book, driven_result(c, "rebalance", "rebalance")), 0.12) << "the purchases";
  EXPECT_DOUBLE_EQ(turnover_unexplained(c.book, driven_result(c, "request_liquidate", "restriction_sell_all")), 0.0);
}

TEST(Drivers, AChangedModelExplainsAsMuchAsItMoves) {
  Case c(two_stocks());
  const auto drift = [&] { return turnover_unexplained(c.book, driven_result(c, "rebalance", "rebalance")); };
  c.book.accounts[0].model_moved = *Weight::parse("0.0001");
  EXPECT_NEAR(drift(), 0.12, 1e-9) << "$1,500 sold of $10,000, $1 by the model; 1,200 bought";
  c.book.accounts[0].model_moved = *Weight::parse("0.1");
  EXPECT_NEAR(drift(), 0.05, 1e-9) << "$500 beyond the 1,000 that the model moves";
  const std::vector<Driven> drivers = drivers_of(c.book, driven_result(c, "rebalance", "rebalance"));
  ASSERT_EQ(drivers.size(), 2U);
  EXPECT_EQ(drivers[0].driver, Driver::model_change);
  EXPECT_EQ(drivers[0].sold, dollars("1000"));
  EXPECT_EQ(drivers[1].sold, dollars("500"));
  c.book.accounts[0].model_moved = *Weight::parse("0.15");
  EXPECT_DOUBLE_EQ(drift(), 0.0);
}

TEST(Unusual, says_the_measure_in_its_unit_and_what_drove_it) {
  Case c(two_stocks());
  AccountResult result = driven_result(c, "harvest_loss", "rebalance");
  EXPECT_EQ(tested(c, turnover_above(0.2999), result).at(0).message,
            "turnover 30.00 %, limit 29.99 %; of $1,500 sold: 67 % harvesting losses ($1,000), 33 % correcting drift "
            "($500); a person decides")
      << "as many digits as tell the two apart";
  ExceptionRule rule = turnover_above(0.001);
  rule.measure = ExceptionMeasure::tax_weight;
  rule.severity = Severity::note;
  result.tax = 20.0;
  EXPECT_EQ(tested(c, rule, result).at(0).message,
            "tax $20.00 of $10,000 invested, 0.2 %, limit 0.1 %; harvesting losses $0, correcting drift $0");
}

// ── properties

std::string random_money(int low, int high) {
  return Money::of_count(static_cast<std::int64_t>(*rc::gen::inRange(low * 100, high * 100)) * cent.count())
      .to_string();
}

// AAA of account "A" stands at a loss; its dividends were reinvested in the IRA of the same taxpayer.
BookBuilder reinvesting(const std::string& on) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"}).account({.id = "A", .household = "H", .taxpayer = "T"});
  builder.account({.id = "IRA", .household = "H", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred});
  builder.lot({.account = "A", .security = "AAA", .quantity = "10", .cost_basis = "1500"});
  builder.lot({.account = "IRA", .security = "AAA", .quantity = "2", .cost_basis = "200", .acquired_on = on});
  return builder.transaction(
      {.account = "IRA", .trade_date = on, .kind = TransactionKind::reinvest, .security = "AAA", .quantity = "2"});
}

std::string told_of_reinvesting(Case& c) {
  for (const Finding& finding : c.explained().exceptions) {
    if (finding.rule == rule::wash_sale_reinvested) return finding.message;
  }
  return "";
}

TEST(ReinvestedDividends, AreToldBesideALoss) {
  const std::string begins = "reinvested dividends are purchases, and wash losses: AAA on ";
  Case kept(reinvesting("2025-06-12"));
  EXPECT_EQ(told_of_reinvesting(kept), begins + "2025-06-12: the loss in AAA stays barred until 2025-07-13 at least");
  Case long_ago(reinvesting("2025-03-12"));
  EXPECT_EQ(told_of_reinvesting(long_ago), "");
  long_ago.sell("AAA", {shares(10)});
  EXPECT_EQ(told_of_reinvesting(long_ago),
            begins + "2025-03-12, and AAA is sold at a loss today: reinvest nothing before 2025-07-31");
  BookBuilder sold = reinvesting("2025-06-12");
  Case washed(sold.transaction({.account = "A",
                                .trade_date = "2025-06-05",
                                .kind = TransactionKind::sell,
                                .security = "AAA",
                                .gain_long = "-50"}));
  EXPECT_EQ(told_of_reinvesting(washed), begins + "2025-06-12, within 30 days of the loss sale of 2025-06-05");
}

BookBuilder random_account() {
  const int names = *rc::gen::inRange(3, 12);
  BookBuilder builder;
  const bool taxable = *rc::gen::inRange(0, 5) > 0;
  builder.taxpayer({.realized_short_ytd = random_money(-9000, 9000),
                    .realized_long_ytd = random_money(-9000, 9000),
                    .carryforward_long = random_money(0, 6000)});
  builder.account({.id = "A",
                   .treatment = taxable ? TaxTreatment::taxable : TaxTreatment::tax_deferred,
                   .cash = random_money(0, 50000)});
  builder.policy("A", "commission_bps", std::to_string(*rc::gen::inRange(0, 5)));
  builder.policy("A", "ticket_cost_usd", random_money(0, 10));
  builder.policy("A", "risk_aversion", std::to_string(*rc::gen::inRange(1, 60)));
  builder.policy("A", "waiting_weight", std::to_string(*rc::gen::inRange(0, 3)));
  for (int i = 0; i < names; ++i) {
    const std::string id = "S" + std::to_string(i);
    builder.security({.id = id,
                      .price = random_money(1, 400),
                      .half_spread_bps = std::to_string(*rc::gen::inRange(0, 30)),
                      .exposures = {*rc::gen::inRange(5, 15) / 10.0},
                      .volatility = *rc::gen::inRange(5, 60) / 100.0,
                      .alpha = *rc::gen::inRange(-3, 4) / 100.0});
    const int lots = *rc::gen::inRange(0, 4);
    for (int lot = 0; lot < lots; ++lot) {
      builder.lot({.account = "A",
                   .security = id,
                   .quantity = std::to_string(*rc::gen::inRange(1, 300)),
                   .cost_basis = random_money(1, 40000),
                   .acquired_on = *rc::gen::element<std::string>("2019-03-01", "2024-10-01", "2025-06-20")});
    }
  }
  builder.substitute({.security = "S0", .substitute = "S1", .hurdle_bps = std::to_string(*rc::gen::inRange(0, 200))});
  return builder;
}

// Sells some lots and buys some names, whether it makes sense or not.
void trade_at_random(Case& c) {
  for (const CheckedLine& line : c.account().lines) {
    const int choice = *rc::gen::inRange(0, 3);
    const std::string& id = c.book.security(line.security).id.text;
    if (choice == 1) c.buy(id, std::to_string(*rc::gen::inRange(1, 200)));
    if (choice != 2) continue;
    std::vector<Quantity> quantities;
    bool some = false;
    for (std::uint32_t lot = line.lot_begin; lot < line.lot_end; ++lot) {
      const Quantity held = c.book.accounts.front().lots[lot].quantity;
      quantities.push_back(Quantity::of_count(held.count() / 3 * *rc::gen::inRange(0, 4)));
      some = some || quantities.back().is_positive();
    }
    if (some) c.sell(id, quantities);
  }
  tax::mark_disallowed(c.book, c.progress.wash, c.solution.trades);
  c.solution.cash_shadow_price = *rc::gen::inRange(-10, 40) / 1000.0;
}

RC_GTEST_PROP(ReasonsAddUp, to_the_cent, ()) {
  Case c(random_account());
  RC_PRE(c.account().trades());
  trade_at_random(c);
  const AccountResult result = c.explained();
  Money nets;
  Money funding;
  for (const ReasonRow& row : result.reasons) {
    RC_ASSERT(row.net == row.benefit - row.tax - row.cost + row.funding);
    RC_ASSERT(row.net == round_to_cent(row.net));
    if (!in_sum(row)) continue;
    nets += row.net;
    funding += row.funding;
  }
  RC_CLASSIFY(result.orders.size() > 2, "several orders");
  RC_ASSERT(funding == Money{});
  const double improvement = result.objective_before - result.objective_after;
  RC_ASSERT(std::abs(nets.to_double() - improvement) <= 0.005 + 1e-9);
  RC_ASSERT(
      std::ranges::is_sorted(result.reasons, {}, [](const ReasonRow& r) { return std::tie(r.security_id, r.lot_id); }));
}

// An order alone: its row is the whole fall of its own parts, without anything shared.
RC_GTEST_PROP(ReasonsAddUp, an_order_alone_carries_all_but_the_cash_line, ()) {
  Case c(random_account());
  RC_PRE(c.account().trades());
  const std::string id = c.book.security(c.account().lines.front().security).id.text;
  c.buy(id, std::to_string(*rc::gen::inRange(1, 200)));
  const objective::Parts before = objective::parts_of(c.terms, objective::before(c.terms));
  const objective::Parts after =
      objective::parts_of(c.terms, objective::outcome_of(c.terms, c.book, c.solution.trades));
  const AccountResult result = c.explained();
  const auto row = std::ranges::find(result.reasons, Decision::bought, &ReasonRow::decision);
  RC_ASSERT(row != result.reasons.end());
  const double fall = before.risk + before.hurdle + before.alpha - after.risk - after.hurdle - after.alpha;
  RC_ASSERT(std::abs(row->benefit.to_double() - fall) <= 0.02);
}

}  // namespace
}  // namespace lotwright
