#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "book/rules.h"
#include "explanation/benefit_split.h"
#include "explanation/cents.h"
#include "explanation/obstacles.h"
#include "orders/causes.h"

namespace lotwright {
namespace {

constexpr std::size_t rows_max = 10;

// What every line of the account asks for, made once.
struct Left {
  const DecidedAccount& decided;
  tax::SoldByLot sold;
  std::vector<double> risk_gradient;  // after the orders, by line
  objective::Terms constants;         // the account's, without lines
};

// A line's state after the orders, and the order that would close its drift as far as whole steps go.
struct Drift {
  std::size_t line = 0;
  double dollars = 0.0;  // held less wanted; > 0: too much
  Side closing = Side::sell;
  Quantity quantity;  // zero: less than one step
  Quantity held;
  Price price;
};

// A lot of the line as it is after the orders.
struct LotLeft {
  std::uint32_t lot = 0;
  Quantity saleable;
  double gain_a_share = 0.0;
  double tax_a_share = 0.0;
  double waiting_a_share = 0.0;
  Obstacle barred_by;  // empty: free to sell
};

// Whole steps of `dollars` at `price`, rounded down; as many as a quantity holds where a price of next to nothing asks
// for more.
Quantity whole_steps(double dollars, Price price, Quantity step) {
  const double most = 9.0e18 / static_cast<double>(step.count());
  const double steps = std::min(std::floor(dollars / (price.to_double() * step.to_double())), most);
  return Quantity::of_count(static_cast<std::int64_t>(steps) * step.count());
}

Drift drift_of(const DecidedAccount& decided, std::size_t i) {
  const CheckedLine& line = decided.account.lines[i];
  const Security& security = decided.book().security(line.security);
  const double wanted = decided.terms.lines[i].target * decided.terms.investable;
  Drift drift;
  drift.line = i;
  drift.dollars = decided.after.dollars[i] - wanted;
  drift.held = held_after(decided, i);
  if (!security.price) return drift;
  drift.price = *security.price;
  drift.closing = drift.dollars > 0.0 ? Side::sell : Side::buy;
  const Quantity steps = whole_steps(std::abs(drift.dollars), drift.price, security.quantity_step);
  const bool unwanted = line.target.is_zero();
  drift.quantity = drift.closing == Side::buy ? steps : unwanted ? drift.held : std::min(steps, drift.held);
  return drift;
}

std::vector<Drift> drifts_by_size(const DecidedAccount& decided) {
  std::vector<Drift> drifts;
  for (std::size_t i = 0; i < decided.account.lines.size(); ++i) {
    Drift drift = drift_of(decided, i);
    if (drift.quantity.is_positive()) drifts.push_back(drift);
  }
  std::stable_sort(drifts.begin(), drifts.end(),
                   [](const Drift& a, const Drift& b) { return std::abs(a.dollars) > std::abs(b.dollars); });
  return drifts;
}

// The account itself takes a loss on the group today.
bool takes_loss_on(const DecidedAccount& decided, GroupIndex group) {
  for (const Trade& trade : decided.solution.trades.trades) {
    if (decided.book().security(trade.security).group != group) continue;
    for (const LotSale& sale : trade.lots) {
      if (sale.gain && sale.gain->is_negative()) return decided.terms.taxable;
    }
  }
  return false;
}

// The line's lots that something is left of: free ones first, each kind by ascending tax and value of waiting.
std::vector<LotLeft> lots_left(const Left& left, const Drift& drift) {
  const DecidedAccount& decided = left.decided;
  const CheckedLine& line = decided.account.lines[drift.line];
  std::vector<LotLeft> lots;
  for (std::uint32_t i = line.lot_begin; i < line.lot_end; ++i) {
    const CheckedLot& checked = decided.account.lots[i];
    const double shares = decided.holder().lots[i].quantity.to_double();
    const double gain = checked.gain.value_or(Money{}).to_double();
    LotLeft lot;
    lot.lot = i;
    lot.saleable = checked.saleable;
    if (const auto gone = left.sold.find(i); gone != left.sold.end()) lot.saleable -= gone->second;
    if (!lot.saleable.is_positive()) continue;
    lot.gain_a_share = gain / shares;
    const bool long_term = checked.term == Term::long_term;
    lot.tax_a_share = tax_on_top(decided, long_term ? 0.0 : gain, long_term ? gain : 0.0) / shares;
    lot.waiting_a_share = objective::waiting_a_share(decided.terms, i);
    lot.barred_by = bar_of_lot(decided, i, left.sold);
    lots.push_back(std::move(lot));
  }
  std::stable_sort(lots.begin(), lots.end(), [](const LotLeft& a, const LotLeft& b) {
    if (a.barred_by.empty() != b.barred_by.empty()) return a.barred_by.empty();
    return a.tax_a_share + a.waiting_a_share < b.tax_a_share + b.waiting_a_share;
  });
  return lots;
}

// The line's own order goes the other way: closing the drift would undo it. A rule that asked for the order is named,
// and of a purchase that the dollars asked for, that the run buys it; a sale that they asked for bars nothing.
Obstacle bar_of_undoing(const DecidedAccount& decided, const Drift& drift) {
  const auto& trades = decided.solution.trades.trades;
  const Trade* traded = trade_of(decided, decided.account.lines[drift.line].security);
  if (traded == nullptr || traded->side == drift.closing) return {};
  const std::string& reason = decided.solution.reasons[static_cast<std::size_t>(traded - trades.data())];
  if (rule::meaning_of(reason) != reason) return {reason, {}};
  return traded->side == Side::buy ? Obstacle{rule::bought_in_run, {}} : Obstacle{};
}

// The rule that forbids buying more of the line; empty: none does.
Obstacle bar_of_buying(const DecidedAccount& decided, const Drift& drift) {
  if (Obstacle bar = bar_of_account(decided); !bar.empty()) return bar;
  if (Obstacle bar = bar_of_undoing(decided, drift); !bar.empty()) return bar;
  const CheckedLine& line = decided.account.lines[drift.line];
  const GroupIndex group = decided.book().security(line.security).group;
  if (const Bar* bar = strongest(line.buy_bars)) return {bar->rule, bar->source};
  if (decided.progress.wash.facts(decided.account.account, group).buy_barred || takes_loss_on(decided, group)) {
    return {rule::wash_sale_window, {}};
  }
  const double one_more = decided.after.dollars[drift.line] +
                          value_of(decided.book().security(line.security).quantity_step, drift.price).to_double();
  if (line.weight_max && one_more > line.weight_max->to_double() * decided.terms.investable) {
    const bool by_policy = line.weight_max_strength == Strength::position;
    return {by_policy ? rule::position_weight_max : rule::restriction_weight_max, {}};
  }
  return {};
}

Obstacle bar_of_selling(const DecidedAccount& decided, const Drift& drift, const std::vector<LotLeft>& lots) {
  if (Obstacle bar = bar_of_account(decided); !bar.empty()) return bar;
  if (Obstacle bar = bar_of_undoing(decided, drift); !bar.empty()) return bar;
  if (Obstacle bar = bar_of_line(decided, drift.line); !bar.empty()) return bar;
  if (lots.empty()) return {rule::restriction_lock_quantity, {}};
  return lots.front().barred_by;
}

// The tax of selling `quantity` from `lots` in their order.
double tax_of_closing(const DecidedAccount& decided, const std::vector<LotLeft>& lots, Quantity quantity) {
  double gain_short = 0.0;
  double gain_long = 0.0;
  for (const LotLeft& lot : lots) {
    const Quantity taken = std::min(quantity, lot.saleable);
    quantity -= taken;
    (decided.account.lots[lot.lot].term == Term::short_term ? gain_short : gain_long) +=
        lot.gain_a_share * taken.to_double();
  }
  return tax_on_top(decided, gain_short, gain_long);
}

// What selling `quantity` from `lots` in their order gives up by not waiting.
double waiting_of_closing(const std::vector<LotLeft>& lots, Quantity quantity) {
  double waiting = 0.0;
  for (const LotLeft& lot : lots) {
    const Quantity taken = std::min(quantity, lot.saleable);
    quantity -= taken;
    waiting += lot.waiting_a_share * taken.to_double();
  }
  return waiting;
}

// What leaves the drift open: the bar on closing it, else what the rules for whole accounts and the dollars say.
std::string rule_of(const DecidedAccount& decided, const Drift& drift, const Obstacle& bar, double dollars, Money net,
                    Money waiting) {
  if (!bar.empty()) return bar.rule;
  if (const Obstacle none = bar_of_discretion(decided, false); !none.empty()) return none.rule;
  const bool closes_position = drift.closing == Side::sell && drift.quantity == drift.held;
  if (below_trade_min(decided, drift.line, closes_position, dollars)) return rule::trade_min_amount;
  return rule_of_dollars(decided, net, waiting);
}

// What moving the drift's line by `dollars` brings by itself: the fall of risk, hurdle, alpha, location and bands.
double benefit_alone(const Left& left, const Drift& drift, double dollars) {
  const DecidedAccount& decided = left.decided;
  const objective::Line& line = decided.terms.lines[drift.line];
  if (line.band >= 0) return benefit_of_moving(decided, drift.line, dollars);
  const double now = decided.after.dollars[drift.line];
  const double slope = left.risk_gradient[drift.line] + 0.5 * objective::risk_curvature(decided.terms, line) * dollars;
  return own_cost(left.constants, line, now) - own_cost(left.constants, line, now + dollars) - slope * dollars;
}

ReasonRow row_of(const Left& left, Drift drift) {
  const DecidedAccount& decided = left.decided;
  std::vector<LotLeft> lots;
  if (drift.closing == Side::sell) lots = lots_left(left, drift);
  const Obstacle bar =
      drift.closing == Side::buy ? bar_of_buying(decided, drift) : bar_of_selling(decided, drift, lots);
  // Lots that are barred are left out unless the line has no other.
  if (bar.empty() && drift.closing == Side::sell) {
    std::erase_if(lots, [](const LotLeft& lot) { return !lot.barred_by.empty(); });
    Quantity free;
    for (const LotLeft& lot : lots) free += lot.saleable;
    drift.quantity = std::min({drift.quantity, free, drift.held - decided.account.lines[drift.line].locked});
  }
  const double dollars = value_of(drift.quantity, drift.price).to_double();
  const double moved = drift.closing == Side::buy ? dollars : -dollars;

  ReasonRow row;
  row.security_id = decided.book().security(decided.account.lines[drift.line].security).id.text;
  row.decision = drift.closing == Side::buy ? Decision::not_bought : Decision::kept;
  row.benefit = to_cents(benefit_alone(left, drift, moved));
  row.tax = to_cents(tax_of_closing(decided, lots, drift.quantity));
  const Money waiting = to_cents(waiting_of_closing(lots, drift.quantity));
  row.cost = to_cents(cost_of_moving(decided, drift.line, drift.closing, dollars)) + waiting;
  row.funding = to_cents(funding_of_moving(decided, drift.line, drift.closing, dollars));
  row.net = row.benefit - row.tax - row.cost + row.funding;
  row.rule = rule_of(decided, drift, bar, dollars, row.net, waiting);
  row.source = bar.source;
  return row;
}

// What closing the drift alone takes off the tracking error.
double tracking_error_removed(const DecidedAccount& decided, const Drift& drift, const ReasonRow& row) {
  objective::Outcome moved = decided.after;
  const double dollars = value_of(drift.quantity, drift.price).to_double();
  moved.dollars[drift.line] += row.decision == Decision::not_bought ? dollars : -dollars;
  return decided.parts_after.tracking_error - objective::parts_of(decided.terms, moved).tracking_error;
}

// Those with a row of their own: the one whose closing alone would be best, and those that most of what stays is in.
std::vector<bool> told_by_row(const std::vector<ReasonRow>& rows) {
  std::vector<bool> told(rows.size(), false);
  if (rows.empty()) return told;
  told[static_cast<std::size_t>(std::ranges::max_element(rows, {}, &ReasonRow::net) - rows.begin())] = true;
  std::vector<std::size_t> by_share(rows.size());
  std::iota(by_share.begin(), by_share.end(), std::size_t{0});
  std::ranges::stable_sort(by_share, std::greater(), [&](std::size_t i) { return rows[i].share.value_or(Money()); });
  std::size_t count = 1;
  for (const std::size_t i : by_share) {
    if (count == rows_max) break;
    if (!told[i]) ++count;
    told[i] = true;
  }
  return told;
}

// Drifts beyond those, by cause; what lies within a step of its target has no order that could close it.
std::vector<SmallerDrifts> smaller(const std::map<std::string, SmallerDrifts>& by_cause) {
  std::vector<SmallerDrifts> list;
  for (const auto& [cause, drifts] : by_cause) list.push_back(drifts);
  return list;
}

// To the cent; nullopt where any of them, or the sum, is beyond what is told in dollars.
std::optional<Money> total_of(const std::vector<double>& shares) {
  const auto is_sane = [](double share) { return to_cents_if_sane(share).has_value(); };
  if (!std::ranges::all_of(shares, is_sane)) return std::nullopt;
  return to_cents_if_sane(std::accumulate(shares.begin(), shares.end(), 0.0));
}

}  // namespace

WhatIsLeft what_is_left(const DecidedAccount& decided) {
  WhatIsLeft is_left;
  if (decided.terms.investable <= 0.0) return is_left;
  const std::size_t lines = decided.account.lines.size();
  const BenefitSplit split(decided.terms, decided.after, at_target(decided.terms, decided.after));
  std::vector<double> shares(lines);
  for (std::size_t i = 0; i < lines; ++i) shares[i] = split.of_line(i);
  is_left.total = total_of(shares);
  const std::vector<Money> cents = is_left.total ? apportion(shares, *is_left.total) : std::vector<Money>(lines);

  Left left{decided, tax::sold_by_lot(decided.solution.trades), objective::risk_gradient(decided.terms, decided.after),
            decided.terms};
  left.constants.lines.clear();
  std::map<std::string, SmallerDrifts> by_cause;
  const auto count = [&](const std::string& cause, Money share) {
    SmallerDrifts& drifts = by_cause[cause];
    drifts.cause = cause;
    ++drifts.lines;
    drifts.share += share;
  };
  const std::vector<Drift> drifts = drifts_by_size(decided);
  std::vector<ReasonRow> rows;
  for (const Drift& drift : drifts) {
    rows.push_back(row_of(left, drift));
    if (is_left.total) rows.back().share = cents[drift.line];
  }
  const std::vector<bool> has_row = told_by_row(rows);
  std::vector<bool> told(lines, false);
  for (std::size_t i = 0; i < drifts.size(); ++i) {
    told[drifts[i].line] = true;
    if (!has_row[i]) {
      count(cause_of(rows[i]), cents[drifts[i].line]);
      continue;
    }
    rows[i].tracking_error = tracking_error_removed(decided, drifts[i], rows[i]);
    is_left.rows.push_back(std::move(rows[i]));
  }
  for (std::size_t i = 0; i < lines; ++i) {
    if (!told[i] && !cents[i].is_zero()) count("minimum", cents[i]);
  }
  if (is_left.total) is_left.smaller = smaller(by_cause);
  return is_left;
}

}  // namespace lotwright
