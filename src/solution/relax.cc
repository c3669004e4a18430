#include "solution/relax.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ranges>

#include "book/rules.h"
#include "checks/directed.h"
#include "checks/findings.h"
#include "problem/blocks.h"
#include "problem/fund_sales.h"
#include "solution/directed.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

// Rules that can stand in the way of a due request, from the weakest: the order in which they yield. Limits on
// positions bind purchases alone, and cash_min is no obstacle to reserved money, which is stronger: these yield to what
// a person orders.
std::vector<Strength> yielding_order(const CheckedAccount& checked) {
  if (!has_directed(checked)) {
    return {Strength::trade_min, Strength::band,       Strength::turnover,
            Strength::budget,    Strength::short_term, Strength::mode};
  }
  return {Strength::trade_min, Strength::band,   Strength::position,   Strength::turnover,
          Strength::cash_min,  Strength::budget, Strength::short_term, Strength::mode};
}

const char* yielded_rule(Strength strength) {
  switch (strength) {
    case Strength::request:
      return rule::request_preserve_yielded;  // the one request that bars
    case Strength::trade_min:
      return rule::trade_min_yielded;
    case Strength::band:
      return rule::band_yielded;
    case Strength::position:
      return rule::names_yielded;  // caps on one position are looked at by themselves
    case Strength::cash_min:
      return rule::cash_min_yielded;
    case Strength::turnover:
      return rule::turnover_yielded;
    case Strength::budget:
      return rule::budget_yielded;
    case Strength::short_term:
      return rule::short_term_yielded;
    case Strength::mode:
      return rule::mode_yielded;
    default:
      return rule::restriction_yielded;
  }
}

// What is missing of what must be reached: cash, and what requests want realized.
double lacking(const HoldingPlan::Broken& broken) { return broken.cash + broken.goals; }

bool others_kept(HoldingPlan::Broken broken) {
  broken.cash = 0.0;
  broken.goals = 0.0;
  return broken.none();
}

class Decider {
 public:
  Decider(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
          const PoseOptions& options, const Effort& effort)
      : unit_(unit), checked_(account), progress_(progress), options_(options), effort_(effort) {}

  Decided decide(double improvement_min) {
    Decided decided = made(options_.relaxed, improvement_min);
    if (!decided.attempt->feasible()) decided = relaxed(std::move(decided));
    if (checked_.liquidating && !decided.options.relaxed.wash && !barred_by_wash(decided).empty()) {
      // A liquidation goes through even where it washes a loss.
      Relaxed washing = decided.options.relaxed;
      washing.wash = true;
      std::vector<Relaxation> relaxations = std::move(decided.relaxations);
      decided = made(washing);
      decided.relaxations = std::move(relaxations);
    }
    note_forced_lines(decided);
    note_directed(decided);
    if (!decided.options.relaxed.wash) note_barred_by_wash(decided);
    if (decided.attempt->broken.goals > HoldingPlan::forgiven) settle_for_what_is_reached(decided);
    if (!decided.attempt->broken.no_limit()) note_shortfall(decided);
    return decided;
  }

 private:
  Decided made(const Relaxed& relaxed, double improvement_min = 0.0) { return made(relaxed, improvement_min, effort_); }

  // What stays broken where these rules yield: little effort shows it.
  HoldingPlan::Broken tried(const Relaxed& relaxed) {
    constexpr double trial_nodes_max = 8.0;
    Effort little = effort_;
    little.branch_nodes_max = std::min(little.branch_nodes_max, trial_nodes_max);
    return made(relaxed, 0.0, little).attempt->broken;
  }

  Decided made(const Relaxed& relaxed, double improvement_min, const Effort& effort) {
    Decided decided;
    decided.options = options_;
    decided.options.relaxed = relaxed;
    // Rules that yield do so for the need alone, not for everything else the optimizer would like.
    if (!relaxed.strengths.empty() || relaxed.wash) decided.options.needs_only = true;
    decided.attempt = attempt(unit_, checked_, progress_, decided.options, effort, improvement_min);
    return decided;
  }

  // The smallest set, weakest first: one rule if one suffices, else all that matter and then back whatever can stay.
  Decided relaxed(Decided strict) {
    const std::vector<Strength> order = yielding_order(checked_);
    for (const Strength strength : order) {
      const Relaxed one{.strengths = {strength}, .wash = false};
      if (!tried(one).none()) continue;
      Decided found = made(one);
      if (found.attempt->feasible()) return named(std::move(found), *strict.attempt);
    }
    Relaxed all{.strengths = order, .wash = false};
    std::sort(all.strengths.begin(), all.strengths.end());
    HoldingPlan::Broken broken = tried(all);
    const bool pays = checked_.cash_due || checked_.liquidating;  // no wash sale is forced for a harvest
    if (pays && !broken.no_limit()) {
      all.wash = true;
      const HoldingPlan::Broken washed = tried(all);
      // The last resort helps only if it raises more.
      if (washed.cash < broken.cash - 0.005) {
        broken = washed;
      } else {
        all.wash = false;
      }
    }
    const double least = lacking(broken);
    // Nothing that yielded helped: the strict plan stands, if that is all it lacks.
    if (least >= lacking(strict.attempt->broken) - 0.005 && others_kept(strict.attempt->broken)) return strict;
    for (const Strength strength : order | std::views::reverse) {
      Relaxed fewer = all;
      std::erase(fewer.strengths, strength);
      const HoldingPlan::Broken without = tried(fewer);
      if (lacking(without) > least + 0.005 || !others_kept(without)) continue;
      all = fewer;
    }
    return named(made(all), *strict.attempt);
  }

  // Names what yielded, and what to: the need that the strict plan left unmet.
  Decided named(Decided decided, const Attempt& strict) {
    const Attempt& made = *decided.attempt;
    const Goal* goal = missed_goal(strict);
    if (strict.broken.cash > HoldingPlan::forgiven) goal = nullptr;
    decided.relaxed_for = goal != nullptr          ? goal->realization.rule()
                          : checked_.liquidating   ? rule::request_liquidate
                          : checked_.cash_due      ? rule::request_cash_out
                          : has_directed(checked_) ? rule::request_directed
                                                   : rule::cash_negative;
    const double apart = reserved(made) - made.problem.limits.fund_costs;
    const double observed = goal != nullptr ? made.plan->reached(*goal) : made.plan->cash_line() + apart;
    const double limit = goal != nullptr ? goal->asked : made.problem.limits.line_min + apart;
    for (const Strength strength : decided.options.relaxed.strengths) {
      decided.relaxations.push_back({.strength = strength,
                                     .rule = yielded_rule(strength),
                                     .stronger = decided.relaxed_for,
                                     .observed = fmt::format("{:.2f}", observed),
                                     .limit = fmt::format("{:.2f}", limit)});
    }
    return decided;
  }

  static const Goal* missed_goal(const Attempt& made) {
    const auto missed = std::ranges::find_if(made.problem.goals, [&](const Goal& goal) {
      return made.plan->reached(goal) < goal.aim - HoldingPlan::forgiven;
    });
    return missed == made.problem.goals.end() ? nullptr : &*missed;
  }

  static double reserved(const Attempt& made) { return made.problem.terms.reserved; }

  // Where a goal cannot be met, what was reached becomes the goal: the orders are then the best of those that reach as
  // much, and the bound holds for all of these.
  void settle_for_what_is_reached(Decided& decided) {
    decided.options.reachable.clear();
    for (const Goal& goal : decided.attempt->problem.goals) {
      decided.options.reachable.push_back(decided.attempt->plan->reached(goal));
    }
    std::unique_ptr<Attempt> again = attempt(unit_, checked_, progress_, decided.options, effort_);
    if (again->broken.goals <= HoldingPlan::forgiven &&
        lacking(again->broken) <= decided.attempt->broken.cash + 0.005 &&
        (others_kept(again->broken) || !others_kept(decided.attempt->broken))) {
      decided.attempt = std::move(again);
    } else {
      decided.attempt->bound = again->bound;
    }
  }

  // Lines driven out of which the wash-sale rule keeps a part: the plan sells less than the bars would let go.
  std::vector<std::uint32_t> barred_by_wash(const Decided& decided) const {
    const Problem& problem = decided.attempt->problem;
    const Relaxed& relaxed = decided.options.relaxed;
    std::vector<std::uint32_t> lines;
    for (std::size_t n = 0; n < problem.line_of_name.size(); ++n) {
      if (!problem.must_sell[n]) continue;
      const CheckedLine& line = checked_.lines[static_cast<std::size_t>(problem.line_of_name[n])];
      const auto stops = [&](const Bar& bar) { return in_force(bar, relaxed, forcing_of(checked_, line)); };
      if (std::ranges::any_of(line.sell_bars, stops)) continue;
      Quantity allowed;
      for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) {
        if (std::ranges::none_of(checked_.lots[l].bars, stops)) allowed += checked_.lots[l].saleable;
      }
      allowed = std::min(allowed, line.held - line.locked);
      const Quantity sold = decided.attempt->plan->current(static_cast<int>(n)).quantity;
      // What is less than a step stays, unless the sale could have closed the position.
      const bool closable = allowed == line.held;
      if (sold < allowed && (closable || sold + unit_.book->security(line.security).quantity_step <= allowed)) {
        lines.push_back(static_cast<std::uint32_t>(problem.line_of_name[n]));
      }
    }
    return lines;
  }

  // A sell_all that the wash-sale rule stops short says so.
  void note_barred_by_wash(Decided& decided) {
    for (const std::uint32_t i : barred_by_wash(decided)) {
      const CheckedLine& line = checked_.lines[i];
      Finding finding;
      finding.rule = rule::restriction_yielded;
      finding.severity = Severity::review;
      finding.subject = {SubjectKind::account, unit_.book->account(checked_.account).id.text};
      finding.observed = line.held.to_string();
      finding.limit = "0";
      finding.message = fmt::format(
          "{} on {} yields to wash_sale_window: shares at a loss stay while replacement shares bought in the last 30 "
          "days are kept; sell them when the window closes",
          line.sell_all_rule, unit_.book->security(line.security).id.text);
      decided.findings.push_back(std::move(finding));
    }
  }

  // What a person ordered overrides weaker bars on its line, on the lots it takes, and the most of one position.
  void note_directed(Decided& decided) {
    const Problem& problem = decided.attempt->problem;
    const HoldingPlan& plan = *decided.attempt->plan;
    std::vector<Strength> yielded;
    const auto note = [&](const std::vector<Bar>& bars) {
      for (const Bar& bar : bars) {
        if (bar.strength > Strength::request) yielded.push_back(bar.strength);
      }
    };
    for (std::size_t i = 0; i < checked_.lines.size(); ++i) {
      const CheckedLine& line = checked_.lines[i];
      if (line.directed.is_zero()) continue;
      const auto found = std::ranges::find(problem.line_of_name, static_cast<int>(i));
      const bool named = found != problem.line_of_name.end();  // a line with nothing to choose has no name
      const auto n = static_cast<std::size_t>(found - problem.line_of_name.begin());
      const Quantity made = named ? problem.directed[n] : Quantity();
      if (made < line.directed) {
        decided.findings.push_back(directed_left(*unit_.book, checked_.account, line.security, line.directed_side,
                                                 line.directed, made, rule::wash_sale_window, ""));
      }
      if (made.is_zero()) continue;
      note(line.directed_side == Side::buy ? line.buy_bars : line.sell_bars);
      for (const LotTake& take : plan.lots_of(static_cast<int>(n))) note(checked_.lots[take.lot].bars);
      const double after = problem.terms.lines[i].dollars_before + plan.current(static_cast<int>(n)).x * problem.scale;
      if (line.directed_side == Side::buy && line.weight_max && after > line.weight_max->to_double() * problem.scale) {
        yielded.push_back(Strength::position);
      }
    }
    const Mode mode = unit_.book->account(checked_.account).effective_policy.mode;
    const bool any_made = std::ranges::any_of(problem.directed, &Quantity::is_positive);
    if ((mode == Mode::cash_only || mode == Mode::harvest_only) && any_made) {
      yielded.push_back(Strength::mode);
    }
    std::ranges::sort(yielded);
    const auto twice = std::ranges::unique(yielded);
    yielded.erase(twice.begin(), twice.end());
    for (const Strength strength : yielded) {
      const bool position = strength == Strength::position;  // names_max yielded, of what is told: not the position's
      if (!position && decided.options.relaxed.has(strength)) continue;
      const char* rule = position ? rule::position_yielded : yielded_rule(strength);
      decided.relaxations.push_back({strength, rule, rule::request_directed, {}, {}});
    }
  }

  // Is of a line driven out, where something keeps the rest of it, less sold than the smallest order?
  bool small_part_forced(const Decided& decided) const {
    const Problem& problem = decided.attempt->problem;
    for (std::size_t n = 0; n < problem.line_of_name.size(); ++n) {
      if (!problem.must_sell[n]) continue;
      const CheckedLine& line = checked_.lines[static_cast<std::size_t>(problem.line_of_name[n])];
      const Quantity sold = decided.attempt->plan->current(static_cast<int>(n)).quantity;
      if (!sold.is_positive() || sold == line.held) continue;
      if (amount_of(sold, *unit_.book->security(line.security).price) < problem.limits.trade_min) return true;
    }
    return false;
  }

  // Lines that a restriction or liquidation drives out override weaker bars on them, and limits they run into.
  void note_forced_lines(Decided& decided) {
    const Problem& problem = decided.attempt->problem;
    std::vector<Strength> yielded;
    std::string stronger;
    for (const CheckedLine& line : checked_.lines) {
      const std::optional<Strength> forcing = forcing_of(checked_, line);
      if (!line.sell_all || !forcing || !line.held.is_positive()) continue;
      stronger = line.sell_all_rule;
      const auto note = [&](const std::vector<Bar>& bars) {
        for (const Bar& bar : bars) {
          if (bar.strength > *forcing && !decided.options.relaxed.has(bar.strength)) yielded.push_back(bar.strength);
        }
      };
      note(line.sell_bars);
      for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) note(checked_.lots[l].bars);
    }
    const Mode mode = unit_.book->account(checked_.account).effective_policy.mode;
    const bool preset = mode == Mode::cash_only || mode == Mode::harvest_only;  // modes that are no bars on lines
    if (!stronger.empty() && preset) yielded.push_back(Strength::mode);
    if (small_part_forced(decided)) yielded.push_back(Strength::trade_min);
    if (problem.turnover_yielded) yielded.push_back(Strength::turnover);
    if (problem.budget_yielded) yielded.push_back(Strength::budget);
    for (const Band& band : problem.bands) {
      if (band.yielded) yielded.push_back(band.strength);
    }
    std::sort(yielded.begin(), yielded.end());
    yielded.erase(std::unique(yielded.begin(), yielded.end()), yielded.end());
    for (const Strength strength : yielded) {
      decided.relaxations.push_back({strength, yielded_rule(strength), stronger, {}, {}});
    }
  }

  void note_shortfall(Decided& decided) {
    const Problem& problem = decided.attempt->problem;
    const bool due = checked_.cash_due || checked_.liquidating;
    const double apart = problem.terms.reserved - problem.limits.fund_costs;
    const Money own_cash = unit_.book->account(checked_.account).cash;
    const double more = decided.attempt->plan->cash_line() - problem.terms.cash_line_before;
    const Money own_after = own_cash + Money::of_count(std::llround(more * static_cast<double>(Money::scale)));
    const Money costs = cost_of(fund_sales(unit_, checked_, own_after, problem.limits.trade_min));
    const double line = decided.attempt->plan->cash_line() + problem.terms.reserved - costs.to_double();
    const double need = problem.limits.line_min + apart;
    const bool funds = std::ranges::any_of(checked_.cash_holdings, &CashHolding::may_sell);
    const bool nothing = !decided.attempt->plan->trades() && !funds;
    Finding finding;
    finding.rule = due && !nothing ? rule::request_cash_short : rule::cash_nothing_to_sell;
    finding.severity = due || !nothing ? Severity::review : Severity::note;
    finding.subject = {SubjectKind::account, unit_.book->account(checked_.account).id.text};
    finding.observed = fmt::format("{:.2f}", line);
    finding.limit = fmt::format("{:.2f}", need);
    finding.message = fmt::format("cash of {} is needed and the rules let the account reach {}: {}",
                                  usd(*Money::parse(finding.limit)), usd(*Money::parse(finding.observed)),
                                  nothing ? "nothing may be sold; lift a restriction or bring in money"
                                          : "lift a restriction or lower the request");
    if (!checked_.losses_preserved_by.empty()) {
      finding.message += fmt::format("; request {} keeps the lots at a loss", checked_.losses_preserved_by);
    }
    decided.findings.push_back(std::move(finding));
  }

  const CheckedUnit& unit_;
  const CheckedAccount& checked_;
  const tax::UnitProgress& progress_;
  const PoseOptions& options_;
  const Effort& effort_;
};

}  // namespace

namespace {

// Does the whole line bring less than its order costs?
bool costs_money(const Book& book, const Account& holder, const CheckedLine& line) {
  const Policy& policy = holder.effective_policy;
  const Money worth = amount_of(line.held, *book.security(line.security).price);
  return worth < commission_of(worth, policy.commission, policy.ticket_cost);
}

// The account without the forced sales that no cash is there to pay for: cash below zero is the law's, and stronger.
CheckedAccount without_unpayable(const Book& book, const CheckedAccount& account) {
  CheckedAccount fitted = account;
  for (CheckedLine& line : fitted.lines) {
    if (!line.sell_all || !line.held.is_positive() || !costs_money(book, book.account(account.account), line)) continue;
    line.sell_all = false;
    line.sell_bars.push_back({Strength::law, rule::cash_negative, "ticket_cost_usd"});
  }
  return fitted;
}

// Null: nothing of the account can be left undone to keep the limits that are broken.
std::unique_ptr<CheckedAccount> fitted_to_limits(const Book& book, const CheckedAccount& account, const Attempt& made,
                                                 bool last) {
  if (has_directed(account)) {
    auto less = std::make_unique<CheckedAccount>(with_less_directed(book, account, made, last));
    if (!std::ranges::equal(less->lines, account.lines, {}, &CheckedLine::directed, &CheckedLine::directed))
      return less;
  }
  const auto unpayable = [&](const CheckedLine& line) {
    return line.sell_all && line.held.is_positive() && costs_money(book, book.account(account.account), line);
  };
  if (made.broken.cash <= HoldingPlan::forgiven || std::ranges::none_of(account.lines, unpayable)) return nullptr;
  return std::make_unique<CheckedAccount>(without_unpayable(book, account));
}

// A review for each rule that asks for sales which are left.
Findings left_of_forced(const Book& book, const CheckedAccount& account, const CheckedAccount& fitted) {
  std::map<std::string, std::vector<SecurityIndex>> left;
  for (std::size_t i = 0; i < account.lines.size(); ++i) {
    if (account.lines[i].sell_all && !fitted.lines[i].sell_all) {
      left[account.lines[i].sell_all_rule].push_back(account.lines[i].security);
    }
  }
  Findings findings;
  for (const auto& [asked_by, securities] : left) {
    Finding finding;
    finding.rule = asked_by == rule::request_liquidate ? rule::request_liquidation_left : rule::restriction_yielded;
    finding.severity = Severity::review;
    finding.subject = {SubjectKind::account, book.account(account.account).id.text};
    finding.observed = list_of(book, securities);
    finding.limit = rule::cash_negative;
    finding.message = fmt::format(
        "{} asks for sales that cost more than they bring, and no cash is there to pay for them: {}; bring in money, "
        "or "
        "let them go without a ticket",
        asked_by, finding.observed);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace

Decided decide(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
               const PoseOptions& options, const Effort& effort, double improvement_min) {
  constexpr int fits_max = 4;
  Decided decided = Decider(unit, account, progress, options, effort).decide(improvement_min);
  for (int fit = 0; fit < fits_max && !decided.attempt->broken.no_limit(); ++fit) {
    const CheckedAccount& last = decided.fitted ? *decided.fitted : account;
    auto fitted = fitted_to_limits(*unit.book, last, *decided.attempt, fit + 1 == fits_max);
    if (!fitted) break;
    decided = Decider(unit, *fitted, progress, options, effort).decide(0.0);
    decided.fitted = std::move(fitted);
  }
  if (!decided.fitted) return decided;
  std::ranges::move(left_of_directed(*unit.book, account, *decided.fitted), std::back_inserter(decided.findings));
  std::ranges::move(left_of_forced(*unit.book, account, *decided.fitted), std::back_inserter(decided.findings));
  return decided;
}

void note_forced_wash_sales(const Book& book, Solution& solution) {
  for (const Trade& trade : solution.trades.trades) {
    Money disallowed;
    for (const LotSale& sale : trade.lots) disallowed += sale.disallowed;
    if (!disallowed.is_positive()) continue;
    Finding finding;
    finding.rule = rule::wash_sale_forced;
    finding.severity = Severity::review;
    finding.subject = {SubjectKind::account, book.account(solution.trades.account).id.text};
    finding.observed = disallowed.to_string(2);
    finding.limit = book.account(solution.trades.account).effective_policy.wash_sale_disallowed_max.to_string(2);
    finding.message =
        fmt::format("selling {} to meet a due payment disallows a loss of ${}: release only if the payment cannot wait",
                    book.security(trade.security).id.text, disallowed.to_string(2));
    solution.findings.push_back(std::move(finding));
  }
}

}  // namespace lotwright
