// Repeated payments, required distributions and directed trades: rows become requests with their days, or findings.

#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "inputs/inputs.h"
#include "inputs/test_book.h"

namespace lotwright::inputs {
namespace {

Book book_with(const std::string& file, const std::string& rows, const std::string& as_of = "2025-06-30") {
  std::map<std::string, std::string> files = small_book();
  files["requests.csv"] = "request_id,account_id,kind\n";
  files[file] = rows;
  auto book = read_files(files, {.as_of = Date::parse(as_of).value()});
  EXPECT_TRUE(book.ok()) << book.failure().message;
  return std::move(book).value();
}

std::string days_of(const Book& book) {
  std::string text;
  for (const Request& one : book.requests) text += one.id + "=" + one.due_on.to_string() + " ";
  return text;
}

const Finding* told(const Book& book, const char* rule) {
  const auto found = std::ranges::find(book.findings, rule, &Finding::rule);
  return found == book.findings.end() ? nullptr : &*found;
}

const std::string header = "request_id,account_id,kind,amount,due_on,every,until\n";

TEST(RepeatedRequests, MonthsAreCountedFromTheFirstDay) {
  const Book book = book_with("requests.csv", header + "P,A1,cash_out,100,2025-01-31,month,2025-05-31\n", "2025-01-15");
  EXPECT_EQ(days_of(book),
            "P@2025-01-31=2025-01-31 P@2025-02-28=2025-02-28 P@2025-03-31=2025-03-31 P@2025-04-30=2025-04-30 "
            "P@2025-05-31=2025-05-31 ");
  EXPECT_EQ(told(book, rule::request_scheduled), nullptr);
}

TEST(RepeatedRequests, WhatIsPastIsTakenAsPaidAndToday) {
  const std::string row = header + "P,A1,cash_out,100,2025-06-16,week,2025-07-07\n";
  EXPECT_EQ(days_of(book_with("requests.csv", row, "2025-06-30")), "P@2025-06-30=2025-06-30 P@2025-07-07=2025-07-07 ");
  const Book next = book_with("requests.csv", row, "2025-07-01");
  EXPECT_EQ(days_of(next), "P@2025-07-07=2025-07-07 ");
  ASSERT_NE(told(next, rule::request_scheduled), nullptr);
  EXPECT_EQ(told(next, rule::request_scheduled)->severity, Severity::note);
  EXPECT_EQ(days_of(book_with("requests.csv", row, "2025-07-08")), "");
}

TEST(RepeatedRequests, QuartersAndYearsAreListedAYearAhead) {
  EXPECT_EQ(days_of(book_with("requests.csv", header + "P,A1,cash_out,100,2025-08-31,quarter,\n")),
            "P@2025-08-31=2025-08-31 P@2025-11-30=2025-11-30 P@2026-02-28=2026-02-28 P@2026-05-31=2026-05-31 ");
  EXPECT_EQ(days_of(book_with("requests.csv", header + "P,A1,cash_out,100,2024-02-29,year,\n")),
            "P@2026-02-28=2026-02-28 ");
}

TEST(RepeatedRequests, TheEndOfTheCalendarEndsThem) {
  EXPECT_EQ(days_of(book_with("requests.csv", header + "P,A1,cash_out,100,2199-12-15,month,\n", "2199-12-01")),
            "P@2199-12-15=2199-12-15 ");
}

TEST(RepeatedRequests, FaultsHoldTheAccount) {
  for (const char* row : {"P,A1,liquidate,,2025-06-30,month,", "P,A1,cash_out,1,,month,",
                          "P,A1,cash_out,1,2025-06-30,fortnight,", "P,A1,cash_out,1,2025-06-30,month,2025-06-29",
                          "P,A1,cash_out,1,2025-06-30,,2025-07-30", "P,A1,set_aside,,2025-06-30,,"}) {
    const Book book = book_with("requests.csv", header + row + "\n");
    EXPECT_TRUE(std::ranges::any_of(book.findings, [](const Finding& one) {
      return one.severity == Severity::hold && one.subject.id == "A1";
    })) << row;
    EXPECT_EQ(days_of(book), "") << row;
  }
}

TEST(RepeatedRequests, ASetAsideEndsWithItsLastDay) {
  const std::string row = header + "S,A1,set_aside,100,2025-06-01,,2025-06-30\n";
  EXPECT_EQ(days_of(book_with("requests.csv", row, "2025-06-30")), "S=2025-06-01 ");
  EXPECT_EQ(days_of(book_with("requests.csv", row, "2025-07-01")), "");
}

const std::string facts = "account_id,year,birth_date,amount,balance_prior_year_end,taken_ytd,pay_on\n";

TEST(Distributions, AreACashOutOfWhatIsLeft) {
  const Book book = book_with("distributions.csv", facts + "I1,2025,1950-05-01,,24600,400,\n");
  ASSERT_EQ(days_of(book), "RMD@2025=2025-12-31 ");
  EXPECT_EQ(book.requests[0].kind, RequestKind::cash_out);
  EXPECT_EQ(book.requests[0].amount->to_string(2), "600.00");
  ASSERT_NE(told(book, rule::request_distribution), nullptr);
  EXPECT_EQ(told(book, rule::request_distribution)->severity, Severity::note);
  EXPECT_EQ(days_of(book_with("distributions.csv", facts + "I1,2025,1950-05-01,,24600,1000,\n")), "");
  EXPECT_EQ(days_of(book_with("distributions.csv", facts + "I1,2025,1953-05-01,,24600,,\n")), "") << "not yet 73";
}

TEST(Distributions, TheFirstMayWaitUntilApril) {
  const std::string first = facts + "I1,2025,1952-05-01,,26500,,2026-04-01\n";
  EXPECT_EQ(days_of(book_with("distributions.csv", first)), "RMD@2025=2026-04-01 ");
  const Book late = book_with("distributions.csv", first, "2026-04-02");
  EXPECT_EQ(days_of(late), "");
  EXPECT_EQ(told(late, rule::request_distribution)->severity, Severity::review);
}

TEST(Distributions, AMissingBalanceIsNeverGuessed) {
  for (const char* row : {"I1,2025,1950-05-01,,,,", "I1,2025,,,24600,,", "I1,2021,1940-05-01,,24600,,", "A1,2025,,1,,,",
                          "I1,2025,1950-05-01,,24600,,2026-01-01", "I1,2025,2026-01-01,,24600,,", "I1,25,,1,,,",
                          "I1,2025,,1,,,2024-12-31"}) {
    const Book book = book_with("distributions.csv", facts + row + "\n");
    EXPECT_EQ(days_of(book), "") << row;
    EXPECT_TRUE(std::ranges::any_of(book.findings, [](const Finding& one) { return one.severity == Severity::hold; }))
        << row;
  }
}

TEST(DirectedTrades, AreReadAndSorted) {
  const Book book =
      book_with("directed.csv", "account_id,security_id,side,quantity\nA2,AAA,sell,1.5\nA1,BBB,buy,2\nA1,AAA,buy,1\n");
  ASSERT_EQ(book.directed.size(), 3U);
  EXPECT_TRUE(std::ranges::is_sorted(book.directed, {},
                                     [](const DirectedTrade& one) { return std::pair(one.account, one.security); }));
  EXPECT_EQ(book.directed[2].side, Side::sell);
  EXPECT_EQ(book.directed[2].quantity.to_string(), "1.5");
}

TEST(DirectedTrades, FaultsHoldTheAccount) {
  for (const char* row : {"A1,ZZZ,buy,1", "A1,AAA,hold,1", "A1,AAA,buy,0", "A1,AAA,buy,", "A1,USD,buy,1",
                          "A1,AAA,buy,1\nA1,AAA,sell,1"}) {
    const Book book = book_with("directed.csv", "account_id,security_id,side,quantity\n" + std::string(row) + "\n");
    EXPECT_TRUE(book.directed.empty() || std::string(row).find('\n') != std::string::npos) << row;
    EXPECT_TRUE(std::ranges::any_of(book.findings, [](const Finding& one) {
      return one.severity == Severity::hold && one.subject.id == "A1";
    })) << row;
  }
}

}  // namespace
}  // namespace lotwright::inputs
