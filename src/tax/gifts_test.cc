#include "tax/gifts.h"

#include <gtest/gtest.h>

#include "testing/rates.h"

namespace lotwright::tax {
namespace {

std::vector<Money> removed_by(const std::vector<std::string>& gains, NetGains before, const TaxRates& rates) {
  std::vector<Gift> gifts;
  for (const std::string& gain : gains) gifts.push_back({.value = money("10000"), .gain = money(gain)});
  return tax_removed(gifts, before, rates);
}

using Dollars = std::vector<Money>;

TEST(Gifts, TheMostGainPerDollarGoesFirst) {
  std::vector<Gift> gifts = {
      {money("1000"), money("500"), 0}, {money("100"), money("90"), 1}, {money("10"), money("5"), 2}};
  sort_for_giving(gifts);
  EXPECT_EQ(gifts[0].source, 1U);
  EXPECT_EQ(gifts[1].source, 0U) << "equal: as they came";
  EXPECT_EQ(gifts[2].source, 2U);
}

TEST(Gifts, EveryDollarOfGainTakesTheRateOfItsPlace) {
  // 45,350 of income: 3,000 more are free of tax, the rest is taxed at 15 % (IRC 1(h); Rev. Proc. 2024-40).
  EXPECT_EQ(removed_by({"2000", "2000", "2000"}, {}, single("45350")), (Dollars{Money(), money("150"), money("300")}));
  EXPECT_EQ(removed_by({"2000"}, {.short_term = {}, .long_term = money("3000")}, single("45350")),
            (Dollars{money("300")}));
}

TEST(Gifts, ALossAlreadyThereTakesTheFirstDollars) {
  // A short-term gain of 1,000 and a long-term loss of 3,000: the net loss of 2,000 saves 22 % of ordinary income, the
  // next 1,000 of gain only let the short-term gain be taxed, and what is left is long-term.
  const NetGains before{.short_term = money("1000"), .long_term = money("-3000")};
  EXPECT_EQ(removed_by({"2000", "1000", "1000"}, before, single("60000")),
            (Dollars{money("440"), money("220"), money("150")}));
}

TEST(Gifts, FlatRatesAreBracketsToo) {
  const TaxRates flat = flat_rates(weight("0.35"), weight("0.2"), 0.9);
  EXPECT_EQ(removed_by({"1000", "0.03"}, {}, flat), (Dollars{money("200"), money("0.01")}));
}

}  // namespace
}  // namespace lotwright::tax
