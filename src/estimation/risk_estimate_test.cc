#include "estimation/risk_estimate.h"

#include <gtest/gtest.h>

#include "estimation/risk_page.h"
#include "estimation/test_prices.h"

namespace lotwright::estimation {
namespace {

Eigen::MatrixXd covariance_of(const RiskEstimate& estimate) {
  Eigen::MatrixXd covariance =
      estimate.exposures * estimate.factor_variances.asDiagonal() * estimate.exposures.transpose();
  covariance.diagonal() += estimate.specific_volatility.cwiseAbs2();
  return covariance;
}

RiskEstimate estimate_of(const ReturnHistory& history, const EstimateOptions& options = {}) {
  const Standardized standardized = standardize(history.returns, options.half_life_volatility);
  return *estimate_risk(history, standardized, history.returns.rows(), options);
}

// Long memories, so that the sampling error is small against what is tested.
constexpr EstimateOptions patient{
    .factors = {}, .half_life_correlation = 500.0, .half_life_volatility = 500.0, .half_life_regime = 500.0};

TEST(RiskEstimate, a_known_covariance_is_recovered) {
  const Market market = known_market(60, 1600);
  const auto read = read_texts({.prices = wide_csv(market)});
  const RiskEstimate estimate = estimate_of(read.history, patient);
  EXPECT_EQ(estimate.exposures.cols(), 2);
  // The same half: 0.2^2 + 0.1^2; the two against each other: 0.2^2 - 0.1^2; alone: 0.2^2 + 0.1^2 + 0.2^2.
  const Eigen::MatrixXd covariance = covariance_of(estimate);
  double same = 0.0;
  double against = 0.0;
  for (int i = 0; i < 60; i += 2) {
    same += covariance(i, (i + 2) % 60) / 30.0;
    against += covariance(i, (i + 1) % 60) / 30.0;
  }
  EXPECT_NEAR(same, 0.05, 0.008);
  EXPECT_NEAR(against, 0.03, 0.008);
  EXPECT_NEAR(covariance.diagonal().mean(), 0.09, 0.010);
  EXPECT_NEAR(estimate.specific_volatility.mean(), 0.2, 0.015);
}

TEST(RiskEstimate, noise_alone_gives_the_one_factor_there_must_be) {
  Market market = known_market(40, 800);
  std::mt19937_64 chance(3);
  for (Eigen::Index t = 1; t < market.closes.rows(); ++t) {
    for (Eigen::Index i = 0; i < 40; ++i) market.closes(t, i) = market.closes(t - 1, i) * (1.0 + 0.01 * normal(chance));
  }
  EXPECT_LE(estimate_of(read_texts({.prices = wide_csv(market)}).history).exposures.cols(), 2);
}

TEST(RiskEstimate, files_are_the_same_bytes_for_wide_long_and_permuted_prices) {
  const Market market = known_market(12, 300);
  std::vector<std::size_t> reversed = in_order(market);
  std::reverse(reversed.begin(), reversed.end());
  const auto texts_of = [](const std::string& prices) {
    const auto read = read_texts({.prices = prices});
    std::string all;
    for (const NamedText& one : model_files(read.history, estimate_of(read.history))) all += one.name + one.text;
    return all;
  };
  const std::string wide = texts_of(wide_csv(market));
  EXPECT_EQ(wide, texts_of(wide_csv(market)));
  EXPECT_EQ(wide, texts_of(wide_csv(market, reversed)));
  EXPECT_EQ(wide, texts_of(long_csv(market)));
}

TEST(RiskEstimate, asked_for_factors_are_given) {
  const Market market = known_market(30, 300);
  EstimateOptions options;
  options.factors = 7;
  EXPECT_EQ(estimate_of(read_texts({.prices = wide_csv(market)}).history, options).exposures.cols(), 7);
}

// Ten securities with a history, one in the first sector, one in none and one of kind cash without prices.
TEST(RiskEstimate, short_histories_stand_in_the_mean_of_their_group) {
  const Market market = known_market(10, 300);
  std::string securities = "security_id,kind,asset_class,sector\n";
  for (int i = 0; i < 10; ++i) securities += fmt::format("S{:03},stock,us_equity,{}\n", i, i < 4 ? "Energy" : "Health");
  securities += "NEW,stock,us_equity,Energy\nODD,bond,,\nUSD,cash,,\n";
  const auto read = read_texts({.prices = wide_csv(market), .securities = securities});
  const RiskEstimate estimate = estimate_of(read.history);
  ASSERT_EQ(read.history.ids, (std::vector<std::string>{"NEW", "ODD", "S000", "S001", "S002", "S003", "S004", "S005",
                                                        "S006", "S007", "S008", "S009", "USD"}));
  EXPECT_EQ(estimate.origins[0], Origin::sector);
  EXPECT_EQ(estimate.origins[1], Origin::everybody);
  EXPECT_EQ(estimate.origins[2], Origin::own);
  EXPECT_EQ(estimate.origins[12], Origin::no_risk);
  EXPECT_NEAR(estimate.specific_volatility[0], estimate.specific_volatility.segment(2, 4).mean(), 1e-12);
  EXPECT_NEAR(estimate.specific_volatility[1], estimate.specific_volatility.segment(2, 10).mean(), 1e-12);
  EXPECT_NEAR(estimate.exposures(0, 0), estimate.exposures.col(0).segment(2, 4).mean(), 1e-12);
  EXPECT_EQ(estimate.specific_volatility[12], 0.0);
  const Findings findings = stand_in_findings(read.history, estimate);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].rule, rule::data_history_short);
  EXPECT_EQ(findings[0].subject.id, "NEW");
}

TEST(RiskEstimate, an_index_fund_keeps_a_specific_risk_far_below_a_stocks) {
  Market market = known_market(30, 600);
  market.ids.push_back("INDEX");
  market.closes.conservativeResize(Eigen::NoChange, 31);
  market.closes(0, 30) = 100.0;
  for (Eigen::Index t = 1; t < 600; ++t) {
    double mean = 0.0;
    for (Eigen::Index i = 0; i < 30; ++i) mean += (market.closes(t, i) / market.closes(t - 1, i) - 1.0) / 30.0;
    market.closes(t, 30) = market.closes(t - 1, 30) * (1.0 + mean);
  }
  const auto read = read_texts({.prices = wide_csv(market), .securities = "security_id,kind\nINDEX,etf\n"});
  const RiskEstimate estimate = estimate_of(read.history);
  ASSERT_EQ(read.history.ids[0], "INDEX");
  EXPECT_LT(estimate.specific_volatility[0], 0.06);
  EXPECT_GT(estimate.specific_volatility[0], 0.0);
  EXPECT_GT(estimate.specific_volatility[1], 0.15);
}

TEST(RiskEstimate, too_short_a_history_is_refused) {
  const auto read = read_texts({.prices = wide_csv(known_market(5, 70))});
  const Standardized standardized = standardize(read.history.returns, 63.0);
  EXPECT_EQ(estimate_risk(read.history, standardized, 70, {}).failure().rule, rule::data_history_unusable);
}

TEST(Validation, a_market_without_surprises_has_a_bias_near_one) {
  const auto read = read_texts({.prices = wide_csv(known_market(60, 1000))});
  const EstimateOptions options;
  const Standardized standardized = standardize(read.history.returns, options.half_life_volatility);
  const Validation validation =
      validate(read.history, standardized, options, {.windows = 6, .history_days = 500}, nullptr);
  ASSERT_EQ(validation.windows.size(), 6U);
  EXPECT_EQ(validation.windows.back().last, read.history.days.back());
  EXPECT_NEAR(validation.whole.bias, 1.0, 0.08);
  EXPECT_EQ(validation.deciles.size(), 10U);
}

TEST(Validation, an_estimate_sees_nothing_of_its_window) {
  auto read = read_texts({.prices = wide_csv(known_market(20, 400))});
  const EstimateOptions options;
  const auto before = estimate_risk(read.history, standardize(read.history.returns, 63.0), 350, options);
  read.history.returns.bottomRows(50) *= 5.0;
  const auto after = estimate_risk(read.history, standardize(read.history.returns, 63.0), 350, options);
  EXPECT_EQ(before->exposures, after->exposures);
  EXPECT_EQ(before->specific_volatility, after->specific_volatility);
}

}  // namespace
}  // namespace lotwright::estimation
