#include "solution/rule_prices.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "book/rules.h"
#include "numerics/ascent.h"
#include "numerics/dual.h"
#include "solution/lifted.h"

namespace lotwright {
namespace {

// So many rules of an account are priced, those that seem to cost most, with so many steps of the climb each: the
// prices of the account as it was decided are near.
constexpr std::size_t rules_max = 4;
constexpr int iterations_max = 6;
constexpr double least_price = 0.01;  // dollars
constexpr double sharp_enough = 1.25;
// "At most" more than this part of the account a year, and more than half as much again as there is to save at all,
// says nothing: the bound is too loose to be told.
constexpr double useful_part = 0.05;
constexpr double useful_of_objective = 1.5;

using Named = NamedRule;

// A rule that could be lifted, and what it seems to cost at the prices of the moment.
struct Candidate {
  Named name;
  double seems = 0.0;     // dollars
  double one_line = 0.0;  // the most of it that one line was asked for; 0 where several lines or the whole account are
};

class Pricer {
 public:
  Pricer(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
         const PoseOptions& options, const Attempt& made, const objective::Outcome& after)
      : unit_(unit), checked_(account), progress_(progress), options_(options), made_(made), after_(after) {
    gradient_ = objective::risk_gradient(made.problem.terms, after);
  }

  std::vector<Candidate> candidates() {
    for (std::size_t i = 0; i < checked_.lines.size(); ++i) look_at_line(i);
    look_at_rows();
    std::vector<Candidate> found;
    for (const auto& [name, seems] : seems_) {
      const auto line = lines_.find(name);
      const bool one = line != lines_.end() && line->second.line < checked_.lines.size();
      found.push_back({name, seems, one ? line->second.most : 0.0});
    }
    std::erase_if(found, [](const Candidate& one) { return one.seems < least_price; });
    std::ranges::stable_sort(found, std::greater{}, &Candidate::seems);
    found.resize(std::min(found.size(), rules_max));
    return found;
  }

  // A lower bound on the objective with the rule lifted, dollars; it need not be sharper than `enough`.
  double bound_without(const Named& name, double enough) const {
    CheckedAccount freed = checked_;
    PoseOptions options = options_;
    // Without the rule the account might not be in need at all: then it is free to do more than what needs ask for.
    options.needs_only = unit_.book->account(checked_.account).effective_policy.mode == Mode::cash_only;
    lift(unit_, name, freed, options);
    Problem problem = pose(unit_, freed, progress_, options);
    return (least_bound(problem, enough / problem.scale - problem.constant) + problem.constant) * problem.scale;
  }

 private:
  // Of all cells, the lowest first: no other has to be bounded higher than that one. Where the bound is `enough` at the
  // prices of the moment, there is nothing to climb for.
  double least_bound(Problem& problem, double enough) const {
    const numerics::Multipliers prices = prices_in(problem);
    const std::vector<int> any_mode(problem.program.blocks.size(), -1);
    numerics::Climber climber(problem.program);
    std::vector<std::pair<double, const tax::TaxCell*>> cells;
    for (const tax::TaxCell& cell : problem.cells) {
      enter_cell(problem, cell, TurnoverSide::unlimited);
      cells.emplace_back(climber.dual().bound(prices, any_mode), &cell);
    }
    std::ranges::stable_sort(cells, {}, &std::pair<double, const tax::TaxCell*>::first);
    double least = std::numeric_limits<double>::infinity();
    for (const auto& [bound, cell] : cells) {
      const numerics::AscentLimits limits{
          .iterations_max = iterations_max, .start = numerics::Start::near, .enough = std::min(least, enough)};
      double raised = bound;
      if (bound < limits.enough) {
        enter_cell(problem, *cell, TurnoverSide::unlimited);
        raised = std::max(raised, climber.ascend(prices, any_mode, limits).bound);
      }
      least = std::min(least, raised);
    }
    return least;
  }

  const Problem& posed() const { return made_.problem; }
  const objective::Terms& terms() const { return posed().terms; }

  // What moving the line by itself would bring at today's prices, first order in all else; `rate` a dollar.
  void seems(const Named& name, std::size_t line, double rate) {
    if (rate <= 0.0) return;
    const double curvature = terms().risk_aversion * terms().lines[line].specific_variance / terms().investable;
    const double most = std::max(terms().investable, after_.dollars[line]);
    const double dollars = curvature > 0.0 ? std::min(most, rate / curvature) : most;
    const double brings = (rate - 0.5 * curvature * dollars) * dollars;
    seems_[name] += brings;
    const auto [asked, first] = lines_.try_emplace(name, Asked{.line = line, .most = brings});
    if (asked->second.line != line) asked->second.line = checked_.lines.size();  // several
    asked->second.most = std::max(asked->second.most, brings);
  }

  double buying_rate(std::size_t line) const {
    const objective::Line& one = terms().lines[line];
    return -gradient_[line] - one.half_spread - terms().commission + objective::carry_of(one) + made_.cash_price;
  }

  double selling_rate(std::size_t line) const {
    const objective::Line& one = terms().lines[line];
    return gradient_[line] - one.half_spread - terms().commission - objective::carry_of(one) - made_.cash_price;
  }

  // What a dollar of a lot costs at today's prices: its tax, and what it gives up by not waiting.
  double lot_rate(std::uint32_t lot) const {
    const CheckedLot& facts = checked_.lots[lot];
    const TaxLot& held = unit_.book->account(checked_.account).lots[lot];
    const auto price = unit_.book->security(held.security).price;
    if (!terms().taxable || !facts.gain || !price) return 0.0;
    const double worth = value_of(held.quantity, *price).to_double();
    const double gain = facts.gain->to_double();
    const bool long_term = facts.term == Term::long_term;
    const double more = objective::tax_part(terms(), after_.gain_short + (long_term ? 0.0 : gain),
                                            after_.gain_long + (long_term ? gain : 0.0));
    const double now = objective::tax_part(terms(), after_.gain_short, after_.gain_long);
    const double waiting = objective::waiting_a_share(terms(), lot) * held.quantity.to_double();
    return worth > 0.0 ? (more - now + waiting) / worth : 0.0;
  }

  double cheapest_lot_rate(const CheckedLine& line) const {
    double least = 0.0;
    for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) {
      const double rate = lot_rate(l);
      least = l == line.lot_begin ? rate : std::min(least, rate);
    }
    return least;
  }

  static bool can_be_lifted(const Bar& bar) {
    return bar.strength > Strength::frozen && bar.strength != Strength::request;
  }

  void look_at_line(std::size_t i) {
    const CheckedLine& line = checked_.lines[i];
    const double buying = buying_rate(i);
    for (const Bar& bar : line.buy_bars) {
      if (can_be_lifted(bar)) seems(named(bar), i, buying);
    }
    if (line.weight_max && at_most(i, *line.weight_max)) seems(cap_of(*unit_.book, line), i, buying);
    if (!line.held.is_positive()) return;
    const double selling = selling_rate(i);
    const double best = selling - cheapest_lot_rate(line);
    for (const Bar& bar : line.sell_bars) {
      if (can_be_lifted(bar)) seems(named(bar), i, best);
    }
    if (line.locked.is_positive()) seems({rule::restriction_lock_quantity, id_of(line)}, i, best);
    if (line.weight_min && at_least(i, *line.weight_min)) seems({rule::restriction_weight_min, id_of(line)}, i, best);
    for (std::uint32_t l = line.lot_begin; l < line.lot_end; ++l) {
      for (const Bar& bar : checked_.lots[l].bars) {
        if (can_be_lifted(bar)) seems(named(bar), i, selling - lot_rate(l));
      }
    }
  }

  // Limits of the account as a whole bind where their row has a price.
  void look_at_rows() {
    const std::vector<double>& prices = made_.plan->row_prices();
    const auto look = [&](const char* name, int row, double dollars) {
      const double price = row >= 0 ? std::abs(prices[static_cast<std::size_t>(row)]) : 0.0;
      seems_[{name, ""}] += std::min(price, numerics::hard_slope) * dollars;
    };
    const double whole = terms().investable;
    if (posed().limits.turnover_max < whole) {
      look(rule::turnover_max, posed().buys_row, whole);
      look(rule::turnover_max, posed().sells_row, whole);
    }
    look(rule::names_max, posed().names_row, whole);
    look(rule::budget_tax, posed().tax_budget_row, whole);
    if (posed().limits.gain_max < whole &&
        after_.gain_short + after_.gain_long > posed().limits.gain_max - 0.01 * whole) {
      seems_[{rule::budget_gain, ""}] += whole;
    }
    for (std::size_t b = 0; b < posed().bands.size(); ++b) {
      const Band& band = posed().bands[b];
      if (band.price) continue;  // no rule that could be lifted
      const auto row = static_cast<std::size_t>(posed().first_band_row) + b;
      seems_[{band.rule, band.source}] += std::abs(prices[row]) * whole;
    }
    const Mode mode = unit_.book->account(checked_.account).effective_policy.mode;
    if (mode == Mode::cash_only) seems_[{rule::mode_cash_only, "mode"}] += whole;
    if (mode == Mode::harvest_only) seems_[{rule::mode_harvest_only, "mode"}] += whole;
  }

  bool at_most(std::size_t line, Weight max) const {
    const double step = value_of(step_of(line), price_of(line)).to_double();
    return after_.dollars[line] + step > max.to_double() * terms().investable;
  }
  bool at_least(std::size_t line, Weight min) const {
    const double step = value_of(step_of(line), price_of(line)).to_double();
    return after_.dollars[line] - step < min.to_double() * terms().investable;
  }
  const Security& security_of(std::size_t line) const { return unit_.book->security(checked_.lines[line].security); }
  Quantity step_of(std::size_t line) const { return security_of(line).quantity_step; }
  Price price_of(std::size_t line) const { return security_of(line).price.value_or(Price()); }
  std::string id_of(const CheckedLine& line) const { return unit_.book->security(line.security).id.text; }
  static Named named(const Bar& bar) { return {bar.rule, bar.source}; }

  // The prices of the account as it was decided, on the rows of another problem of it.
  numerics::Multipliers prices_in(const Problem& problem) const {
    numerics::Multipliers prices = numerics::zero_multipliers(problem.program);
    for (std::size_t i = 0; i < terms().lines.size(); ++i) {
      const objective::Line& line = terms().lines[i];
      const double active = after_.dollars[i] / problem.scale - line.target;
      for (int f = 0; f < problem.program.factors; ++f) {
        const auto k = static_cast<std::size_t>(f);
        prices.factor[k] += problem.program.risk_aversion * line.loadings[k] * active;
      }
    }
    const auto copy = [&](int from, int to) {
      if (from < 0 || to < 0) return;
      const double price = made_.plan->row_prices()[static_cast<std::size_t>(from)];
      // At a hard end it says no more than that the limit could not be kept.
      if (std::fabs(price) <= numerics::hard_slope) prices.row[static_cast<std::size_t>(to)] = price;
    };
    copy(posed().cash_row, problem.cash_row);
    copy(posed().short_row, problem.short_row);
    copy(posed().long_row, problem.long_row);
    copy(posed().net_row, problem.net_row);
    copy(posed().tax_budget_row, problem.tax_budget_row);
    copy(posed().names_row, problem.names_row);
    for (std::size_t g = 0; g < problem.goals.size(); ++g) copy(posed().goals[g].row, problem.goals[g].row);
    if (problem.bands.size() == posed().bands.size()) {
      for (int b = 0; b < static_cast<int>(problem.bands.size()); ++b) {
        copy(posed().first_band_row + b, problem.first_band_row + b);
      }
    }
    return prices;
  }

  const CheckedUnit& unit_;
  const CheckedAccount& checked_;
  const tax::UnitProgress& progress_;
  const PoseOptions& options_;
  const Attempt& made_;
  const objective::Outcome& after_;
  std::vector<double> gradient_;   // of risk, by line, after the orders
  std::map<Named, double> seems_;  // dollars
  // The one line that a rule was looked at for, and what that would bring by the best of its lots.
  struct Asked {
    std::size_t line = 0;
    double most = 0.0;
  };
  std::map<Named, Asked> lines_;
};

}  // namespace

std::vector<RulePrice> rule_prices(const CheckedUnit& unit, const CheckedAccount& account,
                                   const tax::UnitProgress& progress, const PoseOptions& options, const Attempt& made,
                                   const objective::Outcome& after, double objective_after) {
  if (account.liquidating || !account.investable.is_positive()) return {};
  Pricer pricer(unit, account, progress, options, made, after);
  std::vector<RulePrice> prices;
  for (const Candidate& candidate : pricer.candidates()) {
    // Most rules stand in the way of one line: a price near what that seems to be kept from is sharp, for the account's
    // own gap is in it too.
    const double own_gap = std::max(0.0, objective_after - made.bound);
    const double sharp = std::max(least_price, sharp_enough * candidate.one_line + own_gap);
    const double price = objective_after - pricer.bound_without(candidate.name, objective_after - sharp);
    const double useful = std::max(account.investable.to_double() * useful_part, objective_after * useful_of_objective);
    if (price < least_price || price > useful) continue;
    prices.push_back({candidate.name.first, candidate.name.second, price});
  }
  std::ranges::stable_sort(prices, std::greater{}, &RulePrice::at_most);
  return prices;
}

}  // namespace lotwright
