#include "checks/checks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "book/rules.h"
#include "checks/budgets.h"
#include "checks/lots.h"
#include "checks/requests.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// One taxable account A of 10,000 dollars: 60 shares of AAA at 100 and 4,000 in cash. It wants AAA and BBB, half each.
BookBuilder one_account() {
  BookBuilder builder("2025-06-30");
  builder.security({.id = "AAA"}).security({.id = "BBB"}).taxpayer({}).account({.id = "A", .cash = "4000"});
  builder.lot({.account = "A", .id = "L1", .security = "AAA", .quantity = "60", .cost_basis = "5000"});
  return builder;
}

CheckedUnit check_unit_of(const Book& book, const std::string& account = "A") {
  const auto units = decision_units(book);
  const AccountIndex wanted = account_index(book, account);
  const auto unit = std::find_if(units.begin(), units.end(), [&](const DecisionUnit& one) {
    return std::binary_search(one.accounts.begin(), one.accounts.end(), wanted);
  });
  static const FactorRisk no_risk;
  return check(book, no_risk, *unit);
}

CheckedAccount check_of(const Book& book, const std::string& account = "A") {
  for (CheckedAccount& checked : check_unit_of(book, account).accounts) {
    if (checked.account == account_index(book, account)) return checked;
  }
  throw Defect("a test asks for an account its unit does not have");
}

CheckedLine line_of(const Book& book, const CheckedAccount& checked, const std::string& security) {
  for (const CheckedLine& line : checked.lines) {
    if (line.security == security_index(book, security)) return line;
  }
  throw Defect("a test asks for a line that is not there");
}

bool has_line(const Book& book, const CheckedAccount& checked, const std::string& security) {
  return std::any_of(checked.lines.begin(), checked.lines.end(),
                     [&](const CheckedLine& line) { return line.security == security_index(book, security); });
}

const Finding* finding_of(const CheckedAccount& checked, const std::string& rule) {
  for (const Finding& finding : checked.findings) {
    if (finding.rule == rule) return &finding;
  }
  return nullptr;
}

std::vector<std::string> rules_of(const std::vector<Bar>& bars) {
  std::vector<std::string> rules;
  for (const Bar& bar : bars) rules.push_back(bar.rule);
  return rules;
}

using Rules = std::vector<std::string>;
using Change = std::function<void(BookBuilder&)>;

Change no_change() {
  return [](BookBuilder&) {};
}

Change adjust(std::function<void(Book&)> change) {
  return [change](BookBuilder& builder) { builder.adjust(change); };
}

Change finding(SubjectKind kind, const std::string& id, Severity severity) {
  return adjust([=](Book& book) {
    book.findings.push_back({rule::data_number_unreadable, severity, {kind, id}, {}, "x", "", "a planted fault"});
  });
}

Change priced_days_ago(const std::string& security, int days) {
  return adjust(
      [=](Book& book) { book.securities[security_index(book, security).value].price_date = book.firm.as_of - days; });
}

Change unpriced(const std::string& security) {
  return adjust([=](Book& book) { book.securities[security_index(book, security).value].price.reset(); });
}

Change pending_action(const std::string& security, const std::string& effective_on, bool applied) {
  return adjust([=](Book& book) {
    book.corporate_actions.push_back(
        {"C1", security_index(book, security), day(effective_on), CorporateActionKind::merger, applied, {}, {}});
  });
}

Change restriction(RestrictionRule rule, const std::string& security, const std::string& value = "") {
  return [=](BookBuilder& builder) {
    builder.restriction({.scope_id = "A", .rule = rule, .subject_id = security, .value = value});
  };
}

Change all(std::vector<Change> changes) {
  return [changes](BookBuilder& builder) {
    for (const Change& change : changes) change(builder);
  };
}

// ---- holds: one row a rung, on either side of the line

struct Rung {
  const char* what;
  Change change;
  const char* rule;  // nullptr: not held
};

void expect_rung(const Rung& rung) {
  BookBuilder builder = one_account();
  rung.change(builder);
  const CheckedAccount checked = check_of(builder.build());
  EXPECT_EQ(checked.held, rung.rule != nullptr) << rung.what;
  if (rung.rule == nullptr) return;
  const Finding* found = finding_of(checked, rung.rule);
  ASSERT_NE(found, nullptr) << rung.what;
  EXPECT_EQ(found->severity, Severity::hold) << rung.what;
  EXPECT_FALSE(found->message.empty()) << rung.what;
}

TEST(CheckHolds, OneRowForEachRung) {
  const char* planted = rule::data_number_unreadable;
  const Rung rungs[] = {
      {"a sound account", no_change(), nullptr},
      {"a finding on the account", finding(SubjectKind::account, "A", Severity::hold), planted},
      {"a note on the account", finding(SubjectKind::account, "A", Severity::note), nullptr},
      {"a finding on another account", finding(SubjectKind::account, "B", Severity::hold), nullptr},
      {"a finding on the household", finding(SubjectKind::household, "A", Severity::hold), planted},
      {"a finding on another household", finding(SubjectKind::household, "B", Severity::hold), nullptr},
      {"a finding on the taxpayer", finding(SubjectKind::taxpayer, "T", Severity::hold), planted},
      {"a finding on another taxpayer", finding(SubjectKind::taxpayer, "U", Severity::hold), nullptr},
      {"a finding on a security it owns", finding(SubjectKind::security, "AAA", Severity::hold), planted},
      {"a finding on a security it wants", finding(SubjectKind::security, "BBB", Severity::hold), planted},
      {"a finding on a security it neither owns nor wants",
       all({[](BookBuilder& builder) {
              builder.security({.id = "CCC"}).model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
            },
            finding(SubjectKind::security, "CCC", Severity::hold), unpriced("CCC")}),
       nullptr},
      {"a review on a security it owns", finding(SubjectKind::security, "AAA", Severity::review), nullptr},
      {"a finding on its model", finding(SubjectKind::model, "M", Severity::hold), planted},
      {"a finding on another model", finding(SubjectKind::model, "N", Severity::hold), nullptr},
      {"a finding on the book", finding(SubjectKind::book, "", Severity::hold), planted},
      {"a finding on the firm", finding(SubjectKind::firm, "", Severity::hold), planted},
      {"a model that was rejected", adjust([](Book& book) { book.models[0].usable = false; }), rule::model_unknown},
      {"a model that is not known",
       adjust([](Book& book) { book.accounts[0].model_index = Index<struct ModelKindTag>::nobody; }),
       rule::model_unknown},
      {"a new model that is not known", adjust([](Book& book) {
         book.requests.push_back({"Q", AccountIndex{0}, RequestKind::model_change, {}, book.firm.as_of, "N"});
       }),
       rule::model_unknown},
      {"a new model that is not known, due tomorrow", adjust([](Book& book) {
         book.requests.push_back({"Q", AccountIndex{0}, RequestKind::model_change, {}, book.firm.as_of + 1, "N"});
       }),
       nullptr},
      {"no price of what it owns", unpriced("AAA"), rule::price_missing},
      {"no price of what it wants", unpriced("BBB"), rule::price_missing},
      {"a price of 5 days ago", priced_days_ago("AAA", 5), nullptr},
      {"a price of 6 days ago", priced_days_ago("AAA", 6), rule::price_too_old},
      {"a wanted price of 6 days ago", priced_days_ago("BBB", 6), rule::price_too_old},
      {"no risk of what it owns", adjust([](Book& book) { book.risk.covered[0] = false; }), rule::data_risk_missing},
      {"no risk of what it wants", adjust([](Book& book) { book.risk.covered[1] = false; }), rule::data_risk_missing},
      {"no risk at all", adjust([](Book& book) { book.risk.covered.clear(); }), rule::data_risk_missing},
      {"a corporate action of today", pending_action("AAA", "2025-06-30", false), rule::corporate_action_pending},
      {"a corporate action on what it wants", pending_action("BBB", "2025-01-02", false),
       rule::corporate_action_pending},
      {"a corporate action of tomorrow", pending_action("AAA", "2025-07-01", false), nullptr},
      {"a corporate action that is booked", pending_action("AAA", "2025-06-30", true), nullptr},
      {"a taxable account without a taxpayer", adjust([](Book& book) { book.accounts[0].taxpayer = TaxpayerIndex{}; }),
       rule::data_taxpayer_missing},
      {"an untaxed account without a taxpayer", adjust([](Book& book) {
         book.accounts[0].taxpayer = TaxpayerIndex{};
         book.accounts[0].tax_treatment = TaxTreatment::tax_free;
       }),
       nullptr},
      {"rate_short as high as rate_long",
       adjust([](Book& book) { book.taxpayers[0].rate_short = book.taxpayers[0].rate_long; }), nullptr},
      {"rate_short below rate_long",
       adjust([](Book& book) { book.taxpayers[0].rate_short = book.taxpayers[0].rate_long - Weight::of_count(1); }),
       rule::data_tax_rates_reversed},
      {"rate_short below rate_long, untaxed", adjust([](Book& book) {
         book.taxpayers[0].rate_short = Weight();
         book.accounts[0].tax_treatment = TaxTreatment::tax_deferred;
       }),
       nullptr},
      {"a lot of unknown basis", adjust([](Book& book) { book.accounts[0].lots[0].cost_basis.reset(); }), nullptr},
      {"a lot of unknown basis that holds", adjust([](Book& book) {
         book.accounts[0].lots[0].cost_basis.reset();
         book.accounts[0].effective_policy.unknown_basis = UnknownBasis::hold;
       }),
       rule::data_unknown_basis},
      {"the same in an untaxed account", adjust([](Book& book) {
         book.accounts[0].lots[0].cost_basis.reset();
         book.accounts[0].effective_policy.unknown_basis = UnknownBasis::hold;
         book.accounts[0].tax_treatment = TaxTreatment::tax_free;
       }),
       nullptr},
  };
  for (const Rung& rung : rungs) expect_rung(rung);
}

TEST(CheckHolds, OneRowForEachConflictOfRestrictions) {
  using enum RestrictionRule;
  const Rung rungs[] = {
      {"sell_all and never_sell", all({restriction(sell_all, "AAA"), restriction(never_sell, "AAA")}),
       rule::restriction_conflict},
      {"sell_all and freeze", all({restriction(sell_all, "AAA"), restriction(freeze, "AAA")}),
       rule::restriction_conflict},
      {"sell_all and lock_quantity", all({restriction(sell_all, "AAA"), restriction(lock_quantity, "AAA", "1")}),
       rule::restriction_conflict},
      {"sell_all and a least weight", all({restriction(sell_all, "AAA"), restriction(weight_min, "AAA", "0.1")}),
       rule::restriction_conflict},
      {"sell_all and never_sell of what it does not own",
       all({restriction(sell_all, "BBB"), restriction(never_sell, "BBB")}), nullptr},
      {"sell_all and never_buy", all({restriction(sell_all, "AAA"), restriction(never_buy, "AAA")}), nullptr},
      {"sell_all of one and never_sell of another", all({restriction(sell_all, "AAA"), restriction(never_sell, "BBB")}),
       nullptr},
      {"a least weight as high as the most",
       all({restriction(weight_min, "AAA", "0.1"), restriction(weight_max, "AAA", "0.1")}), nullptr},
      {"a least weight above the most",
       all({restriction(weight_min, "AAA", "0.1"), restriction(weight_max, "AAA", "0.09")}),
       rule::restriction_conflict},
  };
  for (const Rung& rung : rungs) expect_rung(rung);
}

TEST(CheckHolds, NotesOfLoadingStayWithTheirAccount) {
  BookBuilder builder = one_account();
  finding(SubjectKind::account, "A", Severity::note)(builder);
  finding(SubjectKind::household, "A", Severity::note)(builder);
  const CheckedAccount checked = check_of(builder.build());
  ASSERT_EQ(checked.findings.size(), 1U);
  EXPECT_EQ(checked.findings[0].subject, (Subject{SubjectKind::account, "A"}));
}

TEST(CheckHolds, WhatLoadingHasToldIsNotToldAgain) {
  BookBuilder builder = one_account();
  builder.adjust([](Book& book) {
    book.models[0].usable = false;
    book.findings.push_back({rule::model_unknown, Severity::hold, {SubjectKind::account, "A"}, {}, "", "", "line 7"});
  });
  const CheckedAccount checked = check_of(builder.build());
  ASSERT_EQ(checked.findings.size(), 1U);
  EXPECT_EQ(checked.findings[0].message, "line 7");
}

TEST(CheckHolds, ScopesOfRestrictionsAreOfOneRank) {
  BookBuilder builder = one_account();
  builder.restriction({.scope = RestrictionScope::firm, .rule = RestrictionRule::sell_all, .subject_id = "AAA"});
  builder.restriction({.scope = RestrictionScope::household,
                       .scope_id = "A",
                       .rule = RestrictionRule::never_sell,
                       .subject_kind = RestrictionSubject::sector,
                       .subject_id = "technology"});
  const CheckedAccount checked = check_of(builder.build());
  ASSERT_TRUE(checked.held);
  const Finding* found = finding_of(checked, rule::restriction_conflict);
  EXPECT_EQ(found->observed, "R1");
  EXPECT_EQ(found->limit, "R2");
  EXPECT_NE(found->message.find("AAA"), std::string::npos);
}

TEST(CheckHolds, AStaleCashFundHoldsOnlyWhereItIsHeld) {
  BookBuilder builder = one_account();
  builder.security({.id = "MMF", .price = "1", .kind = SecurityKind::cash});
  priced_days_ago("MMF", 6)(builder);
  EXPECT_FALSE(check_of(builder.build()).held);
  builder.lot({.account = "A", .security = "MMF", .quantity = "100", .cost_basis = "100"});
  EXPECT_TRUE(check_of(builder.build()).held);
}

// ---- requests

TEST(CheckRequests, ReservesWhatIsDueWithinCashRaiseDays) {
  BookBuilder builder = one_account();
  builder.request({.account = "A", .amount = "100", .due_on = "2025-05-01"});   // past
  builder.request({.account = "A", .amount = "10", .due_on = "2025-07-05"});    // 5 days ahead
  builder.request({.account = "A", .amount = "1000", .due_on = "2025-07-06"});  // 6 days ahead
  const CheckedAccount checked = check_of(builder.build());
  EXPECT_EQ(checked.reserved, money("110"));
  EXPECT_TRUE(checked.cash_due);
  EXPECT_EQ(checked.value, money("10000"));
  EXPECT_EQ(checked.investable, money("9890"));
  EXPECT_EQ(checked.cash_line, money("4000"));
  EXPECT_FALSE(checked.liquidating);
}

TEST(CheckRequests, FrozenByStatusOrByADueRequest) {
  BookBuilder by_status = one_account();
  by_status.adjust([](Book& book) { book.accounts[0].status = AccountStatus::frozen; });
  const CheckedAccount status = check_of(by_status.build());
  EXPECT_TRUE(status.frozen);
  EXPECT_FALSE(status.held);
  EXPECT_EQ(finding_of(status, rule::restriction_account_frozen)->severity, Severity::note);
  EXPECT_EQ(status.value, money("10000"));

  BookBuilder due = one_account();
  due.request({.account = "A", .kind = RequestKind::freeze, .due_on = "2025-06-30"});
  EXPECT_TRUE(check_of(due.build()).frozen);
  BookBuilder tomorrow = one_account();
  tomorrow.request({.account = "A", .kind = RequestKind::freeze, .due_on = "2025-07-01"});
  EXPECT_FALSE(check_of(tomorrow.build()).frozen);
}

TEST(CheckRequests, AFrozenAccountThatOwesCashIsReviewed) {
  BookBuilder builder = one_account();
  builder.adjust([](Book& book) { book.accounts[0].status = AccountStatus::frozen; });
  builder.request({.account = "A", .amount = "4000"});
  EXPECT_EQ(finding_of(check_of(builder.build()), rule::request_cash_short), nullptr);
  builder.request({.account = "A", .amount = "0.01"});
  EXPECT_EQ(finding_of(check_of(builder.build()), rule::request_cash_short)->severity, Severity::review);
}

TEST(CheckRequests, AModelChangeIsFollowedFromItsDay) {
  for (const auto& [due_on, model] : {std::pair{"2025-06-30", "N"}, std::pair{"2025-07-01", "M"}}) {
    BookBuilder builder = one_account();
    builder.model("M", {{"AAA", "1"}}).model("N", {{"BBB", "1"}});
    builder.request({.account = "A", .kind = RequestKind::model_change, .due_on = due_on, .value = "N"});
    const Book book = builder.build();
    const CheckedAccount checked = check_of(book);
    EXPECT_EQ(book.models[checked.model_index].id.text, model) << due_on;
    EXPECT_EQ(has_line(book, checked, "BBB"), std::string(model) == "N") << due_on;
  }
}

TEST(CheckRequests, WhatIsWrongWithTheModelThatItLeavesHoldsNobody) {
  for (const auto& [broken, due_on, held] :
       {std::tuple{"M", "2025-06-30", false}, std::tuple{"M", "2025-07-01", true}, std::tuple{"N", "2025-06-30", true},
        std::tuple{"N", "2025-07-01", false}}) {
    BookBuilder builder = one_account();
    builder.model("M", {{"AAA", "1"}}).model("N", {{"BBB", "1"}});
    builder.request({.account = "A", .kind = RequestKind::model_change, .due_on = due_on, .value = "N"});
    finding(SubjectKind::model, broken, Severity::hold)(builder);
    builder.adjust([name = std::string(broken)](Book& book) {
      std::ranges::find(book.models, name, [](const Model& one) { return one.id.text; })->usable = false;
    });
    EXPECT_EQ(check_of(builder.build()).held, held) << broken << " " << due_on;
  }
}

TEST(CheckRequests, TheNewestOfSeveralModelChangesDecides) {
  BookBuilder builder = one_account();
  builder.model("M", {{"AAA", "1"}}).model("N", {{"BBB", "1"}});
  builder.request({.account = "A", .kind = RequestKind::model_change, .due_on = "2025-06-29", .value = "N"});
  builder.request({.account = "A", .kind = RequestKind::model_change, .due_on = "2025-06-28", .value = "M"});
  const Book book = builder.build();
  EXPECT_EQ(book.models[check_of(book).model_index].id.text, "N");
}

// Sales of Monday 2025-06-30 settle on Tuesday: cash due on Tuesday is in time, cash due on Monday is not.
TEST(CheckRequests, CashDueBeforeSettlementIsTooLateWhereItIsNotThere) {
  struct Row {
    const char* due_on;
    const char* amount;
    bool too_late;
  };
  for (const auto& [due_on, amount, too_late] :
       {Row{"2025-06-30", "4000.01", true}, Row{"2025-06-30", "4000", false}, Row{"2025-07-01", "4000.01", false}}) {
    BookBuilder builder = one_account();
    builder.request({.account = "A", .amount = amount, .due_on = due_on});
    builder.request({.account = "A", .amount = "1", .due_on = "2025-07-05"});
    const CheckedAccount checked = check_of(builder.build());
    EXPECT_EQ(finding_of(checked, rule::request_too_late) != nullptr, too_late) << due_on << " " << amount;
    EXPECT_FALSE(checked.held);
  }
}

TEST(CheckRequests, SettlementDays) {
  EXPECT_EQ(settle_date(day("2017-09-01")), day("2017-09-07"));  // T+3 over a weekend and Labor Day
  EXPECT_EQ(settle_date(day("2017-09-05")), day("2017-09-07"));  // T+2
  EXPECT_EQ(settle_date(day("2024-05-24")), day("2024-05-29"));  // T+2 over a weekend and Memorial Day
  EXPECT_EQ(settle_date(day("2024-05-28")), day("2024-05-29"));  // T+1
  EXPECT_EQ(settle_date(day("2025-06-27")), day("2025-06-30"));  // a Friday
  EXPECT_EQ(settle_date(day("2025-07-03")), day("2025-07-07"));  // before Independence Day, a Friday
  EXPECT_EQ(settle_date(day("2018-12-24")), day("2018-12-27"));  // T+2 over Christmas
}

TEST(CheckRequests, AnnouncedCashIsNoted) {
  BookBuilder builder = one_account();
  builder.request({.account = "A", .kind = RequestKind::cash_in, .amount = "500", .due_on = "2025-08-01"});
  const CheckedAccount checked = check_of(builder.build());
  EXPECT_EQ(finding_of(checked, rule::request_cash_in)->severity, Severity::note);
  EXPECT_EQ(checked.value, money("10000"));
}

TEST(CheckRequests, MoneySetAsideAddsUpFromItsDay) {
  BookBuilder builder = one_account();
  builder.request({.account = "A", .kind = RequestKind::set_aside, .amount = "100", .due_on = "2025-06-30"});
  builder.request({.account = "A", .kind = RequestKind::set_aside, .amount = "20"});
  builder.request({.account = "A", .kind = RequestKind::set_aside, .amount = "3", .due_on = "2025-07-01"});
  const CheckedAccount checked = check_of(builder.build());
  EXPECT_EQ(checked.set_aside, money("120"));
  EXPECT_EQ(checked.reserved, money("0"));
  EXPECT_EQ(checked.investable, money("10000"));
  EXPECT_EQ(finding_of(checked, rule::request_set_aside)->severity, Severity::note);
}

TEST(CheckRequests, ATransferOutLeavesTheAccountAloneFromItsDay) {
  for (const auto& [due_on, frozen] : {std::pair("2025-06-30", true), std::pair("2025-07-01", false)}) {
    BookBuilder builder = one_account();
    builder.request({.account = "A", .kind = RequestKind::transfer_out, .due_on = due_on});
    const CheckedAccount checked = check_of(builder.build());
    EXPECT_EQ(checked.frozen, frozen);
    EXPECT_FALSE(checked.held);
    EXPECT_EQ(finding_of(checked, rule::request_transfer_out) != nullptr, frozen);
  }
}

TEST(CheckRequests, ALiquidationSellsEveryLineAndBuysNone) {
  BookBuilder builder = one_account();
  builder.request({.account = "A", .kind = RequestKind::liquidate});
  const Book book = builder.build();
  const CheckedAccount checked = check_of(book);
  EXPECT_TRUE(checked.liquidating);
  const CheckedLine line = line_of(book, checked, "AAA");
  EXPECT_TRUE(line.sell_all);
  EXPECT_EQ(line.sell_all_rule, rule::request_liquidate);
  EXPECT_EQ(line.sell_all_strength, Strength::request);
  EXPECT_FALSE(line_of(book, checked, "BBB").sell_all);
  EXPECT_EQ(rules_of(line_of(book, checked, "BBB").buy_bars), Rules{rule::request_liquidate});
  EXPECT_EQ(finding_of(checked, rule::request_liquidation_left), nullptr);
}

TEST(CheckRequests, ALiquidationLeavesWhatAStrongerRuleKeeps) {
  using enum RestrictionRule;
  struct Row {
    const char* what;
    Change change;
    bool sells;
  };
  const Row rows[] = {
      {rule::restriction_never_sell, restriction(never_sell, "AAA"), false},
      {rule::restriction_freeze, restriction(freeze, "AAA"), false},
      {rule::restriction_lock_quantity, restriction(lock_quantity, "AAA", "10"), true},
      {rule::restriction_weight_min, restriction(weight_min, "AAA", "0.1"), true},
      {rule::restriction_not_tradable, adjust([](Book& book) { book.securities[0].tradable = false; }), false},
      {rule::data_unknown_basis_excluded, adjust([](Book& book) { book.accounts[0].lots[0].cost_basis.reset(); }),
       true},
  };
  for (const Row& row : rows) {
    BookBuilder builder = one_account();
    builder.request({.account = "A", .kind = RequestKind::liquidate});
    row.change(builder);
    const Book book = builder.build();
    const CheckedAccount checked = check_of(book);
    const Finding* left = finding_of(checked, rule::request_liquidation_left);
    ASSERT_NE(left, nullptr) << row.what;
    EXPECT_EQ(left->severity, Severity::review);
    EXPECT_EQ(left->observed, "AAA");
    EXPECT_EQ(left->limit, row.what);
    EXPECT_EQ(line_of(book, checked, "AAA").sell_all, row.sells) << row.what;
    EXPECT_FALSE(checked.held) << row.what;
  }
  BookBuilder mode = one_account();  // a weaker rule keeps nothing
  mode.request({.account = "A", .kind = RequestKind::liquidate}).policy("A", "mode", "hold");
  EXPECT_EQ(finding_of(check_of(mode.build()), rule::request_liquidation_left), nullptr);
}

// L1 of AAA gains 1,000; of BBB there is a lot at a loss.
BookBuilder with_loss_lot(const std::string& preserved_to) {
  BookBuilder builder = one_account();
  builder.lot({.account = "A", .id = "L2", .security = "BBB", .quantity = "10", .cost_basis = "1500"});
  builder.request({.account = "A", .kind = RequestKind::preserve_losses, .due_on = preserved_to});
  return builder;
}

TEST(CheckRequests, LossesArePreservedToTheDayAndWithoutEndWhereThereIsNone) {
  for (const char* to : {"2025-06-30", "2026-01-31", ""}) {
    const CheckedAccount checked = check_of(with_loss_lot(to).build());
    EXPECT_TRUE(checked.lots[0].bars.empty());
    ASSERT_EQ(rules_of(checked.lots[1].bars), Rules{rule::request_preserve_losses}) << to;
    EXPECT_EQ(checked.lots[1].bars[0].strength, Strength::request);
    EXPECT_EQ(checked.lots[1].bars[0].source, "Q1");
  }
  EXPECT_TRUE(check_of(with_loss_lot("2025-06-29").build()).lots[1].bars.empty());
  BookBuilder untaxed = with_loss_lot("");
  untaxed.adjust([](Book& book) { book.accounts[0].tax_treatment = TaxTreatment::tax_deferred; });
  EXPECT_TRUE(check_of(untaxed.build()).lots[1].bars.empty());
}

TEST(CheckRequests, LossesPreservedAndLiquidatedContradict) {
  BookBuilder builder = with_loss_lot("");
  builder.request({.account = "A", .kind = RequestKind::liquidate});
  const CheckedAccount checked = check_of(builder.build());
  EXPECT_TRUE(checked.held);
  EXPECT_EQ(finding_of(checked, rule::request_conflict)->severity, Severity::hold);
  BookBuilder gains_only = one_account();
  gains_only.request({.account = "A", .kind = RequestKind::preserve_losses});
  gains_only.request({.account = "A", .kind = RequestKind::liquidate});
  EXPECT_FALSE(check_of(gains_only.build()).held);
}

TEST(CheckRequests, RealizationsAddUpByKindAndTerm) {
  using enum RequestKind;
  BookBuilder builder = one_account();
  builder.request({.account = "A", .kind = harvest, .amount = "100", .due_on = "2025-06-01", .value = "short"});
  builder.request({.account = "A", .kind = harvest, .amount = "30", .value = "any"});
  builder.request({.account = "A", .kind = harvest, .amount = "7"});
  builder.request({.account = "A", .kind = harvest, .amount = "1000", .due_on = "2025-07-01"});  // not yet
  builder.request({.account = "A", .kind = realize_gains, .amount = "50", .value = "long"});
  builder.request({.account = "A", .kind = realize_gains, .value = "zero_rate"});
  const CheckedAccount checked = check_of(builder.build());
  ASSERT_EQ(checked.realizations.size(), 3U);
  const Realization& of_short = checked.realizations[0];
  EXPECT_TRUE(of_short.losses);
  EXPECT_EQ(of_short.term, Term::short_term);
  EXPECT_EQ(of_short.amount, money("100"));
  const Realization& of_either = checked.realizations[1];
  EXPECT_EQ(of_either.term, std::nullopt);
  EXPECT_EQ(of_either.amount, money("137"));
  EXPECT_EQ(of_either.requests, (std::vector<std::string>{"Q1", "Q2", "Q3"}));
  const Realization& gains = checked.realizations[2];
  EXPECT_FALSE(gains.losses);
  EXPECT_EQ(gains.term, Term::long_term);
  EXPECT_EQ(gains.amount, money("50"));
  EXPECT_EQ(finding_of(checked, rule::request_unsupported)->observed, "zero_rate");
}

TEST(CheckRequests, ARealizationCountsItsTermAndItsSign) {
  const Realization losses{.losses = true, .term = Term::short_term, .amount = money("1"), .requests = {}};
  EXPECT_EQ(losses.counted(Term::short_term, money("-5")), money("5"));
  EXPECT_EQ(losses.counted(Term::long_term, money("-5")), Money());
  EXPECT_EQ(losses.counted(Term::short_term, money("5")), Money());
  const Realization gains{.losses = false, .term = std::nullopt, .amount = money("1"), .requests = {}};
  EXPECT_EQ(gains.counted(Term::long_term, money("5")), money("5"));
  EXPECT_EQ(gains.counted(Term::long_term, money("-5")), Money());
}

TEST(CheckRequests, AnAccountThatCannotRealizeIsReviewed) {
  const Change hindrances[] = {adjust([](Book& book) { book.accounts[0].status = AccountStatus::frozen; }),
                               adjust([](Book& book) { book.accounts[0].tax_treatment = TaxTreatment::tax_deferred; })};
  for (const Change& hindrance : hindrances) {
    BookBuilder builder = one_account();
    builder.request({.account = "A", .kind = RequestKind::harvest, .amount = "100"});
    hindrance(builder);
    const CheckedAccount checked = check_of(builder.build());
    EXPECT_TRUE(checked.realizations.empty());
    ASSERT_NE(finding_of(checked, rule::request_harvest_short), nullptr);
    EXPECT_EQ(finding_of(checked, rule::request_harvest_short)->limit, "100.00");
  }
}

TEST(CheckRequests, LossesPreservedAndHarvestedContradict) {
  BookBuilder builder = with_loss_lot("");
  builder.request({.account = "A", .kind = RequestKind::harvest, .amount = "100"});
  EXPECT_EQ(finding_of(check_of(builder.build()), rule::request_conflict)->limit, rule::request_harvest);
}

TEST(CheckRequests, AFrozenAccountSaysWhatItDoesNotSell) {
  BookBuilder builder = one_account();
  restriction(RestrictionRule::sell_all, "AAA")(builder);
  EXPECT_EQ(finding_of(check_of(builder.build()), rule::restriction_yielded), nullptr);
  builder.request({.account = "A", .kind = RequestKind::freeze});
  const CheckedAccount checked = check_of(builder.build());
  EXPECT_EQ(finding_of(checked, rule::restriction_yielded)->severity, Severity::review);
  EXPECT_EQ(finding_of(checked, rule::restriction_yielded)->observed, "AAA");
  EXPECT_FALSE(checked.held);
}

TEST(CheckRequests, AFrozenAccountIsNotLiquidated) {
  BookBuilder builder = one_account();
  builder.request({.account = "A", .kind = RequestKind::liquidate});
  builder.request({.account = "A", .kind = RequestKind::freeze});
  EXPECT_NE(finding_of(check_of(builder.build()), rule::request_liquidation_left), nullptr);
}

// ---- lines

TEST(CheckLines, TargetsAreScaledByWhatIsNotCash) {
  BookBuilder builder = one_account();
  builder.model("M", {{"AAA", "0.3"}, {"BBB", "0.7"}}).policy("A", "cash_target", "0.015");
  const Book book = builder.build();
  const CheckedAccount checked = check_of(book);
  EXPECT_EQ(line_of(book, checked, "AAA").target, weight("0.2955"));
  EXPECT_EQ(line_of(book, checked, "BBB").target, weight("0.6895"));
  EXPECT_EQ(line_of(book, checked, "AAA").held, shares("60"));
  EXPECT_EQ(line_of(book, checked, "AAA").lot_end, 1U);
}

TEST(CheckLines, AHeldSecurityOutsideTheTargetMayBeBought) {
  BookBuilder builder = one_account();
  builder.model("M", {{"BBB", "1"}});
  const Book book = builder.build();
  const CheckedAccount checked = check_of(book);
  EXPECT_TRUE(line_of(book, checked, "AAA").target.is_zero());
  EXPECT_TRUE(line_of(book, checked, "AAA").buy_bars.empty());
}

TEST(CheckLines, SecuritiesOfKindCashAreTheCashLine) {
  BookBuilder builder = one_account();
  builder.security({.id = "MMF", .price = "1", .kind = SecurityKind::cash});
  builder.model("M", {{"AAA", "0.9"}, {"MMF", "0.1"}});
  builder.lot({.account = "A", .security = "MMF", .quantity = "250.5", .cost_basis = "250"});
  const Book book = builder.build();
  const CheckedAccount checked = check_of(book);
  EXPECT_FALSE(has_line(book, checked, "MMF"));
  ASSERT_EQ(checked.cash_holdings.size(), 1U);
  EXPECT_EQ(checked.cash_holdings[0].held, shares("250.5"));
  EXPECT_EQ(checked.cash_holdings[0].lot_begin, 1U);
  EXPECT_TRUE(checked.cash_holdings[0].may_sell);
  EXPECT_EQ(checked.cash_line, money("4250.5"));
  EXPECT_EQ(checked.value, money("10250.5"));
}

TEST(CheckLines, SubstitutesOfHeldAndWantedSecuritiesJoin) {
  struct Row {
    const char* what;
    Change change;
    bool joins;
  };
  const auto of = [](const char* security, bool buyable) {
    return [=](BookBuilder& builder) {
      builder.substitute({.security = security, .substitute = "SUB", .hurdle_bps = "7", .buyable = buyable});
    };
  };
  const Row rows[] = {
      {"of what is held", of("AAA", true), true},
      {"of what is wanted", of("BBB", true), true},
      {"of neither", of("CCC", true), false},
      {"of nothing", no_change(), false},
      {"never bought", of("AAA", false), false},
      {"never bought, by one of two rows", all({of("AAA", true), of("BBB", false)}), false},
      {"without a price", all({of("AAA", true), unpriced("SUB")}), false},
      {"with a price of 5 days ago", all({of("AAA", true), priced_days_ago("SUB", 5)}), true},
      {"with a price of 6 days ago", all({of("AAA", true), priced_days_ago("SUB", 6)}), false},
      {"with a pending action", all({of("AAA", true), pending_action("SUB", "2025-06-30", false)}), false},
      {"in doubt", all({of("AAA", true), finding(SubjectKind::security, "SUB", Severity::hold)}), false},
  };
  for (const Row& row : rows) {
    BookBuilder builder = one_account();
    builder.security({.id = "CCC"}).security({.id = "SUB"}).model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
    row.change(builder);
    const Book book = builder.build();
    const CheckedAccount checked = check_of(book);
    EXPECT_EQ(has_line(book, checked, "SUB"), row.joins) << row.what;
    EXPECT_FALSE(checked.held) << row.what;
  }
}

TEST(CheckLines, TheSmallestHurdleOfASubstituteCounts) {
  BookBuilder builder = one_account();
  builder.security({.id = "CCC"}).security({.id = "SUB"}).model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}});
  builder.substitute({.security = "AAA", .substitute = "SUB", .hurdle_bps = "9"});
  builder.substitute({.security = "BBB", .substitute = "SUB", .hurdle_bps = "7.5"});
  builder.substitute({.security = "CCC", .substitute = "SUB", .hurdle_bps = "8"});
  const Book book = builder.build();
  const CheckedLine line = line_of(book, check_of(book), "SUB");
  EXPECT_TRUE(line.hurdled);
  EXPECT_EQ(line.hurdle, basis_points("7.5"));
  EXPECT_FALSE(line_of(book, check_of(book), "AAA").hurdled);
}

TEST(CheckLines, AHeldSubstituteThatMayOnlyBeHeldIsNotBought) {
  BookBuilder builder = one_account();
  builder.substitute({.security = "BBB", .substitute = "AAA", .buyable = false});
  const Book book = builder.build();
  const CheckedLine line = line_of(book, check_of(book), "AAA");
  EXPECT_EQ(rules_of(line.buy_bars), Rules{rule::restriction_substitute_hold_only});
  EXPECT_TRUE(line.sell_bars.empty());
}

TEST(CheckLines, BarsByRule) {
  using enum RestrictionRule;
  struct Row {
    Change change;
    Rules buy;
    Rules sell;
    Strength strength;
  };
  const auto mode = [](const char* name) { return [=](BookBuilder& builder) { builder.policy("A", "mode", name); }; };
  const Row rows[] = {
      {restriction(never_buy, "AAA"), {rule::restriction_never_buy}, {}, Strength::restriction},
      {restriction(never_sell, "AAA"), {}, {rule::restriction_never_sell}, Strength::restriction},
      {restriction(freeze, "AAA"), {rule::restriction_freeze}, {rule::restriction_freeze}, Strength::restriction},
      {restriction(sell_all, "AAA"), {rule::restriction_sell_all}, {}, Strength::restriction},
      {restriction(never_buy, "BBB"), {}, {}, Strength::restriction},
      {adjust([](Book& book) { book.securities[0].tradable = false; }),
       {rule::restriction_not_tradable},
       {rule::restriction_not_tradable},
       Strength::law},
      {mode("full"), {}, {}, Strength::mode},
      {mode("buy_only"), {}, {rule::mode_buy_only}, Strength::mode},
      {mode("sell_only"), {rule::mode_sell_only}, {}, Strength::mode},
      {mode("hold"), {rule::mode_hold}, {rule::mode_hold}, Strength::mode},
      {mode("cash_only"), {}, {}, Strength::mode},
      {mode("harvest_only"), {}, {}, Strength::mode},
  };
  for (const Row& row : rows) {
    BookBuilder builder = one_account();
    row.change(builder);
    const Book book = builder.build();
    const CheckedLine line = line_of(book, check_of(book), "AAA");
    EXPECT_EQ(rules_of(line.buy_bars), row.buy);
    EXPECT_EQ(rules_of(line.sell_bars), row.sell);
    for (const Bar& bar : line.buy_bars) EXPECT_EQ(bar.strength, row.strength);
    for (const Bar& bar : line.sell_bars) EXPECT_EQ(bar.strength, row.strength);
  }
}

TEST(CheckLines, ASellAllYieldsToASecurityThatCannotBeTraded) {
  BookBuilder builder = one_account();
  restriction(RestrictionRule::sell_all, "AAA")(builder);
  const Book sound = builder.build();
  EXPECT_TRUE(line_of(sound, check_of(sound), "AAA").sell_all);
  builder.adjust([](Book& book) { book.securities[0].tradable = false; });
  const Book book = builder.build();
  const CheckedAccount checked = check_of(book);
  EXPECT_FALSE(line_of(book, checked, "AAA").sell_all);
  EXPECT_EQ(finding_of(checked, rule::restriction_yielded)->severity, Severity::review);
}

TEST(CheckLines, OnlyRestrictionsInScopeCount) {
  BookBuilder builder = one_account();
  builder.account({.id = "B", .taxpayer = "T"});
  builder.restriction({.scope_id = "B", .rule = RestrictionRule::never_buy, .subject_id = "AAA"});
  builder.restriction(
      {.scope = RestrictionScope::household, .scope_id = "B", .rule = RestrictionRule::freeze, .subject_id = "AAA"});
  const Book book = builder.build();
  EXPECT_TRUE(line_of(book, check_of(book, "A"), "AAA").buy_bars.empty());
  EXPECT_EQ(rules_of(line_of(book, check_of(book, "B"), "AAA").buy_bars),
            (Rules{rule::restriction_freeze, rule::restriction_never_buy}));
}

TEST(CheckLines, TheTightestWeightCounts) {
  struct Row {
    const char* policy;
    std::vector<std::string> restrictions;
    const char* max;
    Strength strength;
  };
  const Row rows[] = {{"0.1", {}, "0.1", Strength::position},
                      {"none", {"0.2"}, "0.2", Strength::restriction},
                      {"none", {"0.2", "0.15"}, "0.15", Strength::restriction},
                      {"0.1", {"0.2"}, "0.1", Strength::position},
                      {"0.2", {"0.1"}, "0.1", Strength::restriction},
                      {"0.1", {"0.1"}, "0.1", Strength::restriction}};
  for (const Row& row : rows) {
    BookBuilder builder = one_account();
    builder.policy("A", "position_weight_max", row.policy);
    for (const std::string& value : row.restrictions) restriction(RestrictionRule::weight_max, "AAA", value)(builder);
    const Book book = builder.build();
    const CheckedLine line = line_of(book, check_of(book), "AAA");
    EXPECT_EQ(line.weight_max, weight(row.max));
    EXPECT_EQ(line.weight_max_strength, row.strength);
  }
  BookBuilder free = one_account();
  const Book book = free.build();
  EXPECT_EQ(line_of(book, check_of(book), "AAA").weight_max, std::nullopt);
}

TEST(CheckLines, TheLargestLeastWeightCounts) {
  BookBuilder builder = one_account();
  restriction(RestrictionRule::weight_min, "AAA", "0.1")(builder);
  restriction(RestrictionRule::weight_min, "AAA", "0.2")(builder);
  const Book book = builder.build();
  EXPECT_EQ(line_of(book, check_of(book), "AAA").weight_min, weight("0.2"));
}

TEST(CheckLines, LimitsOnSumsBecomeBands) {
  BookBuilder builder = one_account();
  builder.security({.id = "CCC", .asset_class = "bonds"});
  builder.restriction({.scope_id = "A",
                       .rule = RestrictionRule::weight_max,
                       .subject_kind = RestrictionSubject::sector,
                       .subject_id = "technology",
                       .value = "0.4"});
  builder.policy("A", "band_us_equity_min", "0.5").policy("A", "band_us_equity_max", "0.8");
  builder.policy("A", "band_gold_max", "0.1");
  const Book book = builder.build();
  const CheckedAccount checked = check_of(book);
  ASSERT_EQ(checked.bands.size(), 2U);  // nothing of the account is gold
  EXPECT_EQ(checked.bands[0].rule, rule::restriction_weight_max);
  EXPECT_EQ(checked.bands[0].source, "R1");
  EXPECT_EQ(checked.bands[0].strength, Strength::restriction);
  EXPECT_EQ(checked.bands[0].lines, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(checked.bands[0].max, weight("0.4"));
  EXPECT_EQ(checked.bands[0].min, std::nullopt);
  EXPECT_EQ(checked.bands[1].rule, "band_us_equity");
  EXPECT_EQ(checked.bands[1].strength, Strength::band);
  EXPECT_EQ(checked.bands[1].lines, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(checked.bands[1].min, weight("0.5"));
  EXPECT_EQ(checked.bands[1].max, weight("0.8"));
  for (const CheckedLine& line : checked.lines) {  // what they may weigh together one alone may not exceed
    EXPECT_EQ(line.weight_max, weight("0.4"));
    EXPECT_EQ(line.weight_max_strength, Strength::restriction);
  }
}

TEST(CheckLines, LocksOnASecurityKeepTheMost) {
  BookBuilder builder = one_account();
  restriction(RestrictionRule::lock_quantity, "AAA", "10")(builder);
  restriction(RestrictionRule::lock_quantity, "AAA", "25.5")(builder);
  const Book book = builder.build();
  EXPECT_EQ(line_of(book, check_of(book), "AAA").locked, shares("25.5"));
  restriction(RestrictionRule::lock_quantity, "AAA", "61")(builder);
  EXPECT_EQ(line_of(book, check_of(builder.build()), "AAA").locked, shares("60"));
}

TEST(CheckLines, AnAccountWithNothingToInvestIsNoted) {
  BookBuilder builder = one_account();
  builder.request({.account = "A", .amount = "9990"});
  EXPECT_EQ(finding_of(check_of(builder.build()), rule::cash_nothing_to_invest), nullptr);
  builder.request({.account = "A", .amount = "10"});
  const CheckedAccount checked = check_of(builder.build());
  EXPECT_EQ(finding_of(checked, rule::cash_nothing_to_invest)->severity, Severity::note);
  EXPECT_FALSE(checked.held);
  EXPECT_EQ(checked.investable, money("0"));
}

TEST(CheckLines, AnAccountThatNextToNothingIsLeftOfIsHeld) {
  const auto left = [](const std::string& payment) {
    BookBuilder builder = one_account();  // $6,000 invested, $4,000 in cash
    builder.request({.account = "A", .amount = payment});
    return check_of(builder.build());
  };
  EXPECT_FALSE(left("9999.39").held);  // just above a ten-thousandth of what is invested
  EXPECT_EQ(finding_of(left("9999.39"), rule::cash_little_to_invest), nullptr);
  EXPECT_TRUE(left("9999.41").held);
  EXPECT_EQ(finding_of(left("9999.41"), rule::cash_little_to_invest)->severity, Severity::hold);
  EXPECT_FALSE(left("10000").held);  // nothing at all: it only sells

  BookBuilder cash_only("2025-06-30");
  cash_only.security({.id = "AAA"}).account({.id = "A", .cash = "10000"}).model("M", {{"AAA", "1"}});
  cash_only.request({.account = "A", .amount = "9999.99"});
  EXPECT_FALSE(check_of(cash_only.build()).held) << "cash has no weight in the target";
}

TEST(CheckLines, AHeldAccountStillTellsWhatItKnows) {
  BookBuilder builder = one_account();
  unpriced("BBB")(builder);
  const Book book = builder.build();
  const CheckedAccount wanted = check_of(book);
  EXPECT_TRUE(wanted.held);
  EXPECT_EQ(wanted.value, money("10000"));
  EXPECT_EQ(wanted.lines.size(), 2U);
  unpriced("AAA")(builder);
  const CheckedAccount owned = check_of(builder.build());
  EXPECT_EQ(owned.value, money("0"));
  EXPECT_EQ(owned.cash_line, money("4000"));
}

// ---- lots

BookBuilder one_lot(const std::string& acquired_on, const std::string& cost_basis) {
  BookBuilder builder("2025-06-30");
  builder.security({.id = "AAA"}).taxpayer({}).account({.id = "A"});
  builder.lot({.account = "A",
               .id = "L1",
               .security = "AAA",
               .quantity = "10",
               .cost_basis = cost_basis,
               .acquired_on = acquired_on});
  return builder;
}

TEST(CheckLots, FactsOfTheDay) {
  const CheckedLot gain = check_of(one_lot("2024-06-30", "900").build()).lots.at(0);
  EXPECT_EQ(gain.gain, money("100"));
  EXPECT_EQ(gain.saleable, shares("10"));
  EXPECT_FALSE(gain.young);
  EXPECT_TRUE(check_of(one_lot("2025-05-31", "900").build()).lots.at(0).young);   // day 30
  EXPECT_FALSE(check_of(one_lot("2025-05-30", "900").build()).lots.at(0).young);  // day 31
  EXPECT_EQ(check_of(one_lot("2024-06-29", "900").build()).lots.at(0).term, Term::long_term);
  EXPECT_EQ(check_of(one_lot("2024-07-01", "900").build()).lots.at(0).term, Term::short_term);
}

TEST(CheckLots, StopsOfTaxableAccounts) {
  struct Row {
    const char* what;
    const char* acquired_on;
    const char* cost_basis;
    const char* setting;
    const char* value;
    Rules bars;
  };
  // The stop of 30 days: as_of 2025-06-30 is 29 days before the anniversary 2025-07-29, and the lot turns long-term on
  // the 30th day, 2025-07-30.
  const Row rows[] = {
      {"a short gain is allowed", "2025-01-15", "900", "short_term_gains", "allow", {}},
      {"a short gain is avoided", "2025-01-15", "900", "short_term_gains", "avoid", {rule::short_term_gains_avoided}},
      {"no gain", "2025-01-15", "1000", "short_term_gains", "avoid", {}},
      {"a short loss", "2025-01-15", "1000.01", "short_term_gains", "avoid", {}},
      {"a long gain", "2024-06-15", "900", "short_term_gains", "avoid", {}},
      {"30 days before it turns", "2024-07-29", "900", "long_term_wait_days", "30", {rule::short_term_wait}},
      {"31 days before it turns", "2024-07-30", "900", "long_term_wait_days", "30", {}},
      {"a loss before it turns", "2024-07-29", "1100", "long_term_wait_days", "30", {}},
      {"a day before it turns", "2024-06-30", "900", "long_term_wait_days", "1", {rule::short_term_wait}},
      {"no wait", "2024-06-30", "900", "long_term_wait_days", "0", {}},
      {"a long gain needs no wait", "2024-06-29", "900", "long_term_wait_days", "30", {}},
      {"both stops",
       "2024-07-29",
       "900",
       "short_term_gains",
       "avoid",
       {rule::short_term_gains_avoided, rule::short_term_wait}},
      {"an unknown basis", "2020-01-15", "", "unknown_basis", "exclude", {rule::data_unknown_basis_excluded}},
      {"an unknown basis of zero", "2020-01-15", "", "unknown_basis", "zero", {}},
  };
  for (const Row& row : rows) {
    BookBuilder builder = one_lot(row.acquired_on, row.cost_basis);
    builder.policy("A", row.setting, row.value);
    EXPECT_EQ(rules_of(check_of(builder.build()).lots.at(0).bars), row.bars) << row.what;
    builder.adjust([](Book& book) { book.accounts[0].tax_treatment = TaxTreatment::tax_deferred; });
    EXPECT_TRUE(check_of(builder.build()).lots.at(0).bars.empty()) << row.what << ", untaxed";
  }
}

TEST(CheckLots, AnUnknownBasisIsNeverShownAsNoTax) {
  BookBuilder builder = one_lot("2020-01-15", "");
  const CheckedAccount excluded = check_of(builder.build());
  EXPECT_EQ(excluded.lots.at(0).gain, std::nullopt);
  EXPECT_EQ(finding_of(excluded, rule::data_unknown_basis_excluded)->severity, Severity::note);
  builder.policy("A", "unknown_basis", "zero");
  const Book book = builder.build();
  const CheckedAccount zero = check_of(book);
  EXPECT_EQ(zero.lots.at(0).gain, money("1000"));
  EXPECT_EQ(finding_of(zero, rule::data_unknown_basis_zero)->severity, Severity::note);
  EXPECT_EQ(lot_as_taxed(book.accounts[0], book.accounts[0].lots[0]).cost_basis, money("0"));
}

TEST(CheckLots, RestrictionsOnLots) {
  using enum RestrictionRule;
  struct Row {
    RestrictionRule rule;
    const char* value;
    const char* saleable;
    Rules bars;
    bool understood;
  };
  const Row rows[] = {{lock_quantity, "4", "6", {}, true},
                      {lock_quantity, "", "0", {rule::restriction_lock_quantity}, true},
                      {lock_quantity, "11", "0", {rule::restriction_lock_quantity}, true},
                      {never_sell, "", "10", {rule::restriction_never_sell}, true},
                      {freeze, "", "10", {rule::restriction_freeze}, true},
                      {sell_all, "", "10", {}, false}};
  for (const Row& row : rows) {
    BookBuilder builder = one_lot("2020-01-15", "900");
    builder.restriction({.scope_id = "A",
                         .rule = row.rule,
                         .subject_kind = RestrictionSubject::lot,
                         .subject_id = "L1",
                         .value = row.value});
    const CheckedAccount checked = check_of(builder.build());
    EXPECT_EQ(checked.lots.at(0).saleable, shares(row.saleable));
    EXPECT_EQ(rules_of(checked.lots.at(0).bars), row.bars);
    EXPECT_EQ(finding_of(checked, rule::restriction_unsupported) == nullptr, row.understood);
  }
}

// ---- budgets and recent trades

TEST(CheckBudgets, TheTightestCounts) {
  struct Row {
    const char* policy;
    const char* taxpayer;
    std::optional<Money> expected;
  };
  const Row rows[] = {{"none", "", std::nullopt},
                      {"1000", "", money("1000")},
                      {"none", "2000", money("2000")},
                      {"1000", "2000", money("1000")},
                      {"3000", "2000", money("2000")}};
  for (const Row& row : rows) {
    BookBuilder builder("2025-06-30");
    builder.security({.id = "AAA"}).account({.id = "A", .cash = "100"});
    builder.taxpayer({.gain_budget = row.taxpayer, .tax_budget = row.taxpayer});
    builder.policy("A", "gain_budget", row.policy).policy("A", "tax_budget", row.policy);
    const CheckedAccount checked = check_of(builder.build());
    EXPECT_EQ(checked.gain_budget, row.expected);
    EXPECT_EQ(checked.tax_budget, row.expected);
    builder.adjust([](Book& book) { book.accounts[0].tax_treatment = TaxTreatment::tax_free; });
    EXPECT_EQ(check_of(builder.build()).gain_budget, std::nullopt);
  }
}

TEST(CheckBudgets, ProratedByTheDayOfTheYear) {
  EXPECT_EQ(prorated(money("36500"), day("2025-01-01")), money("100"));
  EXPECT_EQ(prorated(money("36500"), day("2025-12-31")), money("36500"));
  EXPECT_EQ(prorated(money("36600"), day("2024-03-01")), money("6100"));  // day 61 of 366
  EXPECT_EQ(prorated(money("1"), day("2025-01-01")), money("0.00274"));   // 0.0027397...
  BookBuilder builder("2025-06-30");                                      // day 181 of 365
  builder.security({.id = "AAA"}).taxpayer({}).account({.id = "A", .cash = "100"});
  builder.policy("A", "gain_budget", "3650").policy("A", "budget_prorated", "yes");
  EXPECT_EQ(check_of(builder.build()).gain_budget, money("1810"));
}

TEST(CheckBudgets, RecentTradesAreTheAccountsOwnDiscretionaryOnes) {
  struct Row {
    const char* what;
    TransactionDraft draft;
    const char* bought;
    const char* sold;
  };
  using enum TransactionKind;
  const Row rows[] = {
      {"a buy of day 30", {.account = "A", .trade_date = "2025-05-31", .kind = buy, .security = "AAA"}, "50", "0"},
      {"a buy of day 31", {.account = "A", .trade_date = "2025-05-30", .kind = buy, .security = "AAA"}, "0", "0"},
      {"a buy of today", {.account = "A", .trade_date = "2025-06-30", .kind = buy, .security = "AAA"}, "50", "0"},
      {"a sell", {.account = "A", .trade_date = "2025-06-10", .kind = sell, .security = "AAA"}, "0", "50"},
      {"a reinvestment", {.account = "A", .trade_date = "2025-06-10", .kind = reinvest, .security = "AAA"}, "0", "0"},
      {"a transfer", {.account = "A", .trade_date = "2025-06-10", .kind = transfer_in, .security = "AAA"}, "0", "0"},
      {"a cash fund", {.account = "A", .trade_date = "2025-06-10", .kind = buy, .security = "MMF"}, "0", "0"},
      {"another account", {.account = "B", .trade_date = "2025-06-10", .kind = buy, .security = "AAA"}, "0", "0"},
      {"a forced sale",
       {.account = "A", .trade_date = "2025-06-10", .kind = sell, .security = "AAA", .discretionary = false},
       "0",
       "0"},
  };
  for (const Row& row : rows) {
    BookBuilder builder = one_account();
    builder.security({.id = "MMF", .price = "1", .kind = SecurityKind::cash}).account({.id = "B"});
    TransactionDraft draft = row.draft;
    draft.amount = "50";
    builder.transaction(draft);
    const CheckedAccount checked = check_of(builder.build());
    EXPECT_EQ(checked.bought_recently, money(row.bought)) << row.what;
    EXPECT_EQ(checked.sold_recently, money(row.sold)) << row.what;
  }
}

TEST(CheckBudgets, RebalanceDaysMinCountsFromTheLastDiscretionaryTrade) {
  BookBuilder builder = one_account();
  builder.transaction({.account = "A", .trade_date = "2025-06-16", .kind = TransactionKind::buy, .security = "AAA"});
  builder.transaction({.account = "A", .trade_date = "2025-06-01", .kind = TransactionKind::buy, .security = "AAA"});
  EXPECT_TRUE(check_of(builder.build()).discretion);
  builder.policy("A", "rebalance_days_min", "14");
  EXPECT_TRUE(check_of(builder.build()).discretion);
  builder.policy("A", "rebalance_days_min", "15");
  const CheckedAccount checked = check_of(builder.build());
  EXPECT_FALSE(checked.discretion);
  EXPECT_EQ(finding_of(checked, rule::turnover_rebalance_wait)->severity, Severity::note);
  EXPECT_FALSE(checked.held);
}

TEST(CheckUnit, AUnitKeepsItsAccountsInOrder) {
  BookBuilder builder = one_account();
  builder.account({.id = "C", .household = "H"}).account({.id = "B", .household = "H"});
  const Book book = builder.build();
  const std::vector<DecisionUnit> units = decision_units(book);
  ASSERT_EQ(units.size(), 1U);  // one taxpayer
  const CheckedUnit checked = check_unit_of(book);
  EXPECT_EQ(checked.book, &book);
  ASSERT_EQ(checked.accounts.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(checked.accounts[i].account.value, i);
}

}  // namespace
}  // namespace lotwright
