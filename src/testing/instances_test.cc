// What the header says of the accounts is checked: a measurement on others than these would not say what it claims.
#include "testing/instances.h"

#include <gtest/gtest.h>

#include <set>

namespace lotwright {
namespace {

Money worth(const Book& book, const Account& account) {
  Money value = account.cash;
  for (const TaxLot& lot : account.lots) value += value_of(lot.quantity, *book.security(lot.security).price);
  return value;
}

TEST(Instances, AccountsHaveTheShapeThatIsStated) {
  const Book book = instances({.names = 200, .accounts = 40});
  ASSERT_EQ(book.accounts.size(), 40u);
  int at_a_loss = 0;
  int lots = 0;
  for (const Account& account : book.accounts) {
    EXPECT_NEAR(worth(book, account).to_double(), 1e6, 1.0);
    std::set<SecurityIndex> held;
    for (const TaxLot& lot : account.lots) {
      held.insert(lot.security);
      ++lots;
      at_a_loss += *lot.cost_basis > value_of(lot.quantity, *book.security(lot.security).price) ? 1 : 0;
    }
    EXPECT_GE(held.size(), 50u);
    EXPECT_LE(held.size(), 185u);
    EXPECT_LE(account.lots.size(), 5 * held.size());
  }
  EXPECT_NEAR(static_cast<double>(at_a_loss) / lots, 0.5, 0.05);
}

TEST(Instances, AModelSumsToOneAndWholeSharesAreWhole) {
  const Book book = instances({.names = 50, .accounts = 3, .whole_shares = true});
  Weight sum;
  for (const ModelWeight& part : book.models.front().weights) sum += part.weight;
  EXPECT_EQ(sum, Weight::of_whole(1));
  for (const Account& account : book.accounts) {
    for (const TaxLot& lot : account.lots) EXPECT_EQ(lot.quantity.count() % Quantity::scale, 0);
  }
}

TEST(Instances, AnAccountIsTheSameWhateverTheNumberOfAccounts) {
  const Book few = instances({.names = 30, .accounts = 2});
  const Book many = instances({.names = 30, .accounts = 9});
  ASSERT_EQ(few.accounts[1].lots.size(), many.accounts[1].lots.size());
  EXPECT_EQ(few.accounts[1].cash, many.accounts[1].cash);
  EXPECT_EQ(few.accounts[1].lots.back().cost_basis, many.accounts[1].lots.back().cost_basis);
}

TEST(Instances, NoOrdersLeaveTheOneCell) {
  const Book book = instances({.names = 50, .accounts = 20});
  for (const Account& account : book.accounts) {
    const Taxpayer& taxpayer = book.taxpayers[account.taxpayer.value];
    const Money net_long = taxpayer.outside_gains_long - taxpayer.carryforward_long;
    const Money net = net_long + taxpayer.outside_gains_short;
    Money reach;
    for (const TaxLot& lot : account.lots) {
      reach += (value_of(lot.quantity, *book.security(lot.security).price) - *lot.cost_basis).abs();
    }
    EXPECT_LT(reach, net_long.abs());
    EXPECT_LT(reach, net.abs());
  }
}

TEST(Instances, TheNextDayHasTheOrdersCarriedOutAndOtherPrices) {
  const Book book = instances({.names = 10, .accounts = 2});
  const TaxLot& sold = book.accounts[0].lots.front();
  const SecurityIndex other{sold.security.value + 1};
  const Money basis = *sold.cost_basis;
  const Money proceeds = value_of(sold.quantity, *book.security(sold.security).price);
  Trade sale{.security = sold.security,
             .side = Side::sell,
             .quantity = sold.quantity,
             .price = {},
             .amount = proceeds,
             .commission = {},
             .lots = {}};
  sale.lots.push_back({.lot = 0,
                       .quantity = sold.quantity,
                       .proceeds = proceeds,
                       .cost_basis = basis,
                       .gain = proceeds - basis,
                       .term = Term::long_term,
                       .disallowed = {}});
  const Trade purchase{.security = other,
                       .side = Side::buy,
                       .quantity = Quantity::of_whole(2),
                       .price = {},
                       .amount = Money::of_whole(100),
                       .commission = Money::of_whole(1),
                       .lots = {}};
  const AccountTrades trades{.account = {0}, .trades = {sale, purchase}};
  const Book next = next_trading_day(book, 5, std::vector{trades});
  EXPECT_EQ(next.firm.as_of, Date::of(2025, 7, 1));
  EXPECT_EQ(next.accounts[0].cash, book.accounts[0].cash + proceeds - Money::of_whole(101));
  EXPECT_EQ(next.accounts[0].lots.size(), book.accounts[0].lots.size());  // one gone, one new
  EXPECT_EQ(next.taxpayers[0].realized_long_ytd, proceeds - basis);
  EXPECT_EQ(next.taxpayers[1].realized_long_ytd, Money());
  EXPECT_EQ(next.transactions.size(), book.transactions.size() + 2);
  for (std::size_t i = 0; i < book.securities.size(); ++i) {
    EXPECT_NE(next.securities[i].price, book.securities[i].price);
    EXPECT_NEAR(next.securities[i].price->to_double() / book.securities[i].price->to_double(), 1.0, 0.15);
  }
}

}  // namespace
}  // namespace lotwright
