#include "solution/holding_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "numerics/lanes.h"

namespace lotwright {
namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

Quantity floor_to(Quantity quantity, Quantity step) {
  return Quantity::of_count(quantity.count() / step.count() * step.count());
}

// Dollars by which `reached` misses the goal or goes beyond its most.
double missed(const Goal& goal, double reached) { return std::max({0.0, goal.aim - reached, reached - goal.most}); }

// The quantities that a branch of the name lets trade.
Lattice lattice_of(const CheckedUnit& unit, const CheckedAccount& checked, const Problem& problem, int branch_index,
                   int name) {
  const BranchMeaning meaning = problem.meaning[at(branch_index)];
  if (meaning.kind == BranchKind::hold) return {};
  const numerics::Branch& branch = problem.program.branches[at(branch_index)];
  const CheckedLine& line = checked.lines[at(problem.line_of_name[at(name)])];
  const Security& security = unit.book->security(line.security);
  Lattice lattice{.step = security.quantity_step, .least = {}, .most = {}, .whole = {}};
  const Quantity directed = problem.directed[at(name)];
  if (directed.is_positive()) {
    lattice.whole = directed;
    lattice.least = Quantity::of_count(1);  // nothing but the whole
    return lattice;
  }
  lattice.least = least_quantity_worth(problem.limits.trade_min, *security.price, lattice.step);
  if (meaning.kind == BranchKind::buy) {
    // The branch's upper end, in steps. Ten steps are ten, whatever the last bits of the division say: what that could
    // cross a cap by is far below the cent that is forgiven.
    const double dollars = branch.upper * problem.scale;
    // Not value_of: a step of a millionth of a share is worth few millionths of a dollar, or none.
    const double steps = dollars / (lattice.step.to_double() * security.price->to_double());
    if (steps >= 1.0 && steps < 9e18 / static_cast<double>(lattice.step.count())) {
      lattice.most = Quantity::of_count(static_cast<std::int64_t>(steps * (1.0 + 1e-12)) * lattice.step.count());
    }
    return lattice;
  }
  Quantity available;
  Quantity forced;
  for (int p = branch.pieces.begin; p < branch.pieces.end; ++p) {
    const Quantity saleable = checked.lots[problem.lot_of_piece[at(p)]].saleable;
    available += saleable;
    if (problem.program.pieces[at(p)].forced) forced += saleable;
  }
  available = std::min(available, line.held - line.locked);
  if (line.weight_min) {
    // Only where the limit lets less go: the way to doubles and back must not keep a sale from closing.
    const double dollars = std::max(0.0, -branch.lower * problem.scale);
    if (dollars < value_of(available, *security.price).to_double() * (1.0 - 1e-12)) {
      const double most = dollars / security.price->to_double() * static_cast<double>(Quantity::scale);
      available = std::min(available, Quantity::of_count(static_cast<std::int64_t>(most)));
    }
  }
  lattice.most = floor_to(available, lattice.step);
  if (forced > lattice.least) {
    lattice.least = floor_to(forced, lattice.step);
    if (lattice.least < forced) lattice.least += lattice.step;
  }
  const bool closes = available == line.held;
  if (closes) lattice.whole = available;
  if (problem.must_sell[at(name)] || meaning.closes) {
    if (!closes) lattice.whole = lattice.most;
    lattice.most = {};  // nothing but the whole
    lattice.least = Quantity::of_count(1);
  }
  return lattice;
}

}  // namespace

void Realized::add(Term term, double gain) {
  const bool long_term = term == Term::long_term;
  if (gain >= 0.0) (long_term ? gain_long : gain_short) += gain;
  if (gain < 0.0) (long_term ? loss_long : loss_short) -= gain;
}

void Realized::shift(const Realized& out, const Realized& in) {
  gain_short += in.gain_short - out.gain_short;
  gain_long += in.gain_long - out.gain_long;
  loss_short += in.loss_short - out.loss_short;
  loss_long += in.loss_long - out.loss_long;
}

double Realized::counted(const Goal& goal) const {
  const Realization& what = goal.realization;
  const double of_short = what.losses ? loss_short : gain_short;
  const double of_long = what.losses ? loss_long : gain_long;
  if (!what.term) return of_short + of_long;
  return *what.term == Term::short_term ? of_short : of_long;
}

HoldingPlan::HoldingPlan(const CheckedUnit& unit, const CheckedAccount& account, const Problem& problem,
                         std::vector<double> mu)
    : problem_(&problem), order_(numerics::queue_of(problem.program)) {
  const Policy& policy = unit.book->account(account.account).effective_policy;
  commission_ = policy.commission;
  commission_rate_ = fraction(policy.commission);
  ticket_cost_ = policy.ticket_cost;
  rounded_ticket_ = round_to_cent(policy.ticket_cost).to_double();
  if (problem.terms.investable > 0.0) {
    cash_max_ = problem.terms.cash_max * problem.terms.investable;
    cash_price_ = objective::cash_price / problem.scale;
  }
  if (problem.terms.taxable) year_tax_before_ = objective::year_tax(problem.terms, 0.0, 0.0);
  const numerics::Program& program = problem.program;
  facts_.reserve(program.names.size());
  for (std::size_t n = 0; n < program.names.size(); ++n) add_name(unit, account, static_cast<int>(n));
  lattices_.resize(program.branches.size());
  lots_.resize(program.pieces.size());
  for (const numerics::Offer& offer : program.offers) {
    for (int b = offer.branches.begin; b < offer.branches.end; ++b) add_branch(unit, account, b, offer.name);
  }
  plane_.net = {.from = 1.0, .to = 0.0};  // covers nothing yet
  plans_.resize(program.names.size());
  own_costs_.resize(program.names.size());
  queue_.resize(program.pieces.size());
  x_through_.resize(program.pieces.size());
  branch_prices_.resize(program.branches.size());
  start_over(mu);
}

void HoldingPlan::add_name(const CheckedUnit& unit, const CheckedAccount& account, int name) {
  const numerics::Program& program = problem_->program;
  const int line_index = problem_->line_of_name[at(name)];
  const CheckedLine& line = account.lines[at(line_index)];
  const objective::Line& terms = problem_->terms.lines[at(line_index)];
  const Price price = *unit.book->security(line.security).price;
  const double* f = program.loadings_of(name);
  facts_.push_back({.exact_price = price,
                    .price = price.to_double(),
                    .trading_cost = terms.half_spread + problem_->terms.commission,
                    .half_spread = terms.half_spread,
                    .carry = problem_->terms.investable > 0.0 ? objective::carry_of(terms) : 0.0,
                    .factor_curvature = program.risk_aversion * numerics::dot(f, f, program.stride),
                    .held = line.held,
                    .bands = problem_->bands_of(line_index)});
}

void HoldingPlan::add_branch(const CheckedUnit& unit, const CheckedAccount& account, int branch, int name) {
  lattices_[at(branch)] = lattice_of(unit, account, *problem_, branch, name);
  const numerics::Range pieces = lots_in(branch);
  for (int p = pieces.begin; p < pieces.end; ++p) {
    const std::uint32_t lot = problem_->lot_of_piece[at(p)];
    lots_[at(p)] = {.lot = lot,
                    .saleable = account.lots[lot].saleable,
                    .gain = problem_->gain_of_piece[at(p)] * facts_[at(name)].price,
                    .true_gain = problem_->true_gain_of_piece[at(p)] * facts_[at(name)].price,
                    .waiting = objective::waiting_a_share(problem_->terms, lot),
                    .length = problem_->program.pieces[at(p)].length,
                    .shares = account.lots[lot].saleable.to_double(),
                    .long_term = problem_->term_of_piece[at(p)] == Term::long_term,
                    .forced = problem_->program.pieces[at(p)].forced};
    lots_[at(p)].gain_whole = lots_[at(p)].gain * lots_[at(p)].shares;
    lots_[at(p)].waiting_whole = lots_[at(p)].waiting * lots_[at(p)].shares;
  }
}

void HoldingPlan::start_over(const std::vector<double>& mu) {
  mu_ = mu;
  const numerics::Program& program = problem_->program;
  for (std::size_t b = 0; b < program.branches.size(); ++b) {
    const numerics::Branch& branch = program.branches[b];
    branch_prices_[b] = branch.cost + numerics::price_of(program, branch.bundle, mu_);
    numerics::price_pieces(program, branch, mu_, order_);
  }
  for (std::size_t i = 0; i < order_.size(); ++i) {
    queue_[i] = lots_[at(order_[i].piece)];
    queue_[i].price = order_[i].price;
  }
  for (const numerics::Branch& branch : program.branches) {
    double sum = 0.0;
    for (int i = branch.pieces.begin; i < branch.pieces.end; ++i) x_through_[at(i)] = sum += queue_[at(i)].length;
  }
  const NamePlan hold;
  std::fill(plans_.begin(), plans_.end(), hold);
  for (std::size_t n = 0; n < plans_.size(); ++n) own_costs_[n] = own_cost(static_cast<int>(n), 0.0, 0.0);
  refresh();
}

NamePlan HoldingPlan::plan_of(int name, int branch, Quantity quantity) const {
  NamePlan plan;
  if (branch < 0 || quantity.is_zero()) return plan;
  const objective::Terms& terms = problem_->terms;
  const NameFacts& facts = facts_[at(name)];
  const bool buys = problem_->meaning[at(branch)].kind == BranchKind::buy;
  const double value = quantity.to_double() * facts.price;
  plan.branch = branch;
  plan.quantity = quantity;
  // Cash to the cent, as the orders will have it.
  const Money amount = amount_of(quantity, facts.exact_price);
  const double commission =
      commission_.is_zero() ? rounded_ticket_ : commission_of(amount, commission_, ticket_cost_).to_double();
  plan.amount = amount.to_double();
  plan.x = (buys ? value : -value) / problem_->scale;
  plan.cash = (buys ? -plan.amount : plan.amount) - commission;
  plan.trading = objective::trading_cost(terms, facts.half_spread, plan.amount);
  if (buys) {
    plan.names = facts.held.is_zero() ? 1 : 0;
    return plan;
  }
  plan.names = quantity == facts.held ? -1 : 0;
  // What rounding the order to the cent adds to the gain of a share: budgets are kept to the cent as well.
  const double rounded = terms.taxable ? (plan.amount - value) / quantity.to_double() : 0.0;
  Quantity left = quantity;
  const numerics::Range lots = lots_in(branch);
  const bool goals = !problem_->goals.empty();
  for (int i = lots.begin; i < lots.end && left.is_positive(); ++i) {
    const QueuedLot& lot = queue_[at(i)];
    const bool whole = left >= lot.saleable;
    const double taken = whole ? lot.shares : left.to_double();
    left = whole ? left - lot.saleable : Quantity();
    (lot.long_term ? plan.gain_long : plan.gain_short) += (lot.gain + rounded) * taken;
    plan.waiting += whole ? lot.waiting_whole : lot.waiting * taken;
    if (goals) plan.realized.add(term_of(lot), lot.true_gain * taken);
  }
  require(left.is_zero(), "a sale asks for more than its lots hold");
  return plan;
}

Quantity HoldingPlan::quantity_for(const Goal& goal, int name, int branch) const {
  double wanted = goal.aim - reached(goal) + plans_[at(name)].realized.counted(goal);
  Quantity quantity;
  const numerics::Range lots = lots_in(branch);
  for (int i = lots.begin; i < lots.end && wanted > 0.0; ++i) {
    const QueuedLot& lot = queue_[at(i)];
    const double a_share = goal.realization.counted(term_of(lot), lot.true_gain);
    const double shares = wanted / std::max(a_share, 1e-12);
    if (shares < lot.saleable.to_double()) {
      return quantity + Quantity::of_count(static_cast<std::int64_t>(shares * Quantity::scale) + 1);
    }
    quantity += lot.saleable;
    wanted -= a_share * lot.saleable.to_double();
  }
  return quantity;
}

double HoldingPlan::marginal_gain(int name) const {
  const NamePlan& plan = plans_[at(name)];
  if (plan.branch < 0 || plan.x > 0.0) return 0.0;
  Quantity left = plan.quantity;
  double gain = 0.0;
  const numerics::Range lots = lots_in(plan.branch);
  for (int i = lots.begin; i < lots.end && left.is_positive(); ++i) {
    gain = queue_[at(i)].gain;
    left -= std::min(left, queue_[at(i)].saleable);
  }
  return gain;
}

std::vector<LotTake> HoldingPlan::lots_of(int name) const {
  const NamePlan& plan = plans_[at(name)];
  std::vector<LotTake> takes;
  if (plan.branch < 0 || plan.x > 0.0) return takes;
  Quantity left = plan.quantity;
  const numerics::Range lots = lots_in(plan.branch);
  for (int i = lots.begin; i < lots.end && left.is_positive(); ++i) {
    const QueuedLot& lot = queue_[at(i)];
    takes.push_back({lot.lot, std::min(left, lot.saleable)});
    left -= takes.back().quantity;
  }
  return takes;
}

HoldingPlan::Sums HoldingPlan::shifted(const Sums& from, const NamePlan& out, const NamePlan& in) {
  Sums to = from;
  to.cash += in.cash - out.cash;
  to.gain_short += in.gain_short - out.gain_short;
  to.gain_long += in.gain_long - out.gain_long;
  to.names += in.names - out.names;
  (in.x >= 0.0 ? to.buys : to.sells) += in.amount;
  (out.x >= 0.0 ? to.buys : to.sells) -= out.amount;
  to.realized.shift(out.realized, in.realized);
  return to;
}

double HoldingPlan::own_cost(int name, double x, double costs) const {
  const numerics::Name& n = problem_->program.names[at(name)];
  const double z = n.start + x;
  return 0.5 * n.curvature * z * z + n.hinge_cost * std::max(0.0, z) - facts_[at(name)].carry * x +
         costs / problem_->scale;
}

double HoldingPlan::over_budget(double gain_short, double gain_long) const {
  const Limits& limits = problem_->limits;
  const double over = gain_short + gain_long - limits.gain_max;
  if (!limits.tax_due_max) return over;
  return std::max(over, objective::year_tax(problem_->terms, gain_short, gain_long) - *limits.tax_due_max);
}

HoldingPlan::Broken HoldingPlan::broken_of(const Sums& sums) const {
  const Limits& limits = problem_->limits;
  Broken broken;
  broken.cash = std::max({0.0, limits.line_min - sums.cash, sums.cash - limits.line_max});
  broken.budget = std::max(0.0, over_budget(sums.gain_short, sums.gain_long));
  broken.turnover = std::max(
      0.0, std::min(limits.bought_recently + sums.buys, limits.sold_recently + sums.sells) - limits.turnover_max);
  if (limits.names_more_max) broken.names = std::max(0, sums.names - *limits.names_more_max);
  for (const Goal& goal : problem_->goals) broken.goals += missed(goal, sums.realized.counted(goal));
  return broken;
}

double HoldingPlan::goal_cost(const Sums& sums) const {
  double total = 0.0;
  for (const Goal& goal : problem_->goals) {
    const double dollars = missed(goal, sums.realized.counted(goal));
    total += goal.slope * dollars / problem_->scale + (dollars > forgiven ? missed_at_all : 0.0);
  }
  return total;
}

// Purchases move no gains.
double HoldingPlan::tax_part(const Sums& sums) const {
  if (sums.gain_short == sums_.gain_short && sums.gain_long == sums_.gain_long) return tax_part_;
  return objective::tax_part(problem_->terms, sums.gain_short, sums.gain_long);
}

double HoldingPlan::shared_cost(const Sums& sums, double tax_part, const Broken& broken) const {
  const objective::Terms& terms = problem_->terms;
  double dollars = tax_part + penalty * (broken.cash + broken.budget + broken.turnover);
  if (terms.investable > 0.0) {
    dollars += objective::cash_price * std::max(0.0, sums.cash - terms.cash_max * terms.investable);
  }
  return dollars / problem_->scale + penalty * name_unit * broken.names + (broken.no_limit() ? 0.0 : broken_at_all) +
         goal_cost(sums);
}

double HoldingPlan::band_cost_at(std::size_t band, double value) const {
  const Band& b = problem_->bands[band];
  const double beyond = std::max({0.0, b.min - value, value - b.max});
  if (b.price) return *b.price * beyond / problem_->scale;
  return penalty * beyond / problem_->scale + (beyond > forgiven ? broken_at_all : 0.0);
}

double HoldingPlan::band_cost(int name, double dx) const {
  double total = 0.0;
  for (const auto& [b, share] : facts_[at(name)].bands) {
    const std::size_t band = at(b);
    total +=
        band_cost_at(band, band_values_[band] + share * dx * problem_->scale) - band_cost_at(band, band_values_[band]);
  }
  return total;
}

double HoldingPlan::risk_price(int name) const {
  const numerics::Program& program = problem_->program;
  return program.risk_aversion * numerics::dot(program.loadings_of(name), y_.data(), program.stride);
}

double HoldingPlan::change(int name, const NamePlan& next, double risk_price) const {
  const NamePlan& now = plans_[at(name)];
  const double dx = next.x - now.x;
  return risk_price * dx + 0.5 * facts_[at(name)].factor_curvature * dx * dx +
         own_cost(name, next.x, next.trading + next.waiting) - own_costs_[at(name)] +
         shared_cost(shifted(sums_, now, next)) - shared_cost_ + band_cost(name, dx);
}

void HoldingPlan::apply(int name, const NamePlan& next) {
  const NamePlan& now = plans_[at(name)];
  const double dx = next.x - now.x;
  numerics::add_scaled(dx, problem_->program.loadings_of(name), y_.data(), problem_->program.stride);
  for (const auto& [band, share] : facts_[at(name)].bands) band_values_[at(band)] += share * dx * problem_->scale;
  const Sums sums = shifted(sums_, now, next);
  tax_part_ = tax_part(sums);
  sums_ = sums;
  place(name, next);
  note_state();
}

void HoldingPlan::place(int name, const NamePlan& next) {
  plans_[at(name)] = next;
  own_costs_[at(name)] = own_cost(name, next.x, next.trading + next.waiting);
}

void HoldingPlan::refresh() {
  y_ = problem_->program.factor_start;
  band_values_.clear();
  for (const Band& band : problem_->bands) band_values_.push_back(band.start);
  sums_ = {.cash = problem_->terms.cash_line_before};
  const NamePlan hold;
  for (std::size_t n = 0; n < plans_.size(); ++n) {
    const NamePlan& plan = plans_[n];
    if (plan.branch < 0) continue;
    numerics::add_scaled(plan.x, problem_->program.loadings_of(static_cast<int>(n)), y_.data(),
                         problem_->program.stride);
    for (const auto& [band, share] : facts_[n].bands) band_values_[at(band)] += share * plan.x * problem_->scale;
    sums_ = shifted(sums_, hold, plan);
  }
  tax_part_ = objective::tax_part(problem_->terms, sums_.gain_short, sums_.gain_long);
  note_state();
}

// A move may bring the account back into a priced band.
bool HoldingPlan::pays_for_a_band() const {
  for (std::size_t b = 0; b < problem_->bands.size(); ++b) {
    const Band& band = problem_->bands[b];
    if (band.price && (band_values_[b] < band.min || band_values_[b] > band.max)) return true;
  }
  return false;
}

// What is asked many times of the sums as they are.
void HoldingPlan::note_state() {
  const Broken now = broken();
  Broken without_bands = now;  // these have their own cost
  without_bands.band = 0.0;
  shared_cost_ = shared_cost(sums_, tax_part_, without_bands);
  cash_cost_ = cash_cost(sums_.cash, 0.0);
  others_kept_ = now.turnover <= 0.0 && now.band <= 0.0 && now.names <= 0 && now.goals <= 0.0 && now.budget <= 0.0 &&
                 !pays_for_a_band();
  const objective::Terms& terms = problem_->terms;
  const double s = terms.short_before + sums_.gain_short;
  const double l = terms.long_before + sums_.gain_long;
  if (terms.taxable && !plane_.covers(s, l)) {
    plane_ = tax::plane_at(s, l, terms.rates);
    ++tax_piece_;
  }
}

Estimate HoldingPlan::shared_estimate(double cash, double gain_short, double gain_long) const {
  Estimate estimate;
  estimate.local = others_kept_;
  estimate.cash = cash_cost(sums_.cash + cash) - cash_cost_;
  estimate.change = estimate.cash;
  const objective::Terms& terms = problem_->terms;
  if (!terms.taxable || (gain_short == 0.0 && gain_long == 0.0)) return estimate;
  const double s = sums_.gain_short + gain_short;
  const double l = sums_.gain_long + gain_long;
  double tax = 0.0;
  if (plane_.covers(terms.short_before + s, terms.long_before + l)) {
    const double basis = terms.basis_value * terms.rates.rate_long.to_double();
    tax = terms.tax_weight *
          ((plane_.slopes.on_short - basis) * gain_short + (plane_.slopes.on_long - basis) * gain_long);
  } else {
    tax = objective::tax_part(terms, s, l) - objective::tax_part(terms, sums_.gain_short, sums_.gain_long);
    estimate.local = false;
  }
  estimate.change += tax / problem_->scale;
  const double beyond = s + l - problem_->limits.gain_max - cash_slack;
  if (beyond > 0.0) {
    // Broken at all is counted once, and where the cash line is short it is counted already.
    const bool counted = cash_broken(sums_.cash + cash, cash_slack) > forgiven;
    estimate.change += penalty * beyond / problem_->scale + (counted || beyond <= forgiven ? 0.0 : broken_at_all);
    estimate.local = false;
  }
  return estimate;
}

Estimate HoldingPlan::estimate(const Departure& departure, double risk_price) const {
  Estimate estimate = shared_estimate(departure.cash, departure.gain_short, departure.gain_long);
  const double curvature = facts_[at(departure.name)].factor_curvature;
  estimate.change += (risk_price + 0.5 * curvature * departure.x) * departure.x + departure.own;
  return estimate;
}

Departure HoldingPlan::departure(int name, int branch, Quantity quantity) const {
  const NamePlan& now = plans_[at(name)];
  Departure to{.name = name, .branch = branch, .quantity = quantity};
  to.cash = -now.cash;
  to.gain_short = -now.gain_short;
  to.gain_long = -now.gain_long;
  double x = 0.0;
  double costs = 0.0;
  if (branch >= 0) {
    const NameFacts& facts = facts_[at(name)];
    const bool buys = problem_->meaning[at(branch)].kind == BranchKind::buy;
    const double value = quantity.to_double() * facts.price;
    x = (buys ? value : -value) / problem_->scale;
    costs = value * facts.trading_cost + problem_->terms.ticket_cost + problem_->terms.order_price;
    to.cash += (buys ? -value : value) - value * commission_rate_ - rounded_ticket_;
    const numerics::Range lots = buys ? numerics::Range{} : lots_in(branch);
    Quantity left = quantity;
    for (int i = lots.begin; i < lots.end && left.is_positive(); ++i) {
      const QueuedLot& lot = queue_[at(i)];
      const bool whole = left >= lot.saleable;
      const double part = whole ? 0.0 : left.to_double();
      (lot.long_term ? to.gain_long : to.gain_short) += whole ? lot.gain_whole : lot.gain * part;
      costs += whole ? lot.waiting_whole : lot.waiting * part;
      left = Quantity::of_count(left.count() - lot.saleable.count());
    }
  }
  to.x = x - now.x;
  to.own = own_cost(name, x, costs) - own_costs_[at(name)];
  return to;
}

namespace {

// The slope of a name's cost along x, other names where they are: `at_rest` + `curvature` x, and a hinge at `kink`.
struct Slope {
  double at_rest = 0.0;
  double curvature = 0.0;
  double hinge = 0.0;
  double kink = 0.0;

  // Where the slope, `extra` added, meets zero.
  [[nodiscard]] double zero(double extra) const {
    const auto free = [&](double slope) {
      if (curvature > 0.0) return -slope / curvature;
      return slope < 0.0 ? 1e300 : (slope > 0.0 ? -1e300 : 0.0);
    };
    const double below = free(at_rest + extra);
    if (hinge == 0.0 || below <= kink) return below;
    return std::max(kink, free(at_rest + extra + hinge));
  }
};

}  // namespace

double HoldingPlan::optimum(int name, int branch, double risk_price) const {
  const numerics::Name& own = problem_->program.names[at(name)];
  const numerics::Branch& shape = problem_->program.branches[at(branch)];
  const double factors = facts_[at(name)].factor_curvature;
  const Slope slope{
      .at_rest = risk_price - factors * plans_[at(name)].x + own.curvature * own.start + branch_prices_[at(branch)],
      .curvature = own.curvature + factors,
      .hinge = own.hinge_cost,
      .kink = -own.start};
  if (shape.upper > 0.0) return std::clamp(slope.zero(0.0), shape.lower, shape.upper);
  // Lot after lot, as long as giving up more of the position pays: prices rise from lot to lot, forced ones come first.
  const auto best = [&](int i) { return -slope.zero(-queue_[at(i)].price); };
  int low = shape.pieces.begin;
  for (int high = shape.pieces.end; low < high;) {
    const int middle = low + (high - low) / 2;
    const bool pays = queue_[at(middle)].forced || !(best(middle) < x_through_[at(middle)]);
    (pays ? low : high) = pays ? middle + 1 : middle;
  }
  double amount = low == shape.pieces.begin ? 0.0 : x_through_[at(low - 1)];
  if (low < shape.pieces.end) amount = std::max(amount, best(low));
  return std::clamp(amount, -shape.upper, -shape.lower);
}

HoldingPlan::Steps HoldingPlan::kept(int name, int branch, double wanted) const {
  const NamePlan& now = plans_[at(name)];
  const NameFacts& facts = facts_[at(name)];
  const Limits& limits = problem_->limits;
  const bool buys = problem_->meaning[at(branch)].kind == BranchKind::buy;
  const double step = lattice(branch).step.to_double() * facts.price;  // dollars
  double least = 0.0;
  double most = 1e300;  // dollars
  const auto up_to = [&most](double dollars) { most = std::min(most, dollars); };
  const auto from = [&least](double dollars) { least = std::max(least, dollars); };
  // What it pays or brings in, its cost taken off: whole cents, and what is worth up to half a cent more is as many.
  const double cash = sums_.cash - now.cash - rounded_ticket_ - (commission_rate_ > 0.0 ? forgiven : 0.0);
  const double in_line = 1.0 + (buys ? commission_rate_ : -commission_rate_);
  const double half_cent = 0.999 * forgiven;
  const auto cents_up = [&](double dollars) { return std::ceil(dollars * 100.0 - 1e-4) / 100.0 - half_cent; };
  const auto cents_down = [&](double dollars) { return std::floor(dollars * 100.0 + 1e-4) / 100.0 + half_cent; };
  up_to(cents_down((buys ? cash - limits.line_min : limits.line_max - cash) / in_line));
  from(cents_up((buys ? cash - limits.line_max : limits.line_min - cash) / in_line));
  const double bought = limits.bought_recently + sums_.buys - (now.x >= 0.0 ? now.amount : 0.0);
  const double sold = limits.sold_recently + sums_.sells - (now.x >= 0.0 ? 0.0 : now.amount);
  if ((buys ? sold : bought) > limits.turnover_max) up_to(cents_down(limits.turnover_max - (buys ? bought : sold)));
  for (const auto& [b, share] : facts_[at(name)].bands) {
    const Band& band = problem_->bands[at(b)];
    if (band.price) continue;
    const double others = band_values_[at(b)] - share * now.x * problem_->scale;
    up_to((buys ? band.max - others : others - band.min) / share);
    from((buys ? band.min - others : others - band.max) / share);
  }
  Steps steps{.least = least / step, .most = most / step};
  if (!buys) steps.most = std::min(steps.most, steps_within_budgets(name, branch, std::min(wanted, steps.most)));
  return steps;
}

double HoldingPlan::steps_within_budgets(int name, int branch, double wanted) const {
  const Limits& limits = problem_->limits;
  if (limits.gain_max >= 1e299 && !limits.tax_due_max) return 1e300;
  const NamePlan& now = plans_[at(name)];
  const double step = lattice(branch).step.to_double();
  double gain_short = sums_.gain_short - now.gain_short;
  double gain_long = sums_.gain_long - now.gain_long;
  double within = 0.0;  // shares
  double shares = 0.0;
  const numerics::Range lots = lots_in(branch);
  for (int i = lots.begin; i < lots.end && shares < wanted * step; ++i) {
    const QueuedLot& lot = queue_[at(i)];
    const double taken = std::min(lot.saleable.to_double(), wanted * step - shares);
    const auto over = [&](double part) {
      const double gain = lot.gain * part;
      return over_budget(gain_short + (lot.long_term ? 0.0 : gain), gain_long + (lot.long_term ? gain : 0.0));
    };
    if (over(taken) <= 0.0) {
      within = shares + taken;
    } else if (over(0.0) <= 0.0) {
      // T has corners: halving finds where a budget is met, to less than any step.
      double low = 0.0;
      double high = taken;
      for (int half = 0; half < 50; ++half) {
        const double middle = 0.5 * (low + high);
        (over(middle) <= 0.0 ? low : high) = middle;
      }
      within = shares + low;
    }
    (lot.long_term ? gain_long : gain_short) += lot.gain * taken;
    shares += taken;
  }
  return within / step;
}

HoldingPlan::Broken HoldingPlan::broken() const {
  Broken broken = broken_of(sums_);
  for (std::size_t b = 0; b < problem_->bands.size(); ++b) {
    const Band& band = problem_->bands[b];
    if (band.price) continue;
    broken.band = std::max({broken.band, band.min - band_values_[b], band_values_[b] - band.max});
  }
  return broken;
}

double HoldingPlan::cost() const {
  double total = problem_->constant + shared_cost_ +
                 0.5 * problem_->program.risk_aversion * numerics::dot(y_.data(), y_.data(), problem_->program.stride);
  for (const double own : own_costs_) total += own;
  for (std::size_t b = 0; b < problem_->bands.size(); ++b) total += band_cost_at(b, band_values_[b]);
  // The constant holds -T(before) for the dual's rows; the plan's tax term is a change already.
  if (problem_->terms.taxable) {
    total += problem_->terms.tax_weight * year_tax_before_ / problem_->scale;
  }
  return total;
}

bool HoldingPlan::trades() const {
  return std::any_of(plans_.begin(), plans_.end(), [](const NamePlan& plan) { return plan.branch >= 0; });
}

}  // namespace lotwright
