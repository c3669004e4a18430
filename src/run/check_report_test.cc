#include "run/check_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run/run_fixtures.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

TEST(CheckReport, TellsEveryFindingOnceAndCountsTheHeld) {
  const Finding loading{"data_number_unreadable",
                        Severity::hold,
                        {SubjectKind::account, "TX"},
                        {"lots.csv", 7, "quantity", "x"},
                        "x",
                        "",
                        "lots.csv line 7: quantity \"x\" is no number"};
  const Book book = taxable_and_ira().adjust([&](Book& made) { made.findings = {loading}; }).build();
  const CheckReport report = check_book(book).value();
  EXPECT_EQ(report.accounts, 2U);
  EXPECT_EQ(report.held, 1U);
  EXPECT_EQ(std::ranges::count(report.findings, loading), 1);
  EXPECT_NE(text_of(report).find("hold data_number_unreadable: account TX: lots.csv line 7: quantity"),
            std::string::npos);
  const auto json = nlohmann::json::parse(json_of(report));
  EXPECT_EQ(json.at("held"), 1);
  EXPECT_EQ(json.at("findings").at(0).at("line"), 7);
}

TEST(CheckReport, AddsWhatTheAccountsChecksFind) {
  const Book book = taxable_and_ira().security({.id = "ZZZ", .price = ""}).build();
  Book without_price = book;
  without_price.securities[security_index(book, "BBB").value].price.reset();
  const CheckReport report = check_book(without_price).value();
  EXPECT_EQ(report.held, 2U);
  EXPECT_NE(text_of(report).find("hold price_missing: account "), std::string::npos) << text_of(report);
}

}  // namespace
}  // namespace lotwright
