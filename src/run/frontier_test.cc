#include "run/frontier.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "book/rules.h"
#include "run/frontier_report.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

// All in AAA, which the model wants a tenth of; lots from no gain to nine tenths of it.
BookBuilder concentrated() {
  BookBuilder builder;
  std::vector<std::pair<std::string, std::string>> weights;
  for (const char* id : {"AAA", "BBB", "CCC", "DDD", "EEE"}) {
    builder.security({.id = id, .price = "10"});
    weights.emplace_back(id, "0.2");
  }
  builder.model("M", weights);
  builder.account({.id = "A", .cash = "1000"});
  for (const char* basis : {"10000", "8000", "6000", "4000", "2000", "1000"}) {
    builder.lot({.account = "A", .security = "AAA", .quantity = "1000", .cost_basis = basis});
  }
  return builder;
}

TEST(Frontier, MoreTaxBuysLessTrackingErrorPointByPoint) {
  const Frontier curve = frontier(concentrated().build(), "A", 20, 1).value();
  ASSERT_EQ(curve.points.size(), 20U);
  for (std::size_t i = 1; i < curve.points.size(); ++i) {
    EXPECT_GT(curve.points[i - 1].tax_weight, curve.points[i].tax_weight);
    EXPECT_LE(curve.points[i - 1].tax, curve.points[i].tax + 1e-6);
    EXPECT_GE(curve.points[i - 1].parts.tracking_error, curve.points[i].parts.tracking_error - 1e-9);
  }
  EXPECT_GT(curve.points.back().tax, 1000.0) << "nearly everything is sold where tax hardly counts";
  EXPECT_LT(curve.points.front().tax, 100.0);
  ASSERT_TRUE(curve.knee.has_value());
  EXPECT_GT(*curve.knee, 0U);
  EXPECT_LT(*curve.knee, curve.points.size() - 1);
}

TEST(Frontier, EachPointLiesAboveItsOwnBoundAndIsTheBestOfAllPointsThere) {
  const Frontier curve = frontier(concentrated().build(), "A", 24, 2).value();
  for (const FrontierPoint& point : curve.points) {
    EXPECT_GE(point.objective, point.bound.value() - 0.005);
    for (const FrontierPoint& other : curve.points) {
      const double there = other.parts.total() + (point.tax_weight - 1.0) * other.tax;
      EXPECT_LE(point.objective, there + 0.01) << "at " << point.tax_weight << " those of " << other.tax_weight;
    }
  }
}

TEST(Frontier, AHeldAccountHasNoCurveAndSaysWhy) {
  BookBuilder builder = concentrated();
  builder.lot({.account = "A", .security = "BBB", .quantity = "10"});
  builder.policy("A", "unknown_basis", "hold");
  const auto curve = frontier(builder.build(), "A", 20, 1);
  ASSERT_FALSE(curve.ok());
  EXPECT_EQ(curve.failure().rule, rule::data_unknown_basis);
}

TEST(Frontier, AnAccountThatPaysNoTaxHasOnePlaceAndNoKnee) {
  BookBuilder builder = concentrated();
  builder.account({.id = "R", .household = "R", .treatment = TaxTreatment::tax_free});
  builder.lot({.account = "R", .security = "AAA", .quantity = "1000", .cost_basis = "10"});
  const Frontier curve = frontier(builder.build(), "R", 20, 1).value();
  EXPECT_EQ(curve.points.front().tax, 0.0);
  EXPECT_FALSE(curve.knee.has_value());
  EXPECT_NE(reports::text_of(report_of(curve)).find("No knee"), std::string::npos);
}

TEST(Frontier, AToldWeightIsTheWeightItself) {
  const Frontier curve = frontier(concentrated().build(), "A", 20, 1).value();
  const std::string text = reports::text_of(report_of(curve));
  for (const FrontierPoint& point : curve.points) {
    const std::string weight = fmt::format("{}", point.tax_weight);
    EXPECT_LE(weight.size(), 9U) << weight;
    EXPECT_TRUE(!point.distinct || text.find(" " + weight + " ") != std::string::npos) << weight;
  }
  const FrontierPoint& knee = curve.points.at(curve.knee.value());
  EXPECT_NE(text.find(fmt::format("tax_weight={}", knee.found_at)), std::string::npos);
}

TEST(Frontier, PointsThatAreAlikeAreToldOnce) {
  BookBuilder builder = concentrated();
  builder.account({.id = "R", .household = "R", .treatment = TaxTreatment::tax_free});
  builder.lot({.account = "R", .security = "AAA", .quantity = "1000", .cost_basis = "10"});
  const Frontier curve = frontier(builder.build(), "R", 20, 1).value();
  ASSERT_EQ(curve.distinct, 1U);
  const reports::Report report = report_of(curve);
  EXPECT_EQ(report.sections.back().table.rows.size(), 1U);
  EXPECT_NE(reports::text_of(report).find("Of 20 points only one is told"), std::string::npos);
}

TEST(Frontier, AnyNumberOfThreadsWritesTheSame) {
  const Book book = concentrated().build();
  EXPECT_EQ(csv_of(frontier(book, "A", 30, 1).value()), csv_of(frontier(book, "A", 30, 3).value()));
}

}  // namespace
}  // namespace lotwright
