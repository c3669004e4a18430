#include "savings/savings.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

#include "tax/lot_relief.h"
#include "testing/book_builder.h"

namespace lotwright::savings {
namespace {

Trade sale(const Book& book, const std::string& account, const std::string& lot, const std::string& quantity) {
  const std::uint32_t index = lot_index(book, account, lot);
  const TaxLot& held = book.account(account_index(book, account)).lots[index];
  Trade trade;
  trade.security = held.security;
  trade.side = Side::sell;
  trade.quantity = shares(quantity);
  trade.price = *book.security(held.security).price;
  trade.amount = amount_of(trade.quantity, trade.price);
  trade.lots = {tax::sale_of(held, index, trade.quantity, trade.amount, book.firm.as_of)};
  return trade;
}

Trade purchase(const Book& book, const std::string& security, const std::string& quantity) {
  Trade trade;
  trade.security = security_index(book, security);
  trade.quantity = shares(quantity);
  trade.price = *book.security(trade.security).price;
  trade.amount = amount_of(trade.quantity, trade.price);
  return trade;
}

// What a book's one unit does, and its one taxpayer's figures.
struct World {
  explicit World(const BookBuilder& builder) : book(builder.build()), units(decision_units(book)) {}

  [[nodiscard]] Payer payer() const { return {&book, &units.front(), taxpayer_index(book, "T")}; }
  [[nodiscard]] AccountTrades in(const std::string& account, std::vector<Trade> trades) const {
    return {account_index(book, account), std::move(trades)};
  }
  [[nodiscard]] Comparison against(std::vector<AccountTrades> baseline, std::vector<AccountTrades> run) const {
    const Washes of_baseline = wash(book, units.front(), baseline);
    const Washes of_run = wash(book, units.front(), run);
    std::vector<LotRow> rows = rows_of(payer(), baseline, of_baseline, false);
    for (const LotRow& row : rows_of(payer(), run, of_run, true)) rows.push_back(row);
    return compare(payer(), Period::run, Baseline::snap_fifo, tax::net_gains_of(payer().facts()), rows);
  }

  Book book;
  std::vector<DecisionUnit> units;
};

// At $100: `gain` 100 shares that cost $40 in 2020, `fresh` 100 that cost $40 in January, `loss` 100 that cost $130.
BookBuilder three_lots(const TaxpayerDraft& taxpayer = {.realized_long_ytd = "10000", .outside_gains_short = "20000"}) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"});
  builder.taxpayer(taxpayer);
  builder.account({.id = "A"});
  builder.lot({.account = "A", .id = "gain", .security = "AAA", .quantity = "100", .cost_basis = "4000"});
  builder.lot({.account = "A",
               .id = "fresh",
               .security = "AAA",
               .quantity = "100",
               .cost_basis = "4000",
               .acquired_on = "2025-01-10"});
  builder.lot({.account = "A", .id = "loss", .security = "BBB", .quantity = "100", .cost_basis = "13000"});
  return builder;
}

TEST(Savings, AGainPutOffIsDeferredAndItsHigherRateIsADifference) {
  const World world(three_lots());
  const Comparison long_term = world.against({world.in("A", {sale(world.book, "A", "gain", "100")})}, {});
  EXPECT_EQ(long_term.total.saved, money("900")) << "15 % of 6,000";
  EXPECT_EQ(long_term.total.deferral, money("900"));
  EXPECT_EQ(long_term.total.rate_difference, Money());
  EXPECT_EQ(long_term.total.later_tax, money("900"));
  EXPECT_EQ(long_term.total.later_tax_today, money("270")) << "basis_value 0.3";
  EXPECT_EQ(long_term.total.net_today(), money("630"));

  const Comparison short_term = world.against({world.in("A", {sale(world.book, "A", "fresh", "100")})}, {});
  EXPECT_EQ(short_term.total.saved, money("2100")) << "35 % of 6,000";
  EXPECT_EQ(short_term.total.deferral, money("900"));
  EXPECT_EQ(short_term.total.rate_difference, money("1200"));
}

TEST(Savings, ALossTakenIsAHarvestAndALowerBasis) {
  const World world(three_lots());
  const Comparison one = world.against({}, {world.in("A", {sale(world.book, "A", "loss", "100")})});
  EXPECT_EQ(one.total.harvest, money("450")) << "a long-term loss of 3,000 against long-term gains at 15 %";
  EXPECT_EQ(one.total.saved, money("450"));
  EXPECT_EQ(one.total.later_tax, money("450"));
}

TEST(Savings, ALotSoldByBothCancels) {
  const World world(three_lots());
  const AccountTrades both = world.in("A", {sale(world.book, "A", "gain", "50")});
  const Comparison one = world.against({both}, {both});
  ASSERT_EQ(one.rows.size(), 2U);
  EXPECT_EQ(one.total.saved, Money());
  EXPECT_EQ(one.total.deferral, Money());
  EXPECT_EQ(one.rows[0].figures.deferral, money("450"));
}

TEST(Savings, LossesCarriedOnStandApartAtTheirWorth) {
  const World world(three_lots({.carryforward_long = "2000"}));
  const Comparison one = world.against({}, {world.in("A", {sale(world.book, "A", "loss", "100")})});
  EXPECT_EQ(one.of_baseline.due, money("-700")) << "35 % of 2,000";
  EXPECT_EQ(one.of_run.due, money("-1050")) << "35 % of 3,000, the most a year takes";
  EXPECT_EQ(one.of_run.carried, money("2000"));
  EXPECT_EQ(one.of_run.carried_value, money("270")) << "0.9 of 15 % of 2,000";
  EXPECT_EQ(one.of_run.tax, money("-1320"));
  EXPECT_EQ(one.total.saved, money("620"));
  EXPECT_EQ(one.total.saved_due, money("350"));
  EXPECT_EQ(one.total.saved_carried, money("270"));
  EXPECT_EQ(one.total.harvest, money("620"));
}

TEST(Savings, OfAYearThatUsesAllItMayALossSavesOnlyInWhatIsCarried) {
  const World world(three_lots({.carryforward_long = "50000"}));
  const Comparison one = world.against({world.in("A", {sale(world.book, "A", "gain", "100")})},
                                       {world.in("A", {sale(world.book, "A", "loss", "100")})});
  EXPECT_EQ(one.of_baseline.due, one.of_run.due);
  EXPECT_EQ(one.total.saved_due, Money());
  EXPECT_EQ(one.total.saved_carried, money("1215")) << "0.9 of 15 % of 9,000";
  for (const LotRow& row : one.rows) EXPECT_EQ(row.figures.saved_due, Money());
}

TEST(Savings, ABaselineThatBuysBackALossOfThisMonthLosesItAndInAnIraForGood) {
  BookBuilder builder = three_lots();
  builder.account({.id = "I", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred});
  builder.transaction({.account = "A",
                       .trade_date = "2025-06-10",
                       .kind = TransactionKind::sell,
                       .security = "BBB",
                       .quantity = "100",
                       .amount = "9000",
                       .gain_short = "-1000"});
  const World world(builder);
  const Comparison taxed = world.against({world.in("A", {purchase(world.book, "BBB", "60")})}, {});
  EXPECT_EQ(taxed.total.saved, money("210")) << "60 of 100 shares: 600 of the loss, at 35 %";
  EXPECT_EQ(taxed.total.harvest, money("210"));
  EXPECT_EQ(taxed.total.permanent, Money());
  EXPECT_EQ(taxed.total.later_tax, money("90")) << "the 600 are in the new lot's basis";

  const Comparison ira = world.against({world.in("I", {purchase(world.book, "BBB", "100")})}, {});
  EXPECT_EQ(ira.total.permanent, money("350"));
  EXPECT_EQ(ira.total.harvest, Money());
  EXPECT_EQ(ira.total.later_tax, Money());
}

TEST(Savings, OfOneDaysPurchasesThoseWhoseBasisTakesUpTheLossCountFirst) {
  BookBuilder builder = three_lots();
  builder.account({.id = "0", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred});
  builder.transaction({.account = "A",
                       .trade_date = "2025-06-10",
                       .kind = TransactionKind::sell,
                       .security = "BBB",
                       .quantity = "100",
                       .amount = "9000",
                       .gain_short = "-1000"});
  const World world(builder);
  const Comparison one = world.against(
      {world.in("0", {purchase(world.book, "BBB", "100")}), world.in("A", {purchase(world.book, "BBB", "70")})}, {});
  EXPECT_EQ(one.total.harvest, money("245")) << "35 % of 700, in the account's own lot";
  EXPECT_EQ(one.total.permanent, money("105")) << "35 % of the other 300, in the IRA";
}

TEST(Savings, ALossOfLastYearStaysAsItIs) {
  BookBuilder builder("2025-01-15");
  builder.security({.id = "AAA"}).account({.id = "A"});
  builder.transaction({.account = "A",
                       .trade_date = "2024-12-30",
                       .kind = TransactionKind::sell,
                       .security = "AAA",
                       .quantity = "10",
                       .amount = "900",
                       .gain_short = "-100"});
  const World world(builder);
  EXPECT_TRUE(world.against({world.in("A", {purchase(world.book, "AAA", "10")})}, {}).rows.empty());
}

TEST(Savings, ReplacementSharesOfAnyAccountAbsorbEachShareOnce) {
  BookBuilder builder = three_lots();
  builder.account({.id = "B"});
  builder.lot({.account = "B", .id = "loss", .security = "BBB", .quantity = "100", .cost_basis = "13000"});
  const World world(builder);
  std::vector<AccountTrades> trades = {world.in("A", {purchase(world.book, "AAA", "1")}),
                                       world.in("B", {sale(world.book, "B", "loss", "100")})};
  trades[0].trades.push_back(purchase(world.book, "BBB", "30"));
  const Comparison thirty = world.against(trades, {});
  EXPECT_EQ(thirty.rows.front().disallowed, money("900")) << "30 of 100 shares of a loss of 3,000";
  EXPECT_EQ(thirty.rows.front().counted, money("-2100"));

  trades = {world.in("A", {sale(world.book, "A", "loss", "100")}),
            world.in("B", {sale(world.book, "B", "loss", "100")})};
  trades[0].trades.insert(trades[0].trades.begin(), purchase(world.book, "AAA", "1"));
  const Comparison none = world.against(trades, {});
  EXPECT_EQ(none.rows[0].disallowed + none.rows[1].disallowed, Money()) << "nothing of the group came in";
}

TEST(Savings, YoungLotsOfAnyAccountAreReplacementsAndTheirOwnSaleIsNot) {
  BookBuilder builder = three_lots();
  builder.account({.id = "B"});
  builder.lot({.account = "B",
               .id = "young",
               .security = "BBB",
               .quantity = "40",
               .cost_basis = "4400",
               .acquired_on = "2025-06-01"});
  const World world(builder);
  const Comparison kept = world.against({world.in("A", {sale(world.book, "A", "loss", "100")})}, {});
  EXPECT_EQ(kept.rows[0].disallowed, money("1200")) << "40 of 100 shares of 3,000";
  const Comparison own = world.against({world.in("B", {sale(world.book, "B", "young", "20")})}, {});
  EXPECT_EQ(own.rows[0].disallowed, Money()) << "Rev. Rul. 56-602: the rest of the lot sold is not its replacement";
}

TEST(Savings, TheYearIsToldByRowsAndWhatTheyLeaveOut) {
  BookBuilder builder;
  builder.security({.id = "AAA"});
  builder.taxpayer({.realized_short_ytd = "-500", .realized_long_ytd = "3000"});
  builder.account({.id = "A"});
  const auto sell = [&](const char* day, const char* gain_short, const char* gain_long) {
    builder.transaction({.account = "A",
                         .trade_date = day,
                         .kind = TransactionKind::sell,
                         .security = "AAA",
                         .gain_short = gain_short,
                         .gain_long = gain_long});
  };
  sell("2024-12-31", "-9", "0");
  sell("2025-01-01", "-500", "0");
  sell("2025-06-30", "", "1000");
  sell("2025-06-30", "", "");
  const World world(builder);
  const std::vector<LotRow> rows = rows_of_year(world.payer());
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0].counted, money("-500"));
  EXPECT_EQ(rows[1].counted, money("1000"));
  EXPECT_FALSE(rows[2].gain.has_value()) << "a sale without its gain is unknown, not zero";
  EXPECT_EQ(rows[3].event, Event::not_in_rows);
  EXPECT_EQ(rows[3].counted, money("2000"));
  const Comparison year = compare(world.payer(), Period::year, Baseline::no_trading, {}, rows);
  EXPECT_EQ(year.total.saved, money("-375")) << "15 % of 3,000 - 500 is due, without the sales nothing";
  EXPECT_EQ(year.total.harvest, money("75"));
  EXPECT_EQ(year.total.deferral, money("-450"));
  EXPECT_EQ(year.unknown, 1U);
  EXPECT_EQ(figures_of(year, account_index(world.book, "A")).saved, money("-75"));
  EXPECT_EQ(figures_of(year, AccountIndex()).saved, money("-300"));
}

TEST(Savings, AddUpToTheCentWhateverIsSold) {
  EXPECT_TRUE(rc::check("pieces, rows and years agree", [] {
    BookBuilder builder;
    builder.brackets(single_2025());
    builder.security({.id = "AAA", .price = "37.13", .quantity_step = "0.000001"});
    const bool by_brackets = *rc::gen::arbitrary<bool>();
    builder.taxpayer({.realized_short_ytd = std::to_string(*rc::gen::inRange(-9000, 9000)),
                      .realized_long_ytd = std::to_string(*rc::gen::inRange(-9000, 9000)),
                      .filing_status = by_brackets ? "single" : "",
                      .ordinary_income = std::to_string(*rc::gen::inRange(0, 60000))});
    builder.account({.id = "A"}).account({.id = "B"});
    for (const char* account : {"A", "B"}) {
      for (int i = 0; i < 4; ++i) {
        builder.lot({.account = account,
                     .id = std::string(account) + std::to_string(i),
                     .security = "AAA",
                     .quantity = "1000",
                     .cost_basis = std::to_string(*rc::gen::inRange(1, 90000)) + ".37",
                     .acquired_on = *rc::gen::element("2020-01-02", "2025-02-03", "2025-06-20")});
      }
    }
    const World world(builder);
    const auto some = [&] {
      std::vector<AccountTrades> trades;
      for (const char* account : {"A", "B"}) {
        const std::string lot = std::string(account) + std::to_string(*rc::gen::inRange(0, 4));
        const std::string quantity = std::to_string(*rc::gen::inRange(1, 1000)) + ".123457";
        trades.push_back(world.in(account, {sale(world.book, account, lot, quantity)}));
      }
      return trades;
    };
    const Comparison one = world.against(some(), some());
    Figures sum;
    for (const LotRow& row : one.rows) {
      const Figures& of_row = row.figures;
      RC_ASSERT(of_row.saved == of_row.deferral + of_row.harvest + of_row.rate_difference + of_row.permanent);
      const double exact = (row.of_run ? -row.rate : row.rate) * row.counted.to_double();
      RC_ASSERT(std::abs(of_row.saved.to_double() - exact) < 0.0101);
      RC_ASSERT(of_row.saved == of_row.saved_due + of_row.saved_carried);
      const double carried = (row.of_run ? -1.0 : 1.0) * one.rate_carried * row.counted.to_double();
      RC_ASSERT(std::abs(of_row.saved_carried.to_double() - carried) < 0.0201);
      sum.add(of_row);
    }
    RC_ASSERT(sum.saved == one.of_baseline.tax - one.of_run.tax);
    RC_ASSERT(sum.saved_due == one.of_baseline.due - one.of_run.due);
    RC_ASSERT(sum.saved_carried == one.of_run.carried_value - one.of_baseline.carried_value);
    Figures by_account = figures_of(one, account_index(world.book, "A"));
    by_account.add(figures_of(one, account_index(world.book, "B")));
    RC_ASSERT(by_account.saved == sum.saved && by_account.later_tax == sum.later_tax);
  }));
}

}  // namespace
}  // namespace lotwright::savings
