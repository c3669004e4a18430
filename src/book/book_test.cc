#include "book/book.h"

#include <gtest/gtest.h>

namespace lotwright {
namespace {

Account account_of(std::uint32_t household, std::optional<std::uint32_t> taxpayer) {
  Account account;
  account.household = HouseholdIndex{household};
  if (taxpayer) {
    account.taxpayer = TaxpayerIndex{*taxpayer};
    account.wash_taxpayers = {account.taxpayer};
  }
  return account;
}

std::vector<std::vector<std::uint32_t>> accounts_of(const std::vector<DecisionUnit>& units) {
  std::vector<std::vector<std::uint32_t>> lists;
  for (const DecisionUnit& unit : units) {
    auto& list = lists.emplace_back();
    for (const AccountIndex account : unit.accounts) list.push_back(account.value);
  }
  return lists;
}

TEST(DecisionUnits, AccountsOnTheirOwnStandAlone) {
  Book book;
  book.accounts = {account_of(0, 0), account_of(1, std::nullopt), account_of(2, std::nullopt)};
  const auto units = decision_units(book);
  EXPECT_EQ(accounts_of(units), (std::vector<std::vector<std::uint32_t>>{{0}, {1}, {2}}));
  EXPECT_EQ(units[0].taxpayers, std::vector<TaxpayerIndex>{TaxpayerIndex{0}});
  EXPECT_TRUE(units[1].taxpayers.empty());
}

// 0 and 3 share a household, 3 and 1 a taxpayer, 1 and 4 a household: one unit. 2 and 5 share a taxpayer.
TEST(DecisionUnits, HouseholdsAndTaxpayersChain) {
  Book book;
  book.accounts = {account_of(7, 2), account_of(8, 1), account_of(9, 5), account_of(7, 1), account_of(8, std::nullopt),
                   account_of(6, 5)};
  const auto units = decision_units(book);
  EXPECT_EQ(accounts_of(units), (std::vector<std::vector<std::uint32_t>>{{0, 1, 3, 4}, {2, 5}}));
  EXPECT_EQ(units[0].taxpayers, (std::vector<TaxpayerIndex>{TaxpayerIndex{1}, TaxpayerIndex{2}}));
}

// An untaxed account may be linked to a taxpayer for wash sales alone.
TEST(DecisionUnits, WashLinksJoinAccountsToo) {
  Book book;
  book.accounts = {account_of(0, 0), account_of(1, std::nullopt)};
  book.accounts[1].wash_taxpayers = {TaxpayerIndex{0}};
  EXPECT_EQ(accounts_of(decision_units(book)), (std::vector<std::vector<std::uint32_t>>{{0, 1}}));
}

}  // namespace
}  // namespace lotwright
