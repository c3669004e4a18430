#include "cases/case.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>

#include "cases/book_tables.h"
#include "cases/part.h"
#include "cases/policy_rows.h"
#include "inputs/inputs.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

Case small_case() {
  const Book book = taxable_and_ira().build();
  Case saved;
  saved.engine_version = "1.2.3";
  saved.book = part_of(book, decision_units(book).at(0)).book;
  saved.decided = {{"decided_orders", 0, {"order_id", "quantity"}, {{0, {"TX-AAA", "1"}}}}};
  return saved;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

Failure refusal_of(const std::string& text) {
  const auto read = read_case(text, "a.case");
  EXPECT_FALSE(read.ok());
  return read.ok() ? Failure{} : read.failure();
}

TEST(Case, ComesBackAsItWasWritten) {
  Case saved = small_case();
  saved.effort.branch_gap_min = 0.1;
  const std::string text = case_text(saved);
  const Case back = read_case(text, "a.case").value();
  EXPECT_EQ(case_text(back), text);
  EXPECT_EQ(back.engine_version, "1.2.3");
  EXPECT_EQ(std::bit_cast<std::uint64_t>(back.effort.branch_gap_min), std::bit_cast<std::uint64_t>(0.1));
  EXPECT_EQ(back.decided.at(0).rows.at(0).cells, (std::vector<std::string>{"TX-AAA", "1"}));
}

TEST(Case, IdsMayHoldAnything) {
  Case saved = small_case();
  const std::string odd = "a \"b\",\n[lots]\r\nÄ;=1";
  saved.book.accounts[0].id = AccountId("\n" + odd);
  saved.book.securities.back().id = SecurityId("z" + odd);
  saved.book.accounts[0].lots[0].id = LotId(odd);
  const Case back = read_case(case_text(saved), "a.case").value();
  EXPECT_EQ(back.book.accounts[0].id.text, "\n" + odd);
  EXPECT_EQ(back.book.securities.back().id.text, "z" + odd);
  EXPECT_EQ(back.book.accounts[0].lots[0].id.text, odd);
}

TEST(Case, DoublesComeBackToTheBit) {
  Case saved = small_case();
  saved.book.securities[0].alpha = 0.1 + 0.2;
  saved.book.risk.specific_volatility[0] = 1.0 / 3.0;
  saved.book.accounts[0].effective_policy.risk_aversion = 2.0 / 3.0;
  const Book back = read_case(case_text(saved), "a.case").value().book;
  const auto bits = [](double number) { return std::bit_cast<std::uint64_t>(number); };
  EXPECT_EQ(bits(back.securities[0].alpha), bits(0.1 + 0.2));
  EXPECT_EQ(bits(back.risk.specific_volatility[0]), bits(1.0 / 3.0));
  EXPECT_EQ(bits(back.accounts[0].effective_policy.risk_aversion), bits(2.0 / 3.0));
}

TEST(Case, EverySettingIsWritten) {
  Policy policy;
  policy.bands["<asset_class>"] = {Weight::of_count(1), Weight::of_count(2), BasisPoints::of_count(3)};
  policy.mix["<asset_class>"] = Weight::of_count(4);
  policy.products["<asset_class>"] = "P";
  policy.location["<asset_class>"] = BasisPoints::of_count(5);
  policy.screens["<screen_id>"] = ScreenUse::divest_now;
  const auto settings = cases::settings_of(policy);
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(settings, [&](const auto& one) { return one.first == name; });
  };
  for (const PolicySetting& setting : policy_settings()) {
    EXPECT_TRUE(has(setting.name)) << setting.name;
  }
}

TEST(Case, APolicyThatDiffersInEverySettingComesBack) {
  Policy policy;
  policy.mode = Mode::harvest_only;
  policy.risk_aversion = 1e-7;
  policy.tax_weight = 0.7;
  policy.basis_value = 0.123456789012345;
  policy.loss_value = 0.0;
  policy.wash_sale_disallowed_max = Money::of_whole(3);
  policy.cash_raise_days = 7;
  policy.cash_target = policy.cash_min = policy.cash_max = Weight::of_count(7);
  policy.trade_min = Money::of_count(1);
  policy.trade_min_weight = Weight::of_count(2);
  policy.ticket_cost = Money::of_whole(5);
  policy.commission = policy.improvement_min = BasisPoints::of_count(3);
  policy.turnover_max = policy.position_weight_max = Weight::of_count(8);
  policy.rebalance_days_min = policy.long_term_wait_days = policy.price_age_days_max = 9;
  policy.waiting_weight = Weight::of_count(10);
  policy.unknown_basis = UnknownBasis::zero;
  policy.short_term_gains = ShortTermGains::avoid;
  policy.gain_budget = policy.tax_budget = Money::of_whole(11);
  policy.budget_prorated = true;
  policy.harvest = false;
  policy.names_max = 12;
  policy.mix["a"] = Weight::of_count(14);
  policy.products["a"] = "product of \"a\", large";
  policy.location["a"] = BasisPoints::of_count(15);
  policy.screens = {{"a", ScreenUse::divest_now}, {"b", ScreenUse::tax_grace}};
  policy.model_as_of = *Date::parse("2024-02-29");
  policy.household_model = "M";
  policy.household_tracking_error_max = Weight::of_count(16);
  policy.bands["p"] = {.min = {}, .max = {}, .price = BasisPoints::of_count(17)};
  policy.bands["a_min"] = {.min = {}, .max = Weight::of_count(13), .price = {}};
  Policy back;
  for (const auto& [name, value] : cases::settings_of(policy)) {
    EXPECT_FALSE(cases::set_setting(back, name, value)) << name << " " << value;
  }
  EXPECT_EQ(back, policy);
}

TEST(Case, AnotherFormatVersionIsRefusedWithARemedy) {
  const Failure failure = refusal_of(replaced(case_text(small_case()), "format,1", "format,2"));
  EXPECT_EQ(failure.rule, "case_version_unknown");
  EXPECT_EQ(failure.place.line, 3);
  EXPECT_NE(failure.message.find("play it with the version that saved it"), std::string::npos);
}

TEST(Case, AFaultNamesItsLineColumnAndValue) {
  const std::string text = case_text(small_case());
  const Failure failure = refusal_of(replaced(text, "\nTX,", "\nTX,H,T,taxable,M,default,12x,active\nTX,"));
  EXPECT_EQ(failure.rule, "data_number_unreadable");
  EXPECT_EQ(failure.place.column, "cash");
  EXPECT_EQ(failure.place.value, "12x");
  const auto line =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find("\nTX,")) + 1, '\n');
  EXPECT_EQ(failure.place.line, line);
}

TEST(Case, WhatDoesNotFitIsRefused) {
  const std::string text = case_text(small_case());
  const auto rule_of = [&](const std::string& from, const std::string& to) {
    return refusal_of(replaced(text, from, to)).rule;
  };
  EXPECT_EQ(rule_of("[lots]", "[lotes]"), "case_unreadable");
  EXPECT_EQ(rule_of("[lots]", "[accounts]"), "case_unreadable") << "a table that stands twice";
  EXPECT_EQ(rule_of("lot_id", "lot"), "data_header_unusable");
  EXPECT_EQ(rule_of("[lots]\naccount_id,", "[lots]\nx\naccount_id,"), "case_unreadable") << "a header of one column";
  EXPECT_EQ(rule_of("IRA,AAB,", "IRA,nothing,"), "data_reference_unknown");
  EXPECT_EQ(rule_of("as_of,2025-06-30", "as_of,2025-06-31"), "data_date_unreadable");
  EXPECT_EQ(rule_of("newton_iterations_max,60", "newton_iterations_max,6e9"), "data_number_out_of_range");
  EXPECT_EQ(rule_of("mode,full", "mode,all"), "data_setting_value");
  EXPECT_EQ(rule_of("[lots]", "\"[lots"), "case_unreadable") << "a quote that is never closed";
  EXPECT_EQ(refusal_of("").rule, "case_unreadable");
  EXPECT_EQ(refusal_of("account_id,cash\n").rule, "case_unreadable");
}

TEST(Case, RowsOutOfOrderAreRefused) {
  Case saved = small_case();
  const Taxpayer first = saved.book.taxpayers.at(0);
  saved.book.taxpayers.push_back(first);
  EXPECT_EQ(refusal_of(case_text(saved)).rule, "case_unreadable");
}

TEST(Case, TwoUnitsAreRefused) {
  Case saved = small_case();
  saved.book = read_book("examples/book").value();
  ASSERT_GT(decision_units(saved.book).size(), 1U);
  const Failure failure = refusal_of(case_text(saved));
  EXPECT_NE(failure.message.find("must have one"), std::string::npos) << failure.message;
}

// Bytes put in, taken out and changed anywhere: an answer, never a crash.
TEST(Case, DamagedTextIsReadOrRefused) {
  const std::string text = case_text(small_case());
  std::mt19937_64 random(1);
  std::size_t refused = 0;
  constexpr std::size_t tries = 3000;
  for (std::size_t i = 0; i < tries; ++i) {
    std::string damaged = text;
    for (std::uint64_t changes = 1 + random() % 4; changes > 0 && !damaged.empty(); --changes) {
      const std::size_t at = random() % damaged.size();
      const std::size_t length = std::min<std::size_t>(random() % 40, damaged.size() - at);
      switch (random() % 4) {
        case 0:
          damaged[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          damaged.erase(at, length);
          break;
        case 2:
          damaged.insert(at, damaged.substr(random() % damaged.size(), length));
          break;
        default:
          damaged.resize(at + 1);
      }
    }
    refused += read_case(damaged, "a.case").ok() ? 0 : 1;
  }
  EXPECT_GT(refused, tries / 2);
}

}  // namespace
}  // namespace lotwright
