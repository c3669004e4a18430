// The plan prices what the optimizer searches; the objective prices what is ordered. On random books and random plans
// both must say the same.

#include "solution/holding_plan.h"

#include <gtest/gtest.h>

#include <cmath>

#include "numerics/test_programs.h"
#include "solution/settle.h"
#include "testing/book_builder.h"

namespace lotwright {
namespace {

using numerics::Random;

std::string dollars(double value) { return Money::of_count(std::llround(value * 100.0) * 10'000).to_string(); }

// Every part of the objective at work: two factors, alphas, spreads, commissions, substitutes, all tax treatments,
// every cell of T, sometimes more reserved than there is.
Book random_book(Random& random) {
  BookBuilder builder;
  builder.factors({"market", "value"}, {0.0225, 0.001, 0.001, 0.004});
  std::vector<std::pair<std::string, std::string>> weights;
  for (int i = 0; i < 6; ++i) {
    const std::string id(3, static_cast<char>('A' + i));
    const double price = random.real(5, 400);
    builder.security({.id = id,
                      .price = dollars(price),
                      .group = i < 2 ? "TWINS" : "",
                      .quantity_step = random.pick(4) == 0 ? "0.001" : "1",
                      .half_spread_bps = std::to_string(random.pick(20)),
                      .exposures = {random.real(0.5, 1.5), random.real(-1, 1)},
                      .volatility = random.real(0.1, 0.5),
                      .alpha = random.pick(2) == 0 ? 0.0 : random.real(-0.03, 0.03)});
    if (i < 5) weights.emplace_back(id, "0.2");
    const char* dates[] = {"2020-03-02", "2024-11-05", "2025-03-03", "2025-06-20"};
    for (int lots = random.pick(4); lots > 0; --lots) {
      const int quantity = 1 + random.pick(40);
      builder.lot({.account = "A",
                   .security = id,
                   .quantity = std::to_string(quantity),
                   .cost_basis = dollars(quantity * price * random.real(0.4, 1.8)),
                   .acquired_on = dates[random.pick(4)]});
    }
  }
  builder.substitute({.security = "AAA", .substitute = "FFF", .hurdle_bps = "25"});
  builder.model("M", weights);
  builder.taxpayer({.rate_short = "0.37",
                    .rate_long = "0.2",
                    .realized_short_ytd = dollars(random.real(-4000, 4000)),
                    .realized_long_ytd = dollars(random.real(-4000, 4000)),
                    .carryforward_short = dollars(random.pick(2) * 900.0)});
  builder.account({.id = "A",
                   .treatment = random.pick(4) == 0 ? TaxTreatment::tax_free : TaxTreatment::taxable,
                   .cash = dollars(random.real(50, 9000))});
  if (random.pick(4) == 0) {
    builder.request({.account = "A", .amount = dollars(random.pick(2) == 0 ? 500.0 : 90'000.0)});
  }
  builder.policy("A", [&](Policy& policy) {
    policy.risk_aversion = random.pick(5) == 0 ? 0.0 : random.real(1, 60);
    policy.tax_weight = random.real(0, 2);
    policy.basis_value = random.real(0, 1);
    policy.waiting_weight = Weight::of_whole(random.pick(3));
    policy.harvest = random.pick(4) > 0;
    policy.commission = BasisPoints::of_whole(random.pick(10));
    policy.ticket_cost = Money::of_whole(random.pick(3));
    policy.trade_min = Money{};
    policy.trade_min_weight = Weight{};
  });
  return builder.build();
}

// A mode of each block that the rules allow, a branch of each of its names, a quantity of its lattice.
void choose(HoldingPlan& plan, Random& random) {
  const Problem& problem = plan.problem();
  for (const numerics::Block& block : problem.program.blocks) {
    const int mode = block.modes.begin + random.pick(block.modes.size());
    if (problem.bound_only[static_cast<std::size_t>(mode)]) continue;
    const numerics::Range offers = problem.program.modes[static_cast<std::size_t>(mode)].offers;
    for (int o = offers.begin; o < offers.end; ++o) {
      const numerics::Offer& offer = problem.program.offers[static_cast<std::size_t>(o)];
      const int branch = offer.branches.begin + random.pick(offer.branches.size());
      const Lattice& lattice = plan.lattice(branch);
      Quantity quantity = lattice.whole;
      if (lattice.most >= lattice.least && (quantity.is_zero() || random.pick(3) > 0) && lattice.step.is_positive()) {
        const auto steps = (lattice.most.count() - lattice.least.count()) / lattice.step.count();
        quantity = Quantity::of_count(lattice.least.count() +
                                      std::llround(random.real(0, static_cast<double>(steps))) * lattice.step.count());
      }
      const NamePlan next = plan.plan_of(offer.name, branch, quantity);
      const double before = plan.cost();
      const double change = plan.change(offer.name, next);
      plan.apply(offer.name, next);
      EXPECT_NEAR(plan.cost() - before, change, 1e-9 * (1.0 + std::fabs(before)));
    }
  }
}

TEST(HoldingPlan, CostsWhatTheObjectiveSaysOfItsOrders) {
  Random random(7);
  int orders = 0;
  int untaxed = 0;
  int uninvested = 0;
  for (int i = 0; i < 400; ++i) {
    const Book book = random_book(random);
    const std::vector<DecisionUnit> units = decision_units(book);
    const FactorRisk risk = FactorRisk::of(book.risk, book.securities.size()).value();
    const CheckedUnit unit = check(book, risk, units[0]);
    if (!unit.accounts[0].trades()) continue;
    const tax::UnitProgress progress(book, units[0]);
    Problem problem = pose(unit, unit.accounts[0], progress, {});
    // Any plan at all: no limit adds its penalty.
    problem.limits =
        Limits{.line_min = -1e300, .line_kept = {}, .trade_min = {}, .tax_due_max = {}, .names_more_max = {}};
    problem.bands.clear();
    HoldingPlan plan(unit, unit.accounts[0], problem, std::vector<double>(problem.program.rows.size(), 0.0));
    choose(plan, random);
    const AccountTrades trades = settle(plan, unit, unit.accounts[0], progress).trades;
    for (const Trade& trade : trades.trades) {
      for (const LotSale& sale : trade.lots) EXPECT_TRUE(sale.disallowed.is_zero()) << i;
    }
    const double expected =
        objective::parts_of(problem.terms, objective::outcome_of(problem.terms, book, trades)).total();
    EXPECT_NEAR(plan.cost() * problem.scale, expected, 0.01) << "book " << i;
    const double drifting = plan.cost();
    plan.refresh();
    EXPECT_NEAR(plan.cost(), drifting, 1e-9 * (1.0 + std::fabs(drifting)));
    orders += static_cast<int>(trades.trades.size());
    untaxed += problem.terms.taxable ? 0 : 1;
    uninvested += problem.terms.investable > 0.0 ? 0 : 1;
  }
  EXPECT_GT(orders, 700);
  EXPECT_GT(untaxed, 20);
  EXPECT_GT(uninvested, 5);
}

}  // namespace
}  // namespace lotwright
