#include "orders/orders.h"

#include <gtest/gtest.h>

namespace lotwright {
namespace {

Book book_of_two() {
  Book book;
  for (const char* id : {"AAA", "BBB"}) {
    Security security;
    security.id = SecurityId(id);
    book.securities.push_back(security);
  }
  for (const char* id : {"A1", "A2"}) {
    Account account;
    account.id = AccountId(id);
    book.accounts.push_back(account);
  }
  return book;
}

Trade trade(std::uint32_t security, Side side, int shares) {
  Trade made;
  made.security = SecurityIndex{security};
  made.side = side;
  made.quantity = Quantity::of_whole(shares);
  return made;
}

AccountResult result(const Book& book, std::uint32_t account, std::vector<Trade> trades) {
  const std::vector<std::string> reasons(trades.size(), "rebalance");
  AccountResult made;
  made.account = AccountIndex{account};
  made.orders = order(book, {made.account, std::move(trades)}, reasons);
  return made;
}

TEST(Orders, AnIdNamesAccountAndSecurityAndTheReasonGoesWithItsTrade) {
  const Book book = book_of_two();
  const auto orders = order(book, {AccountIndex{1}, {trade(1, Side::buy, 3), trade(0, Side::sell, 4)}}, {"one", "two"});
  ASSERT_EQ(orders.size(), 2U);
  EXPECT_EQ(orders[0].id, "A2-AAA");
  EXPECT_EQ(orders[0].reason, "two");
  EXPECT_EQ(orders[1].id, "A2-BBB");
  EXPECT_EQ(orders[1].reason, "one");
}

TEST(Orders, AMissingReasonIsADefect) {
  EXPECT_THROW((void)order(book_of_two(), {AccountIndex{0}, {trade(0, Side::buy, 1)}}, {}), Defect);
}

TEST(Orders, TradesComeBackAsTheyWentIn) {
  const Book book = book_of_two();
  const AccountTrades trades{AccountIndex{0}, {trade(0, Side::buy, 3), trade(1, Side::sell, 4)}};
  EXPECT_EQ(trades_of(result(book, 0, trades.trades)), trades);
}

TEST(Block, JoinsSameSidesOfASecurityAndKeepsTheOthersApart) {
  const Book book = book_of_two();
  const auto blocks = block(book, {result(book, 0, {trade(0, Side::sell, 5), trade(1, Side::buy, 2)}),
                                   result(book, 1, {trade(0, Side::buy, 7), trade(1, Side::buy, 4)})});
  ASSERT_EQ(blocks.size(), 3U);
  EXPECT_EQ(blocks[0].id, "AAA-buy");
  EXPECT_EQ(blocks[0].quantity, Quantity::of_whole(7));
  EXPECT_EQ(blocks[1].id, "AAA-sell");
  EXPECT_EQ(blocks[1].quantity, Quantity::of_whole(5));
  EXPECT_EQ(blocks[2].id, "BBB-buy");
  EXPECT_EQ(blocks[2].quantity, Quantity::of_whole(6));
  EXPECT_EQ(blocks[2].orders, 2);
}

TEST(Block, NoOrdersNoBlocks) { EXPECT_TRUE(block(book_of_two(), {}).empty()); }

}  // namespace
}  // namespace lotwright
