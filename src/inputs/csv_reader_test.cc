#include "inputs/csv_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>

namespace lotwright::inputs {
namespace {

// Hands out a few bytes at a time, so that every row straddles reads.
class DrippingSource final : public ByteSource {
 public:
  DrippingSource(std::string_view bytes, std::size_t drop) : rest_(bytes), drop_(drop) {}
  std::size_t read(char* into, std::size_t size) override {
    const std::size_t count = std::min({drop_, size, rest_.size()});
    std::copy_n(rest_.data(), count, into);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  std::size_t drop_;
};

const char* name_of(RowProblem problem) {
  switch (problem) {
    case RowProblem::none:
      return "";
    case RowProblem::quotes:
      return " !quotes";
    case RowProblem::not_utf8:
      return " !utf8";
    case RowProblem::too_long:
      return " !long";
  }
  return "?";
}

// "1:[a][b] 2:[c][d]": each row's line, cells and problem.
std::string rows_of(ByteSource& source) {
  CsvReader csv(source);
  std::string text;
  while (csv.next()) {
    text += (text.empty() ? "" : " ") + std::to_string(csv.line()) + ":";
    for (const auto cell : csv.cells()) text += "[" + std::string(cell) + "]";
    text += name_of(csv.problem());
  }
  return text;
}

std::string rows_of(std::string_view bytes, std::size_t drop) {
  DrippingSource source(bytes, drop);
  return rows_of(source);
}

struct Reading {
  const char* name;
  std::string bytes;
  std::string rows;
};

class CsvReading : public testing::TestWithParam<Reading> {};

TEST_P(CsvReading, gives_the_same_rows_however_the_bytes_come) {
  for (const std::size_t drop : {1UL, 2UL, 3UL, 7UL, 8UL, 9UL, 64UL, 1000UL}) {
    EXPECT_EQ(rows_of(GetParam().bytes, drop), GetParam().rows) << "with " << drop << " bytes a read";
  }
}

INSTANTIATE_TEST_SUITE_P(All, CsvReading,
                         testing::Values(Reading{"nothing", "", ""},                                        //
                                         Reading{"plain", "a,b\nc,d\n", "1:[a][b] 2:[c][d]"},               //
                                         Reading{"no_last_newline", "a,b\nc,d", "1:[a][b] 2:[c][d]"},       //
                                         Reading{"carriage_returns", "a,b\r\nc,\r\n", "1:[a][b] 2:[c][]"},  //
                                         Reading{"byte_order_mark",
                                                 "\xEF\xBB\xBF"
                                                 "a,b\nc,d\n",
                                                 "1:[a][b] 2:[c][d]"},                                              //
                                         Reading{"mark_and_nothing", "\xEF\xBB\xBF", ""},                           //
                                         Reading{"blank_lines", "\na\n\n\r\nb\n", "2:[a] 5:[b]"},                   //
                                         Reading{"empty_quoted_is_a_row", "a\n\"\"\n", "1:[a] 2:[]"},               //
                                         Reading{"empty_cells", ",\n,,\n", "1:[][] 2:[][][]"},                      //
                                         Reading{"quoted", "\"a,b\",\"c\"\n", "1:[a,b][c]"},                        //
                                         Reading{"doubled_quotes", "\"a\"\"b\",\"\"\"\"\n", "1:[a\"b][\"]"},        //
                                         Reading{"quoted_newline", "\"a\nb\",c\r\nd,e\n", "1:[a\nb][c] 3:[d][e]"},  //
                                         Reading{"quoted_and_carriage_return", "a,\"b\"\r\nc,d\n", "1:[a][b] 2:[c][d]"},
                                         Reading{"quoted_last_without_newline", "a,\"b\"", "1:[a][b]"},  //
                                         Reading{"quote_inside", "a,b\"c\nd,e\n", "1:[a][b\"c] !quotes 2:[d][e]"},
                                         Reading{"text_behind_quote", "a,\"b\"c\nd,e\n", "1:[a] !quotes 2:[d][e]"},
                                         Reading{"quote_never_closed", "a,\"b\nc,d\ne,f\n",
                                                 "1:[a] !quotes 2:[c][d] 3:[e][f]"},
                                         Reading{"stray_quote_meets_a_good_one", "a,\"b\nc,\"d, e\"\nf,g\n",
                                                 "1:[a] !quotes 2:[c][d, e] 3:[f][g]"},
                                         Reading{"utf8", "\xC3\xA9,\xE2\x82\xAC,\xF0\x9F\x98\x80\n",
                                                 "1:[\xC3\xA9][\xE2\x82\xAC][\xF0\x9F\x98\x80]"},
                                         Reading{"latin1", "a,\xE9\nb,c\n", "1:[a][\xE9] !utf8 2:[b][c]"},
                                         Reading{"latin1_in_quotes", "a,\"\xE9\"\nb,c\n", "1:[a][\xE9] !utf8 2:[b][c]"},
                                         Reading{"overlong", "\xC0\xAF\n", "1:[\xC0\xAF] !utf8"},
                                         Reading{"surrogate", "\xED\xA0\x80\n", "1:[\xED\xA0\x80] !utf8"},
                                         Reading{"cut_short", "\xE2\x82\n", "1:[\xE2\x82] !utf8"}),
                         [](const auto& test) { return test.param.name; });

TEST(CsvReader, a_line_over_the_limit_is_passed_over_and_the_next_is_read) {
  const std::string longest(line_bytes_max - 3, 'x');
  const std::string too_long(3 * line_bytes_max, 'y');
  MemorySource source(longest);
  EXPECT_EQ(rows_of(source), "1:[" + longest + "]");
  const std::string bytes = "a,b\nc," + too_long + "\nd,e\n" + too_long;
  MemorySource long_source(bytes);
  EXPECT_EQ(rows_of(long_source), "1:[a][b] 2:[c] !long 3:[d][e] 4: !long");
}

TEST(CsvReader, a_stray_quote_swallows_nothing_even_in_a_long_file) {
  std::string bytes = "a,\"b\n";
  std::string expected = "1:[a] !quotes";
  for (int line = 2; bytes.size() < 2 * line_bytes_max; ++line) {
    bytes += "cell,0123456789012345678901234567890123456789\n";
    expected += " " + std::to_string(line) + ":[cell][0123456789012345678901234567890123456789]";
  }
  MemorySource source(bytes);
  EXPECT_EQ(rows_of(source), expected);
}

RC_GTEST_PROP(CsvReader, reads_back_what_was_written, (const std::vector<std::vector<std::string>>& table)) {
  const auto drop = *rc::gen::inRange<std::size_t>(1, 40);
  const auto ending = *rc::gen::element<std::string>("\n", "\r\n");
  std::string bytes;
  std::vector<std::vector<std::string>> written;
  for (const auto& cells : table) {
    if (cells.empty()) continue;
    written.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::string quoted;
      for (const char c : cells[i]) {
        const char plain = static_cast<char>(c & 0x7F);
        quoted += plain == '"' ? "\"\"" : std::string(1, plain);
      }
      bytes += (i > 0 ? ",\"" : "\"") + quoted + "\"";
      std::string cell = cells[i];
      for (char& c : cell) c = static_cast<char>(c & 0x7F);
      written.back().push_back(cell);
    }
    bytes += ending;
  }
  DrippingSource source(bytes, drop);
  CsvReader csv(source);
  for (const auto& cells : written) {
    RC_ASSERT(csv.next());
    RC_ASSERT(csv.problem() == RowProblem::none);
    RC_ASSERT(std::vector<std::string>(csv.cells().begin(), csv.cells().end()) == cells);
  }
  RC_ASSERT(!csv.next());
}

}  // namespace
}  // namespace lotwright::inputs
