#include "tax/wash_sale.h"

#include <gtest/gtest.h>

#include "base/defect.h"
#include "tax/lot_relief.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright::tax {
namespace {

// The cases by source are in tests/rules/us; here the parts, and what the book's own rules add.

DecisionUnit unit_of(const Book& book, const std::string& account) {
  for (const DecisionUnit& unit : decision_units(book)) {
    for (const AccountIndex index : unit.accounts) {
      if (index == account_index(book, account)) return unit;
    }
  }
  throw Defect("a test names an account of no unit");
}

WashFacts facts_of(const Book& book, const WashWindow& window, const std::string& account, const std::string& group) {
  return window.facts(account_index(book, account), group_index(book, group));
}

struct Sold {
  std::string lot;
  std::string quantity;
};

// Sales from lots of one security of one account at one price.
AccountTrades selling(const Book& book, const std::string& account, const std::vector<Sold>& sold,
                      const std::string& at) {
  const AccountIndex index = account_index(book, account);
  AccountTrades trades{index, {{}}};
  Trade& trade = trades.trades[0];
  trade.side = Side::sell;
  trade.price = price(at);
  for (const Sold& part : sold) {
    const std::uint32_t place = lot_index(book, account, part.lot);
    const TaxLot& lot = book.account(index).lots[place];
    trade.security = lot.security;
    trade.quantity += shares(part.quantity);
    trade.lots.push_back(
        sale_of(lot, place, shares(part.quantity), amount_of(shares(part.quantity), price(at)), book.firm.as_of));
  }
  trade.amount = amount_of(trade.quantity, trade.price);
  return trades;
}

AccountTrades buying(const Book& book, const std::string& account, const std::string& security,
                     const std::string& quantity) {
  Trade trade;
  trade.security = security_index(book, security);
  trade.side = Side::buy;
  trade.quantity = shares(quantity);
  return {account_index(book, account), {trade}};
}

TEST(IsYoung, UntilTheThirtiethDay) {
  TaxLot lot;
  lot.acquired_on = Date::of(2025, 5, 31);
  EXPECT_TRUE(is_young(lot, Date::of(2025, 5, 31)));
  EXPECT_TRUE(is_young(lot, Date::of(2025, 6, 30)));
  EXPECT_FALSE(is_young(lot, Date::of(2025, 7, 1)));
}

TEST(IsYoung, CountsTheAcquisitionAndNotTheTackedPeriod) {
  TaxLot lot;
  lot.acquired_on = Date::of(2025, 6, 20);
  lot.held_from = Date::of(2020, 1, 2);
  EXPECT_TRUE(is_young(lot, Date::of(2025, 6, 30)));
}

TEST(WashWindow, SeesYoungSharesOfTheIraAndOfTheGroup) {
  const Book book = taxable_and_ira().build();
  const WashWindow window(book, unit_of(book, "TX"));
  EXPECT_EQ(facts_of(book, window, "TX", "A-SHARES").replacements_elsewhere, shares("40"));
  EXPECT_EQ(facts_of(book, window, "IRA", "A-SHARES").replacements_elsewhere, Quantity());
  EXPECT_EQ(facts_of(book, window, "TX", "BBB").replacements_elsewhere, Quantity());
  EXPECT_FALSE(facts_of(book, window, "TX", "A-SHARES").buy_barred);
  EXPECT_FALSE(facts_of(book, window, "TX", "A-SHARES").loss_barred);
}

TEST(WashWindow, KnowsTheLastReinvestedDividendHoweverLongAgo) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).account({.id = "A"}).account({.id = "IRA", .treatment = TaxTreatment::tax_deferred});
  builder.account({.id = "B", .household = "A"});
  for (const char* when : {"2025-03-20", "2025-05-02"}) {
    builder.transaction(
        {.account = "A", .trade_date = when, .kind = TransactionKind::reinvest, .security = "AAA", .quantity = "1"});
  }
  const Book book = builder.build();
  const WashFacts facts = facts_of(book, WashWindow(book, unit_of(book, "A")), "A", "AAA");
  EXPECT_EQ(facts.reinvested_on, day("2025-05-02"));
  EXPECT_EQ(facts.loss_sold_on, std::nullopt);
  EXPECT_FALSE(facts.buy_barred);
}

TEST(WashWindow, LearnsWhatEarlierAccountsOfTheRunDid) {
  const Book book = taxable_and_ira().build();
  WashWindow window(book, unit_of(book, "TX"));
  window.record(selling(book, "IRA", {{"L3", "15"}}, "60"));
  EXPECT_EQ(facts_of(book, window, "TX", "A-SHARES").replacements_elsewhere, shares("25"));
  window.record(buying(book, "IRA", "AAA", "7"));
  EXPECT_EQ(facts_of(book, window, "TX", "A-SHARES").replacements_elsewhere, shares("32"));
  window.record(selling(book, "TX", {{"L1", "1"}}, "90"));
  EXPECT_TRUE(facts_of(book, window, "IRA", "A-SHARES").buy_barred);
  EXPECT_TRUE(facts_of(book, window, "TX", "A-SHARES").buy_barred);
  EXPECT_FALSE(facts_of(book, window, "IRA", "BBB").buy_barred);
}

TEST(WashWindow, IsNotTouchedByGainsOrByLossesOfUntaxedAccounts) {
  const Book book = taxable_and_ira().build();
  WashWindow window(book, unit_of(book, "TX"));
  window.record(selling(book, "TX", {{"L2", "10"}}, "100"));  // a gain
  window.record(selling(book, "IRA", {{"L4", "10"}}, "1"));   // a loss inside the IRA
  EXPECT_FALSE(facts_of(book, window, "TX", "BBB").buy_barred);
  EXPECT_FALSE(facts_of(book, window, "IRA", "BBB").buy_barred);
}

TEST(WashWindow, LinksAnIraWithoutTaxpayerToTheWholeHousehold) {
  const Book book = BookBuilder()
                        .security({.id = "AAA"})
                        .taxpayer({.id = "HIS"})
                        .taxpayer({.id = "HERS"})
                        .account({.id = "A", .household = "H", .taxpayer = "HIS"})
                        .account({.id = "B", .household = "H", .taxpayer = "HERS"})
                        .account({.id = "IRA", .household = "H", .treatment = TaxTreatment::tax_free})
                        .lot({.account = "IRA", .security = "AAA", .quantity = "5", .acquired_on = "2025-06-20"})
                        .transaction({.account = "B",
                                      .trade_date = "2025-06-15",
                                      .kind = TransactionKind::sell,
                                      .security = "AAA",
                                      .gain_short = "-1"})
                        .build();
  const WashWindow window(book, unit_of(book, "A"));
  EXPECT_EQ(facts_of(book, window, "A", "AAA").replacements_elsewhere, shares("5"));
  EXPECT_EQ(facts_of(book, window, "B", "AAA").replacements_elsewhere, shares("5"));
  EXPECT_TRUE(facts_of(book, window, "IRA", "AAA").buy_barred) << "her loss sale bars the IRA";
  EXPECT_TRUE(facts_of(book, window, "B", "AAA").buy_barred);
  EXPECT_FALSE(facts_of(book, window, "A", "AAA").buy_barred) << "he did not sell at a loss";
}

TEST(WashWindow, BarsLossesWhoseRecordsAreInDoubt) {
  const Book book = taxable_and_ira()
                        .adjust([](Book& b) {
                          b.loss_bars = {{taxpayer_index(b, "T"), group_index(b, "BBB")}};
                        })
                        .build();
  const WashWindow window(book, unit_of(book, "TX"));
  EXPECT_TRUE(facts_of(book, window, "TX", "BBB").loss_barred);
  EXPECT_FALSE(facts_of(book, window, "TX", "A-SHARES").loss_barred);

  const Book all = taxable_and_ira()
                       .adjust([](Book& b) {
                         b.loss_bars = {{taxpayer_index(b, "T"), std::nullopt}};
                       })
                       .build();
  EXPECT_TRUE(facts_of(all, WashWindow(all, unit_of(all, "TX")), "TX", "A-SHARES").loss_barred);
}

TEST(KeptYoungShares, LeavesOutWhatIsSoldAndTheLotItself) {
  const Book book =
      BookBuilder()
          .security({.id = "AAA"})
          .account({.id = "A"})
          .lot({.account = "A", .id = "L1", .security = "AAA", .quantity = "10", .acquired_on = "2025-06-01"})
          .lot({.account = "A", .id = "L2", .security = "AAA", .quantity = "20", .acquired_on = "2025-06-02"})
          .lot({.account = "A", .id = "L3", .security = "AAA", .quantity = "40", .acquired_on = "2025-01-02"})
          .build();
  const AccountIndex account = account_index(book, "A");
  const GroupIndex group = group_index(book, "AAA");
  const std::uint32_t nothing = 1000;
  EXPECT_EQ(kept_young_shares(book, account, group, {}, nothing), shares("30"));
  EXPECT_EQ(kept_young_shares(book, account, group, {{1, shares("15")}}, nothing), shares("15"));
  EXPECT_EQ(kept_young_shares(book, account, group, {{0, shares("4")}}, 0), shares("20"));
}

TEST(DisallowedPart, IsTheLossOfTheSharesReplaced) {
  EXPECT_EQ(disallowed_part(money("1000"), shares("100"), shares("75")), money("750"));
  EXPECT_EQ(disallowed_part(money("1000"), shares("100"), shares("175")), money("1000"));
  EXPECT_EQ(disallowed_part(money("1000"), shares("100"), Quantity()), Money());
  EXPECT_EQ(disallowed_part(money("100"), shares("3"), shares("1")), money("33.333333"));
  EXPECT_THROW((void)disallowed_part(money("-1"), shares("3"), shares("1")), Defect);
}

TEST(MarkDisallowed, UsesEachReplacementShareOnceAcrossLotsAndAccounts) {
  const Book book =
      BookBuilder()
          .security({.id = "AAA"})
          .account({.id = "A"})
          .account({.id = "B"})
          .lot({.account = "A",
                .id = "L1",
                .security = "AAA",
                .quantity = "10",
                .cost_basis = "1000",
                .acquired_on = "2025-06-01"})
          .lot({.account = "A",
                .id = "L2",
                .security = "AAA",
                .quantity = "10",
                .cost_basis = "1000",
                .acquired_on = "2025-06-02"})
          .lot({.account = "B", .id = "L3", .security = "AAA", .quantity = "1", .acquired_on = "2025-06-03"})
          .build();
  const WashWindow window(book, unit_of(book, "A"));
  AccountTrades trades = selling(book, "A", {{"L1", "8"}, {"L2", "6"}}, "90");
  mark_disallowed(book, window, trades);
  // L1 keeps 2 and L2 keeps 4: the sale of L1 meets L2's 4 and B's 1, then the sale of L2 meets L1's 2.
  EXPECT_EQ(trades.trades[0].lots[0].disallowed, money("50"));
  EXPECT_EQ(trades.trades[0].lots[1].disallowed, money("20"));
  const AccountTrades once = trades;
  mark_disallowed(book, window, trades);
  EXPECT_EQ(trades, once) << "marking twice changes nothing";
}

TEST(MarkDisallowed, LeavesGainsAndUntaxedAccountsAlone) {
  const Book book = taxable_and_ira()
                        .lot({.account = "TX",
                              .id = "L9",
                              .security = "BBB",
                              .quantity = "5",
                              .cost_basis = "1",
                              .acquired_on = "2025-06-20"})
                        .build();
  const WashWindow window(book, unit_of(book, "TX"));
  AccountTrades gain = selling(book, "TX", {{"L2", "10"}}, "100");
  mark_disallowed(book, window, gain);
  EXPECT_TRUE(gain.trades[0].lots[0].disallowed.is_zero());
  AccountTrades loss_in_ira = selling(book, "IRA", {{"L4", "10"}}, "1");
  mark_disallowed(book, window, loss_in_ira);
  EXPECT_TRUE(loss_in_ira.trades[0].lots[0].disallowed.is_zero());
}

TEST(UnitProgress, AddsUpGainsWithoutDisallowedLosses) {
  const Book book = taxable_and_ira().build();
  UnitProgress progress(book, unit_of(book, "TX"));
  progress.record(book, selling(book, "IRA", {{"L4", "10"}}, "100"));
  EXPECT_TRUE(progress.gains.empty()) << "an IRA realizes nothing";

  AccountTrades trades = selling(book, "TX", {{"L1", "100"}}, "90");
  mark_disallowed(book, progress.wash, trades);
  EXPECT_EQ(trades.trades[0].lots[0].disallowed, money("1200"));
  progress.record(book, trades);
  progress.record(book, selling(book, "TX", {{"L2", "10"}}, "100"));
  const RunGains gains = progress.gains.at(taxpayer_index(book, "T"));
  EXPECT_EQ(gains.long_term, money("-1600"));  // -3,000 with 1,200 disallowed, and +200
  EXPECT_EQ(gains.short_term, Money());
  EXPECT_TRUE(facts_of(book, progress.wash, "IRA", "A-SHARES").buy_barred);
}

}  // namespace
}  // namespace lotwright::tax
