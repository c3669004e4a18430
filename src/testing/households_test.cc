// The comments of households.h are checked: a fixture that does not hold what it says proves nothing.
#include "testing/households.h"

#include <gtest/gtest.h>

namespace lotwright {
namespace {

Money value_before(const Book& book, const std::string& id) {
  const Account& account = book.account(account_index(book, id));
  Money value = account.cash;
  for (const TaxLot& lot : account.lots) value += value_of(lot.quantity, *book.security(lot.security).price);
  return value;
}

TEST(Households, HoldTheValuesTheirCommentsState) {
  EXPECT_EQ(value_before(direct_index().build(), "DI"), money("39999.99992"));
  EXPECT_EQ(value_before(taxable_and_ira().build(), "TX"), money("20000"));
  EXPECT_EQ(value_before(taxable_and_ira().build(), "IRA"), money("8400"));
  EXPECT_EQ(value_before(cash_out_due().build(), "CO"), money("20500"));
  EXPECT_EQ(value_before(restricted().build(), "RS"), money("8200"));
}

TEST(Households, RestrictionsReachTheSecuritiesTheyName) {
  const Book book = restricted().build();
  EXPECT_EQ(book.restrictions[0].securities, std::vector{security_index(book, "AAA")});
  EXPECT_TRUE(book.restrictions[1].household.exists());
  EXPECT_EQ(book.restrictions[2].weight, weight("0.20"));
}

}  // namespace
}  // namespace lotwright
