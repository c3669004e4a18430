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
  EXPECT_NE(page.find("(price_missing)", price), std::string::npos);
  EXPECT_LT(page.find("$1,000</span>1. ", price), basis);
  EXPECT_LT(page.find("(data_unknown_basis)", basis), test);
  EXPECT_NE(page.find("$6,000</span>3. Unusual: busy (unusual_busy)", test), std::string::npos)
      << "dearer, and after the holds";
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
  EXPECT_EQ(exceptions_page(facts).find("many for one day"), std::string::npos);
  facts.exceptions.clear();
  for (int i = 0; i < 10; ++i) {
    const std::string id = "B" + std::to_string(i);
    facts.exceptions.push_back(line(id.c_str(), "unusual_busy", Severity::review, "1", "turnover 40 %; x"));
    facts.ordered.emplace(id, ordered("900", "100"));
  }
  EXPECT_NE(exceptions_page(facts).find("stops 10 of 100 accounts (10 %), many for one day"), std::string::npos);
}

TEST(ExceptionsPage, needs_nothing_else) {
  EXPECT_EQ(exceptions_page(day()).find("<script"), std::string::npos);
  EXPECT_EQ(exceptions_page(day()).find("http"), std::string::npos);
}

TEST(ExceptionsPage, a_day_without_work_says_so_and_explains_nothing) {
  DeskFacts quiet = day();
  quiet.exceptions.clear();
  const std::string page = exceptions_page(quiet);
  EXPECT_NE(page.find("nothing waits for a person. All 100 accounts are done."), std::string::npos) << page;
  EXPECT_EQ(page.find("Time is counted"), std::string::npos);
  EXPECT_EQ(page.find("<table"), std::string::npos);
}

// $350 are due, $64 are there: the client waits for $286.
TEST(ExceptionsPage, money_that_a_client_waits_for_comes_first_and_is_told_in_dollars) {
  DeskFacts facts = day();
  ExceptionFacts payment = line("A3", "request_too_late", Severity::review, "286", "Q1 of 2025-06-30: ...", "64");
  payment.finding.limit = "350";
  facts.exceptions.push_back(payment);
  const std::string page = exceptions_page(facts);
  EXPECT_NE(page.find("$286</span>1. "), std::string::npos) << "though a hold stands for more dollars";
  EXPECT_NE(page.find("(request_too_late)"), std::string::npos);
  EXPECT_NE(page.find("<th>missing</th>"), std::string::npos) << page;
  EXPECT_NE(page.find("<td class=\"long\">$64.00</td><td class=\"long\">$350.00</td>"), std::string::npos) << page;
  EXPECT_NE(page.find("money is missing that is due"), std::string::npos);
}

TEST(ExceptionsPage, gates_are_told_once_on_top_and_are_no_causes) {
  DeskFacts facts = day();
  const std::size_t causes = count(exceptions_page(facts), "<article");
  for (const char* security : {"AAA 0.9", "BBB 0.9"}) {
    facts.exceptions.push_back(
        {"", "", {"gate_price_move", Severity::hold, {SubjectKind::firm, {}}, {}, security, "0.2", security}, {}, "x"});
  }
  facts.stopped_by = {"gate_price_move"};
  const std::string page = exceptions_page(facts);
  EXPECT_EQ(count(page, "<article"), causes);
  EXPECT_EQ(count(page, "gate_price_move"), 1U);
  EXPECT_NE(page.find("Stopped by 1 gate, see <a href=\"gates.html\">gates.html</a>: no order leaves."),
            std::string::npos);
  EXPECT_EQ(page.find("The others are done."), std::string::npos);
}

TEST(ExceptionsPage, a_gate_that_could_not_be_checked_is_told) {
  DeskFacts facts = day();
  facts.gates_unchecked = {{"share_breaks_max", "the book has no positions.csv of the custodian"}};
  EXPECT_NE(exceptions_page(facts).find("share_breaks_max was not checked: the book has no positions.csv"),
            std::string::npos);
  facts.exceptions.clear();
  EXPECT_NE(exceptions_page(facts).find("share_breaks_max was not checked"), std::string::npos) << "on a quiet day too";
}

TEST(ExceptionsPage, an_account_of_a_compared_run_is_explained_with_the_day_before) {
  DeskFacts facts = day();
  EXPECT_EQ(exceptions_page(facts).find("--previous"), std::string::npos);
  facts.compared = true;
  EXPECT_NE(exceptions_page(facts).find("explain BOOK A2 --previous YESTERDAY"), std::string::npos);
}

GateFacts price_gate() {
  GateFacts gate;
  gate.finding = {"gate_price_move", Severity::hold, {}, {}, "AAA 9.0000", "0.2", "AAA moved"};
  gate.columns = {"account_id", "value"};
  gate.largest = {{"A1", "$10.00"}};
  gate.coverage = "the 20 largest of 30, 90 % of the whole";
  return gate;
}

TEST(GatesPage, tells_a_gate_s_figures_as_a_person_reads_them) {
  GateFacts tax;
  tax.finding = {"gate_tax_total", Severity::hold, {}, {}, "12908596.82", "5000000.00", "the tax"};
  const std::string page = gates_page("Firm", *Date::parse("2025-06-30"), {price_gate(), tax}, {3, 7, dollars("100")});
  EXPECT_NE(page.find("observed +900 %, limit 20 %"), std::string::npos) << page;
  EXPECT_NE(page.find("observed $12,908,597, limit $5,000,000"), std::string::npos) << page;
  EXPECT_NE(page.find("2 gates stopped this run"), std::string::npos);
  EXPECT_NE(page.find("7 orders of 3 accounts for $100 are kept back"), std::string::npos);
  EXPECT_NE(page.find("the 20 largest of 30"), std::string::npos);
  EXPECT_NE(page.find("release OUT --to SEND --despite-gates --by NAME --why TEXT"), std::string::npos) << page;
}

TEST(GatesPage, a_gate_that_several_securities_blew_is_one_table_of_them) {
  GateFacts sells = price_gate();
  sells.finding = {"gate_accounts_in_one_name", Severity::hold, {}, {}, "sell AAA 58", "40", "58 accounts sell"};
  GateFacts buys = sells;
  buys.finding.observed = "buy BBB 41";
  const std::string page =
      gates_page("Firm", *Date::parse("2025-06-30"), {price_gate(), sells, buys}, {3, 7, dollars("100")});
  EXPECT_EQ(count(page, "<article"), 2U);
  EXPECT_EQ(count(page, "<table"), 2U);
  EXPECT_NE(page.find("2 times, limit 40 accounts"), std::string::npos) << page;
  EXPECT_NE(page.find("<td class=\"word\">sell AAA</td><td class=\"word\">58 accounts</td>"), std::string::npos)
      << page;
  EXPECT_LT(page.find("gate_price_move"), page.find("gate_accounts_in_one_name")) << "the root first, as given";
}

}  // namespace
}  // namespace lotwright::reports
