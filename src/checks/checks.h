// checks/checks.h — ladders of rules over a decision unit: facts established, references found, prices as of the date.
//
// In:       the book and one DecisionUnit (as received).
// Out:      a CheckedUnit: for each account either findings that hold it, or everything a problem needs.
// Promises: problem/ accepts only this type. Every bar on buying or selling names its rule and how strong it is, so
//           that a weaker one can yield to a stronger one by name.
// Refuses:  nothing silently: an account that may not trade says why in `findings`.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "book/book.h"
#include "risk/factor_risk.h"
#include "tax/wash_sale.h"

namespace lotwright {

// The hard rules of docs/rules.md, from strongest to weakest. Trade minimum and step are weakest.
enum class Strength {
  law = 1,
  frozen,
  restriction,
  request,
  mode,
  short_term,
  budget,
  cash_min,
  turnover,
  position,
  band,
  trade_min
};

// Something that forbids one direction of trading, and by what right.
struct Bar {
  Strength strength = Strength::law;
  std::string
      rule;  // a name of book/rules.def's families: "restriction_never_buy", "mode_buy_only", "price_missing" ...
  std::string source;  // restriction id, setting, request id; may be empty
};

struct CheckedLot {
  Term term = Term::short_term;  // of a sale today
  std::optional<Money> gain;     // of selling the whole lot at today's price; nullopt: unknown basis (see lots.h)
  bool young = false;            // acquired in the last 30 days: a replacement share
  Quantity saleable;             // quantity less what a lock_quantity on the lot keeps; the line may lock more
  // short_term stop, long_term_wait_days, unknown basis (law), lot restrictions, preserve_losses
  std::vector<Bar> bars;

  // Below its known basis: so is then any part of it, whatever the rounding of an order to the cent makes of that.
  [[nodiscard]] bool at_loss() const { return gain && gain->is_negative(); }
};

// One security the account holds, wants, or may buy as a substitute. Kind cash is apart.
struct CheckedLine {
  SecurityIndex security;
  Weight target;  // t_i, scaled by 1 - cash_target
  Quantity held;
  std::uint32_t lot_begin = 0;  // its lots: [lot_begin, lot_end) of Account::lots
  std::uint32_t lot_end = 0;
  std::vector<Bar> buy_bars;
  std::vector<Bar> sell_bars;
  Quantity locked;  // lock_quantity on the security: this much of the position stays. 0 <= locked <= held
  // A directed trade on the line: whole steps, or of a sale all that is held; zero: none. Law, restrictions and money
  // may leave less of it (solution/relax.h).
  Quantity directed;
  Side directed_side = Side::buy;
  // A sell_all restriction or a liquidation forces the position out: all of it that stronger bars, `locked` and the
  // lots leave saleable. What must stay is told in `findings` (request_liquidation_left, restriction_yielded) already.
  bool sell_all = false;
  std::string sell_all_rule;  // restriction_sell_all or request_liquidate, for reasons and exceptions
  Strength sell_all_strength = Strength::restriction;
  std::optional<Weight> weight_max;  // the tightest of position_weight_max and weight_max on this security
  Strength weight_max_strength = Strength::position;
  std::optional<Weight> weight_min;  // a restriction
  BasisPoints hurdle;                // the smallest hurdle of its substitutes.csv rows; zero: none
  bool hurdled = false;              // it stands in substitutes.csv as a substitute
};

// A limit on the summed weight of several lines: an asset-class band, or weight_max/min on a tag, sector, ...
struct CheckedBand {
  std::string rule;  // "band_us_equity", "restriction_weight_max" ...
  std::string source;
  Strength strength = Strength::band;
  std::vector<std::uint32_t> lines;  // indices into CheckedAccount::lines, sorted
  // How much of each line counts: of a fund that is looked through the part that is the subject. Empty: all of each.
  std::vector<Weight> shares;
  std::optional<Weight> min;
  std::optional<Weight> max;
  std::optional<BasisPoints> price;  // a year for each dollar outside; none: a hard rule
};

struct CashHolding {  // a position in a security of kind cash: part of the cash line, sold first when money is needed
  SecurityIndex security;
  Quantity held;
  std::uint32_t lot_begin = 0;
  std::uint32_t lot_end = 0;
  bool may_sell = true;
  bool sell_all = false;  // a restriction forces it out, where it may be sold
};

// What due requests of one kind want realized by this run's orders: gains, or losses, of the lots sold. What was
// realized before does not count.
struct Realization {
  bool losses = false;       // harvest; else realize_gains
  std::optional<Term> term;  // nullopt: of either
  Money amount;              // at least; > 0
  std::vector<std::string> requests;
  // Long-term gains up to the top of the zero rate, which no order goes beyond: `amount` is the most then.
  bool zero_rate = false;

  // request_harvest or request_realize_gains; with "_short" where it cannot be reached
  [[nodiscard]] const char* rule() const;
  [[nodiscard]] const char* short_rule() const;
  // What selling a lot of this term with this gain (losses negative) counts; >= 0.
  template <class Dollars>
  [[nodiscard]] Dollars counted(Term of, Dollars gain) const {
    return term && *term != of ? Dollars() : std::max(Dollars(), losses ? -gain : gain);
  }
};

struct CheckedAccount {
  AccountIndex account;
  bool held = false;    // a finding of severity hold: no orders
  bool frozen = false;  // status frozen or a freeze request: quiet, not an exception
  Findings findings;    // holds, reviews and notes known before the problem is posed

  std::uint32_t model_index = 0;  // after a due model_change
  Money value;                    // positions at their prices + cash; zero where a price is missing
  Money reserved;                 // for cash_outs due within cash_raise_days
  Money investable;               // V = value - reserved
  Money set_aside;                // by due set_aside requests: so much of the cash line is never invested
  Money cash_line;                // cash + securities of kind cash, reserve not taken off

  std::vector<CheckedLine> lines;  // sorted by security
  std::vector<CheckedLot> lots;    // one for each of Account::lots
  std::vector<CashHolding> cash_holdings;
  std::vector<CheckedBand> bands;

  bool liquidating = false;  // a liquidate request is due: every position out
  bool cash_due = false;     // a cash_out is due within cash_raise_days (reserved > 0)
  bool discretion = true;    // false: rebalance_days_min has not passed; only forced trades
  Money bought_recently;     // discretionary buys and sells of the last 30 days, for turnover_max
  Money sold_recently;
  std::vector<Realization> realizations;  // one for each kind and term asked for
  std::string lots_doubted_by;            // why nobody knows which lots are at a loss: a rule; empty: it is known
  std::string losses_preserved_by;        // the preserve_losses request that bars every lot at a loss; empty: none
  std::optional<Money> gain_budget;       // the tightest of account and taxpayer, prorated where asked
  std::optional<Money> tax_budget;
  // Dollars that each order counts in the objective beyond what is paid for it. Nothing in a run; whoever asks for few
  // orders (run/fewest.h) sets it.
  double order_price = 0.0;

  [[nodiscard]] bool trades() const { return !held && !frozen; }
};

struct CheckedUnit {
  const Book* book = nullptr;
  const FactorRisk* risk = nullptr;
  const DecisionUnit* unit = nullptr;
  std::vector<CheckedAccount> accounts;  // in the unit's order
};

class BookFacts;  // checks/book_facts.h: what all units of a book look up, gathered once

[[nodiscard]] CheckedUnit check(const BookFacts& facts, const FactorRisk& risk, const DecisionUnit& unit);

// For one unit alone; a run over many makes BookFacts once.
[[nodiscard]] CheckedUnit check(const Book& book, const FactorRisk& risk, const DecisionUnit& unit);

}  // namespace lotwright
