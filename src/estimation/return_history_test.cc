#include "estimation/return_history.h"

#include <gtest/gtest.h>

#include "estimation/test_prices.h"

namespace lotwright::estimation {
namespace {

TEST(ReturnHistory, a_split_and_a_dividend_are_part_of_the_total_return) {
  // 100, then 51 after a 2:1 split with a dividend of 0.50 a new share:
  // 51 x 2 / 100 / (1 - 0.5 x 2 / 100) = 1.02 / 0.99
  const auto read = read_texts({.prices = "date,A,B\n2024-01-02,100,10\n2024-01-03,51,11\n2024-01-04,51,11\n",
                                .splits = "sec_id,ex_date,kind,factor\nA,2024-01-03,split,2\n",
                                .dividends = "security_id,ex_date,amount\nA,2024-01-03,0.5\n"});
  EXPECT_TRUE(read.findings.empty());
  EXPECT_NEAR(read.history.returns(1, 0), 1.02 / 0.99 - 1.0, 1e-12);
  EXPECT_NEAR(read.history.returns(1, 1), 0.1, 1e-12);
  EXPECT_EQ(read.history.returns(2, 0), 0.0);
}

TEST(ReturnHistory, an_ex_date_without_trading_counts_on_the_next_day) {
  const auto read = read_texts(
      {.prices = "date,A\n2024-01-05,100\n2024-01-08,50\n", .splits = "security_id,ex_date,factor\nA,2024-01-06,2\n"});
  EXPECT_EQ(read.history.returns(1, 0), 0.0);
}

TEST(ReturnHistory, wide_and_long_files_in_any_order_are_the_same_history) {
  const Market market = known_market(5, 30);
  std::vector<std::size_t> reversed = in_order(market);
  std::reverse(reversed.begin(), reversed.end());
  const auto wide = read_texts({.prices = wide_csv(market)});
  const auto turned = read_texts({.prices = wide_csv(market, reversed)});
  const auto rows = read_texts({.prices = long_csv(market)});
  ASSERT_EQ(wide.history.days.size(), 30U);
  EXPECT_EQ(wide.history.ids, rows.history.ids);
  EXPECT_EQ(wide.history.ids, turned.history.ids);
  const Eigen::Index last = 29;
  EXPECT_EQ(wide.history.returns.bottomRows(last), rows.history.returns.bottomRows(last));
  EXPECT_EQ(wide.history.returns.bottomRows(last), turned.history.returns.bottomRows(last));
}

TEST(ReturnHistory, nothing_after_as_of_is_looked_at) {
  const auto read =
      read_texts({.prices = "date,A\n2024-01-02,100\n2024-01-03,101\n2024-01-04,1\n"}, Date::of(2024, 1, 3));
  EXPECT_EQ(read.history.days.size(), 2U);
  EXPECT_TRUE(read.findings.empty());
}

struct BadCell {
  const char* rows;
  const char* rule;
  std::int64_t line;
  const char* column;
};

TEST(ReturnHistory, every_bad_cell_is_a_finding_with_its_place_and_costs_nobody_else) {
  const std::vector<BadCell> cases{
      {"2024-01-03,x,11\n", rule::data_number_unreadable, 3, "A"},
      {"2024-01-03,NaN,11\n", rule::data_number_unreadable, 3, "A"},
      {"2024-01-03,inf,11\n", rule::data_number_unreadable, 3, "A"},
      {"2024-01-03,-5,11\n", rule::data_number_out_of_range, 3, "A"},
      {"2024-01-03,0,11\n", rule::data_number_out_of_range, 3, "A"},
      {"2024-01-03,40,11\n", rule::data_price_implausible, 3, "A"},
      {"2024-01-03,191,11\n", rule::data_price_implausible, 3, "A"},
  };
  for (const BadCell& bad : cases) {
    SCOPED_TRACE(bad.rows);
    const auto read = read_texts({.prices = std::string("date,A,B\n2024-01-02,100,10\n") + bad.rows});
    ASSERT_EQ(read.findings.size(), 1U);
    EXPECT_EQ(read.findings[0].rule, bad.rule);
    EXPECT_EQ(read.findings[0].place.line, bad.line);
    EXPECT_EQ(read.findings[0].place.column, bad.column);
    EXPECT_EQ(read.findings[0].subject.id, "A");
    EXPECT_TRUE(std::isnan(read.history.returns(1, 0)));
    EXPECT_NEAR(read.history.returns(1, 1), 0.1, 1e-12);
  }
}

TEST(ReturnHistory, bad_rows_are_findings_and_left_aside) {
  const std::string good = "date,A,B\n2024-01-02,100,10\n2024-01-03,101,11\n";
  for (const auto& [row, rule] :
       std::vector<std::pair<std::string, std::string>>{{"2024-02-30,1,1\n", rule::data_date_unreadable},
                                                        {",1,1\n", rule::data_value_missing},
                                                        {"2024-01-04,1\n", rule::data_row_malformed},
                                                        {"2024-01-04,\"1,1\n", rule::data_row_malformed},
                                                        {"2024-01-04,\xff,1\n", rule::data_text_not_utf8}}) {
    SCOPED_TRACE(row);
    const auto read = read_texts({.prices = good + row});
    ASSERT_GE(read.findings.size(), 1U);
    EXPECT_EQ(read.findings[0].rule, rule);
    EXPECT_EQ(read.findings[0].place.line, 4);
    EXPECT_EQ(read.history.days.size(), 2U);
  }
}

TEST(ReturnHistory, two_prices_of_a_day_are_left_out_where_they_differ) {
  const auto read = read_texts({.prices = "date,A,B\n2024-01-02,100,10\n2024-01-03,101,11\n2024-01-03,102,11\n"});
  EXPECT_EQ(count_of(read.findings, rule::data_key_duplicate), 2);
  EXPECT_TRUE(std::isnan(read.history.returns(1, 0)));
  EXPECT_NEAR(read.history.returns(1, 1), 0.1, 1e-12);
}

TEST(ReturnHistory, a_move_over_a_gap_is_no_days_return) {
  const auto read = read_texts({.prices = "date,A,B\n2024-01-02,10,10\n2024-01-03,,10\n2024-01-04,,10\n"
                                          "2024-01-05,,10\n2024-01-08,12,10\n2024-01-09,12,10\n"});
  EXPECT_EQ(count_of(read.findings, rule::data_price_gap), 1);
  EXPECT_TRUE(std::isnan(read.history.returns(4, 0)));
  EXPECT_EQ(read.history.returns(5, 0), 0.0);
}

TEST(ReturnHistory, a_stray_row_on_a_weekend_costs_nobody_a_return) {
  const auto read = read_texts({.prices = "date,A,B,C\n2024-01-05,10,10,10\n2024-01-06,10,,\n2024-01-08,11,11,11\n"});
  EXPECT_EQ(read.history.days.size(), 2U);
  EXPECT_EQ(count_of(read.findings, rule::data_price_gap), 1);
  EXPECT_NEAR(read.history.returns(1, 0), 0.1, 1e-12);
}

TEST(ReturnHistory, events_that_cannot_be_used_are_findings) {
  const std::string prices = "date,A\n2024-01-02,100\n2024-01-03,100\n";
  for (const auto& [row, rule] :
       std::vector<std::pair<std::string, std::string>>{{"A,2024-01-03,0\n", rule::data_number_out_of_range},
                                                        {"A,2024-01-03,-2\n", rule::data_number_out_of_range},
                                                        {"A,2024-13-03,2\n", rule::data_date_unreadable},
                                                        {"A,2024-01-03,\n", rule::data_value_missing},
                                                        {"ZZZ,2024-01-03,2\n", rule::data_reference_unknown}}) {
    SCOPED_TRACE(row);
    const auto read = read_texts({.prices = prices, .splits = "security_id,ex_date,factor\n" + row});
    ASSERT_EQ(read.findings.size(), 1U);
    EXPECT_EQ(read.findings[0].rule, rule);
    EXPECT_EQ(read.findings[0].place.file, "splits.csv");
    EXPECT_EQ(read.history.returns(1, 0), 0.0);
  }
  const std::string twice = "security_id,ex_date,factor\nA,2024-01-03,1.5\nA,2024-01-03,1.5\n";
  const auto read = read_texts({.prices = prices, .splits = twice});
  EXPECT_EQ(count_of(read.findings, rule::data_key_duplicate), 1);
  EXPECT_NEAR(read.history.returns(1, 0), 0.5, 1e-12);
}

TEST(ReturnHistory, a_header_that_cannot_be_used_fails_the_file) {
  EXPECT_EQ(read_texts({.prices = "day,A\n2024-01-02,1\n"}).failure->rule, rule::data_column_missing);
  EXPECT_EQ(read_texts({.prices = "date,A,A\n2024-01-02,1,1\n"}).failure->rule, rule::data_header_unusable);
  EXPECT_EQ(read_texts({.prices = "date,A\n", .splits = "security_id,ex_date\n"}).failure->rule,
            rule::data_column_missing);
  EXPECT_EQ(load_history({{"nowhere/prices.csv"}, {}, {}, {}}, std::nullopt).failure().rule,
            rule::data_file_unreadable);
}

}  // namespace
}  // namespace lotwright::estimation
