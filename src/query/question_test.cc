#include "query/question.h"

#include <gtest/gtest.h>

#include <array>

#include "book/rules.h"

namespace lotwright::query {
namespace {

constexpr std::array items{Column{"account_id", Kind::text}, Column{"rule", Kind::text},
                           Column{"dollars", Kind::money}};
constexpr std::array owners{Column{"account_id", Kind::text}, Column{"turnover", Kind::percent}};
const std::array tables{Table{.name = "items", .columns = items, .sorted_by = "rule"},
                        Table{.name = "owners", .columns = owners, .one_an_account = true}};

using Cells = std::vector<std::string>;

const std::vector<Cells> item_rows{{"A", "z", "5"}, {"B", "y", "20"}, {"B", "z", ""}, {"C", "x", "5"}};
const std::vector<Cells> owner_rows{{"A", "0.1"}, {"B", "0.5"}};  // C has none

std::vector<Value> values_of(const Cells& cells, std::span<const Column> columns) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < cells.size(); ++i) values.push_back(read_value(columns[i].kind, cells[i]).value());
  return values;
}

Result<Answer> ask(const Ask& asked) {
  const auto question = Question::read(asked, tables);
  if (!question) return question.failure();
  const auto& own_rows = question->own() == 0 ? item_rows : owner_rows;
  const auto& other_rows = question->own() == 0 ? owner_rows : item_rows;
  Answering answering(*question);
  for (const std::size_t other : question->others()) {
    for (const Cells& row : other_rows) answering.other_row(other, values_of(row, tables[other].columns));
  }
  for (const Cells& row : own_rows) answering.own_row(values_of(row, tables[question->own()].columns));
  return answering.finish();
}

// "A z 5; B y 20"
std::string rows_of(const Ask& asked) {
  const auto answer = ask(asked);
  if (!answer) return answer.failure().message;
  std::string text;
  for (const Cells& row : answer->rows) {
    text += text.empty() ? "" : "; ";
    for (std::size_t i = 0; i < row.size(); ++i) text += (i > 0 ? " " : "") + row[i];
  }
  return text;
}

TEST(Question, rows_come_in_the_order_asked_for_unknown_last_and_equal_ones_as_they_came) {
  EXPECT_EQ(rows_of({}), "C x 5; B y 20; A z 5; B z ") << "the table's own order";
  EXPECT_EQ(rows_of({.sort = "-dollars"}), "B y 20; A z 5; C x 5; B z ");
  EXPECT_EQ(rows_of({.sort = "dollars"}), "A z 5; C x 5; B y 20; B z ");
  EXPECT_EQ(rows_of({.sort = "dollars, -account_id"}), "C x 5; A z 5; B y 20; B z ");
}

TEST(Question, columns_and_order_may_be_of_the_account) {
  EXPECT_EQ(rows_of({.filter = "dollars > 1", .sort = "-owners.turnover", .columns = "account_id, owners.turnover"}),
            "B 0.5; A 0.1; C ");
  EXPECT_EQ(rows_of({.table = "owners", .filter = "items(rule = z and dollars > 1)"}), "A 0.1")
      << "both conditions of one row: B's z has no dollars";
  EXPECT_EQ(rows_of({.table = "owners", .filter = "items.rule = z and items.dollars > 1"}), "A 0.1; B 0.5")
      << "each of any row";
  EXPECT_EQ(rows_of({.table = "owners", .filter = "not items.rule = y"}), "A 0.1");
  EXPECT_NE(rows_of({.table = "owners", .columns = "items.rule"}).find("several rows"), std::string::npos);
}

TEST(Question, a_limit_cuts_the_rows_and_not_the_count) {
  const auto answer = ask({.filter = "account_id = B", .limit = 1});
  EXPECT_EQ(answer->rows.size(), 1U);
  EXPECT_EQ(answer->matched, 2U);
}

TEST(Question, sums_are_exact_and_tell_what_is_unknown) {
  EXPECT_EQ(rows_of({.sum = "dollars"}), "4 30.00 1");
  EXPECT_EQ(rows_of({.sum = "dollars", .by = "account_id"}), "B 2 20.00 1; A 1 5.00 0; C 1 5.00 0");
  EXPECT_EQ(rows_of({.by = "rule"}), "z 2; x 1; y 1");
  EXPECT_EQ(rows_of({.filter = "rule = none", .sum = "dollars"}), "0 0.00 0");
  EXPECT_EQ(rows_of({.by = "owners.turnover", .limit = 1}), "0.5 2");
}

TEST(Question, a_sum_beyond_the_exact_numbers_is_refused) {
  const auto question = Question::read({.sum = "dollars"}, tables);
  Answering answering(*question);
  const std::vector<Value> row = values_of({"A", "r", "9000000000000"}, items);
  answering.own_row(row);
  answering.own_row(row);
  EXPECT_EQ(answering.finish().failure().rule, rule::data_number_out_of_range);
}

TEST(Question, an_unknown_part_of_the_ask_is_named) {
  EXPECT_NE(rows_of({.table = "itmes"}).find("did you mean items?"), std::string::npos);
  EXPECT_EQ(rows_of({.sort = "-dolars"}).substr(0, 7), "--sort:");
  EXPECT_EQ(rows_of({.sum = "rule"}).substr(0, 6), "--sum:");
  EXPECT_EQ(rows_of({.columns = "dollars,"}).substr(0, 10), "--columns:");
}

}  // namespace
}  // namespace lotwright::query
