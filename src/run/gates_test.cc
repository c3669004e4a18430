#include "run/gates.h"

#include <gtest/gtest.h>

#include "run/run_fixtures.h"
#include "testing/book_builder.h"
#include "testing/households.h"

namespace lotwright {
namespace {

AccountResult with_order(const Book& book, const std::string& account, const char* amount, double tax) {
  AccountResult result;
  result.account = account_index(book, account);
  Order order;
  order.trade.security = security_index(book, "AAA");
  order.trade.amount = money(amount);
  result.orders = {order};
  result.tax = tax;
  return result;
}

Book book_with(const std::function<void(Gates&)>& set) {
  return taxable_and_ira().adjust([&](Book& book) { set(book.firm.gates); }).build();
}

TEST(Gates, WithoutLimitsNothingBlows) {
  const Book book = book_with([](Gates&) {});
  EXPECT_TRUE(gates_of(book, {with_order(book, "TX", "1000000000", 1e9)}, {}).empty());
}

TEST(Gates, NotionalIsSummedOverAccountsAndMayReachTheLimit) {
  const Book book = book_with([](Gates& gates) { gates.one_security_notional_max = money("300"); });
  EXPECT_TRUE(gates_of(book, {with_order(book, "TX", "100", 0), with_order(book, "IRA", "200", 0)}, {}).empty());
  const Findings blown = gates_of(book, {with_order(book, "TX", "100", 0), with_order(book, "IRA", "200.01", 0)}, {});
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].rule, "gate_one_security_notional");
  EXPECT_EQ(blown[0].severity, Severity::hold);
  EXPECT_EQ(blown[0].observed, "AAA 300.01");
}

TEST(Gates, TaxIsNettedWithinATaxpayerAndNotBetweenThem) {
  Book book = taxable_and_ira().taxpayer({.id = "U"}).account({.id = "UX", .taxpayer = "U"}).build();
  book.firm.gates.tax_total_max = money("100");
  EXPECT_TRUE(gates_of(book, {with_order(book, "TX", "1", 150), with_order(book, "IRA", "1", -60)}, {}).empty());
  EXPECT_EQ(gates_of(book, {with_order(book, "TX", "1", 150), with_order(book, "UX", "1", -60)}, {}).size(), 1U);
}

TEST(Gates, AccountsThatCameAndWentCountAgainstThePreviousRun) {
  const Book book = book_with([](Gates& gates) { gates.accounts_change_max = 0.5; });
  EXPECT_TRUE(gates_of(book, {}, {}).empty()) << "no previous run, nothing to compare with";
  EXPECT_TRUE(gates_of(book, {}, {.accounts = {{"IRA", "TX"}}, .prices = {}}).empty());
  EXPECT_TRUE(gates_of(book, {}, {.accounts = {{"IRA", "OLD", "TX", "X"}}, .prices = {}}).empty());
  const Findings blown = gates_of(book, {}, {.accounts = {{"IRA", "OLD"}}, .prices = {}});
  ASSERT_EQ(blown.size(), 1U);
  EXPECT_EQ(blown[0].rule, "gate_accounts_change");
  EXPECT_EQ(blown[0].observed, "1.0000");
}

TEST(Gates, APriceMayMoveByTheLimitAndNoFurther) {
  Book book = book_with([](Gates& gates) { gates.price_move_max = 0.25; });
  book.securities[security_index(book, "AAA").value].price = price("125");
  EXPECT_TRUE(gates_of(book, {}, {.accounts = {}, .prices = {{"AAA", price("100")}, {"GONE", price("1")}}}).empty());
  EXPECT_EQ(gates_of(book, {}, {.accounts = {}, .prices = {{"AAA", price("99.9")}}}).size(), 1U);
  EXPECT_EQ(gates_of(book, {}, {.accounts = {}, .prices = {{"AAA", price("170")}}}).size(), 1U);
}

TEST(PreviousRun, AFolderThatIsNoOutputFolderIsAFailure) { EXPECT_FALSE(read_previous("/nowhere/at/all").ok()); }

}  // namespace
}  // namespace lotwright
