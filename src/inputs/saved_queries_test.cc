#include "inputs/saved_queries.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "inputs/test_book.h"

namespace lotwright::inputs {
namespace {

constexpr auto firm = "[firm]\nname = \"Test\"\nas_of = 2025-06-30\n";

Result<std::vector<SavedQuery>> queries_of(const std::string& more) {
  const FolderOnDisk folder({{"firm.toml", firm + more}});
  return read_saved_queries(folder.path());
}

TEST(SavedQueries, a_query_is_a_filter_or_a_table) {
  const auto queries = queries_of(
      "[queries]\nlarge = \"rank <= 3\"\n[queries.much]\nfile = \"accounts\"\nwhere = \"turnover > 30 %\"\n"
      "sort = \"-turnover\"\ncolumns = \"account_id\"\nlimit = 20\n");
  ASSERT_EQ(queries->size(), 2U);
  EXPECT_EQ(queries->at(0).name, "large");
  EXPECT_EQ(queries->at(0).where, "rank <= 3");
  const SavedQuery& much = queries->at(1);
  EXPECT_EQ(much.file + "|" + much.where + "|" + much.sort + "|" + much.columns,
            "accounts|turnover > 30 %|-turnover|account_id");
  EXPECT_EQ(much.limit, 20);
  EXPECT_TRUE(queries_of("")->empty());
}

TEST(SavedQueries, another_shape_is_refused_with_its_line) {
  for (const auto& [text, rule, line] : std::initializer_list<std::tuple<const char*, const char*, std::int64_t>>{
           {"[queries]\nlarge = 5\n", rule::data_value_missing, 5},
           {"[queries.large]\nwher = \"a\"\n", rule::data_key_unknown, 5},
           {"[queries.large]\nwhere = 5\n", rule::data_value_missing, 5},
           {"[queries.large]\nlimit = 0\n", rule::data_number_out_of_range, 5}}) {
    const auto refused = queries_of(text);
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_EQ(refused.failure().rule, rule) << text;
    EXPECT_EQ(refused.failure().place.line, line) << text;
  }
  EXPECT_EQ(read_saved_queries("/nowhere").failure().rule, rule::data_file_missing);
}

TEST(SavedQueries, nobody_is_held_for_one_that_cannot_be_asked) {
  auto files = small_book();
  files["firm.toml"] += "[queries]\nlarge = 5\n";
  const auto book = read_files(files);
  const auto one = std::ranges::find(book->findings, "queries.large", [](const Finding& f) { return f.place.column; });
  ASSERT_NE(one, book->findings.end());
  EXPECT_EQ(one->severity, Severity::note);
  EXPECT_EQ(read_files(small_book())->findings.size() + 1, book->findings.size());
}

}  // namespace
}  // namespace lotwright::inputs
