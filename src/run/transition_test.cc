#include "run/transition.h"

#include <gtest/gtest.h>

#include <regex>

#include "book/rules.h"
#include "run/transition_report.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// 1,000 AAA at $100 bought for $60 each: 40,000 of gain; the model wants half BBB. Spread over lots, so that a budget
// buys a part.
BookBuilder household() {
  BookBuilder builder;
  builder.security({.id = "AAA", .price = "100"}).security({.id = "BBB", .price = "50"});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.account({.id = "A", .cash = "1000"});
  for (const char* lot : {"L1", "L2", "L3", "L4", "L5"}) {
    builder.lot({.account = "A", .id = lot, .security = "AAA", .quantity = "200", .cost_basis = "12000"});
  }
  return builder;
}

// All sentences of the report, not wrapped.
std::string sentences_of(const Transition& plan) {
  std::string text;
  for (const reports::Section& section : report_of(plan).sections) {
    for (const reports::Item& item : section.items) text += item.sentence + "\n";
  }
  return text;
}

TransitionWishes wishes_of(const char* budget) {
  return {.years = 3, .budget = money(budget), .paths = 5, .decisions_a_year = 4, .threads = 1};
}

TEST(Transition, ABudgetOfNothingIsStuckByItAndASmallOneIsSlow) {
  const Book book = household().build();
  const Transition none = transition(book, "A", wishes_of("0")).value();
  EXPECT_FALSE(none.arrival.p50.has_value()) << "never";
  EXPECT_EQ(none.rows.back().stuck_cause, "budget");
  EXPECT_LE(none.rows.back().tax.p90, 0.01);
  const Transition small = transition(book, "A", wishes_of("50")).value();
  EXPECT_EQ(small.rows[1].stuck, 0.0);
  ASSERT_TRUE(small.arrival.p50.has_value());
  EXPECT_GT(*small.arrival.p50, 3.0);
  for (const TransitionRow& row : small.rows) EXPECT_NE(row.stuck_cause, "budget");
}

TEST(Transition, ALargeBudgetArrivesInTheFirstYearAndTheBudgetToArriveIsBetween) {
  const Book book = household().build();
  const Transition rich = transition(book, "A", wishes_of("100000")).value();
  EXPECT_EQ(rich.arrival.p90, std::optional(1.0));
  EXPECT_FALSE(rich.budget_to_arrive.has_value());
  const Transition poor = transition(book, "A", wishes_of("100")).value();
  EXPECT_GT(rich.rows.back().moved.p50, poor.rows.back().moved.p50 + 0.2);
  ASSERT_TRUE(poor.budget_to_arrive.has_value());
  EXPECT_GT(*poor.budget_to_arrive, money("100"));
  EXPECT_LT(poor.budget_to_arrive->to_double(), 2.0 * poor.wanted_at_once);
  EXPECT_NE(sentences_of(poor).find("half of the paths would arrive within 3 years"), std::string::npos);
}

// The account's own budget, or its taxpayer's, holds a plan that asks for more: it arrives when a plan of that budget
// does, and says so.
TEST(Transition, TheTighterBudgetHoldsAndIsTold) {
  const Transition small = transition(household().build(), "A", wishes_of("100")).value();
  for (const bool of_taxpayer : {false, true}) {
    BookBuilder builder = household();
    if (!of_taxpayer) builder.policy("A", "tax_budget", "100");
    builder.adjust([of_taxpayer](Book& book) {
      if (of_taxpayer) book.taxpayers[0].tax_budget = money("100");
    });
    const Transition held = transition(builder.build(), "A", wishes_of("70000")).value();
    EXPECT_EQ(held.wishes.budget, money("100"));
    EXPECT_EQ(held.budget_asked, money("70000"));
    EXPECT_EQ(held.arrival.p50, small.arrival.p50);
    EXPECT_EQ(held.budget_to_arrive, small.budget_to_arrive);
    const std::string text = sentences_of(held);
    EXPECT_NE(text.find("calendar year's budget of $100 $0 was used"), std::string::npos) << text;
    EXPECT_NE(text.find("tighter than the $70,000 asked for"), std::string::npos) << text;
    EXPECT_NE(text.find("Its own tax_budget of $100 would have to allow that"), std::string::npos) << text;
    EXPECT_NE(text.find("a tax budget of $100 a calendar year"), std::string::npos) << text;
    EXPECT_NE(csv_of(held).find("A,tax,100.00,"), std::string::npos) << csv_of(held);
  }
}

// All is in AAA, nothing of which is wanted or may be sold, so that no price moves the account: ten paths are stuck,
// and a tenth ten times would be less than one.
TEST(Transition, PartsOfThePathsAreCountedAndDividedOnce) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"}).model("M", {{"BBB", "1"}}).account({.id = "A"});
  builder.lot({.account = "A", .security = "AAA", .quantity = "1000", .cost_basis = "100000"});
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  TransitionWishes wishes = wishes_of("1000");
  wishes.paths = 10;
  EXPECT_EQ(transition(builder.build(), "A", wishes).value().rows.back().stuck, 1.0);
}

TEST(Transition, AFrozenPositionIsStuckByItsRestriction) {
  BookBuilder builder = household();
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  const Transition plan = transition(builder.build(), "A", wishes_of("100000")).value();
  EXPECT_GE(plan.rows.back().stuck, 0.2) << "the others were moved by the market";
  EXPECT_EQ(plan.rows.back().stuck_cause, "restriction");
}

TEST(Transition, WhoWantsNoMoreRestsAndIsNotStuck) {
  Standing standing;
  standing.moved = 0.5;
  judge_pace(wishes_of("100"), {}, 0.0, true, standing);
  EXPECT_EQ(standing.pace, Pace::rests) << "nothing keeps what is left";
  judge_pace(wishes_of("100"), {}, 0.0, false, standing);
  EXPECT_EQ(standing.pace, Pace::slow);
  judge_pace(wishes_of("0"), {}, 0.0, false, standing);
  EXPECT_EQ(standing.pace, Pace::stuck) << "by a budget of nothing";
}

TEST(Transition, ThePlanSaysWhatIsUsedOfTheYearAndHowItBecomesOrders) {
  const Transition plan = transition(household().build(), "A", wishes_of("70000")).value();
  const std::string text = sentences_of(plan);
  EXPECT_NE(text.find("calendar year's budget of $70,000 $0 was used"), std::string::npos) << text;
  EXPECT_NE(text.find("tax_budget to 70000"), std::string::npos) << text;
  const std::string page = reports::text_of(report_of(plan));
  EXPECT_FALSE(std::regex_search(page, std::regex("\\$[0-9,]+\\.[0-9]"))) << "whole dollars";
}

TEST(Transition, NoCalendarYearUsesMoreThanItsBudget) {
  TransitionWishes wishes = wishes_of("500");
  wishes.decisions_a_year = 52;
  const Transition plan = transition(household().build(), "A", wishes).value();
  for (const TransitionRow& row : plan.rows) EXPECT_LE(row.budget_used.p90, 500.01) << row.decided_on.to_string();
  EXPECT_GT(plan.rows.back().tax.p50, 900.0) << "four calendar years are touched";
}

TEST(Transition, TheFirstDecisionIsTheSameInEveryPathAndLaterOnesAreAFan) {
  TransitionWishes wishes = wishes_of("500");
  wishes.decisions_a_year = 12;
  const Transition plan = transition(household().build(), "A", wishes).value();
  ASSERT_EQ(plan.rows.size(), 14U) << "as it is, today, twelve quarters";
  EXPECT_EQ(plan.rows[1].decided_on, plan.rows[0].decided_on);
  EXPECT_EQ(plan.rows[1].tracking_error.p10, plan.rows[1].tracking_error.p90);
  EXPECT_LT(plan.rows.back().value.p10, plan.rows.back().value.p90);
}

TEST(Transition, PricesAreTheSameHoweverOftenIsDecided) {
  BookBuilder builder = household();
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::freeze, .subject_id = "AAA"});
  TransitionWishes wishes = wishes_of("0");
  wishes.decisions_a_year = 4;
  const Transition quarterly = transition(builder.build(), "A", wishes).value();
  wishes.decisions_a_year = 2;
  const Transition twice = transition(builder.build(), "A", wishes).value();
  ASSERT_EQ(quarterly.rows[3].decided_on, twice.rows[2].decided_on);
  EXPECT_NEAR(quarterly.rows[3].unrealized_gain.p50, twice.rows[2].unrealized_gain.p50, 100.0);
}

TEST(Transition, AnyNumberOfThreadsWritesTheSame) {
  const Book book = household().build();
  TransitionWishes wishes = wishes_of("500");
  const std::string one = csv_of(transition(book, "A", wishes).value());
  wishes.threads = 2;
  EXPECT_EQ(csv_of(transition(book, "A", wishes).value()), one);
}

Table table_of(const std::string& csv) {
  Table table;
  table.file = "plan.csv";
  std::int64_t line = 0;
  for (std::size_t at = 0; at < csv.size();) {
    const std::size_t end = csv.find('\n', at);
    std::vector<std::string> cells(1);
    for (const char c : csv.substr(at, end - at)) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    if (++line == 1) {
      for (std::size_t i = 0; i < cells.size(); ++i) table.columns.emplace(cells[i], i);
    } else {
      table.rows.push_back({line, cells});
    }
    at = end + 1;
  }
  return table;
}

// The household's book a while later.
Book later(BookBuilder builder, const char* as_of) {
  return builder
      .adjust([as_of](Book& book) {
        book.firm.as_of = day(as_of);
        for (Security& security : book.securities) security.price_date = book.firm.as_of;
      })
      .build();
}

TEST(PlanProgress, OnThePlansDayItIsOnTrackAndHasNotMoved) {
  const Book book = household().build();
  const Table table = table_of(csv_of(transition(book, "A", wishes_of("2000")).value()));
  const PlanProgress progress = progress_of(book, plan_of(table, "A").value()).value();
  EXPECT_EQ(progress.standing, AgainstPlan::on_track);
  EXPECT_NEAR(progress.moved, 0.0, 1e-5);
  EXPECT_GT(progress.moved_by_orders, 0.05);
  EXPECT_TRUE(progress.stuck_cause.empty()) << "a plan of today cannot be stuck yet";
}

TEST(PlanProgress, WhoNeverTradedIsBelowTheFanAndStuckSinceNobodyCarriedItOut) {
  const Table table = table_of(csv_of(transition(household().build(), "A", wishes_of("100000")).value()));
  const Book book = later(household(), "2025-09-15");
  const PlanProgress progress = progress_of(book, plan_of(table, "A").value()).value();
  EXPECT_EQ(progress.standing, AgainstPlan::below_fan);
  EXPECT_EQ(progress.stuck_cause, "not_carried_out");
  EXPECT_NE(reports::text_of(report_of(progress)).find("Stuck"), std::string::npos);
}

TEST(PlanProgress, ARestrictionThatCameSinceIsWhyItIsStuck) {
  const Table table = table_of(csv_of(transition(household().build(), "A", wishes_of("100000")).value()));
  BookBuilder builder = household();
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  const PlanProgress progress = progress_of(later(builder, "2025-09-15"), plan_of(table, "A").value()).value();
  EXPECT_EQ(progress.stuck_cause, "restriction");
}

TEST(PlanProgress, APlanOfAnUnknownLimitOrOfTwoBudgetsIsRefused) {
  const Table table = table_of(csv_of(transition(household().build(), "A", wishes_of("2000")).value()));
  Table unknown = table;
  unknown.rows[1].cells[table.columns.at("limits")] = "TAXX";
  ASSERT_FALSE(plan_of(unknown, "A").ok());
  EXPECT_EQ(plan_of(unknown, "A").failure().place.value, "TAXX");
  Table two = table;
  two.rows.back().cells[table.columns.at("budget")] = "3000.00";
  ASSERT_FALSE(plan_of(two, "A").ok());
  EXPECT_NE(plan_of(two, "A").failure().message.find("different budgets"), std::string::npos);
}

TEST(PlanProgress, APlanOfAnotherAccountOrALaterDayIsRefused) {
  const Book book = household().build();
  const Table table = table_of(csv_of(transition(book, "A", wishes_of("2000")).value()));
  EXPECT_FALSE(plan_of(table, "B").ok());
  const Plan plan = plan_of(table, "A").value();
  const auto early = progress_of(later(household(), "2025-01-15"), plan);
  ASSERT_FALSE(early.ok());
  EXPECT_EQ(early.failure().rule, rule::data_dates_reversed);
}

}  // namespace
}  // namespace lotwright
