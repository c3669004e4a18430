#include "testing/book_builder.h"

#include <gtest/gtest.h>

namespace lotwright {
namespace {

BookBuilder family() {
  return BookBuilder()
      .security({.id = "BBB", .price = "20.5", .group = "G"})
      .security({.id = "AAA", .group = "G", .tags = {"weapons", "tobacco"}})
      .security({.id = "USD", .price = "1", .kind = SecurityKind::cash, .tradable = true})
      .account({.id = "IRA", .household = "H", .treatment = TaxTreatment::tax_deferred})
      .account({.id = "A", .household = "H", .cash = "100"})
      .lot({.account = "A", .security = "BBB", .quantity = "3", .cost_basis = "60"})
      .lot({.account = "A", .security = "AAA", .quantity = "1"})
      .restriction({.scope = RestrictionScope::firm, .subject_kind = RestrictionSubject::tag, .subject_id = "tobacco"})
      .substitute({.security = "AAA", .substitute = "BBB"});
}

TEST(BookBuilder, SortsByIdAndResolvesIndices) {
  const Book book = family().build();
  EXPECT_EQ(book.securities[0].id.text, "AAA");
  EXPECT_EQ(book.securities[0].group, book.securities[1].group);
  EXPECT_NE(book.securities[0].group, book.securities[2].group);
  const Account& taxable = book.account(account_index(book, "A"));
  EXPECT_EQ(taxable.lots[0].id.text, "L2") << "lots are sorted by security first";
  EXPECT_FALSE(taxable.lots[0].cost_basis.has_value());
  EXPECT_EQ(taxable.lots[1].cost_basis, money("60"));
  EXPECT_EQ(book.restrictions[0].securities, std::vector{security_index(book, "AAA")});
}

TEST(BookBuilder, LinksAnUntaxedAccountToTheTaxpayersOfItsHousehold) {
  const Book book = family().build();
  const Account& ira = book.account(account_index(book, "IRA"));
  EXPECT_FALSE(ira.taxpayer.exists());
  EXPECT_EQ(ira.wash_taxpayers, std::vector{taxpayer_index(book, "T")});
}

TEST(BookBuilder, MakesAModelOfEqualWeightsThatSumToOne) {
  const Book book = family().security({.id = "CCC"}).build();
  Weight sum;
  for (const ModelWeight& part : book.models[0].weights) sum += part.weight;
  EXPECT_EQ(book.models[0].weights.size(), 3u) << "cash is not in it";
  EXPECT_EQ(sum, Weight::of_whole(1));
}

TEST(BookBuilder, RefusesWhatATestDidNotDeclare) {
  EXPECT_THROW((void)BookBuilder().account({.id = "A"}).lot({.account = "A", .security = "ZZZ"}).build(), Defect);
  EXPECT_THROW((void)money("1,000"), Defect);
}

}  // namespace
}  // namespace lotwright
