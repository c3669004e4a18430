#include "problem/goals.h"

#include <algorithm>

namespace lotwright {
namespace {

// A missing dollar costs this much: a dollar of loss may take the sale of a hundred dollars that are dear to part with.
// But all that a goal misses costs no more than `all_missing_max` of the scale, so that no stronger rule is broken for
// it, nor for all of them (solution/holding_plan.h: broken_at_all).
constexpr double steep_goal = 1e4;
constexpr double all_missing_max = 1500.0;

double counted_rate(const Problem& problem, const Goal& goal, std::size_t piece) {
  return goal.realization.counted(problem.term_of_piece[piece], problem.true_gain_of_piece[piece]);
}

// What selling every lot that is offered counts; a lot that several modes offer counts once.
double reach_of(const Problem& problem, const Goal& goal, std::size_t lots) {
  std::vector<double> by_lot(lots, 0.0);
  for (std::size_t p = 0; p < problem.program.pieces.size(); ++p) {
    const double dollars = counted_rate(problem, goal, p) * problem.program.pieces[p].length * problem.scale;
    double& most = by_lot[problem.lot_of_piece[p]];
    most = std::max(most, dollars);
  }
  double reach = 0.0;
  for (const double dollars : by_lot) reach += dollars;
  return reach;
}

// The most that one smallest order, one step or a lot that goes whole can count.
double overshoot_of(const Problem& problem, const Goal& goal, const Book& book, const Account& account) {
  double most = 0.0;
  for (std::size_t p = 0; p < problem.program.pieces.size(); ++p) {
    const Security& security = book.security(account.lots[problem.lot_of_piece[p]].security);
    double dollars = std::max(problem.limits.trade_min.to_double(),
                              security.quantity_step.to_double() * security.price->to_double());
    if (problem.program.pieces[p].forced) dollars = std::max(dollars, problem.program.pieces[p].length * problem.scale);
    most = std::max(most, counted_rate(problem, goal, p) * dollars);
  }
  return most;
}

// The most that one smallest order of any lot that counts can realize; one bought lately may have to go whole.
double lawful_overshoot(const Problem& problem, const Goal& goal, const CheckedAccount& checked, const Book& book,
                        const Account& account) {
  double most = 0.0;
  for (const CheckedLine& line : checked.lines) {
    const Security& security = book.security(line.security);
    const double order = std::max(problem.limits.trade_min.to_double(),
                                  security.quantity_step.to_double() * security.price->to_double());
    for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) {
      const CheckedLot& lot = checked.lots[l];
      const double worth = value_of(account.lots[l].quantity, *security.price).to_double();
      if (!lot.gain || worth <= 0.0) continue;
      const double rate = goal.realization.counted(lot.term, lot.gain->to_double()) / worth;
      most = std::max(most, rate * std::max(order, lot.young ? worth : 0.0));
    }
  }
  return most;
}

// Fractions of shares reach any dollar amount, and then rounding to the cent (of each order, of each lot's share) may
// take a little away again; whole shares rarely end so near.
bool sells_fractions(const Problem& problem, const Book& book, const Account& account) {
  return std::ranges::any_of(problem.lot_of_piece, [&](std::uint32_t lot) {
    return book.security(account.lots[lot].security).quantity_step < Quantity::of_whole(1);
  });
}

// A need takes lots that count as well, and what is ordered or driven out is no matter of the request.
bool ends_at_what_is_asked(const Problem& problem) {
  const auto n = static_cast<int>(problem.line_of_name.size());
  for (int name = 0; name < n; ++name) {
    if (problem.is_fixed(name)) return false;
  }
  return problem.line_before >= problem.limits.line_min;
}

}  // namespace

std::vector<Goal> goals_of(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                           const PoseOptions& options) {
  std::vector<Goal> goals;
  if (account.liquidating) return goals;
  for (std::size_t i = 0; i < account.realizations.size(); ++i) {
    Goal goal{.realization = account.realizations[i]};
    Realization& what = goal.realization;
    if (what.zero_rate) what.amount = zero_rate_zone(unit, account, what, progress).least;
    goal.asked = what.amount.to_double();
    if (!options.reachable.empty()) goal.asked = std::min(goal.asked, std::max(0.0, options.reachable[i] - 0.01));
    goals.push_back(std::move(goal));
  }
  return goals;
}

void set_goals(Problem& problem, const CheckedUnit& unit, const CheckedAccount& account) {
  const Account& holder = unit.book->account(account.account);
  const double rounding = 0.01 * static_cast<double>(problem.program.names.size() + 1);
  const bool fractions = !problem.goals.empty() && sells_fractions(problem, *unit.book, holder);
  for (Goal& goal : problem.goals) {
    goal.reach = reach_of(problem, goal, holder.lots.size());
    goal.aim = fractions ? std::max(goal.asked, std::min(goal.asked + rounding, goal.reach)) : goal.asked;
    if (problem.needs_only) {
      goal.most = goal.aim + overshoot_of(problem, goal, *unit.book, holder) + rounding;
      const double rounded = 0.04 * static_cast<double>(account.lines.size() + holder.lots.size() + 1);
      const double lawful = goal.asked + lawful_overshoot(problem, goal, account, *unit.book, holder) + rounded;
      if (ends_at_what_is_asked(problem) && !goal.realization.zero_rate) goal.most_lawful = std::max(goal.most, lawful);
    }
    goal.slope = std::min(steep_goal, all_missing_max * problem.scale / std::max(goal.aim, 1.0));
  }
}

bool any_goal_in_reach(const Problem& problem) {
  return std::ranges::any_of(problem.goals,
                             [](const Goal& goal) { return goal.asked > 0.0 && goal.reach >= cent.to_double(); });
}

numerics::Row goal_row(const Goal& goal, double most, double scale, double slack, double steep) {
  numerics::Row row{.start = 0.0, .knots = {(goal.asked - slack) / scale}, .slopes = {-goal.slope, 0.0}};
  if (most < 1e299) {
    row.knots.push_back((most + slack) / scale);
    row.slopes.push_back(steep);
  }
  return row;
}

}  // namespace lotwright
