#include "reports/html.h"

#include <gtest/gtest.h>

namespace lotwright::reports {
namespace {

std::string of_row(std::vector<std::string> row) {
  Table table;
  table.columns.resize(row.size(), "c");
  table.rows = {std::move(row)};
  return html_of(table, "caption");
}

TEST(Html, a_long_cell_may_go_on_in_another_line_and_a_short_one_never_breaks) {
  EXPECT_NE(of_row({"A000116", "$172,133,272.00"}).find("<td>$172,133,272.00</td>"), std::string::npos);
  const std::string page = of_row({"year 1", "$2,584,002 ($1,470,816 to $3,319,376)"});
  EXPECT_NE(page.find("<td class=\"long\">$2,584,002 ("), std::string::npos) << page;
}

TEST(Html, a_line_breaks_neither_in_front_of_a_percent_sign_nor_in_brackets) {
  const std::string page = of_row({"year 1", "5.00 % (4.00 % to 6.00 %)"});
  EXPECT_NE(page.find("5.00\u00a0% (4.00\u00a0%\u00a0to\u00a06.00\u00a0%)"), std::string::npos) << page;
}

TEST(Html, what_stands_in_a_number_s_cell_is_escaped_too) {
  EXPECT_NE(of_row({"a", "<b> & (<i>)"}).find("&lt;b&gt; &amp; (&lt;i&gt;)"), std::string::npos);
}

TEST(Html, a_table_of_many_columns_is_written_smaller) {
  EXPECT_EQ(of_row({"1", "2", "3", "4", "5", "6", "7"}).find("class=\"many\""), std::string::npos);
  EXPECT_NE(of_row({"1", "2", "3", "4", "5", "6", "7", "8"}).find("class=\"many\""), std::string::npos);
}

// The page breaks long words, so that nothing stands beyond its edge; a table does not: its ids and sums stay whole.
TEST(Html, words_in_tables_are_not_broken_on_paper_nor_tables_cut) {
  const std::string page = whole_page("title", "", "");
  EXPECT_NE(page.find("tabular-nums; overflow-wrap: normal;"), std::string::npos);
  EXPECT_NE(page.find(".wide { overflow-x: auto; }"), std::string::npos);
  const std::string print = page.substr(page.rfind("@media print"));
  EXPECT_NE(print.find(".wide { overflow: visible; }"), std::string::npos);
  EXPECT_EQ(print.find("anywhere"), std::string::npos);
}

}  // namespace
}  // namespace lotwright::reports
