#include "solution/attempt.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "base/defect.h"
#include "problem/shadow_prices.h"
#include "solution/search.h"

namespace lotwright {
namespace {

using numerics::Ascent;
using numerics::BlockChoice;
using numerics::Multipliers;

constexpr double infinity = std::numeric_limits<double>::infinity();

// Proven this near (0.01 of a basis point of account value) is proven: no more effort goes there. Accounts of few names
// are cheap and go on to a fiftieth of that.
constexpr double close_enough_of_many = 1e-6;
constexpr double close_enough_of_few = 2e-8;
constexpr std::size_t few_names_max = 40;

// The climb before rounding goes on until limits are kept to a fraction of a cent.
constexpr double exact_tolerance = 1e-13;

// Beside the cents that orders are rounded to, bound and cost differ by the order in which they are summed.
constexpr double proof_tolerance = 1e-9;

// Dollars: limits broken by no more were broken by rounding.
constexpr double broken_by_cents = 5.0;

// A plan this far from the bound of a region whose modes are all decided (half a basis point).
constexpr double lost_way = 5e-5;

// A row price at which lots that a goal counts are sold before all others.
constexpr double eager_price = -10.0;

// So many regions have to narrow the gap by this part of it, or no more are looked at.
constexpr int nodes_between_looks = 24;
constexpr double least_progress = 0.02;

// Accounts of so few names search every region as deep as the search goes: their shares are coarse, and it is cheap.
constexpr std::size_t deep_names_max = 12;

// A part of the account's possibilities: one convex cell of T, one side of the turnover limit, some blocks held to a
// mode.
struct Region {
  const tax::TaxCell* cell = nullptr;
  TurnoverSide side = TurnoverSide::unlimited;
  std::vector<int> modes;  // by block; -1: free
  Multipliers multipliers;
  double bound = -infinity;  // of the objective / scale, over the region
  // Of the region with the modes that its bound leans to fixed: between the two lies what dividing it can bring, the
  // rest of the gap is whole shares. Infinite where it was not searched.
  double fixed_bound = infinity;
  int undecided = -1;  // the block to divide it on; -1: none
};

// Best-first branch and bound over regions: each is bounded by the dual and searched from the dual's choices; the
// region with the lowest bound is divided until it is no better than the best plan, or the effort is spent. What is
// left open bounds the whole.
class Solver {
 public:
  Solver(Attempt& attempt, const CheckedUnit& unit, const CheckedAccount& account, const Effort& effort)
      : attempt_(attempt),
        problem_(attempt.problem),
        unit_(unit),
        account_(account),
        effort_(effort),
        close_enough_(problem_.program.names.size() <= few_names_max ? close_enough_of_few : close_enough_of_many),
        any_mode_(problem_.program.blocks.size(), -1),
        climber_(problem_.program) {}

  void solve(double improvement_min) {
    if (!problem_.forced) start_with_hold();
    if (const auto start = nearest_start(); start && proven_quiet(*start, improvement_min)) return;
    for (const tax::TaxCell& cell : problem_.cells) open_cell(cell);
    const double names = static_cast<double>(problem_.program.names.size());
    int nodes_left =
        static_cast<int>(std::clamp(effort_.branch_work_max / (names + 1.0), 0.0, effort_.branch_nodes_max));
    double gap = infinity;
    for (int looked = 0; nodes_left > 0 && worth_dividing();) {
      if (looked >= nodes_between_looks) {
        // Where dividing brings nothing for long it brings nothing.
        const bool keeps_limits = attempt_.plan && attempt_.plan->broken().none();
        if (keeps_limits && best_cost_ - proven() > gap * (1.0 - least_progress)) break;
        looked = 0;
      }
      if (looked == 0) gap = best_cost_ - proven();
      Region region = std::move(open_.front());
      open_.erase(open_.begin());
      const int made = divide(region);
      nodes_left -= made;
      looked += made;
    }
    polish();
    price_budgets();
    attempt_.broken = attempt_.plan->broken();
    const double bound = proven();
    const double cost = attempt_.plan->cost();
    // Rounding to the cent may make an order cheaper than the bound knows, by at most half a cent and its tax.
    const double cents = cent.to_double() * static_cast<double>(problem_.program.names.size() + 1) / problem_.scale;
    require(!attempt_.broken.none() || bound <= cost + cents + proof_tolerance * std::max(1.0, std::fabs(cost)),
            "the plan costs less than its bound");
    attempt_.bound = std::min(bound, cost) * problem_.scale;
    attempt_.shadow_prices = shadow_prices(problem_, plan_at_.row.empty() ? last_ : plan_at_);
  }

 private:
  void start_with_hold() {
    attempt_.plan.emplace(unit_, account_, problem_, std::vector<double>(problem_.program.rows.size(), 0.0));
    best_cost_ = attempt_.plan->cost();
  }

  // Where the account's shadow prices are known: what proves most of them, of them with the factor prices of the
  // holdings as they are (where an account that stayed quiet ended), and of a start without them. The search begins
  // there where that proves more: prices of another portfolio, or nonsense, do no harm.
  std::optional<Multipliers> nearest_start() {
    const auto known = multipliers(problem_, unit_.book->account(account_.account).shadow_prices);
    if (!known) return std::nullopt;
    const auto lies_in = [this](const tax::TaxCell& cell) { return attempt_.plan && ends_in(cell, 0.0); };
    const auto home = std::ranges::find_if(problem_.cells, lies_in);
    enter_cell(problem_, home == problem_.cells.end() ? problem_.cells.front() : *home, TurnoverSide::unlimited);
    numerics::Dual& dual = climber_.dual();
    Multipliers nearest = numerics::resting_multipliers(problem_.program);
    const double cold = dual.bound(nearest, any_mode_);
    double most = cold;
    for (const Multipliers& at : {Multipliers{nearest.factor, known->row}, *known}) {
      const double bound = dual.bound(at, any_mode_);
      if (!(bound > most)) continue;
      most = bound;
      nearest = at;
    }
    if (most > cold) last_ = nearest;
    return nearest;
  }

  // Do these prices, or those a step on, prove in every cell that no orders improve by `least` dollars? Then a search
  // could end with nothing better than to hold, and is not begun.
  bool proven_quiet(const Multipliers& at, double least) {
    const bool may_hold = attempt_.plan && attempt_.plan->broken().none() && problem_.goals.empty();
    if (!may_hold || account_.liquidating || least <= 0.0) return false;
    const double enough = best_cost_ - least / problem_.scale + close_enough_ - problem_.constant;
    const numerics::AscentLimits steps{
        .iterations_max = effort_.quiet_steps_max, .start = numerics::Start::near, .enough = enough};
    double bound = best_cost_;
    Multipliers home = at;
    for (const tax::TaxCell& cell : problem_.cells) {
      enter_cell(problem_, cell, TurnoverSide::unlimited);
      const Ascent& proof = climber_.ascend(at, any_mode_, steps);
      if (!(proof.bound >= enough)) {
        last_ = proof.multipliers;  // the search goes on from here
        return false;
      }
      bound = std::min(bound, proof.bound + problem_.constant);
      if (ends_in(cell, 0.0)) home = proof.multipliers;
    }
    hold_at(home, bound);
    return true;
  }

  void hold_at(const Multipliers& prices, double bound) {
    attempt_.plan.emplace(unit_, account_, problem_, prices.row);
    attempt_.cash_price = prices.row[static_cast<std::size_t>(problem_.cash_row)];
    attempt_.bound = bound * problem_.scale;
    attempt_.shadow_prices = shadow_prices(problem_, prices);
    attempt_.proven_quiet = true;
    last_ = prices;
    price_budgets();
  }

  void open_cell(const tax::TaxCell& cell) {
    Region region{
        .cell = &cell, .side = TurnoverSide::unlimited, .modes = any_mode_, .multipliers = last_, .bound = -infinity};
    bound_region(region, effort_.newton_iterations_max);
    if (!searched_beyond_turnover(region)) {
      keep(std::move(region));
      return;
    }
    // The limit binds: it is kept on the side of the buys or on the side of the sells.
    for (const TurnoverSide side : {TurnoverSide::buys, TurnoverSide::sells}) {
      Region half{
          .cell = &cell, .side = side, .modes = region.modes, .multipliers = region.multipliers, .bound = region.bound};
      bound_region(half, effort_.newton_iterations_max);
      search_region(half);
      keep(std::move(half));
    }
  }

  // Searches an unlimited region; true where its plan would break the turnover limit.
  bool searched_beyond_turnover(Region& region) {
    if (region.bound >= best_cost_ - close_enough_) return false;
    if (rounded(region).broken().turnover > 0.0) return true;
    finish(region);
    return false;
  }

  void bound_region(Region& region, int iterations_max) {
    enter_cell(problem_, *region.cell, region.side);
    const bool known = !region.multipliers.row.empty();
    if (!known) region.multipliers = numerics::resting_multipliers(problem_.program);
    const numerics::Start start = !known     ? numerics::Start::anywhere
                                  : climbed_ ? numerics::Start::here
                                             : numerics::Start::near;
    climbed_ = true;
    const numerics::AscentLimits limits{.iterations_max = iterations_max,
                                        .tolerance = 0.1 * close_enough_,
                                        .start = start,
                                        .enough = best_cost_ - close_enough_ - problem_.constant};
    const Ascent& ascent = climber_.ascend(region.multipliers, region.modes, limits);
    region.bound = std::max(region.bound, ascent.bound + problem_.constant);
    region.multipliers = ascent.multipliers;
    region.undecided = climber_.dual().most_undecided(region.modes);
    last_ = ascent.multipliers;
  }

  // Right after the region was bounded: the modes that the dual leans to, fixed. The program is convex then, its
  // solution keeps the rows that the free choices may break. Rounded to whole steps, not yet searched. Where rounding
  // broke a limit by cents, it is climbed once more to a little inside the limits.
  HoldingPlan& rounded(Region& region) {
    climber_.dual().lean(region.modes, fixed_);
    for (std::size_t b = 0; b < fixed_.size(); ++b) {
      if (problem_.bound_only[static_cast<std::size_t>(fixed_[b])]) fixed_[b] = mode_of_orders(b);
    }
    HoldingPlan& plan = rounded_at(region, Serves::plan);
    const HoldingPlan::Broken broken = plan.broken();
    if (!broken.no_limit() && std::max({broken.cash, broken.budget, broken.turnover, broken.band}) < broken_by_cents) {
      HoldingPlan first = plan;
      if (!(rounded_at(region, Serves::plan_inside).cost() < first.cost())) plan = std::move(first);
    }
    return plan;
  }

  // Instead of a mode that only serves the bound: to hold comes of -1, but a line that is driven out may not.
  [[nodiscard]] int mode_of_orders(std::size_t block) const {
    const numerics::Program& program = problem_.program;
    const numerics::Range modes = program.blocks[block].modes;
    for (int m = modes.begin; m < modes.end; ++m) {
      if (problem_.bound_only[static_cast<std::size_t>(m)]) continue;
      const numerics::Range offers = program.modes[static_cast<std::size_t>(m)].offers;
      for (int o = offers.begin; o < offers.end; ++o) {
        const int name = program.offers[static_cast<std::size_t>(o)].name;
        if (problem_.is_fixed(name)) return m;
      }
    }
    return -1;
  }

  HoldingPlan& rounded_at(Region& region, Serves serves) {
    enter_cell(problem_, *region.cell, region.side, serves);
    const numerics::AscentLimits exact{
        .iterations_max = effort_.newton_iterations_max, .tolerance = exact_tolerance, .start = numerics::Start::here};
    const Ascent& settled = climber_.ascend(region.multipliers, fixed_, exact);
    if (serves == Serves::plan) region.fixed_bound = settled.bound + problem_.constant;
    climber_.dual().choose(settled.multipliers, fixed_, choices_);
    HoldingPlan& plan = start_trial(settled.multipliers.row);
    round_choices(plan, choices_);
    return plan;
  }

  // The plan that is worked on, holding everything.
  HoldingPlan& start_trial(const std::vector<double>& row_prices) {
    if (trial_) {
      trial_->start_over(row_prices);
    } else if (attempt_.plan) {
      trial_.emplace(*attempt_.plan);
      trial_->start_over(row_prices);
    } else {
      trial_.emplace(unit_, account_, problem_, row_prices);
    }
    return *trial_;
  }

  // The trial is the plan from now on.
  void take_trial() {
    if (attempt_.plan) {
      std::swap(*attempt_.plan, *trial_);
    } else {
      attempt_.plan = std::move(trial_);
      trial_.reset();
    }
  }

  void search_region(Region& region) {
    if (region.bound >= best_cost_ - close_enough_) return;
    rounded(region);
    finish(region);
  }

  // The best plan once more, with all the search there is.
  void polish() {
    const double enough = proven() + close_enough_;
    improve(*attempt_.plan, enough, effort_.search_rounds_max, Depth::all, memory_);
    if (problem_.goals.empty()) return;
    for (const double price : {eager_price, 0.0}) polish_at(price, enough);
  }

  // A sale takes its lots in the order that the row prices make cheapest. Whole shares of few lots may want another
  // order than the goal's own price gives: the lots that count first, or as if there were no goal.
  void polish_at(double price, double enough) {
    std::vector<double> prices = attempt_.plan->row_prices();
    for (const Goal& goal : problem_.goals) prices[static_cast<std::size_t>(goal.row)] = price;
    HoldingPlan& plan = start_trial(prices);
    for (int name = 0; name < static_cast<int>(problem_.program.names.size()); ++name) {
      const NamePlan& now = attempt_.plan->current(name);
      plan.apply(name, plan.plan_of(name, now.branch, now.quantity));
    }
    improve(plan, enough, effort_.search_rounds_max, Depth::all, memory_);
    if (plan.cost() < attempt_.plan->cost()) take_trial();
  }

  // Searches the trial.
  void finish(const Region& region) {
    HoldingPlan& plan = *trial_;
    const bool small = problem_.program.names.size() <= deep_names_max;
    improve(plan, region.bound + close_enough_, effort_.search_rounds_max, small ? Depth::all : Depth::singles,
            memory_);
    const double cost = plan.cost();
    if (attempt_.plan && cost >= best_cost_) return;
    best_cost_ = cost;
    plan_at_ = region.multipliers;
    attempt_.cash_price = plan.row_prices()[static_cast<std::size_t>(problem_.cash_row)];
    take_trial();
  }

  void price_budgets() {
    const objective::Terms& terms = problem_.terms;
    const Limits& limits = problem_.limits;
    if (!terms.taxable) return;
    const double gain_short = attempt_.plan->gain_short();
    const double gain_long = attempt_.plan->gain_long();
    if (gain_short + gain_long > limits.gain_max - price_step()) {
      attempt_.gain_budget_price = price_of_more([](Limits& more, double dollars) { more.gain_max += dollars; });
    }
    if (!limits.tax_due_max) return;
    if (objective::year_tax(terms, gain_short, gain_long) > *limits.tax_due_max - price_step()) {
      attempt_.tax_budget_price = price_of_more([](Limits& more, double dollars) { *more.tax_due_max += dollars; });
    }
  }

  // Dollars by which a budget is widened to price it: where more than these are left of it, more of it is of no use.
  [[nodiscard]] double price_step() const { return 1e-4 * problem_.scale; }

  // What the dual falls by per dollar that a limit is wider, every price as it is (the envelope theorem): the most of
  // the cells that the plan ends in, since more of a budget may lead on into any of them.
  template <class Widen>
  double price_of_more(Widen widen) {
    const double dollars = price_step();
    const numerics::AscentLimits to_the_end{
        .iterations_max = effort_.newton_iterations_max, .start = numerics::Start::near, .enough = infinity};
    const Limits limits = problem_.limits;
    double price = 0.0;
    for (const tax::TaxCell& cell : problem_.cells) {
      if (!ends_in(cell, dollars)) continue;
      enter_cell(problem_, cell, TurnoverSide::unlimited);
      const Multipliers& at = climber_.ascend(last_, any_mode_, to_the_end).multipliers;
      const double before = rows_at(at);
      widen(problem_.limits, dollars);
      enter_cell(problem_, cell, TurnoverSide::unlimited);
      price = std::max(price, (before - rows_at(at)) * problem_.scale / dollars);
      problem_.limits = limits;
    }
    return price;
  }

  // What the rows give to the dual at these prices.
  double rows_at(const Multipliers& at) const {
    double sum = 0.0;
    for (std::size_t r = 0; r < problem_.program.rows.size(); ++r) {
      const numerics::Row& row = problem_.program.rows[r];
      sum += numerics::priced_minimum(row, std::clamp(at.row[r], row.slopes.front(), row.slopes.back()));
    }
    return sum;
  }

  // Does the plan leave the year in the cell, or on its edge to within `near` dollars?
  [[nodiscard]] bool ends_in(const tax::TaxCell& cell, double near) const {
    const double s = problem_.terms.short_before + attempt_.plan->gain_short();
    const double l = problem_.terms.long_before + attempt_.plan->gain_long();
    const auto within = [near](const tax::CellFunction& of, double x) {
      return x >= of.lowest - near && x <= of.highest + near;
    };
    return within(cell.on_short, s) && within(cell.on_long, l) && within(cell.on_net, s + l);
  }

  // Open regions stay sorted by bound; those no better than the best plan are closed.
  void keep(Region region) {
    if (plan_at_.row.empty() && ends_in(*region.cell, 0.0)) plan_at_ = region.multipliers;
    if (region.bound >= best_cost_ - close_enough_) {
      closed_ = std::min(closed_, region.bound);
      return;
    }
    const auto place = std::upper_bound(open_.begin(), open_.end(), region.bound,
                                        [](double bound, const Region& other) { return bound < other.bound; });
    open_.insert(place, std::move(region));
  }

  // The least bound of all regions: no orders cost less.
  [[nodiscard]] double proven() const { return open_.empty() ? closed_ : std::min(closed_, open_.front().bound); }

  [[nodiscard]] bool worth_dividing() const {
    if (open_.empty()) return false;
    const Region& lowest = open_.front();
    const double least = effort_.branch_gap_min * 1e-4;
    const bool lost = lowest.bound < best_cost_ - lost_way && lowest.undecided < 0;
    return lowest.bound < best_cost_ - least && (lowest.bound < lowest.fixed_bound - least || lost);
  }

  // Where the dual is decided and the plan is still far away, it was rounding that lost the way: the block whose two
  // cheapest modes are nearest to a tie; -1 where all are fixed or the plan is near.
  int lost_at(const Region& region) {
    if (region.bound >= best_cost_ - lost_way) return -1;
    climber_.dual().choose(region.multipliers, region.modes, choices_);
    int block = -1;
    double least = infinity;
    for (std::size_t b = 0; b < choices_.size(); ++b) {
      if (choices_[b].margin >= least) continue;
      least = choices_[b].margin;
      block = static_cast<int>(b);
    }
    return block;
  }

  // Splits a region on the block whose modes share the largest move; returns the regions made.
  int divide(const Region& region) {
    const int divided = region.undecided >= 0 ? region.undecided : lost_at(region);
    if (divided < 0) {  // every block takes one mode alone: the rest of the gap is whole shares
      closed_ = std::min(closed_, region.bound);
      return 1;
    }
    const auto block = static_cast<std::size_t>(divided);
    const numerics::Range modes = problem_.program.blocks[block].modes;
    for (int mode = modes.begin; mode < modes.end; ++mode) {
      Region part = region;
      part.fixed_bound = infinity;
      part.modes[block] = mode;
      bound_region(part, effort_.newton_iterations_max / 3);  // its parent's prices are near
      search_region(part);
      keep(std::move(part));
    }
    return modes.size();
  }

  Attempt& attempt_;
  Problem& problem_;
  const CheckedUnit& unit_;
  const CheckedAccount& account_;
  const Effort& effort_;
  const double close_enough_;
  const numerics::Modes any_mode_;
  numerics::Climber climber_;
  bool climbed_ = false;
  numerics::Modes fixed_;
  std::vector<BlockChoice> choices_;  // the dual's, of the region at hand
  SearchMemory memory_;
  std::optional<HoldingPlan> trial_;
  std::vector<Region> open_;  // sorted by bound
  double closed_ = infinity;  // least bound of the regions closed
  double best_cost_ = infinity;
  Multipliers plan_at_;  // of the region that the best plan came from, or where it is to hold lies in; may be empty
  Multipliers last_;     // of the region bounded last: where the next one starts
};

}  // namespace

std::unique_ptr<Attempt> attempt(const CheckedUnit& unit, const CheckedAccount& account,
                                 const tax::UnitProgress& progress, const PoseOptions& options, const Effort& effort,
                                 double improvement_min) {
  auto result = std::make_unique<Attempt>();
  result->problem = pose(unit, account, progress, options);
  Solver(*result, unit, account, effort).solve(improvement_min);
  return result;
}

}  // namespace lotwright
