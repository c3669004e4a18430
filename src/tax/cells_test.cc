// The cells of T against T itself: on flat rates, on the federal brackets and on schedules no law has.

#include "tax/cells.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "testing/rates.h"

namespace lotwright::tax {
namespace {

TaxRates flat(const std::string& rate_short, const std::string& rate_long, double loss_value = 0.9,
              const std::string& limit = "3000") {
  return flat_rates(weight(rate_short), weight(rate_long), loss_value, money(limit));
}

// Rates that rise and fall as they like.
TaxRates odd(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<std::uint64_t>(n)); };
  const auto schedule = [&] {
    std::vector<std::pair<std::string, std::string>> rows;
    int over = pick(3000) - 2000;
    for (int i = 0; i < 5; ++i) {
      rows.emplace_back(std::to_string(over), "0." + std::to_string(10 + pick(60)));
      over += 1 + pick(3000);
    }
    return rows;
  };
  const BracketsDraft draft{
      .filing_status = "odd", .ordinary = schedule(), .long_term = schedule(), .niit = schedule()};
  return by_brackets(draft, std::to_string(pick(6000) - 1000), std::to_string(pick(6000) - 1000));
}

std::vector<TaxRates> all_rates() {
  std::vector<TaxRates> all{flat("0.408", "0.238"),
                            flat("0.35", "0.15"),
                            flat("0.2", "0.2", 1.0),
                            flat("0.37", "0"),
                            flat("0", "0"),
                            flat("0.3", "0.3", 0.0),
                            flat("0.35", "0.15", 0.9, "0"),
                            flat("0.15", "0.20"),
                            flat("0.10", "0.15"),
                            single("0"),
                            single("40000"),
                            single("48400"),
                            single("49000"),
                            single("198000"),
                            single("532000"),
                            single("2000"),
                            single("-3000"),
                            single("700000")};
  for (std::uint64_t seed = 1; seed <= 40; ++seed) all.push_back(odd(seed));
  return all;
}

bool allows(const CellFunction& function, double x) { return function.lowest <= x && x <= function.highest; }

bool holds(const TaxCell& cell, double net_short, double net_long) {
  return allows(cell.on_net, net_short + net_long) && allows(cell.on_short, net_short) &&
         allows(cell.on_long, net_long);
}

// By hand, and apart from `value_at`: nothing is said beyond the ends.
double value_by_slopes(const CellFunction& function, double x) {
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

double value_in(const TaxCell& cell, double net_short, double net_long) {
  return value_by_slopes(cell.on_net, net_short + net_long) + value_by_slopes(cell.on_short, net_short) +
         value_by_slopes(cell.on_long, net_long);
}

// Random gains, and the places where T has kinks.
std::vector<double> gains_to_try(const TaxRates& rates) {
  std::vector<double> gains = {-3000, -3000.01, -2999.99, -0.01, 0, 0.01, 3000};
  for (const Schedule* schedule : {&rates.ordinary, &rates.long_term}) {
    for (const Schedule::Step& step : schedule->steps()) {
      if (std::abs(step.from) < 1e6) gains.push_back(step.from - rates.income.to_double());
    }
  }
  std::mt19937_64 random(42);
  for (const double range : {10'000.0, 1'000'000.0}) {
    for (int i = 0; i < 15; ++i) gains.push_back((static_cast<double>(random() >> 11) * 0x1p-52 - 1.0) * range);
  }
  return gains;
}

TEST(CellsOfTax, CoverThePlaneAndEqualTheTax) {
  for (const TaxRates& rates : all_rates()) {
    const std::vector<TaxCell> cells = cells_of_tax(rates);
    const std::vector<double> gains = gains_to_try(rates);
    for (const double s : gains) {
      for (const double l : gains) {
        int found = 0;
        for (const TaxCell& cell : cells) {
          if (!holds(cell, s, l)) continue;
          ++found;
          ASSERT_NEAR(value_in(cell, s, l), tax_value(s, l, rates), 1e-9 * (1 + std::abs(s) + std::abs(l)))
              << "S " << s << " L " << l << " income " << rates.income.to_double();
        }
        ASSERT_GE(found, 1) << "no cell holds S " << s << " L " << l;
      }
    }
  }
}

TEST(CellsOfTax, AreConvex) {
  for (const TaxRates& rates : all_rates()) {
    for (const TaxCell& cell : cells_of_tax(rates)) {
      for (const CellFunction* function : {&cell.on_net, &cell.on_short, &cell.on_long}) {
        ASSERT_FALSE(function->slopes.empty());
        EXPECT_EQ(function->slopes.front().from, -endless);
        EXPECT_LT(function->lowest, function->highest);
        for (std::size_t i = 1; i < function->slopes.size(); ++i) {
          EXPECT_LT(function->slopes[i - 1].from, function->slopes[i].from);
          EXPECT_LE(function->slopes[i - 1].slope, function->slopes[i].slope);
        }
      }
    }
  }
}

TEST(CellsOfTax, AreAsFewAsTheFallsOfTheSlopesAllow) {
  EXPECT_EQ(cells_of_tax(flat("0.408", "0.238")).size(), 3U);
  EXPECT_EQ(cells_of_tax(flat("0.2", "0.2", 1.0)).size(), 3U);
  // Long-term gains dearer than short-term ones: S = 0 is a cut.
  EXPECT_EQ(cells_of_tax(flat("0.15", "0.16")).size(), 4U);
  // A loss worth more later than now: n = -3,000 is a cut of L <= 0 and of L >= 0, n <= 0.
  EXPECT_EQ(cells_of_tax(flat("0.15", "0.15", 1.1)).size(), 5U);
  // 12 % now against 0.9 x 15 % later, and short-term gains up to the starts of 15 % and of 20 %.
  EXPECT_EQ(cells_of_tax(single("40000")).size(), 7U);
  // 32 % now; only the start of 20 % lies ahead.
  EXPECT_EQ(cells_of_tax(single("210000")).size(), 4U);
  EXPECT_EQ(cells_of_tax(single("700000")).size(), 3U);
}

TEST(CellsOfTax, OfFlatRatesAreThoseOfTheFormula) {
  const std::vector<TaxCell> cells = cells_of_tax(flat("0.35", "0.15"));
  const auto text = [](const CellFunction& function) {
    std::string slopes;
    for (const Slope& piece : function.slopes) {
      slopes += (piece.from == -endless ? "" : " from " + std::to_string(piece.from) + " ") +
                std::to_string(piece.slope).substr(0, 6);
    }
    return slopes;
  };
  EXPECT_EQ(text(cells[0].on_net), "0.1350 from -3000.000000 0.3500");
  EXPECT_EQ(text(cells[1].on_net), "0.1500");
  EXPECT_EQ(text(cells[1].on_short), "0.0000 from 0.000000 0.2000");
  EXPECT_EQ(text(cells[2].on_net), "0.1350 from -3000.000000 0.3500");
  EXPECT_EQ(cells[0].on_long.highest, 0.0);
  EXPECT_EQ(cells[1].on_net.lowest, 0.0);
  EXPECT_EQ(cells[1].on_long.lowest, 0.0);
  EXPECT_EQ(cells[2].on_net.highest, 0.0);
}

// What a budget lets through must never be cut off.
TEST(GainsWithin, HoldEveryPointOfTheCellWhoseTaxIsWithin) {
  for (const TaxRates& rates : all_rates()) {
    const std::vector<double> gains = gains_to_try(rates);
    for (const double due : {0.0, 37.5, 900.0, 40'000.0}) {
      const TaxSlopes weights = slopes_where_due(rates, due);
      for (const TaxCell& cell : cells_of_tax(rates)) {
        const double net_most = net_within(cell, due);
        const double most = gains_within(cell, due, weights);
        const double odd_most = gains_within(cell, due, {0.3, 0.1});
        for (const double s : gains) {
          for (const double l : gains) {
            if (!holds(cell, s, l) || tax_value(s, l, rates) > due) continue;
            ASSERT_LE(s + l, net_most + 1e-6);
            ASSERT_LE(weights.on_short * s + weights.on_long * l, most + 1e-6) << "S " << s << " L " << l;
            ASSERT_LE(0.3 * s + 0.1 * l, odd_most + 1e-6) << "S " << s << " L " << l;
          }
        }
      }
    }
  }
}

TEST(GainsWithin, AreTheBudgetItselfForFlatRates) {
  const TaxRates rates = flat("0.35", "0.15");
  const TaxSlopes weights = slopes_where_due(rates, 700.0);
  EXPECT_EQ(weights.on_short, 0.35);
  EXPECT_EQ(weights.on_long, 0.15);
  const std::vector<TaxCell> cells = cells_of_tax(rates);
  EXPECT_DOUBLE_EQ(net_within(cells[0], 700.0), 2000.0);
  EXPECT_DOUBLE_EQ(net_within(cells[1], 700.0), 700.0 / 0.15);
  EXPECT_DOUBLE_EQ(gains_within(cells[1], 700.0, weights), 700.0);
  EXPECT_EQ(net_within(cells_of_tax(flat("0.35", "0"))[1], 700.0), endless) << "untaxed gains have no limit";
}

TEST(GainsWithin, AreTightWhereLongTermGainsReachTheBudget) {
  // 8,350 at 0 %, then 10,000 at 15 %.
  const TaxRates rates = single("40000");
  const TaxSlopes weights = slopes_where_due(rates, 1500.0);
  EXPECT_DOUBLE_EQ(weights.on_long, 0.15);
  EXPECT_DOUBLE_EQ(weights.on_short, 0.12 + 0.15) << "and each dollar of short-term gain lifts one of them";
  const std::vector<TaxCell> cells = cells_of_tax(rates);
  const auto cell =
      std::find_if(cells.begin(), cells.end(), [](const TaxCell& one) { return holds(one, 0.0, 18350.0); });
  EXPECT_DOUBLE_EQ(net_within(*cell, 1500.0), 18350.0);
  EXPECT_DOUBLE_EQ(gains_within(*cell, 1500.0, weights), 0.15 * 18350.0);
}

}  // namespace
}  // namespace lotwright::tax
