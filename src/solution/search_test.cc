// The search of shares: what it may cost in memory, and that estimates rule nothing out that is better than they say.

#include "solution/search.h"

#include <gtest/gtest.h>

#include "testing/book_builder.h"
#include "testing/count_allocations.h"

namespace lotwright {
namespace {

std::string dollars(double value) {
  return Money::of_count(static_cast<std::int64_t>(value * 100.0) * 10'000).to_string();
}

// A hundred securities (or 25) of one factor, half of them held, all of them wanted alike; whole shares.
Book many_names(int names = 100) {
  BookBuilder builder;
  builder.factors({"market"}, {0.0225});
  std::vector<std::pair<std::string, std::string>> weights;
  for (int i = 0; i < names; ++i) {
    const std::string id = "S" + std::to_string(100 + i);
    const double price = 20.0 + 7.0 * (i * i % 31);
    builder.security({.id = id,
                      .price = dollars(price),
                      .half_spread_bps = "2",
                      .exposures = {0.7 + 0.01 * (i % 60)},
                      .volatility = 0.2 + 0.004 * (i % 37)});
    weights.emplace_back(id, names == 100 ? "0.01" : "0.04");
    const int quantity = 1 + i % 9;
    if (i % 2 == 0) {
      builder.lot({.account = "A",
                   .security = id,
                   .quantity = std::to_string(quantity),
                   .cost_basis = dollars(quantity * price * (0.6 + 0.02 * (i % 40))),
                   .acquired_on = i % 3 == 0 ? "2025-03-03" : "2020-03-02"});
    }
  }
  builder.model("M", weights);
  builder.taxpayer({});
  builder.account({.id = "A", .cash = "9000"});
  builder.policy("A", [](Policy& policy) { policy.trade_min = Money(); });
  return builder.build();
}

// An account, posed in the first cell of its tax.
struct Posed {
  explicit Posed(const Book& book_of)
      : book(book_of),
        units(decision_units(book)),
        risk(FactorRisk::of(book.risk, book.securities.size()).value()),
        unit(check(book, risk, units[0])),
        progress(book, units[0]),
        problem(pose(unit, unit.accounts[0], progress, {})) {
    enter_cell(problem, problem.cells[0], TurnoverSide::unlimited);
  }
  HoldingPlan plan() const {
    return {unit, unit.accounts[0], problem, std::vector<double>(problem.program.rows.size(), 0.0)};
  }

  Book book;
  std::vector<DecisionUnit> units;
  FactorRisk risk;
  CheckedUnit unit;
  tax::UnitProgress progress;
  Problem problem;
};

TEST(Search, allocates_nothing_the_second_time) {
  const Posed posed(many_names());
  HoldingPlan plan = posed.plan();
  SearchMemory memory;
  const std::vector<double> prices = plan.row_prices();
  improve(plan, -1e300, 40, Depth::all, memory);
  const double cost = plan.cost();
  EXPECT_TRUE(plan.trades());
  plan.start_over(prices);
  const std::size_t before = allocations;
  improve(plan, -1e300, 40, Depth::all, memory);
  EXPECT_EQ(allocations, before);
  EXPECT_GT(before, 0U);
  EXPECT_EQ(plan.cost(), cost) << "a plan that starts over is as good as new";
}

TEST(Search, of_few_names_looks_less_far_the_more_was_weighed) {
  const Posed posed(many_names(25));
  HoldingPlan plan = posed.plan();
  const std::vector<double> prices = plan.row_prices();
  SearchMemory memory;
  improve(plan, -1e300, 40, Depth::all, memory);
  const std::int64_t first = memory.moves_weighed;
  const double cost = plan.cost();
  plan.start_over(prices);
  const double holding = plan.cost();
  constexpr std::int64_t much = 1'000'000;
  memory.moves_weighed = much;
  improve(plan, -1e300, 40, Depth::all, memory);
  EXPECT_GT(first, 10'000);
  EXPECT_LT(memory.moves_weighed - much, first / 2);
  EXPECT_TRUE(plan.broken().none());
  EXPECT_LT(plan.cost(), cost + 0.1 * (holding - cost)) << "single moves bring nearly all of it";
}

TEST(Search, an_estimate_is_the_change_but_for_cents) {
  const Posed posed(many_names());
  HoldingPlan plan = posed.plan();
  improve(plan, -1e300, 1, Depth::singles);
  const numerics::Program& program = posed.problem.program;
  int tried = 0;
  for (const numerics::Offer& offer : program.offers) {
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) {
      const Lattice& lattice = plan.lattice(b);
      if (lattice.most < lattice.least || !lattice.most.is_positive()) continue;
      const double risk_price = plan.risk_price(offer.name);
      const double change = plan.change(offer.name, plan.plan_of(offer.name, b, lattice.least), risk_price);
      const double estimate = plan.estimate(plan.departure(offer.name, b, lattice.least), risk_price).change;
      // A limit broken by cents is forgiven to the one and not to the other.
      if (change < 1.0) {
        EXPECT_NEAR(estimate, change, 0.02 / posed.problem.scale);
      }
      EXPECT_LT(estimate, change + 0.02 / posed.problem.scale);
      ++tried;
    }
  }
  EXPECT_GT(tried, 60);
}

}  // namespace
}  // namespace lotwright
