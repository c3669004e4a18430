#include "checks/data_tests.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "testing/book_builder.h"

namespace lotwright {
namespace {

// Account "A" of taxpayer "T": 100 AAA (basis 8,000) and $1,000 cash; AAA costs 100 and has five peers in its sector.
BookBuilder small() {
  BookBuilder book;
  for (const char* id : {"AAA", "P1", "P2", "P3", "P4", "P5"}) book.security({.id = id});
  return book.account({.id = "A", .cash = "1000"})
      .lot({.account = "A", .id = "L1", .security = "AAA", .quantity = "100", .cost_basis = "8000"});
}

void set_before(Book& book, const char* id, const char* before) {
  Security& security = book.securities[security_index(book, id).value];
  security.price_before = price(before);
  security.price_before_date = book.firm.as_of - 3;
}

Book with_prices(const char* before, const char* of_peers) {
  Book book = small().build();
  set_before(book, "AAA", before);
  for (const char* id : {"P1", "P2", "P3", "P4", "P5"}) set_before(book, id, of_peers);
  return book;
}

// The run of three days ago in which everything was as it is in `book`.
PreviousRun same_as(const Book& book) {
  PreviousRun previous;
  previous.as_of = book.firm.as_of - 3;
  previous.accounts.emplace();
  previous.positions.emplace();
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const Account& account = book.accounts[i];
    previous.accounts->push_back(account.id.text);
    PreviousAccount& row = previous.account_rows[account.id.text];
    row.id = account.id.text;
    row.as_of = *previous.as_of;
    row.household = book.households[account.household.value].id.text;
    row.taxpayer = account.taxpayer.exists() ? book.taxpayers[account.taxpayer.value].id.text : "";
    row.tax_treatment = "taxable";
    row.cash = account.cash;
    row.value = money("11000");
    for (const TaxLot& lot : account.lots) {
      PreviousPosition& position = previous.positions->emplace_back();
      position.account = {i};
      position.security = lot.security;
      position.quantity = lot.quantity;
      position.cost_basis = lot.cost_basis;
    }
  }
  return previous;
}

// Rule and severity of each finding.
std::vector<std::string> found(const Book& book, const PreviousRun& previous = {}) {
  std::vector<std::string> rules;
  for (const Finding& finding : test_data(book, previous).findings)
    rules.push_back(finding.rule + " " + name_of(finding.severity));
  return rules;
}

using Rules = std::vector<std::string>;

TEST(Prices, AFallByHalfWithoutASplitIsHeldAndOneWithASplitIsNot) {
  Book book = with_prices("200", "100");
  EXPECT_EQ(found(book), Rules{"price_jump hold"});
  CorporateAction split;
  split.security = security_index(book, "AAA");
  split.effective_on = book.firm.as_of;
  book.corporate_actions = {split};
  EXPECT_TRUE(found(book).empty());
}

TEST(Prices, ABadDayOfThirtyPercentPassesAndOneOfFortySevenIsANote) {
  EXPECT_TRUE(found(with_prices("142.86", "100")).empty());
  EXPECT_EQ(found(with_prices("188.68", "100")), Rules{"price_jump note"});
  EXPECT_EQ(found(with_prices("277", "100")), Rules{"price_jump note"}) << "a factor of 2.77, within 1 / (0.6 x 0.6)";
  EXPECT_EQ(found(with_prices("278", "100")), Rules{"price_jump hold"}) << "and one beyond it";
}

TEST(Prices, AFallThatTheWholeSectorSharesIsNoJump) { EXPECT_TRUE(found(with_prices("200", "190")).empty()); }

// Of six that have a new price each moved otherwise: the median of them, a half, is no market.
TEST(Prices, PricesThatWereDeliveredWronglyTogetherDoNotExcuseEachOther) {
  Book book = with_prices("200", "100");
  set_before(book, "P1", "200");
  set_before(book, "P2", "35");
  set_before(book, "P3", "5000");
  set_before(book, "P4", "161");
  set_before(book, "P5", "64.5");
  EXPECT_EQ(found(book), Rules(4, "price_jump hold")) << "AAA and P1 to P3; a fall to 62 % and a rise by 55 % pass";
}

TEST(Prices, AConfirmedPriceIsNotQuestioned) {
  Book book = with_prices("200", "100");
  book.securities[security_index(book, "AAA").value].price_confirmed = true;
  EXPECT_TRUE(found(book).empty());
}

TEST(Prices, ThePriceLastBelievedCountsBeforeAnEarlierRowOfTheFile) {
  Book book = with_prices("100", "100");
  PreviousRun previous;
  previous.believed["AAA"] = {price("1"), book.firm.as_of - 4};
  EXPECT_EQ(found(book, previous), Rules{"price_jump hold"}) << "yesterday's price was in doubt and is in the file";
}

TEST(Moves, APositionMayChangeByTheDifferenceAndNoFurther) {
  Book book = small().build();
  const PreviousRun previous = same_as(book);
  EXPECT_TRUE(found(book, previous).empty());
  book.accounts[0].lots[0].quantity = shares("100.0001");
  EXPECT_TRUE(found(book, previous).empty());
  book.accounts[0].lots[0].quantity = shares("100.0002");
  EXPECT_EQ(found(book, previous), Rules{"data_position_moved hold"});
}

TEST(Moves, ATradeExplainsTheSharesAndTheCash) {
  Book book =
      small()
          .lot({.account = "A",
                .id = "L2",
                .security = "P1",
                .quantity = "5",
                .cost_basis = "500",
                .acquired_on = "2025-06-30"})
          .transaction({.account = "A", .trade_date = "2025-06-30", .security = "P1", .quantity = "5", .amount = "500"})
          .build();
  PreviousRun previous = same_as(small().build());
  book.accounts[0].cash = money("500");
  EXPECT_TRUE(found(book, previous).empty());
  book.transactions.clear();
  EXPECT_EQ(found(book, previous), (Rules{"data_position_moved hold", "data_cash_moved review"}));
}

TEST(Moves, ATradeThatYesterdayKnewExplainsNothingToday) {
  const Book before =
      small()
          .transaction(
              {.account = "A", .trade_date = "2025-06-20", .security = "AAA", .quantity = "5", .amount = "500"})
          .build();
  PreviousRun previous = same_as(before);
  (*previous.positions)[0].traded = shares("5");
  previous.account_rows["A"].traded = money("-500");
  EXPECT_TRUE(found(before, previous).empty());
}

TEST(Moves, ASplitMustBeFollowedByTheLots) {
  Book book = small().build();
  const PreviousRun previous = same_as(book);
  CorporateAction split;
  split.id = "C1";
  split.security = security_index(book, "AAA");
  split.effective_on = book.firm.as_of;
  split.applied = true;
  split.ratio = shares("1.5");
  book.corporate_actions = {split};
  EXPECT_EQ(found(book, previous), Rules{"data_position_moved hold"});
  book.accounts[0].lots[0].quantity = shares("150");
  EXPECT_TRUE(found(book, previous).empty());
  book.accounts[0].lots[0].quantity = shares("151");
  EXPECT_EQ(found(book, previous), Rules{"data_position_moved hold"});
}

TEST(Moves, ATradeOnTheDayOfASplitMayBeInSharesOfEitherCount) {
  Book book =
      small()
          .transaction({.account = "A", .trade_date = "2025-06-30", .security = "AAA", .quantity = "10", .amount = "0"})
          .build();
  const PreviousRun previous = same_as(book);
  CorporateAction split;
  split.id = "C1";
  split.security = security_index(book, "AAA");
  split.effective_on = book.firm.as_of;
  split.applied = true;
  split.ratio = shares("2");
  book.corporate_actions = {split};
  for (const auto& [held, rules] :
       {std::pair("210", Rules{}), std::pair("220", Rules{}), std::pair("215", Rules{"data_position_moved hold"})}) {
    book.accounts[0].lots[0].quantity = shares(held);
    EXPECT_EQ(found(book, previous), rules) << held;
  }
}

TEST(Moves, CashMayChangeByTwoPercentUnannouncedAndByAnyAmountAnnounced) {
  Book book = small().build();
  PreviousRun previous = same_as(book);  // 11,000 in all: 220
  book.accounts[0].cash = money("780");
  EXPECT_TRUE(found(book, previous).empty());
  book.accounts[0].cash = money("779.99");
  EXPECT_EQ(found(book, previous), Rules{"data_cash_moved review"});
  previous.flows.push_back({"Q1", "A", RequestKind::cash_out, money("900"), book.firm.as_of});
  EXPECT_TRUE(found(book, previous).empty());
  book.accounts[0].cash = money("100");
  EXPECT_TRUE(found(book, previous).empty());
}

TEST(Moves, CashMayBeWhatIsTradedOrWhatHasSettled) {
  // Sold on Monday, the day of the book: settled on Tuesday.
  Book book = small().build();
  const PreviousRun previous = same_as(book);
  Transaction sale;
  sale.account = account_index(book, "A");
  sale.taxpayer = book.accounts[0].taxpayer;
  sale.trade_date = book.firm.as_of;
  sale.kind = TransactionKind::sell;
  sale.security = security_index(book, "AAA");
  sale.quantity = shares("50");
  sale.amount = money("5000");
  book.transactions = {sale};
  book.accounts[0].lots[0].quantity = shares("50");
  EXPECT_TRUE(found(book, previous).empty()) << "the money has not come yet";
  book.accounts[0].cash = money("6000");
  EXPECT_TRUE(found(book, previous).empty()) << "it is counted already";
  book.accounts[0].cash = money("3500");
  EXPECT_EQ(found(book, previous), Rules{"data_cash_moved review"});
}

TEST(Moves, ABasisOfAnUntouchedPositionStaysWithinATenth) {
  Book book = small().build();
  const PreviousRun previous = same_as(book);
  book.accounts[0].lots[0].cost_basis = money("8800");
  EXPECT_TRUE(found(book, previous).empty());
  book.accounts[0].lots[0].cost_basis = money("8801");
  EXPECT_EQ(found(book, previous), Rules{"data_basis_implausible hold"});
  book.accounts[0].lots[0].cost_basis.reset();
  EXPECT_EQ(found(book, previous), Rules{"data_basis_implausible hold"}) << "known yesterday, unknown today";
}

TEST(Bases, ZeroIsNoBasisAndAnOldLotMayHaveCostLittle) {
  Book book = small().build();
  book.accounts[0].lots[0].acquired_on = book.accounts[0].lots[0].held_from = book.firm.as_of - 10 * 365;
  book.accounts[0].lots[0].cost_basis = money("10.01");  // a thousandth of its worth
  EXPECT_TRUE(found(book).empty());
  book.accounts[0].lots[0].cost_basis = money("9.99");
  EXPECT_EQ(found(book), Rules{"data_basis_implausible hold"});
  book.accounts[0].lots[0].cost_basis = money("0");
  EXPECT_EQ(found(book), Rules{"data_basis_implausible hold"});
}

TEST(Bases, OfWhatIsWorthAndCostLessThanADollarNothingDepends) {
  Book book = small().build();
  TaxLot& lot = book.accounts[0].lots[0];
  lot.cost_basis = money("0");
  lot.quantity = *Quantity::parse("0.009999");  // AAA costs 100
  EXPECT_TRUE(found(book).empty());
  lot.quantity = *Quantity::parse("0.01");
  EXPECT_EQ(found(book), Rules{"data_basis_implausible hold"});
  lot.quantity = *Quantity::parse("0.000001");
  lot.cost_basis = money("500");
  EXPECT_EQ(found(book), Rules{"data_basis_implausible hold"}) << "a loss of $500 would be harvested";
}

TEST(Accepted, AFactIsANoteFromThatDayOnAndOnlyAsLongAsItStays) {
  Book book = small().build();
  book.accounts[0].lots[0].cost_basis = money("0");
  PreviousRun previous = same_as(book);
  EXPECT_EQ(found(book, previous), Rules{"data_basis_implausible hold"}) << "it was so yesterday, and nobody looked";
  previous.accepting = {"A"};
  const Finding accepted = test_data(book, previous).findings.at(0);
  EXPECT_EQ(accepted.severity, Severity::note);
  EXPECT_TRUE(accepted.message.starts_with("accepted by a person on 2025-06-30 as it is: the cost basis"))
      << accepted.message;
  PreviousRun later = same_as(book);
  later.accepted = {{"A", "data_basis_implausible", accepted.observed, book.firm.as_of - 3}};
  const Finding still = test_data(book, later).findings.at(0);
  EXPECT_EQ(still.severity, Severity::note);
  EXPECT_TRUE(still.message.starts_with("accepted by a person on 2025-06-27")) << still.message;
  book.accounts[0].lots[0].quantity = shares("101");
  EXPECT_EQ(found(book, later), (Rules{"data_basis_implausible hold", "data_position_moved hold"}))
      << "another number of shares of no basis is another fact";
}

TEST(Accepted, WhatIsAcceptedBarsNoLosses) {
  Book book = small().build();
  PreviousRun previous = same_as(book);
  book.accounts[0].lots[0].quantity = shares("90");
  EXPECT_EQ(test_data(book, previous).loss_bars.size(), 1U);
  previous.accepting = {"A"};
  EXPECT_EQ(found(book, previous), Rules{"data_position_moved note"});
  EXPECT_TRUE(test_data(book, previous).loss_bars.empty());
}

TEST(Accepted, TheCustodiansCountIsNotForAPersonToAccept) {
  Book book = small().build();
  book.positions = {{AccountIndex{0}, security_index(book, "AAA"), shares("90")}};
  PreviousRun previous = same_as(book);
  previous.accepting = {"A"};
  EXPECT_EQ(found(book, previous), Rules{"data_position_break hold"});
}

TEST(Bases, ALotIsComparedWithWhatOthersPaidThatDay) {
  BookBuilder builder = small();
  for (const char* id : {"B", "C", "D"}) {
    builder.account({.id = id})
        .lot({.account = id, .id = "L1", .security = "AAA", .quantity = "10", .cost_basis = "800"});
  }
  Book book = builder.build();
  EXPECT_TRUE(found(book).empty());
  book.accounts[0].lots[0].cost_basis = money("14400");  // 144 a share where others paid 80: 1.8 times
  EXPECT_TRUE(found(book).empty());
  book.accounts[0].lots[0].cost_basis = money("14401");
  EXPECT_EQ(found(book), Rules{"data_basis_implausible hold"});
  const Finding told = test_data(book, {}).findings.at(0);
  EXPECT_EQ(told.limit, "1.8");
  EXPECT_NE(told.message.find("others paid 80.00 a share that day, limit 1.8"), std::string::npos) << told.message;
  EXPECT_NE(told.message.find("raise basis_peers_max under"), std::string::npos) << told.message;
  book.accounts[0].lots[0].held_from = book.accounts[0].lots[0].acquired_on - 1;
  EXPECT_TRUE(found(book).empty()) << "a wash sale raised it: it is not what the shares cost on that day";
}

TEST(Bases, OthersThatDisagreeJudgeNobody) {
  BookBuilder builder = small();
  for (const auto& [id, basis] : {std::pair("B", "800"), std::pair("C", "800"), std::pair("D", "200")}) {
    builder.account({.id = id})
        .lot({.account = id, .id = "L1", .security = "AAA", .quantity = "10", .cost_basis = basis});
  }
  Book book = builder.build();
  book.accounts[0].lots[0].cost_basis = money("20000");
  EXPECT_TRUE(found(book).empty()) << "two of three are too few to say what it cost";
}

TEST(Repeated, TwoEqualPurchasesAreTwoWhereThereAreTwoLots) {
  const auto bought = [](BookBuilder builder) {
    for (int i = 0; i < 2; ++i)
      builder.transaction(
          {.account = "A", .trade_date = "2025-06-10", .security = "P1", .quantity = "5", .amount = "500"});
    return builder;
  };
  const LotDraft lot{
      .account = "A", .security = "P1", .quantity = "5", .cost_basis = "500", .acquired_on = "2025-06-10"};
  EXPECT_EQ(found(bought(small().lot(lot)).build()), Rules{"data_trade_twice hold"});
  EXPECT_TRUE(found(bought(small().lot(lot).lot(lot)).build()).empty());
  LotDraft joined = lot;
  joined.quantity = "10";  // 5 + 5
  EXPECT_TRUE(found(bought(small().lot(joined)).build()).empty()) << "the custodian keeps one lot of both";
  joined.quantity = "9";
  EXPECT_EQ(found(bought(small().lot(joined)).build()), Rules{"data_trade_twice hold"});
  const TransactionDraft sale{
      .account = "A", .trade_date = "2025-06-20", .kind = TransactionKind::sell, .security = "P1", .amount = "100"};
  EXPECT_TRUE(found(bought(small().lot(lot)).transaction(sale).build()).empty()) << "the other lot may be the one sold";
}

TEST(Repeated, TwoPaymentsOfOneAmountAndDayAreOne) {
  const RequestDraft payment{.account = "A", .amount = "500", .due_on = "2025-07-02"};
  EXPECT_TRUE(found(small().request(payment).build()).empty());
  EXPECT_EQ(found(small().request(payment).request(payment).build()), Rules{"data_cash_flow_twice hold"});
  RequestDraft later = payment;
  later.due_on = "2025-07-03";
  EXPECT_TRUE(found(small().request(payment).request(later).build()).empty());
}

TEST(Accounts, OneOpenedLatelyIsANoteAndAnOldOneAReview) {
  Book book = small().build();
  PreviousRun previous = same_as(book);
  previous.account_rows.clear();
  previous.account_rows["Z"] = {};
  previous.account_rows["Z"].id = "Z";
  previous.account_rows["Z"].as_of = *previous.as_of;
  EXPECT_EQ(found(book, previous), Rules{"data_account_vanished note"}) << "A was there";
  previous.accounts->clear();
  EXPECT_EQ(found(book, previous), (Rules{"data_account_new review", "data_account_vanished note"}));
  book.accounts[0].opened_on = *previous.as_of - 10;
  previous.account_rows["Z"].value = money("1");
  EXPECT_EQ(found(book, previous), (Rules{"data_account_new note", "data_account_vanished review"}));
  previous.account_rows["Z"].taxpayer = "T";
  EXPECT_EQ(found(book, previous),
            (Rules{"data_account_new note", "data_account_vanished review", "data_account_vanished review"}))
      << "the account of the same taxpayer is told";
}

TEST(Accounts, AnotherTaxTreatmentHoldsAndAnotherHouseholdIsReviewed) {
  const Book book = small().build();
  PreviousRun previous = same_as(book);
  previous.account_rows["A"].tax_treatment = "tax_free";
  EXPECT_EQ(found(book, previous), Rules{"data_account_changed hold"});
  previous = same_as(book);
  previous.account_rows["A"].household = "H9";
  EXPECT_EQ(found(book, previous), Rules{"data_account_changed review"});
}

TEST(Classes, CountOnlyWhereInstructionsCountThem) {
  BookBuilder builder = small();
  builder.adjust([](Book& book) { book.securities[security_index(book, "AAA").value].asset_class.clear(); });
  EXPECT_TRUE(found(builder.build()).empty());
  builder.policy("A", "band_us_equity_max", "0.9");
  EXPECT_EQ(found(builder.build()), Rules{"data_security_unmapped hold"});
}

TEST(Custodian, EveryAccountIsComparedOnceThereIsAFile) {
  Book book = small().build();
  book.positions = {{account_index(book, "A"), security_index(book, "AAA"), shares("100")}};
  EXPECT_TRUE(found(book).empty());
  book.positions[0].quantity = shares("99");
  EXPECT_EQ(found(book), Rules{"data_position_break hold"});
  EXPECT_EQ(test_data(book, {}).loss_bars.size(), 1U) << "and no loss of the group is taken";
}

TEST(Doubted, AModelHasChangedWhereTheRunBeforeSaysSoOrARequestIsDue) {
  const RequestDraft change{.account = "A", .kind = RequestKind::model_change, .due_on = "2025-06-30", .value = "M"};
  const Book plain = small().build();
  EXPECT_FALSE(doubted(plain, {}).accounts[0].model_changed);
  PreviousRun previous = same_as(plain);
  previous.model_changed = {AccountIndex{0}};
  EXPECT_TRUE(doubted(plain, previous).accounts[0].model_changed);
  const Book asked = small().request(change).build();
  EXPECT_TRUE(doubted(asked, {}).accounts[0].model_changed) << "nobody knows the run before";
  EXPECT_FALSE(doubted(asked, same_as(asked)).accounts[0].model_changed) << "it was made before";
  RequestDraft later = change;
  later.due_on = "2025-07-01";
  EXPECT_FALSE(doubted(small().request(later).build(), {}).accounts[0].model_changed);
}

TEST(Doubted, ATurnoverIsUsualAfterFiveRuns) {
  const Book book = small().build();
  PreviousRun previous = same_as(book);
  previous.account_rows["A"].runs = 4;
  previous.account_rows["A"].turnover = weight("0.5");
  EXPECT_FALSE(doubted(book, previous).accounts[0].turnover_usual);
  previous.account_rows["A"].runs = 5;
  EXPECT_EQ(doubted(book, previous).accounts[0].turnover_usual, weight("0.1"));
}

}  // namespace
}  // namespace lotwright
