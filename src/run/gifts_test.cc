#include "run/gifts.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"

namespace lotwright {
namespace {

// 45,350 of income: 3,000 dollars of long-term gain are free of tax, the rest is taxed at 15 %.
BookBuilder family() {
  BookBuilder builder;
  builder.security({.id = "AAA", .price = "100"}).security({.id = "BBB", .price = "50"});
  builder.brackets(single_2025());
  builder.taxpayer({.filing_status = "single", .ordinary_income = "45350"});
  builder.account({.id = "A"}).account({.id = "B"});
  builder.lot({.account = "A", .id = "half", .security = "AAA", .quantity = "100", .cost_basis = "5000"});
  builder.lot({.account = "B", .id = "most", .security = "BBB", .quantity = "100", .cost_basis = "1000"});
  return builder;
}

GiftList list_of(const BookBuilder& builder, const GiftWishes& wishes = {}) {
  return gift_list(builder.build(), wishes).value();
}

TEST(GiftList, LotsOfATaxpayerAreRankedOverTheAccountsAndPricedTogether) {
  const GiftList list = list_of(family());
  ASSERT_EQ(list.gifts.size(), 2U);
  EXPECT_EQ(list.gifts[0].gain, money("4000")) << "80 cents of gain a dollar go first";
  EXPECT_EQ(list.gifts[0].tax_removed, money("150")) << "1,000 of them above the zero rate";
  EXPECT_EQ(list.gifts[1].tax_removed, money("750"));
  EXPECT_EQ(list.gifts[1].value_so_far, money("15000"));
  EXPECT_EQ(list.gifts[1].tax_so_far, money("900"));
  EXPECT_TRUE(list.left_out.empty());
}

TEST(GiftList, TheAmountIsFilledWithWholeShares) {
  const GiftList list = list_of(family(), {.accounts = {}, .taxpayers = {}, .amount = money("6250")});
  ASSERT_EQ(list.gifts.size(), 2U);
  EXPECT_EQ(list.gifts[1].quantity, shares("12"));
  EXPECT_EQ(list.gifts[1].gain, money("600"));
  EXPECT_EQ(list.gifts[1].value_so_far, money("6200"));
  EXPECT_EQ(list.gifts[1].tax_so_far, money("240"));
}

TEST(GiftList, FractionsOfSharesKeepToTheAmountToo) {
  BookBuilder builder = family();
  builder.security({.id = "CCC", .price = "8.77", .quantity_step = "0.000001"});
  builder.lot({.account = "A", .security = "CCC", .quantity = "3000", .cost_basis = "10"});
  const GiftList list = list_of(builder, {.accounts = {"A"}, .taxpayers = {}, .amount = money("20000")});
  EXPECT_LE(list.gifts.back().value_so_far, money("20000"));
  EXPECT_GE(list.gifts.back().value_so_far + cent, money("20000"));
}

TEST(GiftList, WhatMayNotBeGivenSaysWhy) {
  BookBuilder builder = family();
  builder.account({.id = "I", .taxpayer = "T", .treatment = TaxTreatment::tax_deferred});
  builder.account({.id = "F", .status = AccountStatus::frozen});
  builder.lot({.account = "I", .security = "AAA", .quantity = "1", .cost_basis = "10"});
  builder.lot({.account = "F", .id = "frozen", .security = "AAA", .quantity = "1", .cost_basis = "10"});
  builder.lot({.account = "A", .id = "unknown", .security = "AAA", .quantity = "1"});
  builder.lot({.account = "A", .id = "loss", .security = "AAA", .quantity = "1", .cost_basis = "101"});
  // A year is complete on the anniversary and the lot long-term on the day after it.
  builder.lot({.account = "A",
               .id = "young",
               .security = "AAA",
               .quantity = "1",
               .cost_basis = "10",
               .acquired_on = "2024-06-30"});
  builder.lot({.account = "A",
               .id = "old",
               .security = "AAA",
               .quantity = "1",
               .cost_basis = "10",
               .acquired_on = "2024-06-29"});
  builder.restriction({.scope_id = "B", .rule = RestrictionRule::never_sell, .subject_id = "BBB"});
  const Book book = builder.build();
  const GiftList list = gift_list(book, {}).value();
  std::map<std::string, std::string> reasons;
  for (const KeptLot& kept : list.left_out) reasons[book.account(kept.account).lots[kept.lot].id.text] = kept.reason;
  EXPECT_EQ(reasons.size(), 5U);
  EXPECT_EQ(reasons["frozen"], "the account is frozen");
  EXPECT_EQ(reasons["unknown"], "the basis is unknown");
  EXPECT_TRUE(reasons["loss"].starts_with("no gain"));
  EXPECT_TRUE(reasons["young"].starts_with("short-term"));
  EXPECT_TRUE(reasons["most"].starts_with("restriction_never_sell"));
  ASSERT_EQ(list.gifts.size(), 2U) << "half and old";
}

TEST(GiftList, LockedSharesStay) {
  BookBuilder builder = family();
  builder.restriction({.scope_id = "A", .rule = RestrictionRule::lock_quantity, .subject_id = "AAA", .value = "70"});
  const GiftList list = list_of(builder, {.accounts = {"A"}, .taxpayers = {}, .amount = {}});
  ASSERT_EQ(list.gifts.size(), 1U);
  EXPECT_EQ(list.gifts[0].quantity, shares("30"));
}

TEST(GiftList, OfALockedPositionTheLargestGainsAreGiven) {
  BookBuilder builder;
  builder.security({.id = "AAA"}).account({.id = "A", .cash = "1000"});
  builder.lot({.account = "A", .id = "high", .security = "AAA", .quantity = "50", .cost_basis = "4900"});
  builder.lot({.account = "A", .id = "low", .security = "AAA", .quantity = "50", .cost_basis = "500"});
  const auto only = [](BookBuilder one, RestrictionRule rule, const char* value) {
    one.restriction({.scope_id = "A", .rule = rule, .subject_id = "AAA", .value = value});
    const GiftList list = list_of(one, {.accounts = {"A"}, .taxpayers = {}, .amount = {}});
    EXPECT_EQ(list.gifts.size(), 1U);
    return list.gifts.empty() ? Money() : list.gifts[0].gain;
  };
  EXPECT_EQ(only(builder, RestrictionRule::lock_quantity, "50"), money("4500"));
  EXPECT_EQ(only(builder, RestrictionRule::weight_min, "0.5"), money("4050")) << "55 shares are half of 11,000";
}

TEST(GiftList, AnIdThatIsNotInTheBookIsRefused) {
  EXPECT_FALSE(gift_list(family().build(), {.accounts = {"Z"}, .taxpayers = {}, .amount = {}}));
  EXPECT_FALSE(gift_list(family().build(), {.accounts = {}, .taxpayers = {"Z"}, .amount = {}}));
}

TEST(GiftList, TheFileHasALineForEachLot) {
  const Book book = family().build();
  EXPECT_EQ(csv_of(gift_list(book, {.accounts = {"B"}, .taxpayers = {}, .amount = {}}).value(), book),
            "taxpayer_id,account_id,security_id,lot_id,quantity,value,gain,term,tax_removed,tax_removed_per_dollar,"
            "value_so_far,tax_removed_so_far\n"
            "T,B,BBB,most,100,5000.00,4000.00,long_term,150.00,0.030000,5000.00,150.00\n");
}

}  // namespace
}  // namespace lotwright
