#include "run/evaluate.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run/foreign_orders.h"
#include "run/run_fixtures.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

using nlohmann::json;

Table table(std::vector<std::string> columns, std::vector<std::vector<std::string>> rows) {
  Table made;
  made.file = "orders.csv";
  for (std::size_t i = 0; i < columns.size(); ++i) made.columns.emplace(columns[i], i);
  for (std::size_t i = 0; i < rows.size(); ++i) made.rows.push_back({static_cast<std::int64_t>(i) + 2, rows[i]});
  return made;
}

Table orders(std::vector<std::vector<std::string>> rows) {
  return table({"account_id", "security_id", "side", "quantity"}, std::move(rows));
}

Table sales(std::vector<std::vector<std::string>> rows) {
  return table({"account_id", "lot_id", "quantity", "gain"}, std::move(rows));
}

json evaluated(const Book& book, const Table& given, const std::optional<Table>& lot_sales = {}) {
  return json::parse(evaluate(book, given, lot_sales).value().json);
}

bool broken(const json& result, const std::string& rule) {
  for (const json& one : result.at("broken_rules")) {
    if (one.at("rule") == rule) return true;
  }
  return false;
}

TEST(Evaluate, NoOrdersChangeNothingAndBreakNothing) {
  const json result = evaluated(direct_index().build(), orders({}));
  EXPECT_EQ(result.at("objective_before"), result.at("objective_after"));
  EXPECT_TRUE(result.at("broken_rules").empty()) << result.dump(1);
  EXPECT_EQ(result.at("accounts").size(), 1U);
}

TEST(Evaluate, TheSumsLeaveOutHeldAccountsAsARunsDo) {
  const Book book = taxable_and_ira()
                        .adjust([](Book& made) {
                          made.findings.push_back(
                              {"price_missing", Severity::hold, {SubjectKind::account, "TX"}, {}, "", "", "held"});
                        })
                        .build();
  const json result = evaluated(book, orders({}));
  const json& accounts = result.at("accounts");
  EXPECT_EQ(accounts.at(1).at("status"), "held");
  EXPECT_EQ(result.at("objective_before"), accounts.at(0).at("before").at("objective"));
  EXPECT_EQ(result.at("objective_after"), accounts.at(0).at("after").at("objective"));
}

TEST(Evaluate, CountsBrokenRules) {
  const Book book = direct_index().build();
  EXPECT_EQ(evaluate(book, orders({}), {}).value().broken_rules, 0U);
  EXPECT_GT(evaluate(book, orders({{"DI", "AAA", "buy", "100"}}), {}).value().broken_rules, 0U);
}

TEST(Evaluate, TheTaxOfASaleIsComputedFromTheBookWhateverIsClaimed) {
  // D1: 10 of 60 shares at 100, basis 3,000: a long-term gain of 500; taxed 15 %, less 0.3 x 15 % for the higher basis.
  const Book book = direct_index().build();
  const Table sell = orders({{"DI", "AAA", "sell", "10"}});
  const double tax = 500 * 0.15 - 0.3 * 0.15 * 500;
  const json honest = evaluated(book, sell, sales({{"DI", "D1", "10", ""}}));
  EXPECT_NEAR(honest.at("accounts").at(0).at("after").at("tax").get<double>(), tax, 1e-9);
  EXPECT_TRUE(honest.at("broken_rules").empty()) << honest.dump(1);
  const json liar = evaluated(book, sell, sales({{"DI", "D1", "10", "0"}}));
  EXPECT_NEAR(liar.at("accounts").at(0).at("after").at("tax").get<double>(), tax, 1e-9);
  EXPECT_FALSE(liar.at("broken_rules").empty());
}

TEST(Evaluate, ProceedsThatNobodyStatesAddUpToTheOrderRoundedToTheCent) {
  // 10.333333 of HHH at 120 are 1,239.99996: the order's amount is 1,240.00.
  const Book book = direct_index().build();
  const Table sell = orders({{"DI", "HHH", "sell", "10.333333"}});
  const Table lots = table({"account_id", "lot_id", "quantity"}, {{"DI", "D8", "1"}, {"DI", "D9", "9.333333"}});
  EXPECT_FALSE(broken(evaluated(book, sell, lots), "verification_lot_proceeds"));
  const Table unlike = table({"account_id", "lot_id", "quantity", "proceeds"},
                             {{"DI", "D8", "1", "120"}, {"DI", "D9", "9.333333", "1119.99996"}});
  EXPECT_TRUE(broken(evaluated(book, sell, unlike), "verification_lot_proceeds")) << "stated, and 4 e-5 dollars short";
}

TEST(Evaluate, WithoutLotSalesTheLeastTaxIsSoldFirst) {
  // HHH is D8, 12 long-term shares with a gain, and D9, 36.666666 short-term shares at a loss: D9 first.
  const Book book = direct_index().build();
  const ForeignOrders foreign = foreign_orders(book, orders({{"DI", "HHH", "sell", "40"}}), {});
  const std::vector<LotSale>& lots = foreign.orders.at(account_index(book, "DI")).at(0).trade.lots;
  ASSERT_EQ(lots.size(), 2U);
  EXPECT_EQ(lots[0].lot, lot_index(book, "DI", "D8"));
  EXPECT_EQ(lots[0].quantity, shares("3.333334"));
  EXPECT_EQ(lots[1].quantity, shares("36.666666"));
  EXPECT_EQ(lots[0].proceeds + lots[1].proceeds, money("4800"));
}

TEST(Evaluate, ABadRowCostsThatRow) {
  const Book book = direct_index().build();
  const json result = evaluated(book, orders({{"DI", "AAA", "sell", "ten"},
                                              {"NOBODY", "AAA", "sell", "1"},
                                              {"DI", "ZZZ", "buy", "1"},
                                              {"DI", "AAA", "swap", "1"},
                                              {"DI", "AAA", "sell", "-1"},
                                              {"DI"},
                                              {"DI", "BBB", "buy", "4"}}));
  ASSERT_EQ(result.at("findings").size(), 6U) << result.dump(1);
  EXPECT_EQ(result.at("findings").at(0).at("line"), 2);
  EXPECT_EQ(result.at("findings").at(0).at("column"), "quantity");
  EXPECT_EQ(result.at("accounts").at(0).at("orders"), 1);
}

TEST(Evaluate, RulesThatOrdersBreakAreNamed) {
  const json result = evaluated(direct_index().build(), orders({{"DI", "AAA", "buy", "100"}}));
  EXPECT_FALSE(result.at("broken_rules").empty()) << "9,600 dollars more than there are";
  EXPECT_EQ(result.at("broken_rules").at(0).at("account_id"), "DI");
}

TEST(Evaluate, ASecurityTheAccountNeverHeardOfIsValuedAndRefused) {
  const Book book = direct_index().security({.id = "NEW", .price = "10"}).build();
  const json result = evaluated(book, orders({{"DI", "NEW", "buy", "30"}}));
  EXPECT_TRUE(broken(result, "model_not_wanted")) << result.dump(1);
  EXPECT_GT(result.at("accounts").at(0).at("after").at("risk").get<double>(), 0.0);
}

TEST(Evaluate, SellingMoreThanThereIsIsBrokenNotFatal) {
  const json result = evaluated(direct_index().build(), orders({{"DI", "AAA", "sell", "1000"}}));
  EXPECT_FALSE(result.at("broken_rules").empty());
}

json judged(const Book& book, const Table& given, const std::vector<std::string>& accounts) {
  return json::parse(evaluate(book, given, {}, accounts).value().json);
}

TEST(Evaluate, OnlyTheAccountsThatAreMeantAreJudged) {
  const Book book = taxable_and_ira().build();
  const Table given = orders({{"IRA", "BBB", "sell", "1000"}, {"TX", "BBB", "buy", "5"}});
  EXPECT_FALSE(evaluated(book, given).at("broken_rules").empty()) << "the IRA has 50";
  const json result = judged(book, given, {"TX"});
  EXPECT_TRUE(result.at("broken_rules").empty()) << result.dump(1);
  ASSERT_EQ(result.at("accounts").size(), 1U);
  EXPECT_EQ(result.at("accounts").at(0).at("account_id"), "TX");
  EXPECT_EQ(result.at("objective_after"), result.at("accounts").at(0).at("after").at("objective"));
  EXPECT_FALSE(judged(book, given, {"IRA"}).at("broken_rules").empty());
}

TEST(Evaluate, WhatTheOrdersMeantBreakInAnotherAccountIsToldAndWhatItBreaksItselfIsNot) {
  const Book book =
      BookBuilder()
          .security({.id = "AAA", .price = "90"})
          .model("M", {{"AAA", "1"}})
          .account({.id = "TX", .household = "H", .cash = "1000"})
          .account(
              {.id = "IRA", .household = "H", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred, .cash = "1000"})
          .lot({.account = "TX",
                .id = "L1",
                .security = "AAA",
                .quantity = "100",
                .cost_basis = "12000",
                .acquired_on = "2023-01-20"})
          .build();
  const json together = judged(book, orders({{"IRA", "AAA", "buy", "5"}, {"TX", "AAA", "sell", "10"}}), {"IRA"});
  ASSERT_EQ(together.at("broken_rules").size(), 1U) << together.dump(1);
  EXPECT_EQ(together.at("broken_rules").at(0).at("account_id"), "TX") << "its loss is washed by the IRA's purchase";
  // More than it has: that is its own affair.
  const json alone = judged(book, orders({{"IRA", "AAA", "buy", "5"}, {"TX", "AAA", "sell", "1000"}}), {"IRA"});
  for (const json& one : alone.at("broken_rules")) EXPECT_EQ(one.at("rule"), "wash_sale_bought_in_run");
}

TEST(Evaluate, AnAccountThatTheBookDoesNotHaveIsRefused) {
  EXPECT_FALSE(evaluate(taxable_and_ira().build(), orders({}), {}, {"TY"}).ok());
}

}  // namespace
}  // namespace lotwright
