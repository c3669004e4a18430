// "At most" is tried: an account decided without a rule is never better by more than the rule's price.

#include "solution/rule_prices.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "book/rules.h"
#include "testing/households.h"

namespace lotwright {
namespace {

struct Outcome {
  double objective = 0.0;
  std::vector<RulePrice> prices;
};

Outcome decided(const BookBuilder& builder) {
  const Book book = builder.build();
  const std::vector<DecisionUnit> units = decision_units(book);
  const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
  const CheckedUnit unit = check(book, risk, units[0]);
  const tax::UnitProgress progress(book, units[0]);
  const Solution solution = solve(unit, unit.accounts[0], progress, {});
  const objective::Terms terms = terms_of(unit, unit.accounts[0], progress);
  return {objective::parts_of(terms, objective::outcome_of(terms, book, solution.trades)).total(),
          solution.rule_prices};
}

const RulePrice* price_of(const Outcome& outcome, const std::string& rule) {
  const auto found = std::ranges::find(outcome.prices, rule, &RulePrice::rule);
  return found == outcome.prices.end() ? nullptr : &*found;
}

// The price of `rule` with it, against the account decided without it.
void expect_priced(const char* rule, const BookBuilder& with, const BookBuilder& without) {
  const Outcome bound = decided(with);
  const Outcome free = decided(without);
  const double costs = bound.objective - free.objective;
  ASSERT_GT(costs, 0.01) << rule << " binds, or the test says nothing";
  const RulePrice* price = price_of(bound, rule);
  ASSERT_NE(price, nullptr) << rule;
  EXPECT_GE(price->at_most, costs - 1e-6) << rule;
  EXPECT_LE(price->at_most, 1.5 * costs + 1.0) << rule << ": true, and of use";
}

TEST(RulePrices, ARestrictionCostsAtMostWhatIsSaid) {
  const auto stop = [](RestrictionRule rule, const char* subject, const char* value = "") {
    return direct_index().restriction({.id = "R1",
                                       .scope = RestrictionScope::account,
                                       .scope_id = "DI",
                                       .rule = rule,
                                       .subject_id = subject,
                                       .value = value});
  };
  expect_priced(rule::restriction_never_buy, stop(RestrictionRule::never_buy, "GGG"), direct_index());
  expect_priced(rule::restriction_never_sell, stop(RestrictionRule::never_sell, "BBB"), direct_index());
  expect_priced(rule::restriction_freeze, stop(RestrictionRule::freeze, "BBB"), direct_index());
  expect_priced(rule::restriction_weight_max, stop(RestrictionRule::weight_max, "DDD", "0.02"), direct_index());
}

// A stock that is two thirds of the account and may not be sold costs far more than a twentieth of it a year.
TEST(RulePrices, ARuleThatCostsMostOfTheObjectiveHasItsPriceToo) {
  BookBuilder free;
  free.security({.id = "TEC", .volatility = 0.6}).security({.id = "AAA", .volatility = 0.1});
  free.model("M", {{"AAA", "1"}}).account({.id = "A", .treatment = TaxTreatment::tax_deferred, .cash = "1000"});
  free.lot({.account = "A", .security = "TEC", .quantity = "660", .cost_basis = "66000"});
  free.lot({.account = "A", .id = "L2", .security = "AAA", .quantity = "330", .cost_basis = "33000"});
  BookBuilder kept = free;
  kept.restriction({.id = "R1",
                    .scope = RestrictionScope::account,
                    .scope_id = "A",
                    .rule = RestrictionRule::never_sell,
                    .subject_id = "TEC"});
  expect_priced(rule::restriction_never_sell, kept, free);
}

TEST(RulePrices, ALimitOfThePolicyCostsAtMostWhatIsSaid) {
  const auto policy = [](const char* setting, const char* value) {
    return direct_index().policy("DI", setting, value);
  };
  expect_priced(rule::mode_buy_only, policy("mode", "buy_only"), direct_index());
  expect_priced(rule::mode_sell_only, policy("mode", "sell_only"), direct_index());
  expect_priced(rule::mode_hold, policy("mode", "hold"), direct_index());
  expect_priced(rule::turnover_max, policy("turnover_max", "0.02"), direct_index());
}

TEST(RulePrices, ARestrictionOnSomethingNobodyWantsHasNoPrice) {
  const Outcome outcome = decided(direct_index()
                                      .security({.id = "ZZZ"})
                                      .restriction({.id = "R1",
                                                    .scope = RestrictionScope::account,
                                                    .scope_id = "DI",
                                                    .rule = RestrictionRule::never_buy,
                                                    .subject_id = "ZZZ"}));
  EXPECT_TRUE(outcome.prices.empty());
}

}  // namespace
}  // namespace lotwright
