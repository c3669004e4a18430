#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
#include "problem/blocks.h"
#include "solution/attempt.h"
#include "solution/conflicts.h"
#include "solution/directed.h"
#include "solution/plain_solve.h"
#include "solution/realized.h"
#include "solution/relax.h"
#include "solution/rule_prices.h"
#include "solution/settle.h"
#include "solution/solution.h"

namespace lotwright {
namespace {

const char* reason_of_fund(const CheckedAccount& checked, SecurityIndex security) {
  if (checked.liquidating) return rule::request_liquidate;
  const auto holding = std::ranges::find(checked.cash_holdings, security, &CashHolding::security);
  return holding->sell_all ? rule::restriction_sell_all : "raise_cash";
}

// The rule that forced the trade, for orders.csv and reasons.csv; empty: none did.
std::string reason_of(const CheckedUnit& unit, const CheckedAccount& checked, const std::string& relaxed_for,
                      const Trade& trade) {
  if (unit.book->security(trade.security).kind == SecurityKind::cash) return reason_of_fund(checked, trade.security);
  const auto line = std::lower_bound(checked.lines.begin(), checked.lines.end(), trade.security,
                                     [](const CheckedLine& l, SecurityIndex s) { return l.security < s; });
  if (trade.side == Side::sell && line->sell_all) return line->sell_all_rule;
  if (line->directed.is_positive() && trade.side == line->directed_side) return rule::request_directed;
  if (const std::string served = request_served(checked, trade); !served.empty()) return served;
  return trade.side == Side::sell ? relaxed_for : std::string();
}

bool has_yielded(const Solution& solution, Strength strength) {
  return std::ranges::count(solution.relaxations, strength, &Relaxation::strength) > 0;
}

// For what a fund of kind cash is sold whatever the mode and cash_min: a restriction, a payment, an overdraft.
const char* what_funds_are_sold_for(const CheckedAccount& checked) {
  const bool restricted = std::ranges::any_of(checked.cash_holdings, &CashHolding::sell_all);
  return restricted            ? rule::restriction_sell_all
         : checked.liquidating ? rule::request_liquidate
         : checked.cash_due    ? rule::request_cash_out
                               : rule::cash_negative;
}

// In mode hold a fund is sold all the same for what is stronger.
void note_mode_yielded(const Book& book, const CheckedAccount& checked, Solution& solution) {
  if (book.account(checked.account).effective_policy.mode != Mode::hold || solution.trades.trades.empty()) return;
  if (has_yielded(solution, Strength::mode)) return;
  solution.relaxations.push_back({.strength = Strength::mode,
                                  .rule = rule::mode_yielded,
                                  .stronger = what_funds_are_sold_for(checked),
                                  .observed = {},
                                  .limit = {}});
}

// A line below cash_min is not made worse, but for what a fund costs that must be sold: no share goes for a ticket.
void note_cash_min_yielded(const Book& book, const CheckedAccount& checked, const Limits& limits, Solution& solution) {
  Money line = checked.cash_line;
  Money costs;  // of funds
  for (const Trade& trade : solution.trades.trades) {
    const bool is_fund = book.security(trade.security).kind == SecurityKind::cash;
    line += is_fund ? -trade.commission : cash_effect(trade);
    costs += is_fund ? trade.commission : Money();
  }
  const bool falls_short = line < checked.reserved - cent;  // told of the request
  if (!costs.is_positive() || falls_short || line >= limits.line_kept - cent) return;
  if (has_yielded(solution, Strength::cash_min)) return;
  solution.relaxations.push_back({.strength = Strength::cash_min,
                                  .rule = rule::cash_min_yielded,
                                  .stronger = what_funds_are_sold_for(checked),
                                  .observed = line.to_string(2),
                                  .limit = limits.line_kept.to_string(2)});
}

// A wash sale that a payment forces takes a loss out of the year: what it was set against may then be over a budget.
void note_budget_yielded(const Decided& decided, const objective::Outcome& after, Solution& solution) {
  const Problem& problem = decided.attempt->problem;
  const Limits& limits = problem.limits;
  if (!decided.options.relaxed.wash || decided.options.relaxed.has(Strength::budget)) return;
  const double gain = after.gain_short + after.gain_long;
  const bool over_gain = gain > limits.gain_max + HoldingPlan::forgiven;
  const bool over_tax = limits.tax_due_max && objective::year_tax(problem.terms, after.gain_short, after.gain_long) >
                                                  *limits.tax_due_max + HoldingPlan::forgiven;
  if ((!over_gain && !over_tax) || has_yielded(solution, Strength::budget)) return;
  solution.relaxations.push_back({.strength = Strength::budget,
                                  .rule = rule::budget_yielded,
                                  .stronger = rule::wash_sale_forced,
                                  .observed = {},
                                  .limit = {}});
}

double improvement(const objective::Terms& terms, const Book& book, const AccountTrades& trades) {
  const double before = objective::parts_of(terms, objective::before(terms)).total();
  return before - objective::parts_of(terms, objective::outcome_of(terms, book, trades)).total();
}

// `harvest = no` is no hard rule: the bound counts the value of losses.
PoseOptions bounded_as(const Decided& decided) {
  PoseOptions options = decided.options;
  options.losses_count = true;
  return options;
}

// The attempt that made the orders has proved the bound too.
bool is_bounded_by_its_own(const Decided& decided, const PoseOptions& options) {
  return options.losses_count == decided.options.losses_count;
}

double bound_of(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                const Decided& decided, const PoseOptions& options, const Effort& effort) {
  if (is_bounded_by_its_own(decided, options)) return decided.attempt->bound;
  return attempt(unit, account, progress, options, effort)->bound;
}

// The dual's price of cash, where the orders leave the line at its end: well within the band a dollar more or less of
// cash by itself is worth nothing, whatever the prices were before shares became whole.
double cash_price_of(const Attempt& made, const objective::Outcome& after) {
  const Limits& limits = made.problem.limits;
  const double near = 1e-3 * made.problem.scale;
  const bool none_in_excess = after.cash_line < made.problem.terms.cash_max * made.problem.terms.investable - near;
  const bool none_short = after.cash_line > limits.line_min + near;
  if (made.cash_price > 0.0 && none_in_excess && limits.line_max >= 1e299) return 0.0;
  return made.cash_price < 0.0 && none_short ? 0.0 : made.cash_price;
}

}  // namespace

double objective_after(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                       const Solution& solution) {
  const objective::Terms terms = terms_of(unit, account, progress);
  return objective::parts_of(terms, objective::outcome_of(terms, *unit.book, solution.trades)).total();
}

Solution solve(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
               const Effort& effort) {
  Solution solution = solve_plainly(unit, account, progress, effort);
  Findings findings = cost_of_directed(unit, account, progress, effort, solution);
  std::ranges::move(conflicts_of(unit, account, progress, effort, solution), std::back_inserter(findings));
  std::ranges::move(findings, std::back_inserter(solution.findings));
  return solution;
}

Solution solve_plainly(const CheckedUnit& unit, const CheckedAccount& checked, const tax::UnitProgress& progress,
                       const Effort& effort) {
  const Book& book = *unit.book;
  const Policy& policy = book.account(checked.account).effective_policy;
  const PoseOptions options{.relaxed = {},
                            .needs_only = policy.mode == Mode::cash_only || !checked.discretion,
                            .losses_count = policy.harvest};
  const double least = fraction(policy.improvement_min) * checked.investable.to_double();
  const bool proofs_count = options.losses_count;  // the bound is over what the decision may do
  const Decided decided = decide(unit, checked, progress, options, effort, proofs_count ? least : 0.0);
  const CheckedAccount& account = decided.fitted ? *decided.fitted : checked;
  const Attempt& made = *decided.attempt;
  Settled settled = settle(*made.plan, unit, account, progress);

  Solution solution;
  solution.trades.account = account.account;
  solution.forced = made.problem.forced;
  const bool worth_it = improvement(made.problem.terms, book, settled.trades) >= least;
  if (!solution.forced && !worth_it) {
    // No orders, but what is reserved is owed: cash securities are sold for it all the same.
    const HoldingPlan nothing(unit, account, made.problem, made.plan->row_prices());
    settled = settle(nothing, unit, account, progress);
  }
  solution.trades = std::move(settled.trades);
  for (const Trade& trade : solution.trades.trades) {
    solution.reasons.push_back(reason_of(unit, account, decided.relaxed_for, trade));
  }
  solution.cash_shadow_price = -cash_price_of(made, objective::outcome_of(made.problem.terms, book, solution.trades));
  solution.cash_line_min = made.problem.limits.line_min;
  solution.shadow_prices = made.shadow_prices;
  solution.proven_quiet = made.proven_quiet;
  solution.gain_budget_price = made.gain_budget_price;
  solution.tax_budget_price = made.tax_budget_price;
  if (account.investable.is_positive()) {
    // Costs of selling cash securities come on top of the plan: they can only raise the objective.
    const PoseOptions as_bounded = bounded_as(decided);
    const objective::Outcome outcome = objective::outcome_of(made.problem.terms, book, solution.trades);
    const double after = objective::parts_of(made.problem.terms, outcome).total();
    const bool bounded = effort.tell_what_is_left || is_bounded_by_its_own(decided, as_bounded);
    if (bounded) solution.bound = std::min(after, bound_of(unit, account, progress, decided, as_bounded, effort));
    if (effort.price_rules) {
      solution.rule_prices = rule_prices(unit, account, progress, as_bounded, made, outcome, after);
    }
  }
  solution.relaxations = decided.relaxations;
  note_mode_yielded(book, account, solution);
  note_cash_min_yielded(book, account, made.problem.limits, solution);
  note_budget_yielded(decided, objective::outcome_of(made.problem.terms, book, solution.trades), solution);
  solution.findings = decided.findings;
  std::ranges::move(missed_realizations(unit, account, progress, decided.options.relaxed, solution.trades),
                    std::back_inserter(solution.findings));
  if (decided.options.relaxed.wash) note_forced_wash_sales(book, solution);
  return solution;
}

}  // namespace lotwright
