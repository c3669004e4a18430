// Limits that cannot hold together, and that each set named is as small as it can be.
#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "checks/checks.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

struct Wish {
  std::string id;
  RestrictionRule rule = RestrictionRule::weight_min;
  RestrictionSubject kind = RestrictionSubject::security;
  std::string subject;
  std::string weight;
};

constexpr auto least = RestrictionRule::weight_min;
constexpr auto most = RestrictionRule::weight_max;
constexpr auto sell = RestrictionRule::sell_all;
constexpr auto one = RestrictionSubject::security;
constexpr auto all = RestrictionSubject::asset_class;

// AAA and BBB are equity, CCC and DDD bonds; the account holds some of each.
std::vector<Finding> told(
    const std::vector<Wish>& wishes, const std::function<void(Policy&)>& settings = [](Policy&) {}) {
  BookBuilder builder;
  for (const char* id : {"AAA", "BBB", "CCC", "DDD"}) {
    builder.security({.id = id, .asset_class = id[0] <= 'B' ? "equity" : "bonds"});
    builder.lot({.account = "A", .security = id, .quantity = "10", .cost_basis = "1000"});
  }
  builder.security({.id = "EEE", .asset_class = "gold"});  // not held
  builder.account({.id = "A", .cash = "100"});
  builder.policy("A", settings);
  for (const Wish& wish : wishes) {
    builder.restriction({.id = wish.id,
                         .scope_id = "A",
                         .rule = wish.rule,
                         .subject_kind = wish.kind,
                         .subject_id = wish.subject,
                         .value = wish.weight});
  }
  const Book book = builder.build();
  const auto risk = FactorRisk::of(book.risk, book.securities.size());
  const DecisionUnit unit = decision_units(book).front();
  const CheckedUnit checked = check(book, *risk, unit);
  std::vector<Finding> findings;
  for (const Finding& found : checked.accounts.front().findings) {
    const bool about = found.rule == rule::restriction_conflict || found.rule == rule::data_settings_contradict;
    if (about) findings.push_back(found);
  }
  return findings;
}

TEST(Contradictions, limits_that_fit_are_not_told) {
  EXPECT_TRUE(told({}).empty());
  EXPECT_TRUE(told({{"R1", least, one, "AAA", "0.3"}, {"R2", most, all, "equity", "0.3"}}).empty());
  EXPECT_TRUE(told({{"R1", least, all, "equity", "0.5"}, {"R2", least, all, "bonds", "0.495"}}).empty());
}

TEST(Contradictions, a_security_may_not_have_to_be_more_than_its_class) {
  const auto found = told({{"R1", least, one, "AAA", "0.3"},
                           {"R2", most, all, "equity", "0.299999999999"},
                           {"R3", most, one, "CCC", "0.1"}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::hold);
  EXPECT_EQ(
      found[0].message,
      "restriction R1 (weight_min 0.3 of AAA) and restriction R2 (weight_max 0.299999999999 of equity) cannot hold "
      "together; end or change any one of them");
}

TEST(Contradictions, a_setting_among_them_yields_and_is_told) {
  const auto found = told({{"R1", least, one, "AAA", "0.3"}},
                          [](Policy& policy) { policy.bands["equity"].max = *Weight::parse("0.2"); });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rule, rule::data_settings_contradict);
  EXPECT_EQ(found[0].severity, Severity::review);
  EXPECT_NE(found[0].message.find("restriction R1 (weight_min 0.3 of AAA) and band_equity_max 0.2 cannot hold"),
            std::string::npos);
}

TEST(Contradictions, what_is_to_be_sold_cannot_be_the_least_of_a_class) {
  const auto found = told({{"R1", sell, one, "AAA", ""}, {"R2", sell, one, "BBB", ""}},
                          [](Policy& policy) { policy.bands["equity"].min = *Weight::parse("0.2"); });
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("R1 (sell_all of AAA) and restriction R2 (sell_all of BBB) and band_equity_min 0.2"),
            std::string::npos);
}

TEST(Contradictions, to_sell_and_to_keep_what_is_not_held_is_a_note) {
  const auto kept = RestrictionRule::never_sell;
  const auto found = told({{"R1", sell, one, "EEE", ""}, {"R2", kept, one, "EEE", ""}, {"R3", sell, one, "AAA", ""}});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].severity, Severity::note);
  EXPECT_EQ(told({{"R1", sell, one, "AAA", ""}, {"R2", kept, one, "AAA", ""}})[0].severity, Severity::hold);
}

// Every book of up to six limits from a few: each set named contradicts itself, and without any member it does not.
TEST(Contradictions, a_set_named_can_spare_none_of_its_members) {
  const std::vector<Wish> kinds = {{"", least, one, "AAA", "0.4"},   {"", least, one, "BBB", "0.4"},
                                   {"", most, all, "equity", "0.7"}, {"", least, all, "bonds", "0.4"},
                                   {"", most, one, "AAA", "0.3"},    {"", least, one, "CCC", "0.25"},
                                   {"", sell, one, "CCC", ""}};
  int sets = 0;
  for (unsigned chosen = 0; chosen < 1U << kinds.size(); ++chosen) {
    std::vector<Wish> wishes;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      if ((chosen >> i & 1U) == 0) continue;
      wishes.push_back(kinds[i]);
      wishes.back().id = "R" + std::to_string(i);
    }
    for (const Finding& found : told(wishes)) {
      std::vector<Wish> members;
      for (const Wish& wish : wishes) {
        const bool named = found.message.find("restriction " + wish.id + " ") != std::string::npos ||
                           found.observed == wish.id || found.limit == wish.id;
        if (named) members.push_back(wish);
      }
      if (found.rule == rule::data_settings_contradict) continue;  // cash_min is among them, and stays
      ++sets;
      EXPECT_FALSE(told(members).empty()) << found.message;
      for (std::size_t out = 0; out < members.size(); ++out) {
        std::vector<Wish> fewer = members;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(out));
        EXPECT_TRUE(told(fewer).empty()) << found.message << " without " << members[out].id;
      }
    }
  }
  EXPECT_GT(sets, 50);
}

}  // namespace
}  // namespace lotwright
