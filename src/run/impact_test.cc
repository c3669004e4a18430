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

// Both accounts follow M and are to be like ALL together (run/household_rail.h).
Book together() {
  Book book = taxable_and_ira().build();
  book.models.insert(book.models.begin(), book.models.front());  // "ALL" before "M"
  book.models[0].id = ModelId("ALL");
  for (Account& account : book.accounts) {
    account.model_index = 1;
    account.effective_policy.household_model = "ALL";
    account.effective_policy.household_tracking_error_max = Weight::parse("0.001").value();
  }
  return book;
}

TEST(Impact, AHouseholdThatIsMeasuredAgainstAChangedModelIsReached) {
  const Book present = together();
  EXPECT_EQ(impact(present, present, 1, StillClock())->affected, 0U);
  Book coming = present;
  coming.models[0].weights[0].weight = Weight::parse("0.9").value();
  coming.models[0].weights[1].weight = Weight::parse("0.1").value();
  const auto told = impact(present, coming, 1, StillClock());
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->affected, 2U);
  const Summary run = summarize(coming, run_of(coming, engine_steps(coming)));
  EXPECT_EQ(told->coming.reviews, run.reviews);
  EXPECT_EQ(told->coming.notes, run.notes);
}

TEST(Impact, WhatIsFoundOfAModelConcernsThoseWhoFollowIt) {
  const Book present = taxable_and_ira().build();
  Book coming = present;
  coming.findings = {{rule::model_sum_wrong, Severity::hold, {SubjectKind::model, "M"}, {}, "", "", "sums to 2"}};
  const auto told = impact(present, coming, 1, StillClock());
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->affected, 2U);
  EXPECT_EQ(told->coming.held, 2U);
  ASSERT_EQ(told->accounts.size(), 2U) << "an account that is held is not lost";
  EXPECT_EQ(told->exceptions.size(), 2U);
}

// Twelve accounts that hold model M, half AAA and half BBB, but the first: it holds AAA alone, and trades nothing.
Book one_far_from_its_peers() {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"});
  for (int i = 10; i < 22; ++i) {
    const std::string id = "A" + std::to_string(i);
    builder.account({.id = id, .treatment = TaxTreatment::tax_deferred, .cash = "200"});
    builder.lot({.account = id, .security = "AAA", .quantity = i == 10 ? "198" : "99", .cost_basis = "9900"});
    if (i > 10) builder.lot({.account = id, .security = "BBB", .quantity = "99", .cost_basis = "9900"});
  }
  Book book = builder.build();
  book.accounts[0].effective_policy.mode = Mode::hold;
  book.firm.exception_rules = {{.name = "far",
                                .measure = ExceptionMeasure::tracking_error_of_peers,
                                .limit = 3.0,
                                .value_min = {},
                                .value_max = {},
                                .policy = {}}};
  return book;
}

TEST(Impact, AnAccountDecidedAgainIsComparedWithAllItsPeers) {
  const Book present = one_far_from_its_peers();
  Book coming = present;
  coming.findings = {
      {rule::data_column_unknown, Severity::note, {SubjectKind::account, "A10"}, {}, "", "", "a column"}};
  const auto told = impact(present, coming, 1, StillClock());
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(told->decided, 1U);
  EXPECT_TRUE(told->accounts[0].present.exceptions.contains("unusual_far"));
  EXPECT_TRUE(told->accounts[0].coming.exceptions.contains("unusual_far"));
  EXPECT_TRUE(told->exceptions.empty());
  EXPECT_EQ(told->coming.reviews, summarize(coming, run_of(coming, engine_steps(coming))).reviews);
}

TEST(Impact, EveryAccountHasTheFiguresOfItsRun) {
  const Book present = taxable_and_ira().build();
  Book coming = present;
  coming.models[0].weights[0].weight = Weight::parse("0.8").value();
  coming.models[0].weights[1].weight = Weight::parse("0.2").value();
  const auto told = impact(present, coming, 1, StillClock());
  ASSERT_TRUE(told.ok());
  const RunResult now = run_of(present, engine_steps(present));
  const RunResult then = run_of(coming, engine_steps(coming));
  ASSERT_EQ(told->accounts.size(), 2U);
  double tax = 0.0;
  for (std::size_t i = 0; i < 2; ++i) {
    const AccountImpact& one = told->accounts[i];
    const auto compare = [](const AccountFigures& figures, const AccountResult& run) {
      EXPECT_EQ(figures.status, run.status);
      EXPECT_EQ(figures.orders, run.orders.size());
      EXPECT_EQ(figures.turnover, run.turnover);
      EXPECT_EQ(figures.tax, run.tax);
      EXPECT_EQ(figures.tracking_error_before, run.tracking_error_before);
      EXPECT_EQ(figures.tracking_error_after, run.tracking_error_after);
    };
    compare(one.present, now.accounts[i]);
    compare(one.coming, then.accounts[i]);
    tax += one.coming.tax;
  }
  double driven = 0.0;
  for (const DriverImpact& one : told->drivers) driven += one.coming.tax;
  EXPECT_NEAR(driven, tax, 0.01);
  EXPECT_NEAR(told->models.at("M").coming.tax, tax, 1e-9);
}

}  // namespace
}  // namespace lotwright
