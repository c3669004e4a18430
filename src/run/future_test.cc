#include "run/future.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"

namespace lotwright {
namespace {

// 100 AAA at $100 bought for $60 each; the model wants half BBB.
BookBuilder household() {
  BookBuilder builder;
  builder.security({.id = "AAA", .price = "100"}).security({.id = "BBB", .price = "50"});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.account({.id = "A", .cash = "1000"});
  builder.lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "6000"});
  return builder;
}

UnitBook unit_of(const BookBuilder& builder) { return unit_book(builder.build(), "A").value(); }

// Sells 40 AAA of the lot for $4,000 and buys 60 BBB for $3,000.
AccountResult orders_by_hand(const Book& book) {
  AccountResult result;
  result.account = account_index(book, "A");
  Trade sale{.security = security_index(book, "AAA"),
             .side = Side::sell,
             .quantity = shares("40"),
             .price = price("100"),
             .amount = money("4000"),
             .commission = money("1"),
             .lots = {{.lot = 0,
                       .quantity = shares("40"),
                       .proceeds = money("4000"),
                       .cost_basis = money("2400"),
                       .gain = money("1600"),
                       .term = Term::long_term,
                       .disallowed = {}}}};
  Trade purchase{.security = security_index(book, "BBB"),
                 .side = Side::buy,
                 .quantity = shares("60"),
                 .price = price("50"),
                 .amount = money("3000"),
                 .commission = money("1"),
                 .lots = {}};
  result.orders = {{"A-AAA", sale, "rebalance"}, {"A-BBB", purchase, "rebalance"}};
  result.gain_long = money("1600");
  return result;
}

TEST(Future, FilledOrdersLeaveLotsCashAndTheYearAsTheLawCounts) {
  UnitBook unit = unit_of(household());
  fill(unit, orders_by_hand(unit.book));
  const Account& account = unit.book.account(unit.account);
  EXPECT_EQ(account.cash, money("1998")) << "1000 + 4000 - 3000 - 2";
  ASSERT_EQ(account.lots.size(), 2U);
  EXPECT_EQ(account.lots[0].quantity, shares("60"));
  EXPECT_EQ(account.lots[0].cost_basis, money("3600"));
  EXPECT_EQ(account.lots[1].cost_basis, money("3001")) << "the commission belongs to the basis";
  EXPECT_EQ(account.lots[1].acquired_on, unit.book.firm.as_of);
  EXPECT_EQ(unit.book.taxpayers[account.taxpayer.value].realized_long_ytd, money("1600"));
  EXPECT_EQ(unit.book.transactions.size(), 2U);
}

TEST(Future, ADirectedTradeIsOrderedOnce) {
  UnitBook unit = unit_of(household());
  DirectedTrade ordered;
  ordered.account = unit.account;
  unit.book.directed = {ordered};
  fill(unit, orders_by_hand(unit.book));
  EXPECT_TRUE(unit.book.directed.empty());
}

TEST(Future, ALossGoesOverIntoTheNextYearAndThreeThousandDollarsStay) {
  BookBuilder builder = household();
  builder.taxpayer({.realized_short_ytd = "-5000", .outside_gains_long = "500"});
  UnitBook unit = unit_of(builder);
  move_date(unit, day("2025-12-31"));
  EXPECT_EQ(unit.book.taxpayers[0].carryforward_short, money("0")) << "the year is not over";
  move_date(unit, day("2026-01-01"));
  EXPECT_EQ(unit.book.taxpayers[0].carryforward_short, money("1500")) << "5000 - 500 - 3000";
  EXPECT_EQ(unit.book.taxpayers[0].realized_short_ytd, money("0"));
  EXPECT_EQ(unit.book.taxpayers[0].outside_gains_long, money("0"));
}

TEST(Future, APaymentThatHasComeDueHasLeftTheAccount) {
  BookBuilder builder = household();
  builder.request({.account = "A", .kind = RequestKind::cash_out, .amount = "700", .due_on = "2025-07-15"});
  UnitBook unit = unit_of(builder);
  move_date(unit, day("2025-07-14"));
  EXPECT_EQ(unit.book.requests.size(), 1U);
  move_date(unit, day("2025-07-15"));
  EXPECT_TRUE(unit.book.requests.empty());
  EXPECT_EQ(unit.book.account(unit.account).cash, money("300"));
}

TEST(Future, ASplitThatWasAnnouncedIsBookedByTheDayItTakesEffect) {
  UnitBook unit = unit_of(household());
  CorporateAction split;
  split.id = "C1";
  split.security = security_index(unit.book, "AAA");
  split.effective_on = day("2025-07-10");
  CorporateAction late = split;
  late.id = "C0";
  late.effective_on = unit.book.firm.as_of;  // in effect and not booked: the account is held
  unit.book.corporate_actions = {late, split};
  move_date(unit, day("2025-07-09"));
  EXPECT_EQ(unit.book.corporate_actions.size(), 2U);
  move_date(unit, day("2025-07-10"));
  ASSERT_EQ(unit.book.corporate_actions.size(), 1U);
  EXPECT_EQ(unit.book.corporate_actions.front().id, "C0");
}

TEST(Future, PricesMoveByTheDriftAndTheRiskModel) {
  UnitBook unit = unit_of(household());
  const FactorRisk risk = FactorRisk::of(unit.book.risk, unit.book.securities.size()).value();
  constexpr int years = 2000;
  double sum = 0.0;
  double squares = 0.0;
  generation::Chance chance(7);
  for (int i = 0; i < years; ++i) {
    UnitBook moved = unit;
    move_prices(moved, risk, 0.04, 63, chance);
    const double move = moved.book.securities[0].price->to_double() / 100.0 - 1.0;
    sum += move;
    squares += move * move;
  }
  EXPECT_NEAR(sum / years, 0.01, 0.01) << "a quarter of the drift";
  EXPECT_NEAR(squares / years, (0.0225 + 0.04) / 4.0, 0.002) << "a quarter of the variance: market and its own";
}

TEST(Future, ALossOfOneLotIsSeenBesideTheGainOfAnother) {
  BookBuilder builder = household();
  builder.lot({.account = "A", .id = "OLD", .security = "AAA", .quantity = "10", .cost_basis = "100"});
  UnitBook unit = unit_of(builder);
  AccountResult result = orders_by_hand(unit.book);
  LotSale loss = result.orders[0].trade.lots[0];
  loss.lot = 1;
  loss.quantity = shares("1");
  loss.gain = money("-5");
  result.orders[0].trade.lots.push_back(loss);
  fill(unit, result);
  int losses = 0;
  for (const Transaction& row : unit.book.transactions) losses += row.gain_long.value_or(Money()).is_negative() ? 1 : 0;
  EXPECT_EQ(losses, 1) << "the order gains 1,595, and its loss starts a window all the same";
}

// 40 AAA go at a loss of 400, of which 100 is disallowed: 10 of the 30 AAA bought two weeks ago replace them.
TEST(Future, ADisallowedLossIsInTheBasisAndTheAgeOfWhatReplacesIt) {
  BookBuilder builder = household();
  const Date today = unit_of(builder).book.firm.as_of;
  builder.lot({.account = "A",
               .id = "YOUNG",
               .security = "AAA",
               .quantity = "30",
               .cost_basis = "3000",
               .acquired_on = (today - 14).to_string()});
  UnitBook unit = unit_of(builder);
  const Date held_from = unit.book.account(unit.account).lots[0].held_from;
  AccountResult result = orders_by_hand(unit.book);
  LotSale& sale = result.orders[0].trade.lots[0];
  sale.gain = money("-400");
  sale.disallowed = money("100");
  fill(unit, result);
  const std::vector<TaxLot>& lots = unit.book.account(unit.account).lots;
  const auto part = std::ranges::find_if(lots, [](const TaxLot& lot) { return lot.id.text.starts_with("YOUNG-"); });
  const auto rest = std::ranges::find(lots, "YOUNG", [](const TaxLot& lot) { return lot.id.text; });
  ASSERT_NE(part, lots.end());
  EXPECT_EQ(part->quantity, shares("10")) << "40 x 100 / 400";
  EXPECT_EQ(part->cost_basis, money("1100")) << "1,000 and the 100 disallowed";
  EXPECT_EQ(part->held_from, today - 14 - (today - held_from));
  EXPECT_EQ(rest->quantity, shares("20"));
  EXPECT_EQ(rest->cost_basis, money("2000"));
}

}  // namespace
}  // namespace lotwright
