// Trades that a person orders: made to the share, the rest decided around them, what yields and what does not by name.

#include "solution/directed.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

struct Ordered {
  std::string security;
  Side side;
  std::string quantity;
};

BookBuilder ira() {
  BookBuilder builder;
  for (const char* id : {"AAA", "BBB", "CCC"}) builder.security({.id = id});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.account({.id = "A", .treatment = TaxTreatment::tax_deferred});
  for (const char* id : {"AAA", "BBB"}) {
    builder.lot({.account = "A", .security = id, .quantity = "100", .cost_basis = "5000"});
  }
  return builder.policy("", "cash_target", "0").policy("", "cash_min", "0").policy("", "cash_max", "1");
}

BookBuilder taxed(const std::string& basis, const std::string& acquired_on) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"}).model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.taxpayer({.id = "T"}).account({.id = "A"});
  builder.lot({.account = "A", .security = "AAA", .quantity = "100", .cost_basis = basis, .acquired_on = acquired_on});
  builder.lot({.account = "A", .security = "BBB", .quantity = "100", .cost_basis = "10000"});
  return builder.policy("", "cash_target", "0").policy("", "cash_min", "0").policy("", "cash_max", "1");
}

// The account decided with the orders, as text: orders, then the rules of its reviews, then those of directed notes.
struct Decision {
  Book book;
  Solution solution;
  Findings findings;

  Decision(BookBuilder builder, const std::vector<Ordered>& ordered) {
    builder.adjust([&](Book& made) {
      for (const Ordered& one : ordered) {
        made.directed.push_back({AccountIndex{0}, security_index(made, one.security), one.side, shares(one.quantity)});
      }
      std::ranges::sort(made.directed, {}, &DirectedTrade::security);
    });
    book = builder.build();
    const std::vector<DecisionUnit> units = decision_units(book);
    const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
    const CheckedUnit unit = check(book, risk, units[0]);
    const CheckedAccount& account = unit.accounts[0];
    findings = account.findings;
    if (!account.trades()) return;
    solution = solve(unit, account, tax::UnitProgress(book, units[0]), {});
    std::ranges::copy(solution.findings, std::back_inserter(findings));
  }

  [[nodiscard]] std::string orders() const {
    std::string text;
    for (std::size_t i = 0; i < solution.trades.trades.size(); ++i) {
      const Trade& trade = solution.trades.trades[i];
      text += (text.empty() ? "" : ", ") + std::string(trade.side == Side::buy ? "buy " : "sell ") +
              book.security(trade.security).id.text + " " + trade.quantity.to_string();
    }
    return text;
  }
  [[nodiscard]] const Finding* told(const char* rule) const {
    const auto found = std::ranges::find(findings, rule, &Finding::rule);
    return found == findings.end() ? nullptr : &*found;
  }
  [[nodiscard]] std::string yielded() const {
    std::string text;
    for (const Relaxation& one : solution.relaxations) text += (text.empty() ? "" : " ") + one.rule;
    return text;
  }
};

TEST(Directed, APurchaseIsMadeToTheShareAndPaidForWhereItHurtsLeast) {
  const Decision decision(ira(), {{"CCC", Side::buy, "40"}});
  EXPECT_EQ(decision.orders(), "sell AAA 20, sell BBB 20, buy CCC 40");
  ASSERT_NE(decision.told(rule::request_directed), nullptr);
  EXPECT_EQ(decision.told(rule::request_directed)->severity, Severity::note);
  // The market factor is 1 everywhere: 20,000 x 10 x 0.2^2 x (0.2^2 + 0.1^2 + 0.1^2).
  EXPECT_EQ(decision.told(rule::request_directed)->observed, "480.00");
  EXPECT_EQ(decision.told(rule::request_directed_left), nullptr);
  EXPECT_EQ(decision.yielded(), "");
}

TEST(Directed, ASaleIsMadeBelowTheTradeMinimum) {
  const Decision decision(ira(), {{"AAA", Side::sell, "1"}});
  EXPECT_EQ(decision.orders(), "sell AAA 1");
  ASSERT_FALSE(decision.solution.reasons.empty());
  EXPECT_EQ(decision.solution.reasons[0], rule::request_directed);
}

TEST(Directed, OfMoreThanIsHeldAllGoesAndIsReviewed) {
  const Decision decision(ira(), {{"AAA", Side::sell, "150"}});
  EXPECT_TRUE(decision.orders().starts_with("sell AAA 100")) << decision.orders();  // and BBB for what it brings
  ASSERT_NE(decision.told(rule::request_directed_left), nullptr);
  EXPECT_EQ(decision.told(rule::request_directed_left)->observed, "100");
  EXPECT_EQ(decision.told(rule::request_directed_left)->limit, "150");
  EXPECT_EQ(Decision(ira(), {{"CCC", Side::sell, "1"}}).orders(), "");
}

TEST(Directed, ARestrictionIsStrongerAndAModeIsNot) {
  BookBuilder pledged = ira();
  pledged.restriction({.scope_id = "A", .rule = RestrictionRule::never_buy, .subject_id = "CCC"});
  const Decision left(pledged, {{"CCC", Side::buy, "40"}});
  EXPECT_EQ(left.orders(), "");
  ASSERT_NE(left.told(rule::request_directed_left), nullptr);
  EXPECT_NE(left.told(rule::request_directed_left)->message.find("restriction_never_buy (R1)"), std::string::npos);
  for (const char* mode : {"hold", "sell_only", "buy_only", "cash_only"}) {
    BookBuilder builder = ira();
    builder.policy("", "mode", mode);
    const Decision made(builder, {{"CCC", Side::buy, "40"}});
    EXPECT_NE(made.orders().find("buy CCC 40"), std::string::npos) << mode << ": " << made.orders();
    EXPECT_NE(made.yielded().find(rule::mode_yielded), std::string::npos) << mode;
  }
}

TEST(Directed, AWeightMaxOfARestrictionCutsAPurchaseAndThatOfThePolicyYields) {
  BookBuilder restricted = ira();
  restricted.restriction({.scope_id = "A", .rule = RestrictionRule::weight_max, .subject_id = "CCC", .value = "0.1"});
  EXPECT_NE(Decision(restricted, {{"CCC", Side::buy, "40"}}).orders().find("buy CCC 20"), std::string::npos);
  BookBuilder limited = ira();
  limited.policy("", "position_weight_max", "0.1");
  const Decision yields(limited, {{"CCC", Side::buy, "40"}});
  EXPECT_NE(yields.orders().find("buy CCC 40"), std::string::npos) << yields.orders();
  EXPECT_EQ(yields.yielded(), rule::position_yielded);
}

TEST(Directed, APurchaseBeyondAllMoneyIsMadeAsFarAsItGoes) {
  const Decision decision(ira(), {{"CCC", Side::buy, "500"}});
  EXPECT_EQ(decision.orders(), "sell AAA 100, sell BBB 100, buy CCC 200");
  EXPECT_NE(decision.told(rule::request_directed_left), nullptr);
  BookBuilder pledged = ira();
  pledged.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  const Decision half(pledged, {{"CCC", Side::buy, "150"}});
  EXPECT_EQ(half.orders(), "sell BBB 100, buy CCC 100");
  ASSERT_NE(half.told(rule::request_directed_left), nullptr);
  EXPECT_EQ(half.told(rule::request_directed_left)->observed, "100");
}

TEST(Directed, AShortTermStopYieldsOnlyWhereItsLotsAreNeeded) {
  BookBuilder builder = taxed("5000", "2025-02-03");  // a short-term gain
  builder.lot({.account = "A", .security = "AAA", .quantity = "50", .cost_basis = "1000", .acquired_on = "2015-02-03"});
  builder.policy("", "short_term_gains", "avoid");
  EXPECT_EQ(Decision(builder, {{"AAA", Side::sell, "50"}}).yielded(), "");
  EXPECT_EQ(Decision(builder, {{"AAA", Side::sell, "60"}}).yielded(), rule::short_term_yielded);
}

TEST(Directed, AGainBudgetYields) {
  BookBuilder builder = taxed("5000", "2015-02-03");
  builder.policy("", "gain_budget", "100");
  const Decision decision(builder, {{"AAA", Side::sell, "50"}});
  EXPECT_NE(decision.orders().find("sell AAA 50"), std::string::npos) << decision.orders();
  EXPECT_EQ(decision.yielded(), rule::budget_yielded);
}

TEST(Directed, AWashSaleIsTheLaw) {
  // Twenty shares bought ten days ago: they go with those that are sold at a loss.
  BookBuilder builder = taxed("15000", "2020-02-03");
  builder.lot({.account = "A", .security = "AAA", .quantity = "20", .cost_basis = "1900", .acquired_on = "2025-06-20"});
  EXPECT_TRUE(Decision(builder, {{"AAA", Side::sell, "50"}}).orders().starts_with("sell AAA 50"));
  // Where they have to stay, no loss is taken.
  builder.restriction({.scope_id = "A",
                       .rule = RestrictionRule::never_sell,
                       .subject_kind = RestrictionSubject::lot,
                       .subject_id = "L3"});
  const Decision barred(builder, {{"AAA", Side::sell, "50"}});
  EXPECT_EQ(barred.orders().find("sell AAA"), std::string::npos) << barred.orders();
  ASSERT_NE(barred.told(rule::request_directed_left), nullptr);
  EXPECT_NE(barred.told(rule::request_directed_left)->message.find(rule::wash_sale_window), std::string::npos);
}

TEST(Directed, APurchaseThatWashesALossIsLeft) {
  BookBuilder builder = taxed("15000", "2020-02-03");
  builder.transaction({.account = "A",
                       .trade_date = "2025-06-20",
                       .kind = TransactionKind::sell,
                       .security = "AAA",
                       .amount = "100",
                       .gain_long = "-50"});
  const Decision decision(builder, {{"AAA", Side::buy, "5"}, {"BBB", Side::sell, "5"}});
  EXPECT_EQ(decision.orders().find("buy AAA"), std::string::npos) << decision.orders();
  EXPECT_NE(decision.orders().find("sell BBB 5"), std::string::npos) << decision.orders();
  ASSERT_NE(decision.told(rule::request_directed_left), nullptr);
}

TEST(Directed, APurchaseOfWhichNothingIsMadeIsNoReasonToBuy) {
  // All is in cash, AAA may not be bought, and CCC would come next to it: half a share of it is no step.
  BookBuilder builder;
  for (const char* id : {"AAA", "CCC"}) builder.security({.id = id});
  builder.model("M", {{"AAA", "1"}}).account({.id = "A", .treatment = TaxTreatment::tax_deferred, .cash = "10000"});
  builder.policy("", "cash_target", "0").policy("", "cash_min", "0").policy("", "cash_max", "1");
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_buy, .subject_id = "AAA"});
  const Decision none(builder, {{"CCC", Side::buy, "0.5"}});
  EXPECT_EQ(none.orders(), "");
  ASSERT_NE(none.told(rule::request_directed_left), nullptr);
}

TEST(Directed, APurchaseLeavesTheLeastOfAGroup) {
  // 9,000 of the 10,000 stay in BBB, the only bond: ten shares of CCC are paid for and no eleventh.
  BookBuilder builder;
  for (const char* id : {"AAA", "CCC"}) builder.security({.id = id});
  builder.security({.id = "BBB", .asset_class = "bonds"});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.account({.id = "A", .treatment = TaxTreatment::tax_deferred});
  builder.lot({.account = "A", .security = "BBB", .quantity = "100", .cost_basis = "5000"});
  builder.policy("", "cash_target", "0").policy("", "cash_min", "0").policy("", "cash_max", "1");
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_buy, .subject_id = "AAA"});
  builder.restriction({.id = "R2",
                       .scope_id = "A",
                       .rule = RestrictionRule::weight_min,
                       .subject_kind = RestrictionSubject::asset_class,
                       .subject_id = "bonds",
                       .value = "0.9"});
  EXPECT_EQ(Decision(builder, {{"CCC", Side::buy, "30"}}).orders(), "sell BBB 10, buy CCC 10");
}

TEST(Directed, ASaleInsideAGroupYieldsToItsLeastAndAPurchaseThereStays) {
  // Half of 20,000 stays in stocks: of sixty sold and twenty bought there, twenty may be sold.
  BookBuilder builder;
  for (const char* id : {"AAA", "CCC"}) builder.security({.id = id});
  builder.security({.id = "BBB", .asset_class = "bonds"});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.account({.id = "A", .treatment = TaxTreatment::tax_deferred});
  for (const char* id : {"AAA", "BBB"}) {
    builder.lot({.account = "A", .security = id, .quantity = "100", .cost_basis = "5000"});
  }
  builder.policy("", "cash_target", "0").policy("", "cash_min", "0").policy("", "cash_max", "1");
  builder.restriction({.scope_id = "A",
                       .rule = RestrictionRule::weight_min,
                       .subject_kind = RestrictionSubject::asset_class,
                       .subject_id = "us_equity",
                       .value = "0.5"});
  EXPECT_EQ(Decision(builder, {{"AAA", Side::sell, "60"}, {"CCC", Side::buy, "20"}}).orders(),
            "sell AAA 20, buy CCC 20");
}

TEST(Directed, ASaleThatTheLawBarsPaysForNothing) {
  // AAA is at a loss and a young lot of it has to stay: the payment is met from BBB, and no loss is washed.
  BookBuilder builder = taxed("15000", "2020-02-03");
  builder.lot({.account = "A", .security = "AAA", .quantity = "20", .cost_basis = "1900", .acquired_on = "2025-06-20"});
  builder.restriction({.scope_id = "A",
                       .rule = RestrictionRule::never_sell,
                       .subject_kind = RestrictionSubject::lot,
                       .subject_id = "L3"});
  builder.policy("", "mode", "cash_only");
  builder.request({.account = "A", .kind = RequestKind::cash_out, .amount = "5000"});
  const Decision decision(builder, {{"AAA", Side::sell, "60"}});
  EXPECT_EQ(decision.orders(), "sell BBB 50");
  EXPECT_EQ(decision.told(rule::wash_sale_forced), nullptr);
  EXPECT_EQ(decision.yielded(), "");
}

TEST(Directed, APurchaseThatTheLawBarsCostsNothing) {
  // Nine shares of AAA would leave 100 of the 1,000 dollars, less than the least of 210: they are not bought.
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB"}).model("M", {{"AAA", "0.9"}, {"BBB", "0.1"}});
  builder.taxpayer({.id = "T"}).account({.id = "A", .cash = "1000"});
  for (const char* id : {"AAA", "BBB"}) {
    builder.lot({.account = "A", .security = id, .quantity = "100", .cost_basis = "10000"});
  }
  builder.transaction({.account = "A",
                       .trade_date = "2025-06-20",
                       .kind = TransactionKind::sell,
                       .security = "AAA",
                       .amount = "100",
                       .gain_long = "-50"});
  builder.policy("", "cash_target", "0.01").policy("", "cash_min", "0.01").policy("", "cash_max", "1");
  builder.policy("", "mode", "cash_only");
  const Decision decision(builder, {{"AAA", Side::buy, "9"}});
  EXPECT_EQ(decision.orders(), "");
  EXPECT_EQ(decision.yielded(), "");
  EXPECT_NE(decision.told(rule::request_directed_left), nullptr);
}

TEST(Directed, WhatStandsInForAnOrderedSecurityIsNotBoughtForIt) {
  // All is in cash and AAA may not be bought: DDD, a substitute for CCC, is neither ordered nor wanted.
  BookBuilder builder;
  for (const char* id : {"AAA", "CCC", "DDD"}) builder.security({.id = id});
  builder.substitute({.security = "CCC", .substitute = "DDD", .hurdle_bps = "0"});
  builder.model("M", {{"AAA", "1"}}).account({.id = "A", .treatment = TaxTreatment::tax_deferred, .cash = "10000"});
  builder.policy("", "cash_target", "0").policy("", "cash_min", "0").policy("", "cash_max", "1");
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_buy, .subject_id = "AAA"});
  EXPECT_EQ(Decision(builder, {{"CCC", Side::buy, "40"}}).orders(), "buy CCC 40");
}

TEST(Directed, SalesThatCostMoreThanTheyBringAreLeftWhereNoCashPaysForThem) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).security({.id = "BBB", .price = "1"}).security({.id = "CCC", .price = "1"});
  builder.model("M", {{"AAA", "1"}}).account({.id = "A", .treatment = TaxTreatment::tax_deferred});
  for (const auto& [id, quantity] : {std::pair{"AAA", "100"}, std::pair{"BBB", "3"}, std::pair{"CCC", "3"}}) {
    builder.lot({.account = "A", .security = id, .quantity = quantity, .cost_basis = "3"});
  }
  builder.policy("", "cash_target", "0").policy("", "cash_min", "0").policy("", "cash_max", "1");
  builder.policy("", "ticket_cost_usd", "10");
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::never_sell, .subject_id = "AAA"});
  builder.restriction({.id = "R2", .scope_id = "A", .rule = RestrictionRule::sell_all, .subject_id = "BBB"});
  const Decision decision(builder, {{"CCC", Side::sell, "1"}});
  EXPECT_EQ(decision.orders(), "");
  EXPECT_NE(decision.told(rule::request_directed_left), nullptr);
  EXPECT_NE(decision.told(rule::restriction_yielded), nullptr);
}

TEST(Directed, OfALineDrivenOutASmallPartGoesAndTheTradeMinimumYieldsByName) {
  // Five shares at a gain may go; of the others the loss would be washed by shares bought elsewhere ten days ago.
  BookBuilder builder = taxed("15000", "2020-02-03");
  builder.lot({.account = "A", .security = "AAA", .quantity = "5", .cost_basis = "400", .acquired_on = "2018-03-05"});
  builder.transaction({.taxpayer = "T", .trade_date = "2025-06-20", .security = "AAA", .quantity = "200"});
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::sell_all, .subject_id = "AAA"});
  builder.policy("", "trade_min_usd", "501");
  const Decision small(builder, {});
  EXPECT_NE(small.orders().find("sell AAA 5"), std::string::npos) << small.orders();
  EXPECT_EQ(small.yielded(), rule::trade_min_yielded);
  builder.policy("", "trade_min_usd", "500");
  EXPECT_EQ(Decision(builder, {}).yielded(), "");
}

TEST(Directed, AMostOfOnePositionIsToldBesideAMostOfNames) {
  // CCC is a third name and a fifth of the account: both limits yield to it, each by its name.
  BookBuilder builder = ira();
  builder.policy("", "names_max", "2").policy("", "position_weight_max", "0.1");
  for (const char* id : {"AAA", "BBB"}) {
    builder.restriction({.scope_id = "A", .rule = RestrictionRule::lock_quantity, .subject_id = id, .value = "50"});
  }
  const Decision decision(builder, {{"CCC", Side::buy, "40"}});
  EXPECT_NE(decision.orders().find("buy CCC 40"), std::string::npos) << decision.orders();
  EXPECT_NE(decision.yielded().find(rule::names_yielded), std::string::npos) << decision.yielded();
  EXPECT_NE(decision.yielded().find(rule::position_yielded), std::string::npos) << decision.yielded();
}

TEST(Directed, AnAccountThatMovesAwayMakesNone) {
  BookBuilder builder = ira();
  builder.request({.account = "A", .kind = RequestKind::transfer_out});
  const Decision decision(builder, {{"AAA", Side::sell, "1"}, {"BBB", Side::sell, "1"}, {"CCC", Side::buy, "1"}});
  EXPECT_EQ(decision.orders(), "");
  EXPECT_EQ(std::ranges::count(decision.findings, rule::request_directed_left, &Finding::rule), 3);
  EXPECT_NE(decision.findings.back().message.find(rule::request_transfer_out), std::string::npos);
}

TEST(Directed, BuyingAndSellingOfOneGroupHoldsTheAccount) {
  BookBuilder builder = ira();
  builder.security({.id = "AA2", .group = "AAA"});
  builder.adjust([](Book& book) {
    book.securities[security_index(book, "AAA").value].group = book.security(security_index(book, "AA2")).group;
  });
  const Decision decision(builder, {{"AA2", Side::buy, "10"}, {"AAA", Side::sell, "10"}});
  EXPECT_EQ(decision.orders(), "");
  ASSERT_NE(decision.told(rule::request_conflict), nullptr);
  EXPECT_EQ(decision.told(rule::request_conflict)->severity, Severity::hold);
}

}  // namespace
}  // namespace lotwright
