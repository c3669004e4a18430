#include "tax/netting.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "base/defect.h"
#include "testing/book_builder.h"

namespace lotwright::tax {
namespace {

TaxRates rates_of(const std::string& rate_short, const std::string& rate_long, double loss_value = 0.9) {
  return {weight(rate_short), weight(rate_long), Money::of_whole(3000), loss_value};
}

// The value of a cell's one-dimensional function, from its slopes; nothing is said beyond the ends.
double value_at(const CellFunction& function, double x) {
  double value = function.value_at_zero;
  for (std::size_t i = 0; i < function.slopes.size(); ++i) {
    const double from = function.slopes[i].from;
    const double to = i + 1 < function.slopes.size() ? function.slopes[i + 1].from : 1e300;
    const double low = std::max(from, std::min(0.0, x));
    const double high = std::min(to, std::max(0.0, x));
    if (low < high) value += function.slopes[i].slope * (x > 0.0 ? high - low : low - high);
  }
  return value;
}

bool allows(const CellFunction& function, double x) { return function.lowest <= x && x <= function.highest; }

bool holds(const TaxCell& cell, double net_short, double net_long) {
  return allows(cell.on_net, net_short + net_long) && allows(cell.on_short, net_short) &&
         allows(cell.on_long, net_long);
}

double value_in(const TaxCell& cell, double net_short, double net_long) {
  return value_at(cell.on_net, net_short + net_long) + value_at(cell.on_short, net_short) +
         value_at(cell.on_long, net_long);
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
  const TaxRates rates = rates_of("0.408", "0.238");
  EXPECT_DOUBLE_EQ(tax_value(1000, 500, rates), 408 + 119);
  EXPECT_DOUBLE_EQ(tax_value(1000, -400, rates), 0.408 * 600);
  EXPECT_DOUBLE_EQ(tax_value(-400, 1000, rates), 0.238 * 600);
  EXPECT_DOUBLE_EQ(tax_value(-2000, 0, rates), -0.408 * 2000);
  EXPECT_DOUBLE_EQ(tax_value(1000, -5000, rates), -0.408 * 3000 - 0.9 * 0.238 * 1000);
  EXPECT_DOUBLE_EQ(tax_value(0, 0, rates), 0.0);
}

TEST(TaxValue, IsNeverBelowWhatMoreLossesWouldGive) {
  EXPECT_TRUE(rc::check("T rises with either argument", [] {
    const TaxRates rates = rates_of("0.35", "0.15");
    const double s = *rc::gen::inRange(-20000, 20000);
    const double l = *rc::gen::inRange(-20000, 20000);
    const double more = *rc::gen::inRange(0, 5000);
    RC_ASSERT(tax_value(s + more, l, rates) >= tax_value(s, l, rates) - 1e-9);
    RC_ASSERT(tax_value(s, l + more, rates) >= tax_value(s, l, rates) - 1e-9);
  }));
}

TEST(TaxDue, IsThePositivePartOfTheValueAndExact) {
  EXPECT_TRUE(rc::check("exact and double agree within a millionth", [] {
    const TaxRates rates = rates_of("0.408", "0.238");
    const auto dollars = [] { return Money::of_count(*rc::gen::inRange<std::int64_t>(-9'000'000'000, 9'000'000'000)); };
    const NetGains gains{dollars(), dollars()};
    const double value = tax_value(gains.short_term.to_double(), gains.long_term.to_double(), rates);
    RC_ASSERT(std::abs(tax_due(gains, rates).to_double() - std::max(0.0, value)) <= 2e-6);
  }));
  // A trillion dollars at a rate of twelve decimals goes through 128 bits.
  EXPECT_EQ(tax_due({Money::of_whole(1'000'000'000'000), Money()}, rates_of("0.400000000001", "0.2")),
            money("400000000001"));
  EXPECT_THROW(
      (void)tax_due({Money::of_whole(-9'000'000'000'000), Money::of_whole(-9'000'000'000'000)}, rates_of("0.4", "0.2")),
      Defect)
      << "an overflow was wrapped, not refused";
}

class CellsOfTax : public testing::TestWithParam<TaxRates> {};

TEST_P(CellsOfTax, CoverThePlaneAndEqualTheTax) {
  const TaxRates rates = GetParam();
  const std::vector<TaxCell> cells = cells_of_tax(rates);
  ASSERT_EQ(cells.size(), 3U);
  std::vector<double> grid = {-3000, -3000.01, -2999.99, -0.01, 0, 0.01, 3000};
  std::uint64_t random = 42;
  for (int i = 0; i < 40; ++i) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    grid.push_back(static_cast<double>(random >> 40U) / 1000.0 - 8388.6);
  }
  for (const double s : grid) {
    for (const double l : grid) {
      int found = 0;
      for (const TaxCell& cell : cells) {
        if (!holds(cell, s, l)) continue;
        ++found;
        EXPECT_NEAR(value_in(cell, s, l), tax_value(s, l, rates), 1e-9 * (1 + std::abs(s) + std::abs(l)))
            << "S " << s << " L " << l;
      }
      EXPECT_GE(found, 1) << "no cell holds S " << s << " L " << l;
    }
  }
}

TEST_P(CellsOfTax, AreConvex) {
  for (const TaxCell& cell : cells_of_tax(GetParam())) {
    for (const CellFunction* function : {&cell.on_net, &cell.on_short, &cell.on_long}) {
      ASSERT_FALSE(function->slopes.empty());
      EXPECT_EQ(function->slopes.front().from, -1e300);
      for (std::size_t i = 1; i < function->slopes.size(); ++i) {
        EXPECT_LT(function->slopes[i - 1].from, function->slopes[i].from);
        EXPECT_LE(function->slopes[i - 1].slope, function->slopes[i].slope);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rates, CellsOfTax,
                         testing::Values(rates_of("0.408", "0.238"), rates_of("0.35", "0.15"),
                                         rates_of("0.2", "0.2", 1.0), rates_of("0.37", "0"), rates_of("0", "0"),
                                         rates_of("0.3", "0.3", 0.0),
                                         TaxRates{weight("0.35"), weight("0.15"), Money(), 0.9}));

TEST(CellsOfTax, AreRefusedWhereTheyWouldNotBeConvex) {
  EXPECT_FALSE(cells_are_convex(rates_of("0.15", "0.20")));
  EXPECT_THROW((void)cells_of_tax(rates_of("0.15", "0.20")), Defect);
  EXPECT_TRUE(cells_are_convex(rates_of("0.20", "0.20")));
  EXPECT_FALSE(cells_are_convex(rates_of("0.20", "0.20", 1.5)));
}

}  // namespace
}  // namespace lotwright::tax
