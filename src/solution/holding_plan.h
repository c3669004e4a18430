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

class HoldingPlan {
 public:
  // A dollar of a broken limit outweighs anything a dollar of trade could gain; and a limit broken at all, by more than
  // half a cent, outweighs everything, / scale.
  static constexpr double penalty = 100.0;
  static constexpr double broken_at_all = 1e4;
  static constexpr double forgiven = 0.005;
  // A goal that is missed at all: goals are weaker (problem/goals.cc).
  static constexpr double missed_at_all = 1.0;

  // Holds everything. `mu`: row prices; sales take the lots in the order these make cheapest. `problem` must not move.
  HoldingPlan(const CheckedUnit& unit, const CheckedAccount& account, const Problem& problem, std::vector<double> mu);

  // Holds everything again, at other row prices: what a new plan costs beyond them is paid once.
  void start_over(const std::vector<double>& mu);

  // The plan of trading `quantity` through `branch`.
  [[nodiscard]] NamePlan plan_of(int name, int branch, Quantity quantity) const;
  // The lots that the name's plan sells.
  [[nodiscard]] std::vector<LotTake> lots_of(int name) const;
  [[nodiscard]] const std::vector<double>& row_prices() const { return mu_; }
  [[nodiscard]] const Lattice& lattice(int branch) const { return lattices_[static_cast<std::size_t>(branch)]; }
  [[nodiscard]] const NamePlan& current(int name) const { return plans_[static_cast<std::size_t>(name)]; }

  // The change of cost if `name` went over to `next`.
  [[nodiscard]] double change(int name, const NamePlan& next) const;
  void apply(int name, const NamePlan& next);
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
    bool long_term = false;
  };
  // What a plan needs of a name, looked up once.
  struct NameFacts {
    Price exact_price;
    double price = 0.0;  // the same in dollars a share
    double half_spread = 0.0;
    double alpha = 0.0;
    double factor_curvature = 0.0;
    Quantity held;
    numerics::Range bands;  // of band_of_: those it is in
  };

  [[nodiscard]] static Sums shifted(const Sums& from, const NamePlan& out, const NamePlan& in);
  [[nodiscard]] double own_cost(int name, const NamePlan& plan) const;  // separable, / scale
  [[nodiscard]] double shared_cost(const Sums& sums) const;             // cash, tax, penalties, / scale
  [[nodiscard]] double goal_cost(const Sums& sums) const;               // penalties of goals, / scale
  [[nodiscard]] double band_cost(int name, double dx) const;            // change of band penalties
  [[nodiscard]] double band_penalty(std::size_t band, double value) const;
  [[nodiscard]] Broken broken_of(const Sums& sums) const;
  void add_name(const CheckedUnit& unit, const CheckedAccount& account, int name);
  void add_branch(const CheckedUnit& unit, const CheckedAccount& account, int branch, int name);
  [[nodiscard]] std::span<const std::size_t> bands_of(int name) const {
    const numerics::Range range = facts_[static_cast<std::size_t>(name)].bands;
    return {band_of_.data() + range.begin, static_cast<std::size_t>(range.size())};
  }
  [[nodiscard]] numerics::Range lots_in(int branch) const {
    return problem_->program.branches[static_cast<std::size_t>(branch)].pieces;
  }
  [[nodiscard]] static Term term_of(const QueuedLot& lot) { return lot.long_term ? Term::long_term : Term::short_term; }

  const Problem* problem_;
  BasisPoints commission_;
  Money ticket_cost_;
  double year_tax_before_ = 0.0;  // T(S, L), dollars
  std::vector<NameFacts> facts_;  // by name
  std::vector<std::size_t> band_of_;
  std::vector<Lattice> lattices_;  // by branch
  std::vector<QueuedLot> lots_;    // by piece of the program

  std::vector<double> mu_;
  numerics::Queue order_;            // pieces of each branch in order of sale, in the places of Program::pieces
  std::vector<QueuedLot> queue_;     // their lots
  std::vector<NamePlan> plans_;      // by name
  std::vector<double> own_costs_;    // of the plans
  std::vector<double> y_;            // F'z, stride long
  std::vector<double> band_values_;  // dollars
  Sums sums_;
  double shared_cost_ = 0.0;  // of the sums
};

}  // namespace lotwright
