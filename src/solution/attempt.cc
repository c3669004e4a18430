#include "solution/attempt.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "solution/search.h"

namespace lotwright {
namespace {

using numerics::Ascent;
using numerics::Multipliers;

constexpr double infinity = std::numeric_limits<double>::infinity();

// The dual's choices where a bound-only mode won are settled once more with the mode kept or held; then rounded and searched.
class Solver {
 public:
  Solver(Attempt& attempt, const CheckedUnit& unit, const CheckedAccount& account, const Effort& effort)
      : attempt_(attempt), problem_(attempt.problem), unit_(unit), account_(account), effort_(effort),
        free_modes_(problem_.program.blocks.size(), -1) {}

  void solve() {
    if (!problem_.forced) start_with_hold();
    attempt_.bound = infinity;
    Multipliers start;
    for (const tax::TaxCell& cell : problem_.cells) solve_cell(cell, start);
    attempt_.broken = attempt_.plan->broken();
    attempt_.bound = std::min(attempt_.bound, attempt_.plan->cost()) * problem_.scale;
  }

 private:
  void start_with_hold() {
    attempt_.plan.emplace(unit_, account_, problem_);
    best_cost_ = attempt_.plan->cost();
  }

  // One cell; where the turnover limit turns out to bind, the two sides on which it can be kept.
  void solve_cell(const tax::TaxCell& cell, Multipliers& start) {
    if (!problem_.turnover_limited) {
      attempt_.bound = std::min(attempt_.bound, solve_side(cell, TurnoverSide::unlimited, start));
      return;
    }
    const double unlimited = solve_side(cell, TurnoverSide::unlimited, start);
    if (unlimited >= best_cost_ - 1e-6) {
      attempt_.bound = std::min(attempt_.bound, unlimited);
      return;
    }
    const double buys = solve_side(cell, TurnoverSide::buys, start);
    const double sells = solve_side(cell, TurnoverSide::sells, start);
    attempt_.bound = std::min(attempt_.bound, std::max(unlimited, std::min(buys, sells)));
  }

  double solve_side(const tax::TaxCell& cell, TurnoverSide side, Multipliers& start) {
    enter_cell(problem_, cell, side);
    if (start.row.empty()) start = first_multipliers();
    const numerics::AscentLimits limits{.iterations_max = effort_.newton_iterations_max,
                                        .enough = best_cost_ - problem_.constant};
    const Ascent ascent = numerics::ascend(problem_.program, start, free_modes_, limits);
    const double bound = ascent.bound + problem_.constant;
    start = ascent.multipliers;
    if (bound < best_cost_) round_and_search(ascent.multipliers);
    return bound;
  }

  // Factor prices at the holdings as they are, rows free.
  Multipliers first_multipliers() {
    Multipliers first = numerics::zero_multipliers(problem_.program);
    for (std::size_t f = 0; f < first.factor.size(); ++f) {
      first.factor[f] = problem_.program.risk_aversion * problem_.program.factor_start[f];
    }
    return first;
  }

  void round_and_search(const Multipliers& multipliers) {
    numerics::Dual dual(problem_.program);
    std::vector<numerics::BlockChoice> choices = dual.choices(multipliers, free_modes_);
    std::vector<int> fixed;
    for (const numerics::BlockChoice& choice : choices) {
      fixed.push_back(problem_.bound_only[static_cast<std::size_t>(choice.mode)] ? -1 : choice.mode);
    }
    // With the modes fixed the program is convex: its solution keeps the rows, which the free choices may not.
    const numerics::AscentLimits limits{.iterations_max = effort_.newton_iterations_max / 3, .enough = infinity};
    const Ascent settled = numerics::ascend(problem_.program, multipliers, fixed, limits);
    choices = dual.choices(settled.multipliers, fixed);
    HoldingPlan plan(unit_, account_, problem_);
    round_choices(plan, choices, settled.multipliers.row);
    improve(plan, settled.multipliers.row, effort_.search_rounds_max);
    const double cost = plan.cost();
    if (attempt_.plan && cost >= best_cost_) return;
    best_cost_ = cost;
    attempt_.cash_price = settled.multipliers.row[static_cast<std::size_t>(problem_.cash_row)];
    attempt_.plan.emplace(std::move(plan));
  }

  Attempt& attempt_;
  Problem& problem_;
  const CheckedUnit& unit_;
  const CheckedAccount& account_;
  const Effort& effort_;
  std::vector<int> free_modes_;
  double best_cost_ = infinity;
};

}  // namespace

std::unique_ptr<Attempt> attempt(const CheckedUnit& unit, const CheckedAccount& account,
                                 const tax::UnitProgress& progress, const PoseOptions& options, const Effort& effort) {
  auto result = std::make_unique<Attempt>();
  result->problem = pose(unit, account, progress, options);
  Solver(*result, unit, account, effort).solve();
  return result;
}

}  // namespace lotwright
