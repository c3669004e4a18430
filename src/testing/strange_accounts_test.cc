#include "testing/strange_accounts.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lotwright {
namespace {

TEST(StrangeAccounts, EveryKindIsMadeAndTheSameTwice) {
  for (const StrangeKind& kind : strange_kinds()) {
    const Book book = strange_book(kind.name, 4);
    const Book again = strange_book(kind.name, 4);
    ASSERT_FALSE(book.accounts.empty()) << kind.name;
    EXPECT_EQ(book.accounts.front().cash, again.accounts.front().cash) << kind.name;
    EXPECT_EQ(book.accounts.front().lots.size(), again.accounts.front().lots.size()) << kind.name;
    EXPECT_EQ(book.risk.exposures, again.risk.exposures) << kind.name;
  }
  EXPECT_THROW(static_cast<void>(strange_book("ordinary", 1)), Defect);
}

TEST(StrangeAccounts, KindsAreWhatTheirNamesSay) {
  EXPECT_EQ(strange_book("one_security", 7).securities.size(), 1u);
  EXPECT_EQ(strange_book("many_names", 7).securities.size(), 3000u);
  EXPECT_EQ(strange_book("many_lots", 7).accounts.front().lots.size(), 20'000u);
  EXPECT_TRUE(strange_book("negative_cash", 7).accounts.front().cash.is_negative());
  EXPECT_TRUE(strange_book("nothing_at_all", 7).accounts.front().lots.empty());
  EXPECT_EQ(strange_book("tight_turnover", 7).accounts.front().effective_policy.risk_aversion, 300.0);
  const Book huge = strange_book("huge_prices", 7);
  EXPECT_GT(std::ranges::count(huge.securities, Price::of_whole(1'000'000), &Security::price), 0);
  const Book tiny = strange_book("tiny_prices", 7);
  EXPECT_GT(std::ranges::count(tiny.securities, Price::of_count(1), &Security::price), 0);
  const Book smooth = strange_book("no_risk", 7);
  EXPECT_EQ(std::ranges::count(smooth.risk.specific_volatility, 0.0), std::ssize(smooth.securities));
}

}  // namespace
}  // namespace lotwright
