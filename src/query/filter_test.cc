#include "query/filter.h"

#include <gtest/gtest.h>

#include <array>

#include "book/rules.h"

namespace lotwright::query {
namespace {

constexpr std::array<std::string_view, 2> levels{"review", "hold"};
constexpr std::array items{Column{"account_id", Kind::text}, Column{"level", Kind::text, true, levels},
                           Column{"dollars", Kind::money},   Column{"share", Kind::percent},
                           Column{"limit_usd", Kind::money}, Column{"seen", Kind::date}};
constexpr std::array owners{Column{"account_id", Kind::text}, Column{"turnover", Kind::percent}};
constexpr std::array closes{Column{"security_id", Kind::text}, Column{"close", Kind::number}};
const std::array tables{Table{.name = "items", .columns = items},
                        Table{.name = "owners", .columns = owners, .one_an_account = true},
                        Table{.name = "closes", .columns = closes}};

struct RowOf {
  std::vector<std::string> cells;  // beside `items`
  std::vector<Value> values;

  explicit RowOf(std::vector<std::string> given) : cells(std::move(given)) {
    for (std::size_t i = 0; i < cells.size(); ++i) values.push_back(read_value(items[i].kind, cells[i]).value());
  }
};

// Account A-1, held, $1,000.50 of at most $2,000, 30 % exactly.
const std::vector<std::string> plain{"A-1", "hold", "1000.50", "0.300000000000", "2000", "2025-06-30"};

Truth truth_of(const std::string& text, const std::vector<std::string>& cells = plain, Truth has_row = Truth::no) {
  const auto filter = Filter::read(text, 0, tables);
  EXPECT_TRUE(filter.ok()) << text << ": " << filter.failure().message;
  const RowOf row(cells);
  return filter->of(row.values, [&](std::size_t) { return has_row; });
}

bool is_true(const std::string& text, const std::vector<std::string>& cells = plain) {
  return truth_of(text, cells) == Truth::yes;
}

Failure refused(const std::string& text) {
  const auto filter = Filter::read(text, 0, tables);
  EXPECT_FALSE(filter.ok()) << text;
  return filter.ok() ? Failure{} : filter.failure();
}

TEST(Filter, and_binds_stronger_than_or_and_not_strongest) {
  EXPECT_TRUE(is_true("level = hold or level = review and dollars > 5000"));
  EXPECT_FALSE(is_true("(level = hold or level = review) and dollars > 5000"));
  EXPECT_TRUE(is_true("not level = review and dollars > 5"));
  EXPECT_FALSE(is_true("not (level = hold and dollars > 5)"));
  EXPECT_TRUE(is_true("level = hold AND NOT dollars > 5000")) << "keywords in any capitals";
}

TEST(Filter, amounts_are_compared_exactly_on_both_sides_of_the_limit) {
  EXPECT_TRUE(is_true("dollars >= 1000.50"));
  EXPECT_FALSE(is_true("dollars > 1000.5"));
  EXPECT_TRUE(is_true("dollars > 1000.499999"));
  EXPECT_TRUE(is_true("dollars = 1.0005e3"));
  EXPECT_TRUE(is_true("dollars < 1_000.500001"));
  EXPECT_TRUE(is_true("dollars > -1e12"));
  EXPECT_TRUE(is_true("dollars > 1e-6"));
}

TEST(Filter, a_percentage_is_the_fraction_that_the_file_has) {
  EXPECT_TRUE(is_true("share = 30 %"));
  EXPECT_TRUE(is_true("share = 0.3"));
  EXPECT_TRUE(is_true("share < 30.0000000001%"));
  EXPECT_FALSE(is_true("share > 30 %"));
  EXPECT_EQ(refused("share > 30").rule, rule::data_number_out_of_range) << "nobody knows whether 30 % is meant";
}

TEST(Filter, columns_alike_of_one_row_are_compared_with_each_other) {
  EXPECT_TRUE(is_true("dollars < limit_usd"));
  EXPECT_FALSE(is_true("dollars >= limit_usd"));
  EXPECT_EQ(refused("dollars < share").place.line, 11) << "dollars and fractions are not alike";
}

TEST(Filter, what_is_empty_is_neither_above_nor_below_nor_not) {
  std::vector<std::string> empty = plain;
  empty[2] = "";
  EXPECT_EQ(truth_of("dollars > 0", empty), Truth::unknown);
  EXPECT_EQ(truth_of("not dollars > 0", empty), Truth::unknown);
  EXPECT_EQ(truth_of("dollars != 5", empty), Truth::unknown);
  EXPECT_EQ(truth_of("dollars in (0, 5)", empty), Truth::unknown);
  EXPECT_TRUE(is_true("dollars > 0 or level = hold", empty)) << "the other side decides";
  EXPECT_EQ(truth_of("dollars > 0 and level = review", empty), Truth::no);
  EXPECT_TRUE(is_true("dollars = empty", empty));
  EXPECT_FALSE(is_true("dollars = empty"));
  EXPECT_TRUE(is_true("dollars != empty"));
}

TEST(Filter, lists_and_parts_of_texts) {
  EXPECT_TRUE(is_true("dollars in (7, 1000.5)"));
  EXPECT_FALSE(is_true("level not in (hold, review)"));
  EXPECT_TRUE(is_true("account_id contains 'a-'")) << "capitals do not count in contains";
  EXPECT_FALSE(is_true("account_id = 'a-1'")) << "and count in =";
  EXPECT_TRUE(is_true("account_id not contains B"));
}

TEST(Filter, dates_come_one_after_the_other) {
  EXPECT_TRUE(is_true("seen > 2025-06-29"));
  EXPECT_FALSE(is_true("seen > 2025-06-30"));
  EXPECT_EQ(refused("seen > 2025-02-30").rule, rule::data_date_unreadable);
}

TEST(Filter, quotes_are_doubled_inside_quotes) {
  EXPECT_TRUE(is_true("account_id = 'O''Neil & \"Co\"'", {"O'Neil & \"Co\"", "hold", "1", "0", "1", "2025-06-30"}));
}

TEST(Filter, another_file_is_asked_about_the_account) {
  for (const char* text : {"owners.turnover > 30 %", "owners(turnover > 30 %)"}) {
    const auto filter = Filter::read(text, 0, tables);
    ASSERT_TRUE(filter.ok()) << text;
    ASSERT_EQ(filter->inner().size(), 1U);
    EXPECT_EQ(filter->inner()[0].table, 1U);
    const std::vector<Value> much{read_value(Kind::text, "A-1").value(), read_value(Kind::percent, "0.31").value()};
    const std::vector<Value> less{read_value(Kind::text, "A-1").value(), read_value(Kind::percent, "0.30").value()};
    EXPECT_EQ(filter->of_inner(0, much), Truth::yes);
    EXPECT_EQ(filter->of_inner(0, less), Truth::no);
  }
  EXPECT_EQ(truth_of("not owners.turnover > 30 %", plain, Truth::no), Truth::yes) << "no such row";
  EXPECT_EQ(truth_of("owners.turnover > 30 %", plain, Truth::unknown), Truth::unknown);
  EXPECT_EQ(truth_of("owners.turnover > 30 % and level = hold", plain, Truth::yes), Truth::yes);
}

TEST(Filter, an_unknown_name_is_pointed_at_with_the_near_one) {
  const Failure near = refused("level = hold and dolars > 3");
  EXPECT_EQ(near.place.line, 18);
  EXPECT_NE(near.message.find("did you mean dollars?"), std::string::npos) << near.message;
  const Failure elsewhere = refused("turnover > 3 %");
  EXPECT_NE(elsewhere.message.find("owners.turnover"), std::string::npos) << elsewhere.message;
  EXPECT_NE(refused("level = hodl").message.find("did you mean hold?"), std::string::npos);
  EXPECT_NE(refused("ownres.turnover > 3 %").message.find("did you mean owners?"), std::string::npos);
  EXPECT_NE(refused("closes.close > 3").message.find("--file closes"), std::string::npos);
}

TEST(Filter, what_cannot_be_understood_is_refused_where_it_stands) {
  const std::vector<std::pair<std::string, std::int64_t>> wrong{{"level = ", 9},
                                                                {"level hold", 7},
                                                                {"(level = hold", 14},
                                                                {"level = hold)", 13},
                                                                {"level = hold dollars", 14},
                                                                {"dollars > many", 11},
                                                                {"dollars > 5 %", 13},
                                                                {"dollars > 1e99", 11},
                                                                {"dollars > 1.0000001", 11},
                                                                {"dollars > 1e13", 11},
                                                                {"level > hold", 7},
                                                                {"share contains 3", 16},
                                                                {"level in hold", 10},
                                                                {"level in (hold", 15},
                                                                {"level = 'hold", 9},
                                                                {"level = #", 9},
                                                                {"and", 1},
                                                                {"level not hold", 11},
                                                                {"owners(items(level = hold))", 8}};
  for (const auto& [text, character] : wrong) EXPECT_EQ(refused(text).place.line, character) << text;
}

TEST(Filter, an_empty_filter_is_true_of_everything_and_depth_has_an_end) {
  EXPECT_TRUE(is_true(""));
  EXPECT_TRUE(is_true("  \n"));
  EXPECT_TRUE(is_true(std::string(99, '(') + "dollars > 0" + std::string(99, ')')));
  EXPECT_EQ(refused(std::string(100000, '(')).rule, rule::data_row_too_long);
  EXPECT_EQ(refused(std::string(60000, '(')).rule, rule::data_row_malformed);
}

TEST(Filter, the_mark_stands_below_the_character_whatever_its_bytes) {
  EXPECT_EQ(pointed_at("a = 'é' b", 10), "a = 'é' b\n        ^\n");
  EXPECT_EQ(pointed_at("ab", 9), "ab\n  ^\n");
}

}  // namespace
}  // namespace lotwright::query
