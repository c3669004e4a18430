// Prices keep their names from day to day: those of limits still there go back to their rows, others are passed over.
#include "problem/shadow_prices.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "testing/households.h"

namespace lotwright {
namespace {

// The first account of a book, posed.
Problem posed(const BookBuilder& builder) {
  const Book book = builder.build();
  const std::vector<DecisionUnit> units = decision_units(book);
  const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
  const CheckedUnit unit = check(book, risk, units[0]);
  const tax::UnitProgress progress(book, units[0]);
  return pose(unit, unit.accounts[0], progress, {});
}

BookBuilder limited() {
  BookBuilder builder = restricted();
  builder.policy("RS", "turnover_max", "0.5").policy("RS", "names_max", "9").policy("RS", "tax_budget", "900");
  builder.policy("RS", "band_us_equity_max", "0.9");
  builder.request({.account = "RS", .kind = RequestKind::harvest, .amount = "10"});
  return builder;
}

// Each row its own price: 1, 2, 3 ...
numerics::Multipliers counted(const Problem& problem) {
  numerics::Multipliers at = numerics::zero_multipliers(problem.program);
  for (int f = 0; f < problem.program.factors; ++f) at.factor[static_cast<std::size_t>(f)] = -0.1 * (f + 1);
  for (std::size_t r = 0; r < at.row.size(); ++r) at.row[r] = static_cast<double>(r + 1);
  return at;
}

TEST(ShadowPrices, EveryRowHasItsName) {
  const std::vector<std::string> names = row_names(posed(limited()));
  EXPECT_EQ(names, (std::vector<std::string>{"cash", "short", "long", "net", "tax_budget", "buys", "sells", "names",
                                             "band:band_us_equity", "goal:Q1"}));
}

TEST(ShadowPrices, ComeBackToTheRowsTheyAreOf) {
  const Problem problem = posed(limited());
  const numerics::Multipliers at = counted(problem);
  const auto back = multipliers(problem, shadow_prices(problem, at));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->factor, at.factor);
  EXPECT_EQ(back->row, at.row);
}

TEST(ShadowPrices, LimitsThatAreGoneArePassedOverAndNewOnesBeginAtZero) {
  const Problem before = posed(limited());
  const Problem after =
      posed(restricted().policy("RS", "band_us_equity_max", "0.9").policy("RS", "turnover_max", "0.1"));
  const auto prices = multipliers(after, shadow_prices(before, counted(before)));
  ASSERT_TRUE(prices);
  const ShadowPrices kept = shadow_prices(after, *prices);
  const std::vector<std::pair<std::string, double>> of_both{{"band:band_us_equity", 9.0},
                                                            {"buys", 6.0},
                                                            {"cash", 1.0},
                                                            {"long", 3.0},
                                                            {"net", 4.0},
                                                            {"sells", 7.0},
                                                            {"short", 2.0}};
  EXPECT_EQ(kept.rows, of_both);
  const auto none = multipliers(before, {.factors = {0.1}, .rows = {}});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->row, std::vector<double>(before.program.rows.size(), 0.0));
}

TEST(ShadowPrices, ZerosOfRowsAreLeftOutAndThoseOfFactorsAreNot) {
  const Problem problem = posed(limited());
  const ShadowPrices prices = shadow_prices(problem, numerics::zero_multipliers(problem.program));
  EXPECT_EQ(prices.factors, std::vector<double>{0.0});
  EXPECT_TRUE(prices.rows.empty());
}

TEST(ShadowPrices, OfOtherFactorsOrWithoutANumberAreNone) {
  const Problem problem = posed(limited());
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(multipliers(problem, {}));
  EXPECT_FALSE(multipliers(problem, {.factors = {}, .rows = {{"cash", 0.1}}}));
  EXPECT_FALSE(multipliers(problem, {.factors = {0.1, 0.2}, .rows = {}}));
  EXPECT_FALSE(multipliers(problem, {.factors = {nan}, .rows = {}}));
  EXPECT_FALSE(multipliers(problem, {.factors = {0.1}, .rows = {{"cash", nan}}}));
}

}  // namespace
}  // namespace lotwright
