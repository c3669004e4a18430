// problem/problem.h — one checked account becomes a mathematical program whose rows and columns keep their names.
//
// In:       a CheckedAccount, what earlier accounts of the unit did, and the rules relaxed so far.
// Out:      a Problem: the formula's Terms in dollars, a numerics::Program in fractions of `scale`, and the way back
//           from names, branches, pieces and rows to lines, lots and rules.
// Promises: coefficients come from objective::Terms; a test compares the two on random points. The program never
//           forbids what the hard rules allow, so that its bound holds for every feasible set of orders; modes that
//           allow more than the rules do are marked `bound_only`.
// Refuses:  held and frozen accounts: callers do not pose them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "checks/checks.h"
#include "numerics/program.h"
#include "objective/objective.h"
#include "tax/cells.h"
#include "tax/wash_sale.h"

namespace lotwright {

// The formula's constants for one account, before its orders. Used by the solver, by `evaluate` and by reasons.
[[nodiscard]] objective::Terms terms_of(const CheckedUnit& unit, const CheckedAccount& account,
                                        const tax::UnitProgress& progress);

// The least dollars of an order that closes no position: the larger of trade_min_usd and trade_min_weight, and never
// less than a cent, of which nothing would be left by rounding.
[[nodiscard]] Money trade_min_of(const Policy& policy, Money investable);

// S and L before the orders: the year's, those of this run's earlier accounts with them. Only for accounts with a
// taxpayer.
[[nodiscard]] tax::NetGains net_gains_so_far(const Book& book, const Account& account,
                                             const tax::UnitProgress& progress);

// What gain_budget counts before the orders: short- and long-term gains realized this year by the account's taxpayer,
// those of this run's earlier accounts with them. Only for accounts with a taxpayer.
[[nodiscard]] Money realized_so_far(const Book& book, const Account& account, const tax::UnitProgress& progress);

// What a `zero_rate` request comes to once the accounts before are decided: the orders' net gain is at most `most`, and
// long-term gains of at least `least` are asked for, one step of a lot's sale less.
struct ZeroRateZone {
  Money least;
  Money most;
};
[[nodiscard]] ZeroRateZone zero_rate_zone(const CheckedUnit& unit, const CheckedAccount& account,
                                          const Realization& asked, const tax::UnitProgress& progress);

// The rules that have yielded so far. `wash` is the last resort of docs/rules.md's "wash_sale_forced".
struct Relaxed {
  std::vector<Strength> strengths;  // ascending
  bool wash = false;

  [[nodiscard]] bool has(Strength strength) const;
};

enum class BranchKind { hold, sell, buy };

// What a branch of the program stands for.
struct BranchMeaning {
  BranchKind kind = BranchKind::hold;
  bool closes = false;  // sells the whole position, and only that
};

// The limits that the search and the settlement keep, in dollars and in the account's own terms.
struct Limits {
  double line_min = 0.0;    // least cash line after the orders (reserve taken off), before funds are sold
  double fund_costs = 0.0;  // of line_min, what selling funds takes; a bound does without
  Money line_kept;          // what cash_min asks of the line, reserve in it: at least line_min, but for what funds cost
  double line_max = 1e300;  // most, where only needs may be served
  Money trade_min = cent;   // closing orders are exempt
  double gain_max = 1e300;  // most short + long gain of these orders
  std::optional<double> tax_due_max;  // most max(0, T) after the orders
  double turnover_max = 1e300;        // dollars: the smaller of buys and sells, recent ones included
  double bought_recently = 0.0;
  double sold_recently = 0.0;
  std::optional<int> names_more_max;  // names that may be added, net of those closed
};

struct Band {
  std::vector<std::uint32_t> lines;  // indices into CheckedAccount::lines, sorted
  std::vector<double> shares;        // how much of each counts, 0..1
  double start = 0.0;                // dollars of all its lines before the orders
  double min = -1e300;               // dollars
  double max = 1e300;
  double forced_out = 0.0;           // dollars that forced sales take out of it
  bool yielded = false;              // its minimum gave way to forced sales
  std::optional<double> price = {};  // a year for each dollar outside; none: a hard limit
  Strength strength = Strength::band;
  std::string rule;
  std::string source;
};

// A band that a line is in, and how much of the line counts there.
struct BandShare {
  int band = 0;
  double share = 1.0;
};

// What a due request wants realized, as a row of the program.
struct Goal {
  Realization realization;     // what counts
  double asked = 0.0;          // dollars: the least the rules ask for, which the bound assumes
  double aim = 0.0;            // the least that orders rounded to the cent reach for certain
  double reach = 0.0;          // what selling every lot that is offered counts
  double most = 1e300;         // where only needs may be served they stop here
  double most_lawful = 1e300;  // what the rules allow then: at least `most`, for the bound
  double slope = 0.0;          // cost of a missing dollar: steep, and short of what breaking a stronger rule costs
  int row = -1;
};

// One name more or less on the row that counts names: small, so that its price is of the size of the others.
inline constexpr double name_unit = 1e-3;

struct Problem {
  objective::Terms terms;
  numerics::Program program;  // rows of cell and turnover are set by `enter_cell`
  double scale = 1.0;     // dollars of one unit: the investable value, or the whole value where that is not positive
  double constant = 0.0;  // objective of doing nothing with every name left out of the program, / scale
  // The cash line before the orders with what directed trades take from it or bring, dollars: what needs are told by.
  double line_before = 0.0;

  std::vector<int> line_of_name;            // program name -> index into CheckedAccount::lines (and Terms::lines)
  std::vector<BranchMeaning> meaning;       // by branch
  std::vector<std::uint32_t> lot_of_piece;  // program piece -> index into Account::lots
  std::vector<double> gain_of_piece;        // dollars per dollar sold, as the decision counts it
  std::vector<double> true_gain_of_piece;   // the same, losses that are no reason to sell included
  std::vector<Term> term_of_piece;
  std::vector<bool> bound_only;     // by mode: allows more than the rules do
  std::vector<bool> must_sell;      // by program name: a rule forces the position out
  std::vector<Quantity> directed;   // by program name: what is made of a directed trade; zero: there is none
  std::vector<bool> block_of_many;  // by block: several names choose together

  Limits limits;
  std::vector<Band> bands;
  std::vector<std::vector<BandShare>> band_sets;  // bands, ascending, that some lines are in together by equal shares
  std::vector<int> band_set_of_line;              // by index into CheckedAccount::lines
  std::vector<Goal> goals;
  std::vector<tax::TaxCell> cells;    // reachable ones; one without any end for untaxed accounts
  tax::TaxSlopes tax_budget_weights;  // what the tax budget's row counts of a dollar of gain
  bool turnover_limited = false;
  bool forced = false;            // doing nothing breaks a rule
  bool needs_only = false;        // only what requests and the cash band need
  bool turnover_yielded = false;  // turnover_max gave way to forced sales
  bool budget_yielded = false;    // a budget gave way to forced sales

  // Row numbers in the program; -1 where there is none.
  int cash_row = -1;
  int short_row = -1;
  int long_row = -1;
  int net_row = -1;
  int tax_budget_row = -1;
  int buys_row = -1;
  int sells_row = -1;
  int names_row = -1;
  int first_band_row = -1;  // one row for each of `bands`

  // A rule or a person says what the name trades.
  [[nodiscard]] bool is_fixed(int name) const {
    const auto n = static_cast<std::size_t>(name);
    return must_sell[n] || directed[n].is_positive();
  }
  // The bands that a line is in, ascending.
  [[nodiscard]] const std::vector<BandShare>& bands_of(int line) const {
    return band_sets[static_cast<std::size_t>(band_set_of_line[static_cast<std::size_t>(line)])];
  }
};

// needs_only: only what requests and the cash band need (mode cash_only, or rebalance_days_min has not passed).
// reachable: dollars by goal that were found to be all that can be reached; no more is asked for. Empty: not known.
// losses_count: false leaves the tax value of losses out of the decision (`harvest = no`); bounds always count it.
struct PoseOptions {
  Relaxed relaxed;
  bool needs_only = false;
  bool losses_count = true;
  std::vector<double> reachable = {};
};

[[nodiscard]] Problem pose(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                           const PoseOptions& options);

enum class TurnoverSide { unlimited, buys, sells };

// A bound forgives what rounding to the cent may add to the limits; a plan that is to be rounded keeps them as they
// are, or stays inside by as little as rounding may take.
enum class Serves { bound, plan, plan_inside };

// Sets the rows of one convex cell of T, and which side of the turnover limit is kept.
void enter_cell(Problem& problem, const tax::TaxCell& cell, TurnoverSide side, Serves serves = Serves::bound);

}  // namespace lotwright
