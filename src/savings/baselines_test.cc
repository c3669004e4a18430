#include "savings/baselines.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"

namespace lotwright::savings {
namespace {

// 100 shares of each at $100 and no cash target: half and half, V = $20,000.
BookBuilder two_lines() {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"});
  builder.account({.id = "A", .cash = "0"});
  builder.policy("", "cash_target", "0").policy("", "cash_min", "0").policy("", "cash_max", "0");
  return builder;
}

AccountTrades trades_of(const BookBuilder& builder, Baseline baseline, const std::string& account = "A") {
  const Book book = builder.build();
  const auto risk = FactorRisk::of(book.risk, book.securities.size()).value();
  for (const DecisionUnit& unit : decision_units(book)) {
    for (const CheckedAccount& checked : check(book, risk, unit).accounts) {
      if (checked.account == account_index(book, account)) return baseline_trades(book, checked, baseline);
    }
  }
  return {};
}

// "sell AAA 20; buy BBB 20"
std::string in_words(const BookBuilder& builder, Baseline baseline, const std::string& account = "A") {
  const Book book = builder.build();
  std::string words;
  for (const Trade& trade : trades_of(builder, baseline, account).trades) {
    words += (words.empty() ? "" : "; ") + std::string(trade.side == Side::buy ? "buy " : "sell ") +
             book.security(trade.security).id.text + " " + trade.quantity.to_string();
  }
  return words;
}

std::string lots_sold(const BookBuilder& builder, Baseline baseline) {
  const Book book = builder.build();
  std::string words;
  for (const Trade& trade : trades_of(builder, baseline).trades) {
    for (const LotSale& sale : trade.lots) {
      words += (words.empty() ? "" : " ") + book.account(account_index(book, "A")).lots[sale.lot].id.text + ":" +
               sale.quantity.to_string();
    }
  }
  return words;
}

TEST(Baselines, SnapGoesToTheTargetAndNeverBeyondIt) {
  BookBuilder builder = two_lines();
  builder.lot({.account = "A", .security = "AAA", .quantity = "121", .cost_basis = "100"});
  builder.lot({.account = "A", .security = "BBB", .quantity = "80", .cost_basis = "100"});
  EXPECT_EQ(in_words(builder, Baseline::snap_fifo), "sell AAA 20; buy BBB 20")
      << "V = 20,100, a half is 10,050: 20.5 shares too many and 20.5 too few, rounded down";
}

TEST(Baselines, BandsLeaveALineThatIsWithinAQuarterOfItsTargetOrFivePoints) {
  const auto with = [](const char* a, const char* b) {
    BookBuilder builder = two_lines();
    builder.lot({.account = "A", .security = "AAA", .quantity = a, .cost_basis = "100"});
    builder.lot({.account = "A", .security = "BBB", .quantity = b, .cost_basis = "100"});
    return in_words(builder, Baseline::band_hifo);
  };
  EXPECT_EQ(with("110", "90"), "") << "55 % against 50 %: five points are not more than five";
  EXPECT_EQ(with("111", "89"), "sell AAA 11; buy BBB 11");

  BookBuilder small = two_lines();  // a target of 10 %: a quarter of it is 2.5 points
  small.model("M", {{"AAA", "0.1"}, {"BBB", "0.9"}});
  small.lot({.account = "A", .security = "AAA", .quantity = "26", .cost_basis = "100"});
  small.lot({.account = "A", .security = "BBB", .quantity = "174", .cost_basis = "100"});
  EXPECT_EQ(in_words(small, Baseline::band_hifo), "sell AAA 6; buy BBB 6") << "13 %; the money goes to what lacks most";
}

TEST(Baselines, NoOrderIsWorthLessThanACent) {
  const auto with = [](const char* quantity) {  // beside 100 of BBB; half of what is more is sold
    BookBuilder builder = two_lines();
    builder.adjust([](Book& made) {
      for (Security& one : made.securities) one.quantity_step = shares("0.000001");
    });
    builder.policy("", "trade_min_usd", "0").policy("", "trade_min_weight", "0");
    builder.lot({.account = "A", .security = "AAA", .quantity = quantity, .cost_basis = "100"});
    builder.lot({.account = "A", .security = "BBB", .quantity = "100", .cost_basis = "100"});
    return in_words(builder, Baseline::snap_fifo);
  };
  EXPECT_EQ(with("100.0004"), "sell AAA 0.0002; buy BBB 0.0002") << "two cents";
  EXPECT_EQ(with("100.00008"), "") << "four tenths of a cent, which an order would say as $0.00";
}

TEST(Baselines, BelowCashMinIsNoReasonToSellInModeCashOnly) {
  BookBuilder builder = two_lines();
  builder.policy("", "cash_target", "0.02").policy("", "cash_min", "0.01").policy("", "cash_max", "0.05");
  builder.lot({.account = "A", .security = "AAA", .quantity = "110", .cost_basis = "100"});
  builder.lot({.account = "A", .security = "BBB", .quantity = "90", .cost_basis = "100"});
  BookBuilder cash_only = builder;
  cash_only.policy("", "mode", "cash_only");
  EXPECT_NE(in_words(builder, Baseline::band_hifo), "") << "$20,000 and no cash: $200 are missing";
  EXPECT_EQ(in_words(cash_only, Baseline::band_hifo), "");
  cash_only.request({.account = "A", .amount = "300"});
  EXPECT_EQ(in_words(cash_only, Baseline::band_hifo), "sell AAA 3") << "what is due, and no more";
}

TEST(Baselines, WhatIsNotInTheTargetIsSoldWhole) {
  BookBuilder builder = two_lines();
  builder.security({.id = "OLD"});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.lot({.account = "A", .security = "OLD", .quantity = "1.5", .cost_basis = "1"});
  builder.lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = "100"});
  builder.lot({.account = "A", .security = "BBB", .quantity = "100", .cost_basis = "100"});
  EXPECT_EQ(in_words(builder, Baseline::band_hifo), "sell OLD 1.5") << "a closing order may be small and no whole step";
}

TEST(Baselines, FifoSellsTheOldestLotAndHifoTheDearest) {
  BookBuilder builder = two_lines();
  builder.lot({.account = "A",
               .id = "dear",
               .security = "AAA",
               .quantity = "50",
               .cost_basis = "6000",
               .acquired_on = "2022-05-01"});
  builder.lot({.account = "A",
               .id = "old",
               .security = "AAA",
               .quantity = "30",
               .cost_basis = "900",
               .acquired_on = "2016-05-01"});
  builder.lot({.account = "A",
               .id = "young",
               .security = "AAA",
               .quantity = "70",
               .cost_basis = "6930",
               .acquired_on = "2025-05-01"});
  builder.lot({.account = "A", .security = "BBB", .quantity = "50", .cost_basis = "100"});
  EXPECT_EQ(lots_sold(builder, Baseline::snap_fifo), "dear:20 old:30");
  EXPECT_EQ(lots_sold(builder, Baseline::band_hifo), "dear:50") << "$120 a share before $99";
}

TEST(Baselines, APaymentThatIsDueIsRaisedByTheLineFurthestAboveItsTarget) {
  BookBuilder builder = two_lines();
  builder.lot({.account = "A", .security = "AAA", .quantity = "105", .cost_basis = "100"});
  builder.lot({.account = "A", .security = "BBB", .quantity = "95", .cost_basis = "100"});
  builder.request({.account = "A", .amount = "1500"});
  // V = 18,500, half of it 9,250: AAA is 12.5 shares above, 6.8 % of V, and sells 12; BBB is 2.5 above, within its
  // band. $300 are still missing: two shares of BBB, then one of AAA, which is half a share above.
  EXPECT_EQ(in_words(builder, Baseline::band_hifo), "sell AAA 13; sell BBB 2");
  EXPECT_EQ(in_words(builder, Baseline::no_trading), "");
}

TEST(Baselines, RestrictionsBindAndCareForTaxDoesNot) {
  BookBuilder builder = two_lines();
  builder.lot({.account = "A", .security = "AAA", .quantity = "150", .cost_basis = "100", .acquired_on = "2025-01-02"});
  builder.lot({.account = "A", .security = "BBB", .quantity = "50", .cost_basis = "100"});
  BookBuilder avoiding = builder;
  avoiding.policy("", "short_term_gains", "avoid").policy("", "gain_budget", "0");
  EXPECT_EQ(in_words(avoiding, Baseline::snap_fifo), "sell AAA 50; buy BBB 50");
  BookBuilder locked = builder;
  locked.restriction({.scope_id = "A", .rule = RestrictionRule::lock_quantity, .subject_id = "AAA", .value = "130"});
  EXPECT_EQ(in_words(locked, Baseline::snap_fifo), "sell AAA 20; buy BBB 20");
  BookBuilder kept = builder;
  kept.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  EXPECT_EQ(in_words(kept, Baseline::snap_fifo), "");
  BookBuilder held = builder;
  held.policy("", "mode", "hold");
  EXPECT_EQ(in_words(held, Baseline::snap_fifo), "");
  BookBuilder limited = builder;
  limited.policy("", "turnover_max", "0.1");
  EXPECT_EQ(in_words(limited, Baseline::snap_fifo), "sell AAA 19; buy BBB 19") << "2,000 less two cents of rounding";
}

TEST(Baselines, MoneyThatLiesIdleGoesToWhatLacksMost) {
  BookBuilder builder = two_lines();
  builder.account({.id = "C", .cash = "900"});
  builder.policy("", "cash_max", "0.01");
  builder.lot({.account = "C", .security = "AAA", .quantity = "102", .cost_basis = "100"});
  builder.lot({.account = "C", .security = "BBB", .quantity = "98", .cost_basis = "100"});
  // V = 20,900, half of it 10,450: BBB lacks 6.5 shares, AAA 2.5, both within their bands.
  EXPECT_EQ(in_words(builder, Baseline::band_hifo, "C"), "buy AAA 2; buy BBB 6");
}

TEST(Baselines, AnAccountThatIsFrozenTradesForNobody) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).account({.id = "A", .cash = "5000", .status = AccountStatus::frozen});
  EXPECT_EQ(in_words(builder, Baseline::snap_fifo), "");
}

}  // namespace
}  // namespace lotwright::savings
