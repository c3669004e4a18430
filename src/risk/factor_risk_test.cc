#include "risk/factor_risk.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/defect.h"

namespace lotwright {
namespace {

// Three securities on the factors of `covariance`, exposures and specific volatilities of different sizes.
RiskModel model_of(std::vector<double> covariance, std::size_t factors) {
  RiskModel model;
  model.factors.resize(factors, "factor");
  model.factor_covariance = std::move(covariance);
  const std::size_t securities = 3;
  for (std::size_t i = 0; i < securities * factors; ++i) {
    model.exposures.push_back(0.5 + 0.3 * static_cast<double>((i * 7) % 5) - 0.1 * static_cast<double>(i));
  }
  model.specific_volatility = {0.2, 0.0, 0.35};
  model.covered = {true, true, true};
  return model;
}

// a' (X Omega X' + diag(s^2)) a as it stands, without any rotation.
double plain_variance(const RiskModel& model, const std::vector<ActiveWeight>& active) {
  const std::size_t k = model.factors.size();
  std::vector<double> exposure(k, 0.0);
  double variance = 0.0;
  for (const ActiveWeight& line : active) {
    for (std::size_t f = 0; f < k; ++f) exposure[f] += line.weight * model.exposures[line.security.value * k + f];
    variance += std::pow(line.weight * model.specific_volatility[line.security.value], 2.0);
  }
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) variance += exposure[i] * model.factor_covariance[i * k + j] * exposure[j];
  }
  return variance;
}

const std::vector<ActiveWeight> some_active = {{{0}, 0.05}, {{1}, -0.08}, {{2}, 0.02}};

void expect_same_variance(const RiskModel& model, double relative) {
  const Result<FactorRisk> risk = FactorRisk::of(model, 3);
  ASSERT_TRUE(risk.ok()) << risk.failure().message;
  const double expected = plain_variance(model, some_active);
  EXPECT_NEAR(risk->variance(some_active), expected, relative * expected);
}

TEST(FactorRisk, HasTheVarianceOfTheUnrotatedModel) {
  expect_same_variance(model_of({0.04, 0.01, -0.02, 0.01, 0.09, 0.03, -0.02, 0.03, 0.16}, 3), 1e-14);
}

TEST(FactorRisk, KeepsFactorsOfVeryDifferentSizes) {
  RiskModel model = model_of({5e4, 1e-3, 1e-3, 1e-6}, 2);
  for (std::size_t i = 0; i < 3; ++i) {
    model.exposures[2 * i] *= 1e-3;
    model.exposures[2 * i + 1] *= 1e2;
  }
  model.specific_volatility = {0.0, 0.0, 0.0};
  expect_same_variance(model, 1e-12);
}

TEST(FactorRisk, TakesACovarianceWithoutFullRank) {
  // Each column is one factor's loading of a rank-one or rank-two covariance; a constant factor has no variance.
  expect_same_variance(model_of({0.04, 0.08, 0.08, 0.16}, 2), 1e-9);
  expect_same_variance(model_of({0.04, 0.0, 0.0, 0.0}, 2), 1e-14);
  expect_same_variance(model_of({0.05, 0.02, 0.07, 0.02, 0.02, 0.04, 0.07, 0.04, 0.11}, 3), 1e-9);
  const Result<FactorRisk> flat = FactorRisk::of(model_of({0.0}, 1), 3);
  ASSERT_TRUE(flat.ok());
  EXPECT_EQ(flat->factors(), 0);
  EXPECT_DOUBLE_EQ(flat->variance(some_active), 0.05 * 0.05 * 0.04 + 0.02 * 0.02 * 0.35 * 0.35);
}

TEST(FactorRisk, ForgivesTheRoundingOfTheFile) {
  EXPECT_TRUE(FactorRisk::of(model_of({0.04, 0.08 + 1e-11, 0.08, 0.16 - 1e-11}, 2), 3).ok());
  EXPECT_TRUE(FactorRisk::of(model_of({5e4, 2e-12, 2e-12, -1e-12}, 2), 3).ok());
}

TEST(FactorRisk, RefusesWhatIsNotACovariance) {
  for (const std::vector<double>& covariance :
       std::vector<std::vector<double>>{{1.0, 2.0, 2.0, 1.0},   // a correlation of two
                                        {1.0, 0.5, 0.4, 1.0},   // not symmetric
                                        {1.0, 0.0, 0.0, -0.1},  // a negative variance
                                        {1.0, 0.1, 0.1, 0.0},   // a covariance with something that does not move
                                        {1.0, 0.0, 0.0, std::numeric_limits<double>::quiet_NaN()}}) {
    const Result<FactorRisk> risk = FactorRisk::of(model_of(covariance, 2), 3);
    ASSERT_FALSE(risk.ok()) << covariance[1] << " " << covariance[3];
    EXPECT_EQ(risk.failure().rule, "data_risk_covariance");
  }
}

TEST(FactorRisk, KnowsWhichSecuritiesItCovers) {
  RiskModel model = model_of({0.04}, 1);
  model.covered[1] = false;
  const Result<FactorRisk> risk = FactorRisk::of(model, 3);
  ASSERT_TRUE(risk.ok());
  EXPECT_TRUE(risk->covers({0}));
  EXPECT_FALSE(risk->covers({1}));
  EXPECT_DOUBLE_EQ(risk->specific_variance({0}), 0.04);
  EXPECT_DOUBLE_EQ(risk->loadings({0})[0], 0.5 * 0.2);
}

TEST(FactorRisk, WithoutARiskFolderCoversNothing) {
  const Result<FactorRisk> risk = FactorRisk::of(RiskModel(), 4);
  ASSERT_TRUE(risk.ok());
  EXPECT_FALSE(risk->covers({3}));
  EXPECT_EQ(risk->factors(), 0);
}

TEST(FactorRisk, RefusesRowsThatDoNotMatch) {
  RiskModel model = model_of({0.04}, 1);
  model.exposures.pop_back();
  EXPECT_THROW((void)FactorRisk::of(model, 3), Defect);
}

}  // namespace
}  // namespace lotwright
