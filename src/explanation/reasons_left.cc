#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "book/rules.h"
#include "explanation/cents.h"
#include "explanation/reasons.h"

namespace lotwright {
namespace {

constexpr std::size_t rows_max = 10;

// A line's state after the orders, and the order that would close its drift as far as whole steps go.
struct Drift {
  std::size_t line = 0;
  double dollars = 0.0;  // held less wanted; > 0: too much
  Side closing = Side::sell;
  Quantity quantity;  // zero: less than one step
  Quantity held;
  Price price;
  const Trade* traded = nullptr;  // the line's own order today
};

// The rule that stands in the way, and whose word it is. Empty: none does.
struct Obstacle {
  std::string rule;
  std::string source;

  [[nodiscard]] bool empty() const { return rule.empty(); }
};

// A lot of the line as it is after the orders.
struct LotLeft {
  std::uint32_t lot = 0;
  Quantity saleable;
  double gain_a_share = 0.0;
  double tax_a_share = 0.0;
  Obstacle barred_by;  // empty: free to sell
};

const Trade* trade_of(const Decided& decided, SecurityIndex security) {
  for (const Trade& trade : decided.solution.trades.trades) {
    if (trade.security == security) return &trade;
  }
  return nullptr;
}

// Whole steps of `dollars` at `price`, rounded down; as many as a quantity holds where a price of next to nothing asks
// for more.
Quantity whole_steps(double dollars, Price price, Quantity step) {
  const double most = 9.0e18 / static_cast<double>(step.count());
  const double steps = std::min(std::floor(dollars / (price.to_double() * step.to_double())), most);
  return Quantity::of_count(static_cast<std::int64_t>(steps) * step.count());
}

Drift drift_of(const Decided& decided, std::size_t i) {
  const CheckedLine& line = decided.account.lines[i];
  const Security& security = decided.book().security(line.security);
  const double wanted = decided.terms.lines[i].target * decided.terms.investable;
  Drift drift;
  drift.line = i;
  drift.dollars = decided.after.dollars[i] - wanted;
  drift.traded = trade_of(decided, line.security);
  drift.held = line.held;
  if (drift.traded != nullptr) {
    drift.held =
        drift.traded->side == Side::buy ? drift.held + drift.traded->quantity : drift.held - drift.traded->quantity;
  }
  if (!security.price) return drift;
  drift.price = *security.price;
  drift.closing = drift.dollars > 0.0 ? Side::sell : Side::buy;
  const Quantity steps = whole_steps(std::abs(drift.dollars), drift.price, security.quantity_step);
  const bool unwanted = line.target.is_zero();
  drift.quantity = drift.closing == Side::buy ? steps : unwanted ? drift.held : std::min(steps, drift.held);
  return drift;
}

std::vector<Drift> drifts_by_size(const Decided& decided) {
  std::vector<Drift> drifts;
  for (std::size_t i = 0; i < decided.account.lines.size(); ++i) {
    Drift drift = drift_of(decided, i);
    if (drift.quantity.is_positive()) drifts.push_back(drift);
  }
  std::stable_sort(drifts.begin(), drifts.end(),
                   [](const Drift& a, const Drift& b) { return std::abs(a.dollars) > std::abs(b.dollars); });
  return drifts;
}

const Bar* strongest(const std::vector<Bar>& bars) {
  const auto found = std::ranges::min_element(bars, {}, &Bar::strength);
  return found == bars.end() ? nullptr : &*found;
}

std::map<std::uint32_t, Quantity> sold_by_lot(const Decided& decided) {
  std::map<std::uint32_t, Quantity> sold;
  for (const Trade& trade : decided.solution.trades.trades) {
    for (const LotSale& sale : trade.lots) sold[sale.lot] += sale.quantity;
  }
  return sold;
}

// The account itself takes a loss on the group today.
bool takes_loss_on(const Decided& decided, GroupIndex group) {
  for (const Trade& trade : decided.solution.trades.trades) {
    if (decided.book().security(trade.security).group != group) continue;
    for (const LotSale& sale : trade.lots) {
      if (sale.gain && sale.gain->is_negative()) return decided.terms.taxable;
    }
  }
  return false;
}

// The tax term's rise if these gains are realized on top of the orders'.
double tax_on_top(const Decided& decided, Term term, double gain) {
  const double gain_short = decided.after.gain_short + (term == Term::short_term ? gain : 0.0);
  const double gain_long = decided.after.gain_long + (term == Term::long_term ? gain : 0.0);
  return objective::tax_part(decided.terms, gain_short, gain_long) - decided.parts_after.tax;
}

Obstacle bar_of_lot(const Decided& decided, std::uint32_t lot, GroupIndex group,
                    const std::map<std::uint32_t, Quantity>& sold) {
  const CheckedLot& checked = decided.account.lots[lot];
  if (const Bar* bar = strongest(checked.bars)) return {bar->rule, bar->source};
  if (!decided.terms.taxable || !checked.gain || !checked.gain->is_negative()) return {};
  const tax::WashFacts facts = decided.progress.wash.facts(decided.account.account, group);
  const Quantity replacements =
      facts.replacements_elsewhere + tax::kept_young_shares(decided.book(), decided.account.account, group, sold, lot);
  if (facts.loss_barred || replacements.is_positive()) return {rule::wash_sale_window, {}};
  return {};
}

// The line's lots that something is left of: free ones first, each kind by ascending tax.
std::vector<LotLeft> lots_left(const Decided& decided, const Drift& drift) {
  const CheckedLine& line = decided.account.lines[drift.line];
  const GroupIndex group = decided.book().security(line.security).group;
  const std::map<std::uint32_t, Quantity> sold = sold_by_lot(decided);
  std::vector<LotLeft> lots;
  for (std::uint32_t i = line.lot_begin; i < line.lot_end; ++i) {
    const CheckedLot& checked = decided.account.lots[i];
    const double shares = decided.holder().lots[i].quantity.to_double();
    const double gain = checked.gain.value_or(Money{}).to_double();
    LotLeft lot;
    lot.lot = i;
    lot.saleable = checked.saleable;
    if (const auto gone = sold.find(i); gone != sold.end()) lot.saleable -= gone->second;
    if (!lot.saleable.is_positive()) continue;
    lot.gain_a_share = gain / shares;
    lot.tax_a_share = tax_on_top(decided, checked.term, gain) / shares;
    lot.barred_by = bar_of_lot(decided, i, group, sold);
    lots.push_back(std::move(lot));
  }
  std::stable_sort(lots.begin(), lots.end(), [](const LotLeft& a, const LotLeft& b) {
    if (a.barred_by.empty() != b.barred_by.empty()) return a.barred_by.empty();
    return a.tax_a_share < b.tax_a_share;
  });
  return lots;
}

// The rule that forbids buying more of the line; empty: none does.
Obstacle bar_of_buying(const Decided& decided, const Drift& drift) {
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

Obstacle bar_of_selling(const Decided& decided, const Drift& drift, const std::vector<LotLeft>& lots) {
  const CheckedLine& line = decided.account.lines[drift.line];
  if (const Bar* bar = strongest(line.sell_bars)) return {bar->rule, bar->source};
  const double one_less = decided.after.dollars[drift.line] -
                          value_of(decided.book().security(line.security).quantity_step, drift.price).to_double();
  if (line.weight_min && one_less < line.weight_min->to_double() * decided.terms.investable) {
    return {rule::restriction_weight_min, {}};
  }
  if (lots.empty() || drift.held <= line.locked) return {rule::restriction_lock_quantity, {}};
  return lots.front().barred_by;
}

// The tax of selling `quantity` from `lots` in their order.
double tax_of_closing(const Decided& decided, const std::vector<LotLeft>& lots, Quantity quantity) {
  double gain_short = decided.after.gain_short;
  double gain_long = decided.after.gain_long;
  for (const LotLeft& lot : lots) {
    const Quantity taken = std::min(quantity, lot.saleable);
    quantity -= taken;
    (decided.account.lots[lot.lot].term == Term::short_term ? gain_short : gain_long) +=
        lot.gain_a_share * taken.to_double();
  }
  return objective::tax_part(decided.terms, gain_short, gain_long) - decided.parts_after.tax;
}

// The fall of risk, hurdle and alpha. What the cash line feels is in the funding.
double benefit_of_closing(const Decided& decided, const Drift& drift, double dollars) {
  objective::Outcome closed = decided.after;
  closed.dollars[drift.line] += drift.closing == Side::buy ? dollars : -dollars;
  const objective::Parts& now = decided.parts_after;
  const objective::Parts then = objective::parts_of(decided.terms, closed);
  return now.risk + now.hurdle + now.alpha - then.risk - then.hurdle - then.alpha;
}

bool below_trade_min(const Decided& decided, const Drift& drift, double dollars) {
  const Policy& policy = decided.holder().effective_policy;
  const bool closes_position = drift.closing == Side::sell && drift.quantity == drift.held;
  const double smallest =
      std::max(policy.trade_min.to_double(), policy.trade_min_weight.to_double() * decided.terms.investable);
  return drift.traded == nullptr && !closes_position && dollars < smallest;
}

// The rule by which nothing is traded on the account's own discretion; empty: it has discretion.
std::string bar_of_discretion(const Decided& decided) {
  const Mode mode = decided.holder().effective_policy.mode;
  if (mode == Mode::cash_only) return rule::mode_cash_only;
  if (mode == Mode::harvest_only) return rule::mode_harvest_only;
  return decided.account.discretion ? std::string{} : rule::turnover_rebalance_wait;
}

// What leaves the drift open: the bar on closing it, else what the rules for whole accounts and the dollars say.
std::string rule_of(const Decided& decided, const Drift& drift, const Obstacle& bar, double dollars, Money net) {
  if (!bar.empty()) return bar.rule;
  if (const std::string no_discretion = bar_of_discretion(decided); !no_discretion.empty()) return no_discretion;
  if (below_trade_min(decided, drift, dollars)) return rule::trade_min_amount;
  if (!net.is_positive()) return rule::benefit_below_cost;
  return decided.solution.trades.trades.empty() ? rule::improvement_below_min : rule::account_limit_reached;
}

ReasonRow row_of(const Decided& decided, Drift drift) {
  const objective::Terms& terms = decided.terms;
  const objective::Line& line = terms.lines[drift.line];
  std::vector<LotLeft> lots;
  if (drift.closing == Side::sell) lots = lots_left(decided, drift);
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
  // A larger order of a line that trades anyway needs no second ticket.
  const double ticket_paid = drift.traded != nullptr && drift.traded->side == drift.closing ? terms.ticket_cost : 0.0;
  const double commission = objective::trading_cost(terms, 0.0, dollars) - ticket_paid;

  ReasonRow row;
  row.security_id = decided.book().security(line.security).id.text;
  row.decision = drift.closing == Side::buy ? Decision::not_bought : Decision::kept;
  row.benefit = to_cents(benefit_of_closing(decided, drift, dollars));
  row.tax = to_cents(tax_of_closing(decided, lots, drift.quantity));
  row.cost = to_cents(objective::trading_cost(terms, line.half_spread, dollars) - ticket_paid);
  row.funding = to_cents(cash_raised(drift.closing, dollars, commission) * decided.solution.cash_shadow_price);
  row.net = row.benefit - row.tax - row.cost + row.funding;
  row.rule = rule_of(decided, drift, bar, dollars, row.net);
  row.source = bar.source;
  return row;
}

}  // namespace

std::vector<ReasonRow> reasons_left(const Decided& decided) {
  std::vector<ReasonRow> rows;
  if (decided.terms.investable <= 0.0) return rows;
  std::vector<Drift> drifts = drifts_by_size(decided);
  drifts.resize(std::min(drifts.size(), rows_max));
  for (const Drift& drift : drifts) rows.push_back(row_of(decided, drift));
  return rows;
}

}  // namespace lotwright
