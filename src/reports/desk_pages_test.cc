#include "reports/desk_pages.h"

#include <gtest/gtest.h>

namespace lotwright::reports {
namespace {

Money dollars(const char* text) { return *Money::parse(text); }

ExceptionFacts line(const char* account, const char* rule, Severity severity, const char* stake,
                    const std::string& message, const char* observed = "") {
  return {account,
          std::string("H-") + account,
          {rule, severity, {SubjectKind::account, account}, {}, observed, "", message},
          dollars(stake),
          "Do it."};
}

OrderedAccount ordered(const char* harvested, const char* drift) {
  OrderedAccount account;
  account.value = dollars("20000");
  account.drivers = {{"harvesting losses", dollars(harvested)}, {"correcting drift", dollars(drift)}};
  account.largest_orders = {"sell AAA $900 (harvest_loss)"};
  account.orders = 2;
  account.gap = dollars("0.01");
  return account;
}

// Two accounts of one test, one of a price, two of another: 5 of 100.
DeskFacts day() {
  DeskFacts facts;
  facts.firm = "Firm & Co";
  facts.as_of = *Date::parse("2025-06-30");
  facts.accounts = 100;
  facts.exceptions = {line("A1", "unusual_busy", Severity::review, "1000", "turnover 40.0 %, limit 30.0 %; of ..."),
                      line("A2", "unusual_busy", Severity::review, "5000", "turnover 50.0 %, limit 30.0 %; of ..."),
                      line("A3", "data_unknown_basis", Severity::hold, "70", "lot L1 has no basis"),
                      line("A4", "price_missing", Severity::hold, "600", "AAA has no price", "AAA"),
                      line("A5", "price_missing", Severity::hold, "400", "AAA has no price", "AAA"),
                      line("A6", "cash_nothing_to_invest", Severity::note, "0", "nothing")};
  facts.ordered = {{"A1", ordered("900", "100")}, {"A2", ordered("4000", "1000")}};
  return facts;
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(ExceptionsPage, says_first_how_many_need_a_person_and_for_how_long) {
  const std::string page = exceptions_page(day());
  // Three causes of 3 minutes, and a further line of the test; the price is one correction.
  EXPECT_NE(page.find("5 of 100 accounts (5.0 %) need a person, about 10 min for one"), std::string::npos) << page;
  EXPECT_NE(page.find("Firm &amp; Co"), std::string::npos);
}

TEST(ExceptionsPage, has_a_block_for_each_cause_holds_before_reviews_and_most_dollars_first) {
  const std::string page = exceptions_page(day());
  EXPECT_EQ(count(page, "<article"), 3U);
  const std::size_t price = page.find("id=\"c1\""), basis = page.find("id=\"c2\""), test = page.find("id=\"c3\"");
  EXPECT_NE(page.find("$1,000</span>1. price_missing", price), std::string::npos);
  EXPECT_NE(page.find("2. data_unknown_basis", basis), std::string::npos);
  EXPECT_NE(page.find("$6,000</span>3. unusual_busy", test), std::string::npos) << "dearer, and after the holds";
  EXPECT_LT(page.find("<b>A2</b>", test), page.find("<b>A1</b>", test));
}

TEST(ExceptionsPage, tells_of_a_waiting_account_what_drove_it_in_dollars) {
  const std::string page = exceptions_page(day());
  EXPECT_NE(page.find("harvesting losses $4,000 (80 %)<br>correcting drift $1,000 (20 %)"), std::string::npos) << page;
  EXPECT_NE(page.find("turnover 50.0 %, limit 30.0 %</td>"), std::string::npos);
  EXPECT_NE(page.find("sell AAA $900 (harvest_loss), &hellip;"), std::string::npos);
  EXPECT_NE(page.find("lotwright explain BOOK A2"), std::string::npos);
  EXPECT_NE(page.find("$6,000 sold: 82 % harvesting losses and 18 % correcting drift"), std::string::npos);
}

TEST(ExceptionsPage, doubts_a_test_that_asks_about_many_and_not_one_that_asks_about_few) {
  DeskFacts facts = day();
  EXPECT_EQ(exceptions_page(facts).find("is no exception"), std::string::npos);
  facts.exceptions.clear();
  for (int i = 0; i < 10; ++i) {
    const std::string id = "B" + std::to_string(i);
    facts.exceptions.push_back(line(id.c_str(), "unusual_busy", Severity::review, "1", "turnover 40 %; x"));
    facts.ordered.emplace(id, ordered("900", "100"));
  }
  EXPECT_NE(exceptions_page(facts).find("asks about 10 % of the accounts"), std::string::npos);
}

TEST(ExceptionsPage, needs_nothing_else_and_says_where_there_is_nothing_to_do) {
  EXPECT_EQ(exceptions_page(day()).find("<script"), std::string::npos);
  EXPECT_EQ(exceptions_page(day()).find("http"), std::string::npos);
  DeskFacts quiet = day();
  quiet.exceptions.clear();
  EXPECT_NE(exceptions_page(quiet).find("Nothing waits for a person today."), std::string::npos);
}

TEST(GatesPage, puts_gates_of_one_kind_together) {
  GateFacts gate;
  gate.finding = {"gate_price_move", Severity::hold, {}, {}, "AAA 0.9", "0.25", "AAA moved"};
  gate.columns = {"account_id", "value"};
  gate.largest = {{"A1", "$10.00"}};
  gate.coverage = "the 20 largest of 30, 90 % of the whole";
  GateFacts other = gate;
  other.finding.observed = "BBB 0.9";
  const std::string page = gates_page("Firm", *Date::parse("2025-06-30"), {gate, other}, {3, 7, dollars("100")});
  EXPECT_EQ(count(page, "<article"), 1U);
  EXPECT_NE(page.find("7 orders of 3 accounts for $100 are kept back"), std::string::npos) << page;
  EXPECT_NE(page.find("the 20 largest of 30"), std::string::npos);
  EXPECT_NE(page.find("<summary>BBB 0.9</summary>"), std::string::npos);
}

}  // namespace
}  // namespace lotwright::reports
