#include "run/variant.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "explanation/idle_cash.h"
#include "reports/report.h"
#include "run/what_if.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// Half AAA, half BBB by the model; all in AAA at a gain.
BookBuilder household() {
  BookBuilder builder;
  builder.security({.id = "AAA", .price = "100"}).security({.id = "BBB", .price = "50"});
  builder.model("M", {{"AAA", "0.5"}, {"BBB", "0.5"}}).model("OTHER", {{"AAA", "1"}});
  builder.account({.id = "A", .cash = "1000"}).account({.id = "B", .household = "H2", .taxpayer = "T2"});
  builder.taxpayer({.id = "T"}).taxpayer({.id = "T2"});
  builder.lot({.account = "A", .security = "AAA", .quantity = "1000", .cost_basis = "50000"});
  builder.lot({.account = "B", .security = "AAA", .quantity = "10", .cost_basis = "500"});
  return builder;
}

Variant variant_of(const std::string& text) { return read_variant(text).value(); }

std::string refusal_of(const std::string& text) {
  const Book book = household().build();
  const auto unit = unit_book(book, "A");
  return changed(*unit, variant_of(text), book).failure().rule;
}

TEST(Variant, ANameStandsBeforeItsChanges) {
  const Variant variant = variant_of("patient: risk_aversion = 10, model=OTHER, request=cash_out:5:2025-07-01");
  EXPECT_EQ(variant.name, "patient");
  EXPECT_EQ(text_of(variant), "risk_aversion=10, model=OTHER, request=cash_out:5:2025-07-01");
  EXPECT_EQ(variant_of("request=cash_out:5").name, "request=cash_out:5") << "the colon is the request's";
}

TEST(Variant, WhatReadingWouldNotTakeIsRefusedByTheSameRule) {
  EXPECT_EQ(refusal_of("risk_aversoin=1"), rule::data_setting_unknown);
  EXPECT_EQ(refusal_of("cash_target=5"), rule::data_setting_value);
  EXPECT_EQ(refusal_of("band_x_min=0.5, band_x_max=0.4"), rule::data_settings_contradict);
  EXPECT_EQ(refusal_of("model=NOBODY"), rule::model_unknown);
  EXPECT_EQ(refusal_of("request=cashout:5"), rule::data_word_unknown);
  EXPECT_EQ(refusal_of("request=cash_out"), rule::data_value_missing);
  EXPECT_EQ(read_variant("nothing:").failure().rule, rule::data_value_missing);
}

TEST(Variant, AContradictionOfTheBookIsNotTheVariants) {
  BookBuilder builder = household();
  builder.policy("A", "cash_min", "0.02").policy("A", "cash_target", "0.01");
  const Book book = builder.build();
  EXPECT_TRUE(changed(*unit_book(book, "A"), variant_of("risk_aversion=1"), book).ok());
}

Result<Book> never_again(const std::vector<std::pair<std::string, std::string>>&) {
  return Failure{rule::data_file_missing, "nothing of these variants is the reader's", {}};
}

TEST(WhatIf, TheBookIsReadAgainForWhatOnlyTheReaderCanDo) {
  const Book book = household().build();
  std::vector<std::pair<std::string, std::string>> asked_for;
  const auto again = [&](const std::vector<std::pair<std::string, std::string>>& settings) -> Result<Book> {
    asked_for = settings;
    return household().policy("A", "mode", "hold").policy("A", "model_as_of", "2025-01-02").build();
  };
  const auto asked = what_if(book, "A", {variant_of("screen_fund_part_max=0.1, model_as_of=2025-01-02")}, again);
  ASSERT_TRUE(asked.ok()) << asked.failure().message;
  EXPECT_EQ(asked_for, (std::vector<std::pair<std::string, std::string>>{{"model_as_of", "2025-01-02"}}));
  EXPECT_TRUE(asked->facts.variants[1].result->orders.empty()) << "decided from the book that was read again";
  EXPECT_FALSE(asked->facts.variants[1].objective_by_present) << "another target";
}

TEST(WhatIf, OneAccountIsChangedAndTheFirstColumnIsAsItIs) {
  const Book book = household().build();
  const WhatIf asked =
      what_if(book, "A",
              {variant_of("hold: mode=hold"), variant_of("model=OTHER"), variant_of("request=cash_out:20000")},
              never_again)
          .value();
  const auto& columns = asked.facts.variants;
  ASSERT_EQ(columns.size(), 4U);
  EXPECT_FALSE(columns[0].result->orders.empty());
  EXPECT_TRUE(columns[1].result->orders.empty());
  EXPECT_EQ(columns[2].model, "OTHER");
  EXPECT_EQ(asked.books[0]->book.accounts.size(), 1U) << "the other household stays out";
  EXPECT_EQ(columns[3].result->value - columns[3].result->investable, money("20000")) << "the payment is set aside";
  EXPECT_EQ(columns[0].result->value - columns[0].result->investable, money("0"));
}

TEST(WhatIf, AVariantThatOnlySellsIsWarnedOf) {
  const Book book = household().build();
  const WhatIf asked =
      what_if(book, "A", {variant_of("sells: mode=sell_only, risk_aversion=500")}, never_again).value();
  const AccountResult& sells = *asked.facts.variants[1].result;
  ASSERT_GT(sells.cash_after, money("20000"));
  EXPECT_EQ(sells.turnover, 0.0) << "turnover does not see it";
  EXPECT_EQ(std::ranges::count(asked.facts.variants[1].exceptions, unusual_cash_left, &Finding::rule), 1);
  const std::string text = reports::text_of(reports::report_of(asked.facts));
  EXPECT_NE(text.find("Mind the cash of sells"), std::string::npos) << text;
  EXPECT_EQ(text.find("Mind the cash of as it is"), std::string::npos) << text;
}

TEST(WhatIf, NoOrdersOfOtherSettingsBeatTheBound) {
  const Book book = household().build();
  const WhatIf asked =
      what_if(book, "A", {variant_of("risk_aversion=2"), variant_of("tax_weight=3")}, never_again).value();
  const double bound = asked.facts.variants[0].result->bound.value();
  for (const auto& column : asked.facts.variants) EXPECT_GE(column.objective_by_present.value(), bound - 0.01);
}

}  // namespace
}  // namespace lotwright
