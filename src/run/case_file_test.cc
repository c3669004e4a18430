// A saved case must hold everything its unit's decision reads: of the example books and of random ones, every unit is
// saved, read back and played, and nothing may differ by a byte.

#include "run/case_file.h"

#include <gtest/gtest.h>

#include "cases/part.h"
#include "inputs/inputs.h"
#include "run/outputs.h"
#include "run/play.h"
#include "run/run_fixtures.h"
#include "testing/book_builder.h"
#include "testing/random_books.h"

namespace lotwright {
namespace {

// The unit's results out of a run of the whole book.
std::vector<AccountResult> results_of(const RunResult& run, const DecisionUnit& unit) {
  std::vector<AccountResult> results;
  for (const AccountIndex account : unit.accounts) results.push_back(run.accounts.at(account.value));
  return results;
}

Case read_again(const std::string& text) {
  auto read = read_case(text, "case");
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.failure().message) << "\n" << text.substr(0, 2000);
  return std::move(read).value();
}

// Saves and plays every unit; returns how many orders there were.
std::size_t expect_all_units_play(const Book& book) {
  const RunResult run = run_of(book, engine_steps(book));
  std::size_t orders = 0;
  for (const DecisionUnit& unit : decision_units(book)) {
    const std::string text = case_text(case_of(book, unit, {}, results_of(run, unit), {}));
    const Case saved = read_again(text);
    EXPECT_EQ(case_text(saved), text) << "a case that is read and written again is the same text";
    const Played played = play(saved, engine_steps(saved.book)).value();
    EXPECT_TRUE(played.same()) << text_of(played);
    EXPECT_EQ(played.saved_by, played.played_by);
    orders += cases::find_table(played.decided, "decided_orders")->rows.size();
  }
  return orders;
}

TEST(CaseFile, EveryUnitOfTheExampleBooksPlaysToTheSameBytes) {
  EXPECT_GT(expect_all_units_play(read_book("examples/household").value()), 0U);
  EXPECT_GT(expect_all_units_play(read_book("examples/book").value()), 100U);
  EXPECT_GT(expect_all_units_play(read_book("examples/dirty").value()), 0U);
  // Customized models, products, a frozen account; the model of a household, whose accounts have no orders.
  for (const char* story :
       {"a_client_drops_a_class_and_still_follows_the_house", "a_frozen_account_keeps_the_committee_of_march",
        "a_product_fills_a_class_by_size_tax_and_wish"}) {
    EXPECT_GT(expect_all_units_play(read_book(std::string("tests/cases/") + story + "/book").value()), 0U) << story;
  }
  const std::string drifted = "tests/cases/a_household_drifts_and_the_cheapest_correction_is_named/book";
  EXPECT_EQ(expect_all_units_play(read_book(drifted).value()), 0U);
}

TEST(CaseFile, EveryUnitOfRandomBooksPlaysToTheSameBytes) {
  std::size_t orders = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    orders += expect_all_units_play(random_book(seed, 100).build());
  }
  EXPECT_GT(orders, 50U);
}

TEST(CaseFile, AUnitTakesItsOwnRowsAndNoOthers) {
  const Book book = read_book("examples/book").value();
  const DecisionUnit unit = decision_units(book).at(1);
  const Part part = part_of(book, unit);
  EXPECT_EQ(part.book.accounts.size(), unit.accounts.size());
  EXPECT_EQ(part.book.taxpayers.size(), unit.taxpayers.size());
  EXPECT_LT(part.book.transactions.size() + part.book.requests.size() + part.book.restrictions.size(),
            book.transactions.size() + book.requests.size() + book.restrictions.size());
}

TEST(CaseFile, ARefusalSavesACaseThatPlaysAndTellsTheBreach) {
  const Book book = read_book("examples/household").value();
  Steps steps = engine_steps(book);
  const AccountIndex ira = account_index(book, "rivera-ira");
  steps.verify_unit = [ira](const DecisionUnit&, const std::vector<const AccountResult*>& results) {
    std::vector<Breach> breaches;
    if (!results[0]->orders.empty()) breaches.push_back({ira, "cash_min", "USEQ", "L9", "short by \"3\",\nso to say"});
    return breaches;
  };
  const RunResult run = run_of(book, steps);
  ASSERT_EQ(run.cases.size(), 1U);
  const Case saved = read_again(run.cases[0].text);
  ASSERT_EQ(saved.breaches.size(), 3U);
  EXPECT_EQ(saved.breaches[0].rows.at(0).cells,
            (std::vector<std::string>{"rivera-ira", "cash_min", "USEQ", "L9", "short by \"3\",\nso to say"}));
  EXPECT_EQ(saved.breaches[1].rows.at(0).cells.at(0), "rivera-ira-BOND") << "the orders that were refused";

  // A verifier that refuses again gives what was saved; the engine's own has nothing against the orders.
  Steps again = engine_steps(saved.book);
  again.verify_unit = steps.verify_unit;
  EXPECT_TRUE(play(saved, again).value().same());
  const Played clean = play(saved, engine_steps(saved.book)).value();
  EXPECT_FALSE(clean.same());
  EXPECT_NE(text_of(clean).find("short by"), std::string::npos);
  EXPECT_NE(text_of(clean).find("+ [decided_orders] rivera-ira-BOND"), std::string::npos) << text_of(clean);
  EXPECT_NE(text_of(clean).find("- [decided_accounts] rivera-ira,"), std::string::npos);
}

TEST(CaseFile, ABrokenInvariantSavesACaseThatPlays) {
  const Book book = read_book("examples/household").value();
  Steps steps = engine_steps(book);
  steps.solve = [](const CheckedUnit&, const CheckedAccount&, const tax::UnitProgress&, const Effort&) -> Solution {
    throw Defect("the search lost a lot");
  };
  const RunResult run = run_of(book, steps);
  ASSERT_EQ(run.cases.size(), 1U);
  const Case saved = read_again(run.cases[0].text);
  EXPECT_NE(run.cases[0].text.find("the search lost a lot"), std::string::npos);
  Steps again = engine_steps(saved.book);
  again.solve = steps.solve;
  EXPECT_TRUE(play(saved, again).value().same());
  EXPECT_FALSE(play(saved, engine_steps(saved.book)).value().same());
}

TEST(CaseFile, AChangedCaseIsPlayedAsItStands) {
  const Book book = read_book("examples/household").value();
  const DecisionUnit unit = decision_units(book).at(0);
  Case saved = case_of(book, unit, {}, results_of(run_of(book, engine_steps(book)), unit), {});
  saved.book.accounts[0].effective_policy.mode = Mode::hold;
  const Played played = play(read_again(case_text(saved)), engine_steps(saved.book)).value();
  EXPECT_FALSE(played.same());
}

TEST(CaseFile, AnAccountIdCannotLeaveTheFolder) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).account({.id = "../x y", .treatment = TaxTreatment::tax_free});
  const Book book = builder.build();
  EXPECT_EQ(case_name(book, decision_units(book).at(0)), "cases/%2E%2E%2Fx%20y.txt");
}

TEST(CaseFile, AUnitIsNamedByAccountHouseholdOrTaxpayer) {
  const Book book = read_book("examples/book").value();
  const DecisionUnit unit = decision_units(book).at(3);
  const Account& account = book.account(unit.accounts.front());
  for (const std::string& id : {account.id.text, book.households.at(account.household.value).id.text}) {
    EXPECT_EQ(unit_named(book, id).value().accounts, unit.accounts) << id;
  }
  const auto unknown = unit_named(book, account.id.text + "x");
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.failure().message.find("account " + account.id.text), std::string::npos)
      << unknown.failure().message;
}

TEST(CaseFile, ANameOfTwoUnitsIsRefused) {
  BookBuilder builder;
  builder.security({.id = "AAA"});
  builder.account({.id = "A", .household = "B", .treatment = TaxTreatment::tax_free});
  builder.account({.id = "B", .household = "C", .treatment = TaxTreatment::tax_free});
  const auto unit = unit_named(builder.build(), "B");
  ASSERT_FALSE(unit.ok());
  EXPECT_EQ(unit.failure().message,
            "B may be the household B decided with account A and the account B decided with account B: name an account "
            "of the one you mean");
}

}  // namespace
}  // namespace lotwright
