// The row prices of a Newton step against what defines them: no single price can bring more, and where two are looked
// at every price of a grid brings less.

#include "numerics/row_prices.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "numerics/lanes.h"
#include "numerics/test_programs.h"

namespace lotwright::numerics {
namespace {

struct Case {
  std::vector<Row> rows;
  std::vector<double> matrix;  // padded rows
  int stride = 0;
  std::vector<double> reached;
  std::vector<double> start;

  [[nodiscard]] double entry(std::size_t r, std::size_t c) const {
    return matrix[std::min(r, c) * at(stride) + std::max(r, c)];
  }
  // What the prices bring.
  [[nodiscard]] double value(const std::vector<double>& mu) const {
    double value = 0.0;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      value += reached[r] * (mu[r] - start[r]) + priced_minimum(rows[r], mu[r]);
      for (std::size_t c = 0; c < rows.size(); ++c) {
        value -= 0.5 * (mu[r] - start[r]) * entry(r, c) * (mu[c] - start[c]);
      }
    }
    return value;
  }
};

Case random_case(int count, Random& random) {
  Case made;
  made.stride = padded(count);
  made.matrix.assign(at(count) * at(made.stride), 0.0);
  std::vector<std::vector<double>> vectors;
  for (int i = 0; i < count + 2; ++i) {
    vectors.emplace_back();
    for (int r = 0; r < count; ++r) vectors.back().push_back(random.pick(2) == 0 ? 0.0 : random.real(-1, 1));
  }
  for (int r = 0; r < count; ++r) {
    for (int c = r; c < count; ++c) {
      double sum = r == c ? 1e-3 : 0.0;
      for (const std::vector<double>& v : vectors) sum += v[at(r)] * v[at(c)];
      made.matrix[at(r) * at(made.stride) + at(c)] = sum;
    }
    const double knot = random.real(-1, 1);
    Row row{.knots = {knot, knot + random.real(0, 1)}, .slopes = {-100, random.real(-0.3, 0), random.real(0, 0.3)}};
    if (random.pick(3) == 0) row = {.knots = {knot}, .slopes = {0.0, 100.0}};
    if (random.pick(5) == 0) row = {.knots = {}, .slopes = {0.2}};
    made.rows.push_back(row);
    made.reached.push_back(random.real(-2, 2));
    made.start.push_back(random.pick(2) == 0 ? row.slopes.back() : random.real(row.slopes.front(), row.slopes.back()));
  }
  return made;
}

std::vector<double> maximized(const Case& one) {
  std::vector<double> mu = one.start;
  RowPrices(one.rows).maximize(one.matrix.data(), one.stride, one.reached.data(), mu);
  return mu;
}

TEST(RowPrices, NoSinglePriceBringsMore) {
  Random random(11);
  int known = 0;
  for (int i = 0; i < 300; ++i) {
    const Case one = random_case(1 + random.pick(12), random);
    const std::vector<double> mu = maximized(one);
    const double most = one.value(mu);
    const double tolerance = 1e-9 * (1.0 + std::fabs(most));
    for (std::size_t r = 0; r < mu.size(); ++r) {
      const std::vector<double>& slopes = one.rows[r].slopes;
      ASSERT_GE(mu[r], slopes.front());
      ASSERT_LE(mu[r], slopes.back());
      known += std::ranges::count(slopes, mu[r]) > 0 ? 1 : 0;
      for (const double step : {-1.0, -1e-2, -1e-4, 1e-4, 1e-2, 1.0}) {
        std::vector<double> other = mu;
        other[r] = std::clamp(mu[r] + step, slopes.front(), slopes.back());
        ASSERT_LE(one.value(other), most + tolerance) << i << " row " << r << " by " << step;
      }
    }
  }
  EXPECT_GT(known, 300) << "prices at slopes exactly";
}

TEST(RowPrices, OfTwoRowsAGridHoldsNoBetterPair) {
  Random random(12);
  for (int i = 0; i < 60; ++i) {
    const Case one = random_case(2, random);
    const double most = one.value(maximized(one));
    for (int a = 0; a <= 80; ++a) {
      for (int b = 0; b <= 80; ++b) {
        const auto price = [&](std::size_t r, int part) {
          const std::vector<double>& slopes = one.rows[r].slopes;
          return std::clamp(-1.0 + 0.025 * part, slopes.front(), slopes.back());
        };
        ASSERT_LE(one.value({price(0, a), price(1, b)}), most + 1e-9 * (1.0 + std::fabs(most))) << i;
      }
    }
  }
}

TEST(RowPrices, TheValuesOfARowAreAKnotOrAtASlopeItsStretch) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const Row row{.knots = {-1, 2}, .slopes = {-3, 0.5, 4}};
  const struct {
    double mu, low, high;
  } known[] = {{-3, -infinity, -1}, {-1, -1, -1}, {0.5, -1, 2}, {1, 2, 2}, {4, 2, infinity}};
  for (const auto& [mu, low, high] : known) {
    EXPECT_EQ(values_at(row, mu).low, low) << mu;
    EXPECT_EQ(values_at(row, mu).high, high) << mu;
  }
}

TEST(Row, IsPricedAtFirstAtTheSlopeWhereItStartsButAtNoHardEnd) {
  Program program;
  program.rows = {{.start = 0.5, .knots = {0, 1}, .slopes = {-100, 0, 0.01}},
                  {.start = 3, .knots = {0, 1}, .slopes = {-100, 0, 0.01}},
                  {.start = -2, .knots = {0, 1}, .slopes = {-100, 0, 0.01}},
                  {.start = 5, .knots = {4}, .slopes = {0, 100}}};
  const std::vector<double> prices = {0, 0.01, 0, 0};
  EXPECT_EQ(resting_multipliers(program).row, prices);
}

}  // namespace
}  // namespace lotwright::numerics
