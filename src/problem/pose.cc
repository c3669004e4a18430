#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "numerics/lanes.h"
#include "problem/blocks.h"
#include "problem/fund_sales.h"
#include "problem/goals.h"
#include "problem/problem.h"

namespace lotwright {
namespace {

// A unit of a hard limit broken costs this much, far above any price the limits can have (tax, risk and costs of a
// dollar are below a few dollars). Finite, so that the bound of an infeasible program stays finite too.
constexpr double steep = 100.0;
constexpr double none = 1e299;

// Cash beyond this is in excess: what is set aside is not.
double cash_most(const CheckedAccount& checked, const objective::Terms& terms) {
  return terms.cash_max * std::max(0.0, terms.investable) + checked.set_aside.to_double();
}

void limit_by_budgets(const CheckedUnit& unit, const CheckedAccount& checked, const tax::UnitProgress& progress,
                      const objective::Terms& terms, Limits& limits) {
  const Money so_far = realized_so_far(*unit.book, unit.book->account(checked.account), progress);
  if (checked.gain_budget) limits.gain_max = (std::max(*checked.gain_budget, so_far) - so_far).to_double();
  if (!checked.tax_budget) return;
  const double due_before = std::max(0.0, objective::year_tax(terms, 0.0, 0.0));
  limits.tax_due_max = std::max(checked.tax_budget->to_double(), due_before);
}

// Where the orders leave less than its own cash must be, funds are sold, and their tickets and commissions come off the
// line: it must be so much higher, or so high that no fund is sold.
void add_fund_costs(const CheckedUnit& unit, const CheckedAccount& checked, Limits& limits) {
  const Policy& policy = unit.book->account(checked.account).effective_policy;
  const bool free = policy.ticket_cost.is_zero() && policy.commission.is_zero();
  if (checked.cash_holdings.empty() || free) return;
  const Money in_funds = checked.cash_line - unit.book->account(checked.account).cash;
  const auto costs_at = [&](Money own_cash) {
    return cost_of(fund_sales(unit, checked, own_cash, limits.trade_min)).to_double();
  };
  const Money enough = own_cash_needed(unit, checked);
  const double none_sold = (enough + in_funds - checked.reserved).to_double();
  const double least_own = limits.line_min + (checked.reserved - in_funds).to_double();
  const auto costs_above = [&](double dollars) {
    const double count = std::round((least_own + dollars) * static_cast<double>(Money::scale));
    return costs_at(Money::of_count(static_cast<std::int64_t>(count)));
  };
  double costs = costs_above(0.0);  // the higher the line, the less is sold
  if (const double fewer = costs_above(costs); costs_above(fewer) <= fewer) costs = fewer;
  const double higher = std::min(limits.line_min + costs, none_sold);
  limits.fund_costs = std::max(higher - limits.line_min, costs_at(enough));
  limits.line_min += limits.fund_costs;
}

Limits limits_of(const CheckedUnit& unit, const CheckedAccount& checked, const tax::UnitProgress& progress,
                 const objective::Terms& terms, const PoseOptions& options) {
  const Account& account = unit.book->account(checked.account);
  const Policy& policy = account.effective_policy;
  const Relaxed& relaxed = options.relaxed;
  Limits limits;
  const Money invested = std::max(Money{}, checked.investable);
  if (!relaxed.has(Strength::trade_min)) {
    limits.trade_min = trade_min_of(policy, invested);
  }
  // Not below cash_min, what is set aside and the reserve; where the line is below that already, not below itself, less
  // what selling the funds costs that must go even without orders, nor below the reserve and what there is of the money
  // set aside, which pays for nothing.
  const Money cash_min = relaxed.has(Strength::cash_min) ? Money{} : fraction_of(invested, policy.cash_min);
  const Money full = cash_min + checked.set_aside + checked.reserved;
  const Money owed = cost_of(fund_sales(unit, checked, account.cash, limits.trade_min));
  const Money there = checked.cash_line < full ? checked.cash_line - owed : checked.cash_line;
  const Money kept = std::clamp(there, Money(), checked.set_aside);
  const Money need = std::min(full, std::max(there, checked.reserved + kept));
  limits.line_kept = std::min(full, std::max(checked.cash_line, checked.reserved));
  // Money that stands in securities of kind cash and may not be sold cannot pay for anything.
  const bool buys_only = policy.mode == Mode::buy_only && !relaxed.has(Strength::mode) && checked.reserved.is_zero();
  Money stuck;
  for (const CashHolding& holding : checked.cash_holdings) {
    const Security& security = unit.book->security(holding.security);
    if (!holding.may_sell || buys_only || brings_nothing(unit, checked, holding))
      stuck += value_of(holding.held, *security.price);
  }
  const Money least = std::max(need, stuck + std::min(Money{}, account.cash));
  limits.line_min = (least - checked.reserved).to_double();
  const bool harvest_only = policy.mode == Mode::harvest_only && !relaxed.has(Strength::mode);
  if (harvest_only || (options.needs_only && !checked.realizations.empty())) {
    // Purchases spend what the sales bring in, and cash beyond cash_max.
    limits.line_min =
        std::max(limits.line_min, std::min(terms.cash_line_before - owed.to_double(), cash_most(checked, terms)));
  }
  add_fund_costs(unit, checked, limits);
  if (!relaxed.has(Strength::budget) && terms.taxable) limit_by_budgets(unit, checked, progress, terms, limits);
  for (const Realization& what : checked.realizations) {
    // A due payment goes beyond the zone where nothing else raises the money.
    const bool yields = checked.liquidating || (checked.cash_due && relaxed.has(Strength::budget));
    if (!what.zero_rate || yields) continue;
    limits.gain_max = std::min(limits.gain_max, zero_rate_zone(unit, checked, what, progress).most.to_double());
  }
  if (policy.turnover_max && !relaxed.has(Strength::turnover)) {
    limits.bought_recently = checked.bought_recently.to_double();
    limits.sold_recently = checked.sold_recently.to_double();
    limits.turnover_max = std::max(fraction_of(invested, *policy.turnover_max).to_double(),
                                   std::min(limits.bought_recently, limits.sold_recently));
  }
  if (policy.names_max && !relaxed.has(Strength::position)) {
    int held = 0;
    for (const CheckedLine& line : checked.lines) held += line.held.is_positive() ? 1 : 0;
    limits.names_more_max = std::max(*policy.names_max, held) - held;
  }
  return limits;
}

std::vector<Band> bands_of(const CheckedAccount& checked, const objective::Terms& terms, const Relaxed& relaxed) {
  std::vector<Band> bands;
  for (const CheckedBand& checked_band : checked.bands) {
    const bool priced = checked_band.price.has_value();
    if ((!priced && relaxed.has(checked_band.strength)) || terms.investable <= 0.0) continue;
    Band band{.lines = checked_band.lines,
              .shares = std::vector<double>(checked_band.lines.size(), 1.0),
              .strength = checked_band.strength,
              .rule = checked_band.rule,
              .source = checked_band.source};
    for (std::size_t i = 0; i < band.lines.size(); ++i) {
      if (!checked_band.shares.empty()) band.shares[i] = checked_band.shares[i].to_double();
      band.start += band.shares[i] * terms.lines[band.lines[i]].dollars_before;
    }
    if (checked_band.min) band.min = checked_band.min->to_double() * terms.investable;
    if (checked_band.max) band.max = checked_band.max->to_double() * terms.investable;
    if (priced) {
      band.price = fraction(*checked_band.price);
    } else {  // a limit exceeded already becomes "not made worse"
      if (checked_band.min) band.min = std::min(band.min, band.start);
      if (checked_band.max) band.max = std::max(band.max, band.start);
    }
    bands.push_back(std::move(band));
  }
  return bands;
}

// Lines that are in the same bands by the same shares are of one set: each band parts the lines of the sets before it.
void set_band_sets(Problem& problem) {
  problem.band_sets = {{}};
  problem.band_set_of_line.assign(problem.terms.lines.size(), 0);
  std::map<std::pair<int, double>, int> with_band;  // by set and share: the one that has this band as well
  for (std::size_t b = 0; b < problem.bands.size(); ++b) {
    const Band& band = problem.bands[b];
    with_band.clear();
    for (std::size_t i = 0; i < band.lines.size(); ++i) {
      int& set = problem.band_set_of_line[band.lines[i]];
      const auto [with, is_new] =
          with_band.try_emplace({set, band.shares[i]}, static_cast<int>(problem.band_sets.size()));
      if (is_new) {
        std::vector<BandShare> bands = problem.band_sets[static_cast<std::size_t>(set)];
        bands.push_back({static_cast<int>(b), band.shares[i]});
        problem.band_sets.push_back(std::move(bands));
      }
      set = with->second;
    }
  }
}

void number_rows(Problem& problem) {
  int next = 0;
  problem.cash_row = next++;
  if (problem.terms.taxable) {
    problem.short_row = next++;
    problem.long_row = next++;
    problem.net_row = next++;
    if (problem.limits.tax_due_max) problem.tax_budget_row = next++;
  }
  if (problem.limits.turnover_max < none) {
    problem.turnover_limited = true;
    problem.buys_row = next++;
    problem.sells_row = next++;
  }
  if (problem.limits.names_more_max) problem.names_row = next++;
  problem.first_band_row = next;
  next += static_cast<int>(problem.bands.size());
  for (Goal& goal : problem.goals) goal.row = next++;
  problem.program.rows.resize(static_cast<std::size_t>(next));
}

// What the orders can do to the gains: the sums of all gains and of all losses by term, in dollars.
struct Reach {
  double short_low = 0.0;
  double short_high = 0.0;
  double long_low = 0.0;
  double long_high = 0.0;
};

// A lot that several modes of a block offer counts each time: the box may be too large, never too small.
Reach reach_of(const Problem& problem) {
  Reach reach;
  for (std::size_t i = 0; i < problem.program.pieces.size(); ++i) {
    const double gain = problem.gain_of_piece[i] * problem.program.pieces[i].length * problem.scale;
    double& low = problem.term_of_piece[i] == Term::long_term ? reach.long_low : reach.short_low;
    double& high = problem.term_of_piece[i] == Term::long_term ? reach.long_high : reach.short_high;
    low += std::min(gain, 0.0);
    high += std::max(gain, 0.0);
  }
  return reach;
}

bool meets(const tax::CellFunction& function, double low, double high) {
  return low <= function.highest && high >= function.lowest;
}

// Each order's amount and commission are rounded to the cent: that much the limits forgive, for the bound's sake.
double rounding_slack(const Problem& problem) { return 0.01 * static_cast<double>(problem.program.names.size() + 1); }

// Dollars by which limits are wider than they are.
double slack_of(const Problem& problem, Serves serves) {
  switch (serves) {
    case Serves::bound:
      return rounding_slack(problem);
    case Serves::plan:
      return 0.0;
    case Serves::plan_inside:
      return -std::min(rounding_slack(problem), 0.02 + 2e-7 * problem.scale);
  }
  return 0.0;
}

// The largest net gain that the budgets leave to the orders of a cell.
double net_most(const Problem& problem, const tax::TaxCell& cell, double slack) {
  const Limits& limits = problem.limits;
  double most =
      limits.gain_max < none ? problem.terms.short_before + problem.terms.long_before + limits.gain_max + slack : none;
  if (limits.tax_due_max) most = std::min(most, tax::net_within(cell, *limits.tax_due_max + slack));
  return most;
}

std::vector<tax::TaxCell> reachable_cells(const Problem& problem, const Reach& reach) {
  if (!problem.terms.taxable) return {tax::TaxCell{}};
  const double s0 = problem.terms.short_before;
  const double l0 = problem.terms.long_before;
  std::vector<tax::TaxCell> cells;
  for (const tax::TaxCell& cell : tax::cells_of_tax(problem.terms.rates)) {
    if (meets(cell.on_short, s0 + reach.short_low, s0 + reach.short_high) &&
        meets(cell.on_long, l0 + reach.long_low, l0 + reach.long_high) &&
        meets(
            cell.on_net, s0 + l0 + reach.short_low + reach.long_low,
            std::min(net_most(problem, cell, rounding_slack(problem)), s0 + l0 + reach.short_high + reach.long_high))) {
      cells.push_back(cell);
    }
  }
  return cells;
}

void set_start(Problem& problem) {
  numerics::Program& program = problem.program;
  const objective::Terms& terms = problem.terms;
  const bool invested = terms.investable > 0.0 && terms.risk_aversion > 0.0;
  program.factors = invested ? terms.factors : 0;
  program.stride = numerics::padded(program.factors);
  program.risk_aversion = invested ? terms.risk_aversion : 1.0;
  program.factor_start.assign(static_cast<std::size_t>(program.stride), 0.0);
  program.loadings.clear();
  program.loadings.reserve(static_cast<std::size_t>(program.stride) * program.names.size());
  std::vector<int> name_of_line(terms.lines.size(), -1);
  for (std::size_t n = 0; n < program.names.size(); ++n) {
    const auto line = static_cast<std::size_t>(problem.line_of_name[n]);
    const auto loadings = terms.lines[line].loadings.begin();
    program.loadings.insert(program.loadings.end(), loadings, loadings + program.factors);
    program.loadings.resize((n + 1) * static_cast<std::size_t>(program.stride), 0.0);
    name_of_line[line] = static_cast<int>(n);
  }
  // The rows price T itself; the objective counts its change.
  problem.constant = terms.taxable ? -terms.tax_weight * objective::year_tax(terms, 0.0, 0.0) / problem.scale : 0.0;
  if (terms.investable <= 0.0) return;
  for (std::size_t l = 0; l < terms.lines.size(); ++l) {
    const objective::Line& line = terms.lines[l];
    const double w = line.dollars_before / problem.scale;
    const double z = w - line.target;
    problem.constant -= objective::carry_of(line) * w;
    if (name_of_line[l] >= 0) {
      numerics::add_scaled(z, program.loadings_of(name_of_line[l]), program.factor_start.data(), program.stride);
      continue;
    }
    for (int f = 0; f < program.factors; ++f) {
      program.factor_start[static_cast<std::size_t>(f)] += line.loadings[static_cast<std::size_t>(f)] * z;
    }
    problem.constant += 0.5 * terms.risk_aversion * line.specific_variance * z * z + line.hurdle * std::max(0.0, z);
  }
}

// A row whose value is free between two ends and costs `beyond` a unit beyond them, all / scale.
numerics::Row between(double start, double low, double high, double beyond = steep) {
  numerics::Row row{.start = start, .knots = {}, .slopes = {}};
  if (low > -none) {
    row.knots.push_back(low);
    row.slopes.push_back(-beyond);
  }
  row.slopes.push_back(0.0);
  if (high < none) {
    row.knots.push_back(high);
    row.slopes.push_back(beyond);
  }
  if (row.knots.empty()) {  // every row keeps a knot; this one never bites
    row.knots.push_back(start);
    row.slopes.push_back(0.0);
  }
  return row;
}

// The cash line within its limits; beyond cash_max each dollar costs.
numerics::Row cash_row(const Problem& problem, double slack, Serves serves) {
  const objective::Terms& terms = problem.terms;
  const Limits& limits = problem.limits;
  const double scale = problem.scale;
  const bool capped = limits.line_max < none;
  const double lowest = serves == Serves::bound ? limits.line_min - limits.fund_costs : limits.line_min;
  numerics::Row row =
      between(terms.cash_line_before / scale, lowest / scale - slack, capped ? limits.line_max / scale + slack : none);
  const double least = row.knots.front();
  const double dear = std::max(terms.cash_max, least);
  if (terms.investable <= 0.0 || (capped && dear >= row.knots.back())) return row;
  row.knots.insert(row.knots.begin() + 1, dear);
  row.slopes.insert(row.slopes.begin() + 2, objective::cash_price);
  row.value_at_first_knot = objective::cash_price * std::max(0.0, least - terms.cash_max);
  return row;
}

// A convex function of a gain row as a row of the program: its own slopes times `weight`, steep beyond its ends.
numerics::Row gain_row(const tax::CellFunction& function, double start, double weight, double scale,
                       double high_limit) {
  const double low = function.lowest;
  const double high = std::min(function.highest, high_limit);
  numerics::Row row{.start = start / scale, .knots = {}, .slopes = {}};
  const auto slope_at = [&](double s) {
    double slope = 0.0;
    for (const tax::Slope& piece : function.slopes) {
      if (piece.from <= s) slope = piece.slope;
    }
    return slope * weight;
  };
  if (low > -none) {
    row.knots.push_back(low / scale);
    row.slopes.push_back(-steep);
  }
  row.slopes.push_back(slope_at(low > -none ? low : -1e290));
  for (const tax::Slope& piece : function.slopes) {
    if (piece.from > low && piece.from > -none && piece.from < high) {
      row.knots.push_back(piece.from / scale);
      row.slopes.push_back(piece.slope * weight);
    }
  }
  if (high < none) {
    row.knots.push_back(high / scale);
    row.slopes.push_back(steep);
  }
  if (row.knots.empty()) {
    row.knots.push_back(0.0);
    row.slopes.push_back(row.slopes.back());
  }
  row.value_at_first_knot = tax::value_at(function, row.knots.front() * scale) * weight / scale;
  return row;
}

// A limit on T as a limit on one weighted sum of the gains: a cell's T is convex and lies above its tangents.
numerics::Row tax_budget_row(const Problem& problem, const tax::TaxCell& cell, double slack) {
  const objective::Terms& terms = problem.terms;
  const tax::TaxSlopes& weights = problem.tax_budget_weights;
  const double due = *problem.limits.tax_due_max + slack;
  const double most = tax::gains_within(cell, due, weights);
  const double so_far = weights.on_short * terms.short_before + weights.on_long * terms.long_before;
  return between(so_far / problem.scale, -1e300, most < none ? most / problem.scale : none);
}

// Law or a restriction keeps all of it.
bool is_kept(const CheckedLine& line) {
  return std::ranges::any_of(line.sell_bars, [](const Bar& bar) { return bar.strength <= Strength::restriction; });
}

// Where sales serve a need alone they stop at it, or where sales that are forced leave the line: one smallest order or
// one step may go beyond.
void cap_what_needs_raise(Problem& problem, const CheckedUnit& unit, const CheckedAccount& account, double forced) {
  Limits& limits = problem.limits;
  if (problem.line_before >= limits.line_min) return;
  double step = 0.0;
  for (const CheckedLine& line : account.lines) {
    if (!line.held.is_positive() || is_kept(line)) continue;
    const Security& security = unit.book->security(line.security);
    step = std::max(step, value_of(security.quantity_step, *security.price).to_double());
  }
  limits.line_max =
      std::max(limits.line_min, problem.line_before + forced) + std::max(limits.trade_min.to_double(), step);
}

// What the forced sales of one name take with them, dollars.
struct ForcedSale {
  double amount = 0.0;
  double gain_short = 0.0;
  double gain_long = 0.0;
};
ForcedSale forced_sale_of(const Problem& problem, int branch_index) {
  const numerics::Program& program = problem.program;
  ForcedSale sale;
  const numerics::Branch& branch = program.branches[static_cast<std::size_t>(branch_index)];
  sale.amount = -branch.lower * problem.scale;
  for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) {
    const auto piece = static_cast<std::size_t>(p);
    double& gain = problem.term_of_piece[piece] == Term::long_term ? sale.gain_long : sale.gain_short;
    gain += problem.gain_of_piece[piece] * program.pieces[piece].length * problem.scale;
  }
  return sale;
}

// By name: the branch of the first offer that sells, -1 where there is none. Empty where nothing is forced.
std::vector<int> first_sales(const Problem& problem) {
  if (std::ranges::find(problem.must_sell, true) == problem.must_sell.end()) return {};
  std::vector<int> branches(problem.program.names.size(), -1);
  for (const numerics::Offer& offer : problem.program.offers) {
    int& branch = branches[static_cast<std::size_t>(offer.name)];
    const int first = offer.branches.begin;
    if (branch < 0 && problem.meaning[static_cast<std::size_t>(first)].kind == BranchKind::sell) branch = first;
  }
  return branches;
}

// Sales that a restriction or request forces are stronger than budgets and bands: those limits give way exactly as far
// as the forced sales go, and no further. What they bring, in dollars.
double yield_to_forced_sales(Problem& problem) {
  ForcedSale all;
  const std::vector<int> sales = first_sales(problem);
  for (std::size_t n = 0; n < problem.must_sell.size(); ++n) {
    if (!problem.must_sell[n] || sales[n] < 0) continue;
    const ForcedSale sale = forced_sale_of(problem, sales[n]);
    all.amount += sale.amount;
    all.gain_short += sale.gain_short;
    all.gain_long += sale.gain_long;
    for (const auto& [band, share] : problem.bands_of(problem.line_of_name[n])) {
      problem.bands[static_cast<std::size_t>(band)].forced_out += share * sale.amount;
    }
  }
  Limits& limits = problem.limits;
  const objective::Terms& terms = problem.terms;
  if (all.gain_short + all.gain_long > limits.gain_max) {
    limits.gain_max = all.gain_short + all.gain_long;
    problem.budget_yielded = true;
  }
  if (limits.tax_due_max && all.amount > 0.0) {
    const double due = objective::year_tax(terms, all.gain_short, all.gain_long);
    if (due > *limits.tax_due_max) {
      limits.tax_due_max = due;
      problem.budget_yielded = true;
    }
  }
  // Buying nothing keeps the turnover down, but what was bought lately counts too.
  const double turnover = std::min(limits.bought_recently, limits.sold_recently + all.amount);
  if (turnover > limits.turnover_max) {
    limits.turnover_max = turnover;
    problem.turnover_yielded = true;
  }
  for (Band& band : problem.bands) {
    if (band.price || band.start - band.forced_out >= band.min) continue;
    band.min = band.start - band.forced_out;
    band.yielded = true;
  }
  return all.amount;
}

}  // namespace

bool Relaxed::has(Strength strength) const {
  return std::find(strengths.begin(), strengths.end(), strength) != strengths.end();
}

Problem pose(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
             const PoseOptions& options) {
  Problem problem;
  problem.terms = terms_of(unit, account, progress);
  problem.scale =
      account.investable.is_positive() ? problem.terms.investable : std::max(1.0, account.value.to_double());
  problem.needs_only = options.needs_only;
  problem.limits = limits_of(unit, account, progress, problem.terms, options);
  problem.bands = bands_of(account, problem.terms, options.relaxed);
  set_band_sets(problem);
  if (problem.limits.tax_due_max) {
    problem.tax_budget_weights = tax::slopes_where_due(problem.terms.rates, *problem.limits.tax_due_max);
  }
  problem.goals = goals_of(unit, account, progress, options);
  number_rows(problem);
  add_blocks(problem, unit, account, progress, options);
  set_goals(problem, unit, account);
  set_start(problem);
  const double forced = yield_to_forced_sales(problem);
  problem.cells = reachable_cells(problem, reach_of(problem));
  const bool forced_out =
      std::find(problem.must_sell.begin(), problem.must_sell.end(), true) != problem.must_sell.end();
  if (problem.needs_only) cap_what_needs_raise(problem, unit, account, forced);
  const bool directed = std::ranges::any_of(problem.directed, &Quantity::is_positive);
  problem.forced = problem.terms.cash_line_before < problem.limits.line_min - 0.005 || forced_out || directed ||
                   any_goal_in_reach(problem);
  return problem;
}

void enter_cell(Problem& problem, const tax::TaxCell& cell, TurnoverSide side, Serves serves) {
  const objective::Terms& terms = problem.terms;
  const Limits& limits = problem.limits;
  const double scale = problem.scale;
  std::vector<numerics::Row>& rows = problem.program.rows;
  const auto row = [&rows](int index) -> numerics::Row& { return rows[static_cast<std::size_t>(index)]; };
  const double slack = slack_of(problem, serves) / scale;

  row(problem.cash_row) = cash_row(problem, slack, serves);
  if (terms.taxable) {
    row(problem.short_row) = gain_row(cell.on_short, terms.short_before, terms.tax_weight, scale, none);
    row(problem.long_row) = gain_row(cell.on_long, terms.long_before, terms.tax_weight, scale, none);
    row(problem.net_row) = gain_row(cell.on_net, terms.short_before + terms.long_before, terms.tax_weight, scale,
                                    net_most(problem, cell, slack * scale));
    if (problem.tax_budget_row >= 0) row(problem.tax_budget_row) = tax_budget_row(problem, cell, slack * scale);
  }
  if (problem.turnover_limited) {
    const bool limit_buys = side == TurnoverSide::buys;
    const bool limit_sells = side == TurnoverSide::sells;
    row(problem.buys_row) =
        between(limits.bought_recently / scale, -1e300, limit_buys ? limits.turnover_max / scale + slack : none);
    row(problem.sells_row) =
        between(limits.sold_recently / scale, -1e300, limit_sells ? limits.turnover_max / scale + slack : none);
  }
  if (problem.names_row >= 0) {
    const double most = name_unit * static_cast<double>(*limits.names_more_max);
    row(problem.names_row) = between(0.0, -1e300, most, steep / name_unit);  // a name too many costs `steep`
  }
  for (std::size_t b = 0; b < problem.bands.size(); ++b) {
    const Band& band = problem.bands[b];
    const double forgiven = band.price ? 0.0 : slack;
    row(problem.first_band_row + static_cast<int>(b)) =
        between(band.start / scale, band.min > -none ? band.min / scale - forgiven : -1e300,
                band.max < none ? band.max / scale + forgiven : none, band.price.value_or(steep));
  }
  for (const Goal& goal : problem.goals) {
    const double most = serves == Serves::bound ? goal.most_lawful : goal.most;
    row(goal.row) = goal_row(goal, most, scale, slack * scale, steep);
  }
}

}  // namespace lotwright
