// Screens by version and use, and funds by what is in them.

#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "inputs/test_book.h"

namespace lotwright::inputs {
namespace {

using Files = std::map<std::string, std::string>;

Book read_all(const Files& files) {
  Result<Book> book = read_files(files);
  EXPECT_TRUE(book);
  return *book;
}

const Restriction* named(const Book& book, const std::string& id) {
  const auto found = std::ranges::find(book.restrictions, id, &Restriction::id);
  return found == book.restrictions.end() ? nullptr : &*found;
}

// "AAA 1, CCC 0.2"
std::string meant(const Book& book, const Restriction* restriction) {
  if (restriction == nullptr) return "there is none";
  std::string text;
  for (std::size_t i = 0; i < restriction->securities.size(); ++i) {
    text += (text.empty() ? "" : ", ") + book.security(restriction->securities[i]).id.text + " " +
            restriction->share(i).to_string();
  }
  return text;
}

std::string told(const Book& book, std::string_view rule) {
  std::string text;
  for (const Finding& finding : book.findings) {
    if (std::string_view(finding.rule) != rule) continue;
    text += std::string(text.empty() ? "" : ", ") + std::string(lotwright::name_of(finding.severity)) + " " +
            finding.subject.id;
  }
  return text;
}

Files with_screen(const std::string& rows) {
  Files files = small_book();
  files["screens.csv"] = "screen_id,subject_kind,subject_id,effective_from,source,name\n" + rows;
  files["account_settings.csv"] += "A1,screen_F,divest_now,,,,,\nA2,screen_F,tax_grace,,,,,\n";
  return files;
}

Files with_funds(const std::string& rows) {
  Files files = small_book();
  files["fund_holdings.csv"] = "fund_id,security_id,weight\n" + rows;
  return files;
}

TEST(Screens, the_newest_version_not_after_as_of_is_in_force) {
  const Book book =
      read_all(with_screen("F,tag,old,2024-01-01,,\nF,tag,fossil,2025-06-30,,\nF,sector,Health,2025-07-01,,\n"));
  EXPECT_EQ(meant(book, named(book, "screen F of 2025-06-30 (tag fossil)")), "AAA 1");
  EXPECT_EQ(named(book, "screen F of 2024-01-01 (tag old)"), nullptr);
  EXPECT_EQ(named(book, "screen F of 2025-07-01 (sector Health)"), nullptr);
}

TEST(Screens, each_use_is_a_restriction_of_those_who_use_it_that_way) {
  const Book book = read_all(with_screen("F,tag,fossil,2025-01-01,board,\n"));
  const Restriction* divest = named(book, "screen F of 2025-01-01 (tag fossil)");
  const Restriction* grace = named(book, "screen F of 2025-01-01 (tag fossil, tax grace)");
  ASSERT_NE(divest, nullptr);
  ASSERT_NE(grace, nullptr);
  EXPECT_EQ(divest->rule, RestrictionRule::sell_all);
  EXPECT_EQ(grace->rule, RestrictionRule::never_buy);
  EXPECT_EQ(divest->source, "board");
  const Policy& a1 = book.accounts[0].effective_policy;
  const Policy& a2 = book.accounts[1].effective_policy;
  const Policy& b1 = book.accounts[2].effective_policy;
  EXPECT_TRUE(uses_screen_of(*divest, a1) && uses_screen_of(*grace, a2));
  EXPECT_FALSE(uses_screen_of(*grace, a1) || uses_screen_of(*divest, a2));
  EXPECT_FALSE(uses_screen_of(*grace, b1) || uses_screen_of(*divest, b1));
}

TEST(Screens, a_screen_nobody_uses_forbids_nothing) {
  Files files = with_screen("F,tag,fossil,2025-01-01,,\n");
  files["account_settings.csv"] = small_book()["account_settings.csv"];
  EXPECT_EQ(read_all(files).restrictions.size(), 3U);
}

TEST(Screens, an_account_whose_screen_has_no_version_in_force_is_held) {
  EXPECT_EQ(told(read_all(with_screen("F,tag,fossil,2025-07-01,,\n")), rule::restriction_screen_unknown),
            "hold A1, hold A2");
  EXPECT_EQ(told(read_all(with_screen("G,tag,fossil,,,\n")), rule::restriction_screen_unknown), "hold A1, hold A2");
  EXPECT_EQ(told(read_all(with_screen("F,tag,fossil,,,\n")), rule::restriction_screen_unknown), "");
}

TEST(Screens, a_faulty_row_holds_those_who_use_the_screen) {
  const Book book = read_all(with_screen("F,tag,fossil,,,\nF,lot,L1,,,\n"));
  EXPECT_EQ(told(book, rule::data_word_unknown), "hold A1, hold A2");
  EXPECT_EQ(told(read_all(with_screen("F,tag,fossil,,,\nF,security,ZZZ,,,\n")), rule::data_reference_unknown),
            "hold A1, hold A2");
}

TEST(Screens, a_fund_counts_by_all_rows_together) {
  Files files = with_screen("F,security,AAA,,,\nF,security,BBB,,,\n");
  files["fund_holdings.csv"] = "fund_id,security_id,weight\nCCC,AAA,0.2\nCCC,BBB,0.3\nCCC,DDD,0.5\n";
  const Book book = read_all(files);
  EXPECT_EQ(meant(book, named(book, "screen F (security AAA)")), "AAA 1");
  EXPECT_EQ(meant(book, named(book, "screen F (within funds)")), "CCC 0.5");
}

TEST(Funds, a_limit_counts_a_fund_of_funds_by_its_part) {
  // CCC is 0.4 AAA; DDD is 0.5 CCC and 0.1 AAA: 0.5 x 0.4 + 0.1 = 0.3.
  Files files = with_funds("DDD,CCC,0.5\nDDD,AAA,0.1\nCCC,AAA,0.4\nCCC,BBB,0.6\n");
  files["restrictions.csv"] += "R4,firm,,weight_max,security,AAA,0.5\nR5,firm,,weight_min,sector,Energy,0.1\n";
  const Book book = read_all(files);
  EXPECT_EQ(meant(book, named(book, "R4")), "AAA 1, CCC 0.4, DDD 0.3");
  EXPECT_EQ(meant(book, named(book, "R5")), "AAA 1, CCC 0.4, DDD 0.3");
}

TEST(Funds, a_ban_on_a_kind_looks_through_and_one_on_a_security_or_on_selling_does_not) {
  Files files = with_funds("CCC,AAA,0.4\n");
  files["restrictions.csv"] +=
      "R4,firm,,never_buy,security,AAA,\nR5,firm,,sell_all,tag,fossil,\nR6,firm,,never_sell,tag,fossil,\n";
  const Book book = read_all(files);
  EXPECT_EQ(meant(book, named(book, "R4")), "AAA 1");
  EXPECT_EQ(meant(book, named(book, "R5")), "AAA 1, CCC 0.4");
  EXPECT_EQ(meant(book, named(book, "R6")), "AAA 1");
}

TEST(Funds, a_fund_that_is_of_the_subject_itself_counts_whole) {
  Files files = with_funds("CCC,DDD,0.4\n");
  files["restrictions.csv"] += "R4,firm,,weight_max,asset_class,bonds,0.5\n";
  const Book book = read_all(files);
  EXPECT_EQ(meant(book, named(book, "R4")), "CCC 1, DDD 1");
  EXPECT_TRUE(named(book, "R4")->shares.empty());
  files["fund_holdings.csv"] += "BBB,DDD,0.2\n";
  const Book with_another = read_all(files);
  EXPECT_EQ(meant(with_another, named(with_another, "R4")), "BBB 0.2, CCC 1, DDD 1");
}

TEST(Funds, what_is_not_known_of_a_fund_is_told_and_counts_as_nothing) {
  const Book book = read_all(with_funds("CCC,AAA,0.4\nCCC,ELSEWHERE,0.3\nDDD,BBB,0.9999995\n"));
  EXPECT_EQ(told(book, rule::restriction_look_through_partial), "note CCC");
  EXPECT_EQ(book.fund_holdings.size(), 2U);
}

TEST(Funds, a_sum_above_1_and_a_circle_hold_the_fund) {
  EXPECT_EQ(told(read_all(with_funds("CCC,AAA,0.6\nCCC,BBB,0.4\n")), rule::restriction_look_through_unsound), "");
  EXPECT_EQ(told(read_all(with_funds("CCC,AAA,0.6\nCCC,BBB,0.41\n")), rule::restriction_look_through_unsound),
            "hold CCC");
  const Book circle = read_all(with_funds("CCC,DDD,0.6\nDDD,CCC,0.5\n"));
  EXPECT_EQ(told(circle, rule::restriction_look_through_unsound), "hold CCC, hold DDD");
  EXPECT_TRUE(circle.fund_holdings.empty());
}

TEST(Restrictions, those_that_begin_within_the_notice_are_kept_apart) {
  Files files = small_book();
  files["restrictions.csv"] =
      "restriction_id,scope,scope_id,rule,subject_kind,subject_id,value,effective_from,effective_to\n"
      "R1,account,A1,never_buy,security,AAA,,2025-07-07,\n"
      "R2,account,A1,never_buy,security,BBB,,2025-07-08,\n"
      "R3,account,A1,never_buy,security,CCC,,,2025-07-02\n";
  EXPECT_TRUE(read_all(files).restrictions_ahead.empty());
  files["account_settings.csv"] += "A2,expiry_notice_days,7,,,,,\n";
  const Book book = read_all(files);
  ASSERT_EQ(book.restrictions_ahead.size(), 1U);
  EXPECT_EQ(book.restrictions_ahead[0].id, "R1");
  ASSERT_EQ(book.restrictions.size(), 1U);
  EXPECT_EQ(book.restrictions[0].effective_to->to_string(), "2025-07-02");
}

}  // namespace
}  // namespace lotwright::inputs
