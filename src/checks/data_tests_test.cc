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

// A price halved on a day when the stock lost 6 % by itself: 47 % in all.
TEST(Prices, AHalfMayMoveByThreeDaysOfItsOwnAndIsHeldStill) {
  Book book = with_prices("188.68", "100");
  double& own = book.risk.specific_volatility[security_index(book, "AAA").value];
  own = 0.29;  // three days of it: 5.48 %
  EXPECT_EQ(found(book), Rules{"price_jump note"}) << "1.8868 is 5.66 % below two";
  own = 0.31;  // 5.86 %
  EXPECT_EQ(found(book), Rules{"price_jump hold"});
  own = 2.0;
  set_before(book, "AAA", "183.9");
  EXPECT_EQ(found(book), Rules{"price_jump note"}) << "8 % and no further, however wild";
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

TEST(Prices, AnotherPriceOfTheSameDayIsHeldBeyondTheLimitAndConfirmedPasses) {
  Book book = with_prices("100", "100");
  PreviousRun previous;
  previous.believed["AAA"] = {price("60"), book.firm.as_of};
  EXPECT_TRUE(found(book, previous).empty()) << "60 / 100 is the limit of 0.4";
  previous.believed["AAA"] = {price("59.99"), book.firm.as_of};
  EXPECT_EQ(found(book, previous), Rules{"price_jump hold"}) << "no simple ratio, but a close does not change";
  CorporateAction split;
  split.security = security_index(book, "AAA");
  split.effective_on = book.firm.as_of;
  split.id = "C1";
  book.corporate_actions = {split};
  EXPECT_TRUE(found(book, previous).empty()) << "the correction was the split";
  previous.actions["C1"] = book.firm.as_of;
  EXPECT_EQ(found(book, previous), Rules{"price_jump hold"}) << "which the run before knew already";
  book.securities[security_index(book, "AAA").value].price_confirmed = true;
  EXPECT_TRUE(found(book, previous).empty());
}

TEST(Prices, APriceBelievedElevenDaysAgoCountsOnlyWhereANewerOneWasInDoubt) {
  Book book = with_prices("100", "100");
  PreviousRun previous;
  previous.believed["AAA"] = {price("1"), book.firm.as_of - 10};
  EXPECT_EQ(found(book, previous), Rules{"price_jump hold"});
  previous.believed["AAA"] = {price("1"), book.firm.as_of - 11};
  EXPECT_TRUE(found(book, previous).empty());
  previous.prices_doubted = {"AAA"};
  EXPECT_EQ(found(book, previous), Rules{"price_jump hold"}) << "nobody has said that it is right";
}

TEST(Moves, WhatRowsThatCannotBeReadMayExplainIsANote) {
  Book book = small().build();
  const PreviousRun previous = same_as(book);
  book.accounts[0].lots[0].quantity = shares("90");
  ASSERT_EQ(found(book, previous), Rules{"data_position_moved hold"});
  Finding unread{"data_number_unreadable", Severity::hold, {SubjectKind::account, "A"}, {}, "", "", ""};
  for (const auto& [file, severity] : {std::pair("requests.csv", "hold"), std::pair("lots.csv", "note"),
                                       std::pair("transactions.csv.gz", "note"), std::pair("accounts.csv", "note")}) {
    unread.place.file = file;
    book.findings = {unread};
    EXPECT_EQ(found(book, previous), Rules{std::string("data_position_moved ") + severity}) << file;
  }
}

TEST(Moves, ARowTooOldToCompareGoesOnHoldingWhereItWasInDoubt) {
  Book book = small().build();
  PreviousRun previous = same_as(book);
  PreviousAccount& row = previous.account_rows.at("A");
  row.as_of = book.firm.as_of - 30;
  EXPECT_TRUE(found(book, previous).empty());
  row.as_of = book.firm.as_of - 31;
  EXPECT_EQ(found(book, previous), Rules{"data_position_moved review"}) << "not decided for so long";
  row.doubted = true;
  EXPECT_EQ(found(book, previous), Rules{"data_position_moved hold"});
  previous.accepting = {"A"};
  EXPECT_EQ(found(book, previous), Rules{"data_position_moved note"});
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

TEST(Moves, APaymentOfTomorrowThatStillStandsDoesNotExplainThatCashIsGone) {
  BookBuilder builder = small();
  Book book = builder.build();
  PreviousRun previous = same_as(book);
  previous.flows.push_back({"Q1", "A", RequestKind::cash_out, money("1000"), book.firm.as_of + 1});
  book.accounts[0].cash = money("0");
  EXPECT_TRUE(found(book, previous).empty()) << "paid a day early, and the row is taken out";
  Request payment;
  payment.id = "Q1";
  payment.account = account_index(book, "A");
  payment.kind = RequestKind::cash_out;
  payment.amount = money("1000");
  payment.due_on = book.firm.as_of + 1;
  book.requests = {payment};
  EXPECT_EQ(found(book, previous), Rules{"data_cash_moved review"});
  book.requests[0].id = "Q9";
  EXPECT_EQ(found(book, previous), Rules{"data_cash_moved review"}) << "the same under another number";
  book.requests[0].due_on = book.firm.as_of;
  EXPECT_TRUE(found(book, previous).empty()) << "of today: it may be paid already";
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

// A wrong figure that the trades of the other convention happen to explain.
TEST(Moves, CashIsWhatNearlyAllAccountsOfTheBookSayThatItIs) {
  BookBuilder builder;
  builder.security({.id = "AAA"});
  for (int i = 0; i < 6; ++i) {
    const std::string id(1, static_cast<char>('A' + i));
    builder.account({.id = id, .cash = "1000"})
        .lot({.account = id, .id = "L1", .security = "AAA", .quantity = "100", .cost_basis = "8000"});
  }
  Book book = builder.build();
  const PreviousRun previous = same_as(book);
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    Transaction sale;
    sale.account = {i};
    sale.taxpayer = book.accounts[i].taxpayer;
    sale.trade_date = book.firm.as_of;
    sale.kind = TransactionKind::sell;
    sale.security = security_index(book, "AAA");
    sale.quantity = shares("50");
    sale.amount = money("5000");
    book.transactions.push_back(sale);
    book.accounts[i].lots[0].quantity = shares("50");
    book.accounts[i].cash = money("6000");
  }
  EXPECT_TRUE(found(book, previous).empty());
  book.accounts[0].cash = money("1000");
  EXPECT_EQ(found(book, previous), Rules{"data_cash_moved review"}) << "five count what is traded";
  book.accounts[1].cash = money("1000");
  EXPECT_TRUE(found(book, previous).empty()) << "four are too few to say so of the book";
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
  const DataDoubts tested = test_data(book, previous);
  EXPECT_EQ(tested.findings.at(0).severity, Severity::note);
  EXPECT_TRUE(tested.findings[0].message.starts_with("accepted by a person on 2025-06-30 as it is: the cost basis"))
      << tested.findings[0].message;
  ASSERT_EQ(tested.accepted.size(), 1U);
  PreviousRun later = same_as(book);
  later.accepted = tested.accepted;
  later.accepted[0].accepted_on = book.firm.as_of - 3;
  const Finding still = test_data(book, later).findings.at(0);
  EXPECT_EQ(still.severity, Severity::note);
  EXPECT_TRUE(still.message.starts_with("accepted by a person on 2025-06-27")) << still.message;
  book.accounts[0].lots[0].quantity = shares("101");
  EXPECT_EQ(found(book, later), (Rules{"data_basis_implausible hold", "data_position_moved hold"}))
      << "another number of shares of no basis is another fact";
}

// What a person accepts today, as the run of tomorrow knows it.
PreviousRun with_accepted(const Book& book) {
  PreviousRun previous = same_as(book);
  previous.positions.reset();
  PreviousRun later = previous;
  previous.accepting = {"A"};
  later.accepted = test_data(book, previous).accepted;
  return later;
}

TEST(Accepted, AFactThatIsShownInPartIsAcceptedWhole) {
  BookBuilder builder = small();
  for (int i = 0; i < 8; ++i)
    builder.lot({.account = "A", .id = "Z" + std::to_string(i), .security = "P1", .quantity = "10", .cost_basis = "0"});
  Book book = builder.build();
  auto& lots = book.accounts[0].lots;
  const std::size_t last = lots.size() - 1;
  lots[last].cost_basis = money("900");  // Z0 to Z6 are zero; five of them are shown
  const PreviousRun later = with_accepted(book);
  EXPECT_EQ(found(book, later), Rules{"data_basis_implausible note"});
  const std::string shown = test_data(book, later).findings[0].observed;
  std::swap(lots[last].cost_basis, lots[last - 1].cost_basis);  // Z6 is corrected, and Z7 lost
  EXPECT_EQ(test_data(book, later).findings[0].observed, shown) << "what is shown is the same";
  EXPECT_EQ(found(book, later), Rules{"data_basis_implausible hold"});
}

TEST(Accepted, TwoPaymentsAreAcceptedWithTheirAmountAndDay) {
  const auto asks = [](const char* amount, const char* due_on) {
    BookBuilder builder = small();
    for (int i = 0; i < 2; ++i) builder.request({.account = "A", .amount = amount, .due_on = due_on});
    return builder.build();
  };
  const PreviousRun later = with_accepted(asks("50", "2025-07-10"));
  EXPECT_EQ(found(asks("50", "2025-07-10"), later), Rules{"data_cash_flow_twice note"});
  EXPECT_EQ(found(asks("4000", "2025-07-10"), later), Rules{"data_cash_flow_twice hold"});
  EXPECT_EQ(found(asks("50", "2025-07-11"), later), Rules{"data_cash_flow_twice hold"});
}

TEST(Accepted, TwoPurchasesAreAcceptedWithTheirSizeAndDay) {
  const auto bought = [](const char* quantity, const char* amount, const char* day) {
    BookBuilder builder = small();
    for (int i = 0; i < 2; ++i) {
      builder.transaction(
          {.account = "A", .trade_date = day, .security = "P1", .quantity = quantity, .amount = amount});
    }
    return builder.build();
  };
  const PreviousRun later = with_accepted(bought("5", "500", "2025-05-10"));
  EXPECT_EQ(found(bought("5", "500", "2025-05-10"), later).at(0), "data_trade_twice note");
  for (const Book& other : {bought("50", "5000", "2025-05-10"), bought("5", "500", "2025-05-11")})
    EXPECT_EQ(found(other, later).at(0), "data_trade_twice hold");
}

TEST(Accepted, AnotherColumnThatChangedToTheSameWordIsAnotherFact) {
  Book book = small().build();
  PreviousRun first = same_as(book);
  first.account_rows["A"].taxpayer = "U";  // and is "T" now
  first.accepting = {"A"};
  PreviousRun second = same_as(book);
  second.accepted = test_data(book, first).accepted;
  second.account_rows["A"].taxpayer = "U";
  EXPECT_EQ(found(book, second), Rules{"data_account_changed note"});
  second.account_rows["A"].taxpayer = "V";
  EXPECT_EQ(found(book, second), Rules{"data_account_changed hold"}) << "from another taxpayer";
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

TEST(Bases, ARoundedCentForACrumbOfAShareIsNoOtherPrice) {
  BookBuilder builder = small();
  for (const char* id : {"B", "C", "D"}) {
    builder.account({.id = id})
        .lot({.account = id, .id = "L1", .security = "AAA", .quantity = "10", .cost_basis = "183.60"});
  }
  Book book = builder.build();
  TaxLot& lot = book.accounts[0].lots[0];
  lot.quantity = *Quantity::parse("0.0003");  // 0.0055 at 18.36, rounded up
  lot.cost_basis = money("0.01");
  EXPECT_TRUE(found(book).empty());
  lot.quantity = *Quantity::parse("0.03");
  lot.cost_basis = money("1.01");
  EXPECT_EQ(found(book), Rules{"data_basis_implausible hold"});
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
  const auto sold = [](const char* quantity, const char* day) {
    return TransactionDraft{.account = "A",
                            .trade_date = day,
                            .kind = TransactionKind::sell,
                            .security = "P1",
                            .quantity = quantity,
                            .amount = "100"};
  };
  const Rules twice{"data_trade_twice hold"};
  EXPECT_TRUE(found(bought(small().lot(lot)).transaction(sold("5", "2025-06-20")).build()).empty())
      << "the other lot may be the one sold";
  EXPECT_EQ(found(bought(small().lot(lot)).transaction(sold("4.9", "2025-06-20")).build()), twice)
      << "a sale explains as many shares as it takes";
  EXPECT_EQ(found(bought(small().lot(lot)).transaction(sold("5", "2025-06-09")).build()), twice)
      << "what was sold before is no share of these";
}

TEST(Repeated, ALotOfADividendOfThatDayIsNotTheSecondPurchases) {
  BookBuilder builder = small();
  for (const auto& [kind, quantity] : {std::pair(TransactionKind::buy, "10"), std::pair(TransactionKind::buy, "10"),
                                       std::pair(TransactionKind::reinvest, "10")}) {
    builder.transaction({.account = "A",
                         .trade_date = "2025-06-20",
                         .kind = kind,
                         .security = "P1",
                         .quantity = quantity,
                         .amount = "100"});
  }
  for (const char* quantity : {"10", "10"}) {
    builder.lot({.account = "A",
                 .security = "P1",
                 .quantity = quantity,
                 .cost_basis = quantity + std::string("00"),
                 .acquired_on = "2025-06-20"});
  }
  EXPECT_EQ(found(builder.build()), Rules{"data_trade_twice hold"}) << "20 shares held of 30 bought";
}

// 2 purchases of 5; since then 1 share became 3, or 5 became 1.
TEST(Repeated, ASplitSinceIsInTheLotsAndNotInThePurchases) {
  const auto book = [](const char* ratio, const char* held) {
    BookBuilder builder = small();
    for (int i = 0; i < 2; ++i) {
      builder.transaction(
          {.account = "A", .trade_date = "2025-06-10", .security = "P1", .quantity = "5", .amount = "500"});
    }
    builder.lot(
        {.account = "A", .security = "P1", .quantity = held, .cost_basis = "1000", .acquired_on = "2025-06-10"});
    return builder
        .adjust([&](Book& made) {
          CorporateAction split;
          split.id = "X";
          split.security = security_index(made, "P1");
          split.effective_on = made.firm.as_of - 5;
          split.applied = true;
          split.ratio = shares(ratio);
          made.corporate_actions = {split};
        })
        .build();
  };
  EXPECT_TRUE(found(book("3", "30")).empty());
  EXPECT_EQ(found(book("3", "15")), Rules{"data_trade_twice hold"}) << "one purchase alone, split";
  EXPECT_TRUE(found(book("0.2", "2")).empty());
}

TEST(Repeated, TwoPaymentsOfOneAmountAndDayAreOne) {
  const RequestDraft payment{.account = "A", .amount = "500", .due_on = "2025-07-02"};
  EXPECT_TRUE(found(small().request(payment).build()).empty());
  EXPECT_EQ(found(small().request(payment).request(payment).build()), Rules{"data_cash_flow_twice hold"});
  RequestDraft later = payment;
  later.due_on = "2025-07-03";
  EXPECT_TRUE(found(small().request(payment).request(later).build()).empty());
}

TEST(Repeated, APaymentAndADepositOfOneAmountAndDayMayBeASignTurned) {
  const RequestDraft payment{.account = "A", .amount = "500", .due_on = "2025-07-02"};
  RequestDraft deposit = payment;
  deposit.kind = RequestKind::cash_in;
  EXPECT_EQ(found(small().request(payment).request(deposit).build()), Rules{"data_cash_flow_twice review"});
  deposit.amount = "500.01";
  EXPECT_TRUE(found(small().request(payment).request(deposit).build()).empty());
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

TEST(Classes, CountWhereTheModelThatIsFollowedTodayHasThem) {
  for (const auto& [due_on, of] : {std::pair{"2025-06-30", "N"}, std::pair{"2025-07-01", "M"}}) {
    for (const char* unmapped : {"P1", "P2"}) {
      BookBuilder builder = small();
      builder.model("M", {{"P1", "1"}}).model("N", {{"P2", "1"}}).policy("A", "band_us_equity_max", "0.9");
      builder.request({.account = "A", .kind = RequestKind::model_change, .due_on = due_on, .value = "N"});
      builder.adjust(
          [unmapped](Book& book) { book.securities[security_index(book, unmapped).value].asset_class.clear(); });
      const bool counts = std::string(of) == (std::string(unmapped) == "P1" ? "M" : "N");
      EXPECT_EQ(found(builder.build()), counts ? Rules{"data_security_unmapped hold"} : Rules{})
          << of << " is followed, " << unmapped;
    }
  }
}

TEST(Custodian, EveryAccountIsComparedOnceThereIsAFile) {
  Book book = small().build();
  book.positions = {{account_index(book, "A"), security_index(book, "AAA"), shares("100")}};
  EXPECT_TRUE(found(book).empty());
  book.positions[0].quantity = shares("99");
  EXPECT_EQ(found(book), Rules{"data_position_break hold"});
  EXPECT_EQ(test_data(book, {}).loss_bars.size(), 1U) << "and no loss of the group is taken";
}

TEST(Custodian, AFileWithoutARowSaysThatNothingIsHeld) {
  Book book = small().build();
  EXPECT_TRUE(found(book).empty()) << "no file, no word";
  book.files = {{.name = "positions.csv", .sha256 = {}, .bytes = 31, .rows = 0}};
  EXPECT_EQ(found(book), Rules{"data_position_break hold"});
}

// M is AAA and five others alike, a sixth each; N is AAA alone: five sixths move from the one to the other.
TEST(Doubted, AModelMovesHalfTheSumOfItsChanges) {
  const Weight of_n = weight("0.833333333333");
  BookBuilder builder = small();
  builder.model("M", {{"AAA", "0.166666666667"},
                      {"P1", "0.166666666667"},
                      {"P2", "0.166666666667"},
                      {"P3", "0.166666666667"},
                      {"P4", "0.166666666666"},
                      {"P5", "0.166666666666"}});
  builder.model("N", {{"AAA", "1"}});
  const RequestDraft change{.account = "A", .kind = RequestKind::model_change, .due_on = "2025-06-30", .value = "N"};
  const auto moved = [](const Book& book, PreviousRun previous) {
    return doubted(book, previous).accounts[0].model_moved;
  };
  const Book plain = builder.build();
  EXPECT_EQ(moved(plain, {}), Weight());
  PreviousRun previous = same_as(plain);
  previous.account_rows["A"].model = "M";
  EXPECT_EQ(moved(plain, previous), Weight()) << "nobody knows what M weighed";
  previous.models.emplace();
  EXPECT_EQ(moved(plain, previous), weight("1")) << "it followed something else altogether";
  (*previous.models)["M"] = {plain.models[0].weights, {}};
  EXPECT_EQ(moved(plain, previous), Weight());
  (*previous.models)["M"].weights[0].weight += weight("0.0001");
  (*previous.models)["M"].weights[1].weight -= weight("0.0001");
  EXPECT_EQ(moved(plain, previous), weight("0.0001")) << "a hair is a hair";
  (*previous.models)["M"] = {{}, weight("1")};
  EXPECT_EQ(moved(plain, previous), weight("1")) << "of securities that are no more";

  const Book asked = builder.request(change).build();
  EXPECT_EQ(moved(asked, {}), of_n) << "beside the model of its own row";
  Book broken = asked;
  broken.models[0].usable = false;
  broken.models[0].weights.clear();
  EXPECT_EQ(moved(broken, {}), weight("1")) << "nobody knows what its own row stands for";
  (*previous.models)["M"] = {plain.models[0].weights, {}};
  EXPECT_EQ(moved(asked, previous), of_n);
  (*previous.models)["N"] = {plain.models[1].weights, {}};
  previous.account_rows["A"].model = "N";
  EXPECT_EQ(moved(asked, previous), Weight()) << "it followed the request yesterday";
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
