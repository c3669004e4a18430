// objective/objective.h — the one number the engine minimizes (docs/formulas.md), in dollars of today per account.
//
// In:       Terms: the constants of the formula for one account; and exact trades, or their outcome in dollars.
// Out:      the parts of the objective, their sum, tracking error, and the gradient with respect to dollars held.
// Promises: the only place that knows the formula. The problem takes its coefficients from Terms; reasons and evaluate
//           call `parts_of`.
// Refuses:  hard rules: they are nobody's price and live in problem/ and verification/. A trade in a security that is
//           neither a line nor of kind cash is a Defect.
#pragma once

#include <span>
#include <vector>

#include "book/trades.h"
#include "tax/netting.h"
#include "tax/tax_path.h"
#include "tax/waiting.h"

namespace lotwright::objective {

// One security the account holds, wants or may buy; kind cash is never a line.
struct Line {
  SecurityIndex security;
  double target = 0.0;               // t_i: the unfolded model's weight x (1 - cash_target)
  double dollars_before = 0.0;       // quantity x price before the orders
  double half_spread = 0.0;          // h_i, fraction
  double hurdle = 0.0;               // fraction a year on V * max(0, w - t); 0: not a substitute
  double alpha = 0.0;                // annual excess return
  std::span<const double> loadings;  // k rotated factor loadings (risk/factor_risk.h)
  double specific_variance = 0.0;    // s_i^2, annual
  double location = 0.0;             // what holding it in this account costs a year, a dollar
  int band = -1;                     // the priced band it is in, of Terms::bands; -1: none
};

// An asset class whose weight costs a year where it lies outside two ends.
struct PricedBand {
  double min = 0.0;  // fractions of V
  double max = 1e300;
  double price = 0.0;  // a year for each dollar outside
};

struct Terms {
  double investable = 0.0;  // V, dollars; where <= 0 the objective is tax + trading
  double risk_aversion = 0.0;
  double tax_weight = 0.0;
  double basis_value = 0.0;       // kappa
  double commission = 0.0;        // c, fraction
  double ticket_cost = 0.0;       // dollars an order
  double order_price = 0.0;       // dollars an order counts beyond what is paid for it (CheckedAccount::order_price)
  double cash_max = 0.0;          // fraction of V
  double reserved = 0.0;          // dollars
  double cash_line_before = 0.0;  // dollars: account cash and securities of kind cash, less reserved
  bool taxable = false;
  double short_before = 0.0;  // S, dollars: year to date and this run's earlier accounts included
  double long_before = 0.0;   // L
  tax::TaxRates rates;
  int factors = 0;
  std::vector<Line> lines;  // sorted by security
  // By Account::lots: waiting_weight x the value of waiting (tax/waiting.h) that a share sold gives up, dollars. Empty:
  // nothing is.
  std::vector<double> waiting;
  std::vector<PricedBand> bands;
};

inline constexpr double cash_price = 0.01;  // a year, on cash beyond cash_max (docs/formulas.md, "cash")

// The state after some orders, in dollars. For the state before: dollars_before, cash_line_before, zeros.
struct Outcome {
  std::vector<double> dollars;  // by line
  double cash_line = 0.0;       // less reserved
  double gain_short = 0.0;      // realized by these orders, disallowed losses as zero
  double gain_long = 0.0;
  double trading = 0.0;  // dollars: half spreads, commissions, tickets
  double waiting = 0.0;  // dollars given up by the lots sold
};

struct Parts {
  double risk = 0.0;
  double tax = 0.0;
  double trading = 0.0;
  double waiting = 0.0;
  double hurdle = 0.0;
  double cash = 0.0;
  double alpha = 0.0;           // subtracted: the value of expected excess return, entered negative
  double location = 0.0;        // of holding asset classes where they are not wanted
  double band = 0.0;            // of asset classes outside their priced bands
  double tracking_error = 0.0;  // annual standard deviation of active return; not a part of the sum

  [[nodiscard]] double total() const {
    return risk + tax + trading + waiting + hurdle + cash + alpha + location + band;
  }
};

[[nodiscard]] Outcome before(const Terms& terms);

// The outcome of exact trades. Trades of kind-cash securities move only the cash line; every trade pays its costs.
[[nodiscard]] Outcome outcome_of(const Terms& terms, const Book& book, const AccountTrades& trades);

[[nodiscard]] Parts parts_of(const Terms& terms, const Outcome& outcome);

// What a dollar of the line earns a year beyond its risk: alpha less location.
[[nodiscard]] inline double carry_of(const Line& line) { return line.alpha - line.location; }

// What each dollar moved into a priced band adds to its cost, by band: the mean along the straight path from one
// outcome to the other, so that orders can share it.
[[nodiscard]] std::vector<double> mean_band_slopes(const Terms& terms, const Outcome& from, const Outcome& to);

// The most tracking error that could be saved with `dollars` a year less of the objective and no other part of it
// dearer: from TE to the root of TE^2 - 2 dollars / (lambda V), or to zero.
[[nodiscard]] double tracking_error_worth(double risk_aversion, double investable, double tracking_error,
                                          double dollars);

// Cost of one order of `dollars` (>= 0) with half spread h: |u| (h + c) + ticket, and the order's price where it has
// one.
[[nodiscard]] double trading_cost(const Terms& terms, double half_spread, double dollars);

// What selling a share of the lot, or a part of it, gives up by not waiting, dollars.
[[nodiscard]] double waiting_a_share(const Terms& terms, std::uint32_t lot);
[[nodiscard]] double waiting_cost(const Terms& terms, const LotSale& sale);

// T(S + dS, L + dL): the tax of the year once these gains are realized. Only for accounts with rates (Terms::taxable).
[[nodiscard]] double year_tax(const Terms& terms, double gain_short, double gain_long);

// T(S + dS, L + dL) - T(S, L) - kappa r_long (dS + dL), times tax_weight; zero for untaxed accounts.
[[nodiscard]] double tax_part(const Terms& terms, double gain_short, double gain_long);

// What each dollar of gain adds to the tax part, as the mean along the straight path from no orders to these gains:
// on_short * gain_short + on_long * gain_long equals tax_part, so that orders can share it (tax/tax_path.h).
[[nodiscard]] tax::TaxSlopes mean_tax_slopes(const Terms& terms, double gain_short, double gain_long);

// What the tax part counts for the next dollar of gain, and of loss, before the orders.
[[nodiscard]] tax::MarginalRates marginal_rates(const Terms& terms);

// d risk / d dollars held, by line, at `outcome`; dollars per dollar. Zero where V <= 0.
[[nodiscard]] std::vector<double> risk_gradient(const Terms& terms, const Outcome& outcome);

// What that of the line itself rises by with a dollar more of it: the risk part is quadratic. Zero where V <= 0.
[[nodiscard]] double risk_curvature(const Terms& terms, const Line& line);

}  // namespace lotwright::objective
