// run/stress.h — for tests: decides every account of a book, whatever it is like, and says what no decision may be.
//
// In:       a book; whether each account is solved a second time with little effort; a clock of the caller's, or none.
// Out:      for each account that was solved its size, time, gap, and what is wrong, in words.
// Promises: what one account throws is wrong with it alone.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "objective/objective.h"
#include "problem/problem.h"
#include "run/rebalance.h"

namespace lotwright {

struct Stressed {
  std::string account;
  std::size_t names = 0;
  std::size_t lots = 0;
  double seconds = 0.0;  // of solve(), by the caller's clock
  double gap_bp = 0.0;   // of the account's value; 0 where there is no bound
  bool relaxed = false;  // a rule yielded to another
  std::vector<std::string> wrong;
};

class Stress {
 public:
  using Solver =
      std::function<Solution(const CheckedUnit&, const CheckedAccount&, const tax::UnitProgress&, const Effort&)>;
  struct Options {
    bool twice = false;
    std::function<double()> seconds = [] { return 0.0; };
    Solver solver = solve;
  };

  Stress(const Book& book, Options options) : book_(book), options_(std::move(options)) {}

  std::vector<Stressed> decide_all() {
    const auto risk = FactorRisk::of(book_.risk, book_.securities.size());
    if (!risk) return {};
    Steps steps = engine_steps(book_);
    steps.solve = [this](const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                         const Effort& effort) { return watched(unit, account, progress, effort); };
    for (const DecisionUnit& unit : decision_units(book_)) {
      const UnitOutcome outcome = rebalance(book_, *risk, unit, {}, steps);
      for (const AccountResult& result : outcome.accounts) look_at(result);
      for (const auto& refused : outcome.refused) {
        for (const Breach& breach : refused.breaches) {
          seen_of(book_.account(breach.account).id.text)
              .wrong.push_back(fmt::format("refused: {}: {}", breach.rule, breach.message));
        }
      }
    }
    return std::move(seen_);
  }

 private:
  Stressed& seen_of(const std::string& account) {
    const auto found = std::ranges::find(seen_, account, &Stressed::account);
    if (found != seen_.end()) return *found;
    seen_.push_back({.account = account, .wrong = {}});
    return seen_.back();
  }

  Solution watched(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                   const Effort& effort) {
    const Account& of = book_.account(account.account);
    Stressed& seen = seen_of(of.id.text);
    seen.names = account.lines.size();
    seen.lots = of.lots.size();
    const double begun = options_.seconds();
    const Solution solution = options_.solver(unit, account, progress, effort);
    seen.seconds = options_.seconds() - begun;
    seen.relaxed = !solution.relaxations.empty();
    const objective::Terms terms = terms_of(unit, account, progress);
    judge(account, terms, solution, seen);
    if (options_.twice) {
      const Effort little{.newton_iterations_max = 8, .search_rounds_max = 2, .branch_nodes_max = 0.0};
      compare(terms, solution, options_.solver(unit, account, progress, little), seen);
    }
    return solution;
  }

  // An objective may be off by the rounding of its orders to the cent, and of its sums.
  static double allowance(const Solution& solution, double objective) {
    return 0.05 + 0.02 * static_cast<double>(solution.trades.trades.size()) + 1e-9 * std::abs(objective);
  }

  double objective_of(const objective::Terms& terms, const Solution& solution) const {
    return objective::parts_of(terms, objective::outcome_of(terms, book_, solution.trades)).total();
  }

  void judge(const CheckedAccount& account, const objective::Terms& terms, const Solution& solution,
             Stressed& seen) const {
    const double before = objective::parts_of(terms, objective::before(terms)).total();
    const double after = objective_of(terms, solution);
    const double bound = solution.bound.value_or(0.0);
    for (const double number :
         {before, after, bound, solution.cash_shadow_price, solution.gain_budget_price, solution.tax_budget_price}) {
      if (!std::isfinite(number)) seen.wrong.push_back(fmt::format("a number that is none: {}", number));
    }
    for (const RulePrice& price : solution.rule_prices) {
      if (!std::isfinite(price.at_most)) seen.wrong.push_back("a rule's price that is none: " + price.rule);
    }
    if (!solution.forced && after > before + allowance(solution, before)) {
      seen.wrong.push_back(fmt::format("worse than doing nothing: {:.4f} after {:.4f}", after, before));
    }
    if (!solution.bound) {
      if (account.investable.is_positive()) seen.wrong.push_back("no bound");
      return;
    }
    seen.gap_bp = (after - bound) / std::max({terms.investable, account.value.to_double(), 1.0}) * 1e4;
    if (bound > after + 1e-9 * std::abs(after)) {
      seen.wrong.push_back(fmt::format("bound {:.6f} above the objective {:.6f}", bound, after));
    }
    if (!solution.forced && bound > before + allowance(solution, before)) {
      seen.wrong.push_back(fmt::format("bound {:.6f} above doing nothing, {:.6f}", bound, before));
    }
  }

  // Neither's bound may be above the other's objective, where both kept the same rules.
  void compare(const objective::Terms& terms, const Solution& one, const Solution& other, Stressed& seen) const {
    const auto plain = [](const Solution& solution) {
      return solution.bound && solution.relaxations.empty() && solution.findings.empty();
    };
    if (!plain(one) || !plain(other)) return;
    for (const auto& [of, against] : {std::pair(&one, &other), std::pair(&other, &one)}) {
      const double orders = objective_of(terms, *against);
      if (*of->bound <= orders + allowance(*against, orders)) continue;
      seen.wrong.push_back(fmt::format("bound {:.6f} above {:.6f}, which {} effort reaches", *of->bound, orders,
                                       against == &other ? "little" : "full"));
    }
  }

  void look_at(const AccountResult& result) {
    if (result.status != ResultStatus::failed) return;
    for (const Finding& finding : result.exceptions) {
      seen_of(book_.account(result.account).id.text).wrong.push_back("failed: " + finding.message);
    }
  }

  const Book& book_;
  Options options_;
  std::vector<Stressed> seen_;
};

}  // namespace lotwright
