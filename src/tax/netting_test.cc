#include "tax/netting.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "base/defect.h"
#include "testing/rates.h"

namespace lotwright::tax {
namespace {

TaxRates flat(const std::string& rate_short, const std::string& rate_long) {
  return flat_rates(weight(rate_short), weight(rate_long), 0.9);
}

TEST(NetYear, ConservesEveryDollarOfLoss) {
  EXPECT_TRUE(rc::check("a net loss is offset or carried, by character never more than was there", [] {
    const auto dollars = [] {
      return Money::of_count(*rc::gen::inRange<std::int64_t>(-20'000'000'000, 20'000'000'000));
    };
    const NetGains gains{dollars(), dollars()};
    const ScheduleD year = net_year(gains, Money::of_whole(*rc::gen::element(0, 1500, 3000)));
    const Money net = gains.short_term + gains.long_term;
    const Money used = year.ordinary_offset + year.carryforward_short + year.carryforward_long;
    RC_ASSERT(used == std::max(Money(), -net));
    RC_ASSERT(!year.carryforward_short.is_negative() && !year.carryforward_long.is_negative());
    RC_ASSERT(year.carryforward_short <= std::max(Money(), -gains.short_term));
    RC_ASSERT(year.carryforward_long <= std::max(Money(), -gains.long_term));
  }));
}

TEST(TaxValue, MatchesTheFormulaOnEachSideOfEveryKink) {
  const TaxRates rates = flat("0.408", "0.238");
  EXPECT_DOUBLE_EQ(tax_value(1000, 500, rates), 408 + 119);
  EXPECT_DOUBLE_EQ(tax_value(1000, -400, rates), 0.408 * 600);
  EXPECT_DOUBLE_EQ(tax_value(-400, 1000, rates), 0.238 * 600);
  EXPECT_DOUBLE_EQ(tax_value(-2000, 0, rates), -0.408 * 2000);
  EXPECT_DOUBLE_EQ(tax_value(1000, -5000, rates), -0.408 * 3000 - 0.9 * 0.238 * 1000);
  EXPECT_DOUBLE_EQ(tax_value(0, 0, rates), 0.0);
}

TEST(TaxValue, IsNeverBelowWhatMoreLossesWouldGive) {
  EXPECT_TRUE(rc::check("T rises with either argument", [] {
    const TaxRates rates =
        *rc::gen::element(flat("0.35", "0.15"), single("40000", "55000"), single("190000", "205000"));
    const double s = *rc::gen::inRange(-20000, 20000);
    const double l = *rc::gen::inRange(-20000, 20000);
    const double more = *rc::gen::inRange(0, 5000);
    RC_ASSERT(tax_value(s + more, l, rates) >= tax_value(s, l, rates) - 1e-9);
    RC_ASSERT(tax_value(s, l + more, rates) >= tax_value(s, l, rates) - 1e-9);
  }));
}

TEST(TaxOfYear, IsTheValueWithoutWhatIsCarriedForward) {
  EXPECT_EQ(tax_of_year({money("1000"), money("-5000")}, flat("0.408", "0.238")), money("-1224")) << "40.8 % of 3,000";
  EXPECT_EQ(tax_of_year({money("-400"), money("1000")}, flat("0.408", "0.238")), money("142.80"));
  EXPECT_TRUE(rc::check("exact and double agree within a millionth", [] {
    TaxRates rates = *rc::gen::element(flat("0.408", "0.238"), single("47000.37", "52000"), single("1200", "1200"));
    rates.loss_value = 0.0;
    const Money s = Money::of_count(*rc::gen::inRange<std::int64_t>(-20'000'000'000, 20'000'000'000));
    const Money l = Money::of_count(*rc::gen::inRange<std::int64_t>(-20'000'000'000, 20'000'000'000));
    const double value = tax_value(s.to_double(), l.to_double(), rates);
    RC_ASSERT(std::abs(tax_of_year({s, l}, rates).to_double() - value) < 1e-5);
  }));
}

TEST(TaxDue, IsThePositivePartOfTheValueAndExact) {
  EXPECT_TRUE(rc::check("exact and double agree within a millionth", [] {
    const TaxRates rates =
        *rc::gen::element(flat("0.408", "0.238"), single("47000.37", "52000"), single("525000", "525000"));
    const auto dollars = [] { return Money::of_count(*rc::gen::inRange<std::int64_t>(-9'000'000'000, 9'000'000'000)); };
    const NetGains gains{dollars(), dollars()};
    const double value = tax_value(gains.short_term.to_double(), gains.long_term.to_double(), rates);
    RC_ASSERT(std::abs(tax_due(gains, rates).to_double() - std::max(0.0, value)) <= 4e-6);
  }));
  // A trillion dollars at a rate of twelve decimals goes through 128 bits.
  EXPECT_EQ(tax_due({Money::of_whole(1'000'000'000'000), Money()}, flat("0.400000000001", "0.2")),
            money("400000000001"));
  EXPECT_THROW(
      (void)tax_due({Money::of_whole(-9'000'000'000'000), Money::of_whole(-9'000'000'000'000)}, flat("0.4", "0.2")),
      Defect)
      << "an overflow was wrapped, not refused";
}

}  // namespace
}  // namespace lotwright::tax
