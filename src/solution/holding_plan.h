// solution/holding_plan.h — a complete discrete choice for one account, in whole steps and lots, that the search
// improves move by move. Money that enters cash is exact to the cent here already; risk is in double.
//
// In:       a Problem whose cell rows are set only for the dual: the plan itself prices the whole T, not one cell.
// Out:      cost (the objective / scale, penalties for broken limits included) and the change a move would make.
// Promises: every quantity is a whole number of steps or a closing sale, and at least the trade minimum.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "numerics/branch.h"
#include "problem/problem.h"
#include "tax/tax_plane.h"

namespace lotwright {

// Quantities one branch may trade: multiples of `step` in [least, most], and `whole` (a closing or forced sale).
struct Lattice {
  Quantity step;
  Quantity least;
  Quantity most;   // < least: no multiple fits
  Quantity whole;  // zero: none
};

struct LotTake {
  std::uint32_t lot = 0;
  Quantity quantity;
};

// Gains and losses (> 0) that sales realize, by term: what goals count.
struct Realized {
  double gain_short = 0.0;
  double gain_long = 0.0;
  double loss_short = 0.0;
  double loss_long = 0.0;

  void add(Term term, double gain);
  void shift(const Realized& out, const Realized& in);
  [[nodiscard]] double counted(const Goal& goal) const;
};

// What is done with one name.
struct NamePlan {
  int branch = -1;  // -1: hold
  Quantity quantity;
  double x = 0.0;        // change of weight, of `scale`
  double cash = 0.0;     // dollars to the cash line, commission paid
  double trading = 0.0;  // dollars: spread, commission, ticket
  double waiting = 0.0;  // dollars: what the lots sold give up by not waiting
  double amount = 0.0;   // dollars traded, > 0
  double gain_short = 0.0;
  double gain_long = 0.0;
  Realized realized = {};  // filled only where there are goals
  int names = 0;           // +1 a new name, -1 one closed
};

// Another place for one name, and what going there would move: in double, to the cent and not better. It costs a tenth
// of a NamePlan; whatever looks good is priced as one.
struct Departure {
  int name = 0;
  int branch = -1;  // -1: hold
  Quantity quantity;
  std::size_t block = 0;    // of `name`; set by whoever looks at several blocks
  double x = 0.0;           // change of the name's x
  double cash = 0.0;        // of the cash line, dollars
  double gain_short = 0.0;  // of the gains realized, dollars
  double gain_long = 0.0;
  double own = 0.0;      // of what the name costs by itself, / scale
  double priced = 0.0;   // at the risk prices and the cash price of the moment, factor curvature left out; / scale
  double factors = 0.0;  // sqrt(lambda/2) |F x|
};

// What a departure would change the cost by: right but for cents and the limits of `others_kept`, and if anything
// too low. `local`: it moves with the risk price alone as long as the plan ends the year in the same piece of T.
struct Estimate {
  double change = 0.0;  // / scale
  double cash = 0.0;    // the part of it that is the cash line's
  bool local = true;
};

class HoldingPlan {
 public:
  // A dollar of a broken limit outweighs anything a dollar of trade could gain; and a limit broken at all, by more than
  // half a cent, outweighs everything, / scale.
  static constexpr double penalty = 100.0;
  static constexpr double broken_at_all = 1e4;
  static constexpr double forgiven = 0.005;
  // An order's amount and its commission are rounded to the cent: so much an estimate of two of them may be off.
  static constexpr double cash_slack = 0.02;
  // A goal that is missed at all: goals are weaker (problem/goals.cc).
  static constexpr double missed_at_all = 1.0;

  // Holds everything. `mu`: row prices; sales take the lots in the order these make cheapest. `problem` must not move.
  HoldingPlan(const CheckedUnit& unit, const CheckedAccount& account, const Problem& problem, std::vector<double> mu);

  // Holds everything again, at other row prices: what a new plan costs beyond them is paid once.
  void start_over(const std::vector<double>& mu);

  // The plan of trading `quantity` through `branch`.
  [[nodiscard]] NamePlan plan_of(int name, int branch, Quantity quantity) const;
  // Dollars of gain in the last share that the name's plan sells; 0 where it sells none.
  [[nodiscard]] double marginal_gain(int name) const;
  // The lots that the name's plan sells.
  [[nodiscard]] std::vector<LotTake> lots_of(int name) const;
  [[nodiscard]] const std::vector<double>& row_prices() const { return mu_; }
  [[nodiscard]] const Lattice& lattice(int branch) const { return lattices_[static_cast<std::size_t>(branch)]; }
  [[nodiscard]] const NamePlan& current(int name) const { return plans_[static_cast<std::size_t>(name)]; }

  // The change of cost if `name` went over to `next`.
  [[nodiscard]] double change(int name, const NamePlan& next) const { return change(name, next, risk_price(name)); }
  [[nodiscard]] double change(int name, const NamePlan& next, double risk_price) const;

  // |x| at the least cost of a branch, in fractions of a share, at the plan's row prices, every other name where it is.
  [[nodiscard]] double optimum(int name, int branch, double risk_price) const;
  // The steps of a branch that keep the limits, every other name where it is: of the cash line, the turnover, the
  // name's bands and, where it sells up to `wanted` steps, the budgets. The ends are no whole numbers; where nothing
  // keeps all limits `least` is above `most`.
  struct Steps {
    double least = 0.0;
    double most = 1e300;
  };
  [[nodiscard]] Steps kept(int name, int branch, double wanted) const;
  // What trading `quantity` through `branch` would move.
  [[nodiscard]] Departure departure(int name, int branch, Quantity quantity) const;
  // What it would change the cost by.
  [[nodiscard]] Estimate estimate(const Departure& departure, double risk_price) const;
  // The same of all that names share, for a move of the sums.
  [[nodiscard]] Estimate shared_estimate(double cash, double gain_short, double gain_long) const;
  // What the cash line costs beyond what it is free to be, / scale: a convex function, but for the jump where a limit
  // is broken at all. `slack`: dollars that are forgiven.
  [[nodiscard]] double cash_cost(double cash, double slack = cash_slack) const {
    const double broken = cash_broken(cash, slack);
    const double cost = cash > cash_max_ ? cash_price_ * (cash - cash_max_) : 0.0;
    if (broken <= 0.0) return cost;
    return cost + penalty / problem_->scale * broken + (broken > forgiven ? broken_at_all : 0.0);
  }
  [[nodiscard]] double cash_cost() const { return cash_cost_; }
  // The piece of T that the plan ends in; its number is another one whenever the piece is.
  [[nodiscard]] int tax_piece() const { return tax_piece_; }
  // No limit is broken but that of cash: then an estimate leaves out nothing that a move could mend.
  [[nodiscard]] bool others_kept() const { return others_kept_; }
  void apply(int name, const NamePlan& next);
  // The same for many names in a row: nothing else is right before the next `refresh`.
  void place(int name, const NamePlan& next);
  // Recomputes the running sums from the plans, so that rounding does not build up over many moves.
  void refresh();

  // lambda F_n . y: the risk price of one unit more of the name.
  [[nodiscard]] double risk_price(int name) const;
  // |x| of so many shares, whether or not the lots hold them.
  [[nodiscard]] double weight_of(int name, Quantity quantity) const {
    return quantity.to_double() * facts_[static_cast<std::size_t>(name)].price / problem_->scale;
  }
  // lambda |F_n|^2
  [[nodiscard]] double factor_curvature(int name) const {
    return facts_[static_cast<std::size_t>(name)].factor_curvature;
  }

  // How far the limits are broken, dollars (or names): zero for a feasible plan.
  struct Broken {
    double cash = 0.0;
    double budget = 0.0;
    double turnover = 0.0;
    double band = 0.0;
    int names = 0;
    double goals = 0.0;  // what is missing of all, and what goes beyond their most
    [[nodiscard]] bool no_limit() const {
      return cash <= forgiven && budget <= forgiven && turnover <= forgiven && band <= forgiven && names <= 0;
    }
    [[nodiscard]] bool none() const { return no_limit() && goals <= forgiven; }
  };
  [[nodiscard]] Broken broken() const;
  [[nodiscard]] double cost() const;  // objective / scale + penalties

  [[nodiscard]] const Problem& problem() const { return *problem_; }
  [[nodiscard]] bool trades() const;
  [[nodiscard]] double cash_line() const { return sums_.cash; }
  [[nodiscard]] double gain_short() const { return sums_.gain_short; }  // dollars that its sales realize
  [[nodiscard]] double gain_long() const { return sums_.gain_long; }
  // Dollars that the plan realizes towards a goal.
  [[nodiscard]] double reached(const Goal& goal) const { return sums_.realized.counted(goal); }
  // The least quantity of the branch, in its order of sale, with which the goal is just met while every other name
  // stays; all of it where that is not enough, zero where the goal is met without.
  [[nodiscard]] Quantity quantity_for(const Goal& goal, int name, int branch) const;

 private:
  struct Sums {
    double cash = 0.0;  // cash line, reserve taken off, dollars
    double gain_short = 0.0;
    double gain_long = 0.0;
    double buys = 0.0;
    double sells = 0.0;
    int names = 0;
    Realized realized = {};
  };
  // A lot in the order of sale, with the gain of a share.
  struct QueuedLot {
    std::uint32_t lot = 0;
    Quantity saleable;
    double gain = 0.0;       // dollars a share, as the decision counts it
    double true_gain = 0.0;  // as goals count it
    double waiting = 0.0;    // dollars a share
    double length = 0.0;     // of x
    double price = 0.0;      // of a unit of x given up, at the row prices
    // Of all that is saleable. An account of few names has hundreds of lots in each, asked for many times.
    double shares = 0.0;
    double gain_whole = 0.0;  // dollars
    double waiting_whole = 0.0;
    bool long_term = false;
    bool forced = false;
  };
  // What a plan needs of a name, looked up once.
  struct NameFacts {
    Price exact_price;
    double price = 0.0;         // the same in dollars a share
    double trading_cost = 0.0;  // of a dollar traded, the ticket apart
    double half_spread = 0.0;
    double carry = 0.0;  // what a unit of x earns a year (objective/objective.h)
    double factor_curvature = 0.0;
    Quantity held;
    std::span<const BandShare> bands;  // those it is in
  };

  [[nodiscard]] double cash_broken(double cash, double slack) const {
    const double below = problem_->limits.line_min - slack - cash;
    const double above = cash - slack - problem_->limits.line_max;
    return below > above ? below : above;
  }
  void note_state();
  [[nodiscard]] bool pays_for_a_band() const;
  // The most steps of a sale, up to `wanted`, that keep the budgets; zero where none do.
  [[nodiscard]] double steps_within_budgets(int name, int branch, double wanted) const;
  [[nodiscard]] double over_budget(double gain_short, double gain_long) const;  // dollars
  [[nodiscard]] double tax_part(const Sums& sums) const;                        // dollars
  [[nodiscard]] static Sums shifted(const Sums& from, const NamePlan& out, const NamePlan& in);
  // Separable, / scale; `costs`: dollars of trading and waiting.
  [[nodiscard]] double own_cost(int name, double x, double costs) const;
  // Cash, tax, penalties, / scale.
  [[nodiscard]] double shared_cost(const Sums& sums, double tax_part, const Broken& broken) const;
  [[nodiscard]] double shared_cost(const Sums& sums) const {
    return shared_cost(sums, tax_part(sums), broken_of(sums));
  }
  [[nodiscard]] double goal_cost(const Sums& sums) const;     // penalties of goals, / scale
  [[nodiscard]] double band_cost(int name, double dx) const;  // change of what bands cost
  // What a band costs, / scale: its price outside it, or the penalty of a hard limit.
  [[nodiscard]] double band_cost_at(std::size_t band, double value) const;
  [[nodiscard]] Broken broken_of(const Sums& sums) const;
  void add_name(const CheckedUnit& unit, const CheckedAccount& account, int name);
  void add_branch(const CheckedUnit& unit, const CheckedAccount& account, int branch, int name);
  [[nodiscard]] numerics::Range lots_in(int branch) const {
    return problem_->program.branches[static_cast<std::size_t>(branch)].pieces;
  }
  [[nodiscard]] static Term term_of(const QueuedLot& lot) { return lot.long_term ? Term::long_term : Term::short_term; }

  const Problem* problem_;
  BasisPoints commission_;
  double commission_rate_ = 0.0;  // the same, a dollar
  double rounded_ticket_ = 0.0;   // dollars
  double cash_max_ = 1e300;       // dollars, and what one beyond it costs, / scale
  double cash_price_ = 0.0;
  Money ticket_cost_;
  double year_tax_before_ = 0.0;   // T(S, L), dollars
  std::vector<NameFacts> facts_;   // by name
  std::vector<Lattice> lattices_;  // by branch
  std::vector<QueuedLot> lots_;    // by piece of the program

  std::vector<double> mu_;
  std::vector<double> branch_prices_;  // by branch: of a unit of x, at the row prices
  numerics::Queue order_;              // pieces of each branch in order of sale, in the places of Program::pieces
  std::vector<QueuedLot> queue_;       // their lots
  std::vector<double> x_through_;      // by place in the queue: the lengths of the branch's lots up to that one
  std::vector<NamePlan> plans_;        // by name
  std::vector<double> own_costs_;      // of the plans
  std::vector<double> y_;              // F'z, stride long
  std::vector<double> band_values_;    // dollars
  Sums sums_;
  // Of the sums:
  double tax_part_ = 0.0;  // dollars
  double shared_cost_ = 0.0;
  double cash_cost_ = 0.0;
  bool others_kept_ = true;
  tax::TaxPlane plane_;
  int tax_piece_ = 0;
};

}  // namespace lotwright
