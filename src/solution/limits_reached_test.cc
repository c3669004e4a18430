// Where one limit stops a trade, the trade goes up to the limit: one or two names in fractions of shares, no minimum
// and no ticket, so that nothing but the limit keeps the orders from the bound.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "solution/attempt.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

using Change = std::function<void(BookBuilder&)>;

// An account with some cash and one lot of AAA at $40 a share..
BookBuilder account_in(const std::string& cash, const std::string& shares, const std::string& cost) {
  BookBuilder book;
  book.security({.id = "AAA", .price = "40", .asset_class = "us", .quantity_step = "0.000001"})
      .security({.id = "BBB", .price = "40", .asset_class = "eu", .quantity_step = "0.000001"})
      .account({.id = "A", .cash = cash})
      .lot({.account = "A", .security = "AAA", .quantity = shares, .cost_basis = cost})
      .policy("", "trade_min_usd", "0")
      .policy("", "trade_min_weight", "0");
  return book;
}

// Basis points between the orders and the bound.
double gap_of(BookBuilder builder, const Change& change) {
  change(builder);
  const Book book = builder.build();
  const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
  const DecisionUnit together = decision_units(book).front();
  const CheckedUnit unit = check(book, risk, together);
  const tax::UnitProgress progress(book, together);
  const auto made = attempt(unit, unit.accounts.front(), progress, {}, {});
  return (made->plan->cost() * made->problem.scale - made->bound) / made->problem.scale * 1e4;
}

// Only AAA is wanted, and half of the account in cash.
void half_cash(BookBuilder& book) {
  book.model("M", {{"AAA", "1"}}).policy("", "cash_min", "0.5").policy("", "cash_target", "0.5");
  book.policy("", "cash_max", "0.5");
}

constexpr double near_bp = 0.05;

TEST(LimitsReached, TwoNamesTradeUpToOneLimit) {
  const auto even = [](const Change& change) { return gap_of(account_in("20000", "24500", "980000"), change); };
  const auto gained = [](const Change& change) { return gap_of(account_in("20000", "24500", "700000"), change); };
  EXPECT_LT(even([](BookBuilder&) {}), near_bp);
  EXPECT_LT(even([](BookBuilder& book) { book.policy("", "band_us_min", "0.8"); }), near_bp);
  EXPECT_LT(even([](BookBuilder& book) { book.policy("", "band_eu_max", "0.2"); }), near_bp);
  EXPECT_LT(even([](BookBuilder& book) { book.policy("", "turnover_max", "0.1"); }), near_bp);
  EXPECT_LT(even([](BookBuilder& book) { book.policy("", "mode", "sell_only"); }), near_bp);
  EXPECT_LT(gained([](BookBuilder& book) { book.policy("", "gain_budget", "10000"); }), near_bp);
  EXPECT_LT(gained([](BookBuilder& book) { book.policy("", "tax_budget", "5000"); }), near_bp);
}

TEST(LimitsReached, OneNameIsSoldUpToALimit) {
  const auto even = [](const Change& change) { return gap_of(account_in("20000", "24500", "980000"), change); };
  const auto gained = [](const Change& change) { return gap_of(account_in("20000", "24500", "700000"), change); };
  EXPECT_LT(even([](BookBuilder& book) { half_cash(book); }), near_bp);
  EXPECT_LT(even([](BookBuilder& book) {
              half_cash(book);
              book.policy("", "band_us_min", "0.9");
            }),
            near_bp);
  EXPECT_LT(gained([](BookBuilder& book) {
              half_cash(book);
              book.policy("", "gain_budget", "10000");
            }),
            near_bp);
  EXPECT_LT(gained([](BookBuilder& book) {
              half_cash(book);
              book.policy("", "tax_budget", "5000");
            }),
            near_bp);
}

TEST(LimitsReached, OneNameIsBoughtUpToALimit) {
  const auto cash_rich = [](const Change& change) { return gap_of(account_in("1000000", "1000", "40000"), change); };
  const auto only_one = [](BookBuilder& book) { book.model("M", {{"AAA", "1"}}); };
  EXPECT_LT(cash_rich(only_one), near_bp);
  EXPECT_LT(cash_rich([&](BookBuilder& book) {
              only_one(book);
              book.policy("", "band_us_max", "0.4");
            }),
            near_bp);
  EXPECT_LT(cash_rich([&](BookBuilder& book) {
              only_one(book);
              book.policy("", "position_weight_max", "0.4");
            }),
            near_bp);
}

}  // namespace
}  // namespace lotwright
