// multipliers.csv: where the search begins, and no more. Whatever is wrong with it holds nobody.
#include "inputs/multipliers.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "inputs/test_book.h"

namespace lotwright::inputs {
namespace {

Book book_with(const std::string& rows) {
  auto files = small_book();
  files["multipliers.csv"] = "account_id,name,price\n" + rows;
  return read_files(files).value();
}

const ShadowPrices& prices_of(const Book& book, std::size_t account) { return book.accounts[account].shadow_prices; }

bool is_unknown(const ShadowPrices& prices) { return prices.factors.empty() && prices.rows.empty(); }

// The findings of the file; each must be a note.
std::vector<std::string> notes_of(const Book& book) {
  std::vector<std::string> rules;
  for (const Finding& finding : book.findings) {
    if (finding.place.file != "multipliers.csv") continue;
    EXPECT_EQ(finding.severity, Severity::note) << finding.message;
    rules.push_back(finding.rule);
  }
  return rules;
}

TEST(Multipliers, are_read_by_account_and_name_in_any_order) {
  const Book book = book_with(
      "A2,factor:1,1e-300\n"
      "A1,net,0.15000003579265583\n"
      "A1,factor:2,-0.25\n"
      "A1,cash,-0\n"
      "A1,factor:1,0.5\n");
  EXPECT_EQ(notes_of(book), std::vector<std::string>{});
  EXPECT_EQ(prices_of(book, 0).factors, (std::vector<double>{0.5, -0.25}));
  EXPECT_EQ(prices_of(book, 0).rows, (NamedPrices{{"cash", 0.0}, {"net", 0.15000003579265583}}));
  EXPECT_EQ(prices_of(book, 1).factors, std::vector<double>{1e-300});
  EXPECT_TRUE(is_unknown(prices_of(book, 2)));
  EXPECT_TRUE(std::ranges::any_of(book.files, [](const InputFile& file) { return file.name == "multipliers.csv"; }));
}

TEST(Multipliers, a_faulty_row_leaves_its_account_without_prices_and_the_others_theirs) {
  const std::string sound = "A1,factor:1,0.5\nA1,cash,0.1\nA2,factor:1,0.5\n";
  for (const std::string faulty :
       {"A1,net,0.1x\n", "A1,net,\n", "A1,,0.1\n", "A1,net,inf\n", "A1,net,nan\n", "A1,net,1e999\n", "A1,net,0.1,0.1\n",
        "A1,cash,0.1\n", "A1,cash,0.2\n", "A1,factor:3,0.1\n", "A1,factor:01,0.1\n", "A1,factor:,0.1\n"}) {
    const Book book = book_with(sound + faulty);
    EXPECT_EQ(notes_of(book).size(), 1U) << faulty;
    EXPECT_TRUE(is_unknown(prices_of(book, 0))) << faulty;
    EXPECT_FALSE(is_unknown(prices_of(book, 1))) << faulty;
  }
}

TEST(Multipliers, rows_of_nobody_are_told_and_left_aside) {
  EXPECT_EQ(notes_of(book_with("Z9,cash,0.1\nZ8,cash,x\n")), std::vector<std::string>{"data_reference_unknown"});
  EXPECT_EQ(notes_of(book_with(",cash,0.1\n")), std::vector<std::string>{"data_value_missing"});
  EXPECT_EQ(notes_of(book_with("")), std::vector<std::string>{});
}

TEST(Multipliers, names_go_there_and_back_also_beyond_nine_factors) {
  ShadowPrices prices;
  for (int f = 0; f < 12; ++f) prices.factors.push_back(0.1 * f);
  prices.rows = {{"band:band_bonds", 0.5}, {"cash", -1e-9}, {"short", 0.4}};
  const NamedPrices rows = named(prices);
  EXPECT_TRUE(std::ranges::is_sorted(rows));
  const auto back = unnamed(rows);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->factors, prices.factors);
  EXPECT_EQ(back->rows, prices.rows);
}

}  // namespace
}  // namespace lotwright::inputs
