#include "explanation/obstacles.h"

#include <algorithm>

#include "book/rules.h"

namespace lotwright {
namespace {

// The ticket that an order in line `i` still has to pay: none where the line trades in the same direction anyway.
double ticket_of(const DecidedAccount& decided, std::size_t i, Side side) {
  const Trade* traded = trade_of(decided, decided.account.lines[i].security);
  return traded != nullptr && traded->side == side ? 0.0 : decided.terms.ticket_cost;
}

double without_ticket(const DecidedAccount& decided, double half_spread, double dollars) {
  return objective::trading_cost(decided.terms, half_spread, dollars) - decided.terms.ticket_cost;
}

}  // namespace

const Trade* trade_of(const DecidedAccount& decided, SecurityIndex security) {
  for (const Trade& trade : decided.solution.trades.trades) {
    if (trade.security == security) return &trade;
  }
  return nullptr;
}

Quantity held_after(const DecidedAccount& decided, std::size_t i) {
  const CheckedLine& line = decided.account.lines[i];
  const Trade* traded = trade_of(decided, line.security);
  if (traded == nullptr) return line.held;
  return traded->side == Side::buy ? line.held + traded->quantity : line.held - traded->quantity;
}

Obstacle bar_of_account(const DecidedAccount& decided) {
  if (!decided.account.frozen) return {};
  if (decided.holder().status == AccountStatus::frozen) return {rule::restriction_account_frozen, {}};
  return {rule::request_freeze, {}};
}

const Bar* strongest(const std::vector<Bar>& bars) {
  const auto found = std::ranges::min_element(bars, {}, &Bar::strength);
  return found == bars.end() ? nullptr : &*found;
}

Obstacle bar_of_line(const DecidedAccount& decided, std::size_t i) {
  const CheckedLine& line = decided.account.lines[i];
  const Security& security = decided.book().security(line.security);
  if (const Bar* bar = strongest(line.sell_bars)) return {bar->rule, bar->source};
  if (line.weight_min && security.price) {
    const double one_less = decided.after.dollars[i] - value_of(security.quantity_step, *security.price).to_double();
    if (one_less < line.weight_min->to_double() * decided.terms.investable) {
      return {rule::restriction_weight_min, {}};
    }
  }
  if (line.locked.is_positive() && held_after(decided, i) <= line.locked) return {rule::restriction_lock_quantity, {}};
  return {};
}

Obstacle bar_of_lot(const DecidedAccount& decided, std::uint32_t lot, const tax::SoldByLot& sold) {
  const CheckedLot& checked = decided.account.lots[lot];
  if (const Bar* bar = strongest(checked.bars)) return {bar->rule, bar->source};
  if (!decided.terms.taxable || !checked.gain || !checked.gain->is_negative()) return {};
  const GroupIndex group = decided.book().security(decided.holder().lots[lot].security).group;
  const tax::WashFacts facts = decided.progress.wash.facts(decided.account.account, group);
  if (facts.loss_barred) return {rule::wash_sale_loss_barred, {}};
  const Quantity replacements =
      facts.replacements_elsewhere + tax::kept_young_shares(decided.book(), decided.account.account, group, sold, lot);
  if (!replacements.is_positive()) return {};
  const AccountIndex buyer = facts.bought_in_run_by;
  return {rule::wash_sale_window, buyer.exists() ? decided.book().account(buyer).id.text : std::string()};
}

Obstacle bar_of_discretion(const DecidedAccount& decided, bool loss) {
  const Mode mode = decided.holder().effective_policy.mode;
  if (mode == Mode::cash_only) return {rule::mode_cash_only, {}};
  if (mode == Mode::harvest_only && !loss) return {rule::mode_harvest_only, {}};
  return decided.account.discretion ? Obstacle{} : Obstacle{rule::turnover_rebalance_wait, {}};
}

bool below_trade_min(const DecidedAccount& decided, std::size_t i, bool closes, double dollars) {
  const double smallest = trade_min_of(decided.holder().effective_policy, decided.account.investable).to_double();
  return trade_of(decided, decided.account.lines[i].security) == nullptr && !closes && dollars < smallest;
}

double benefit_of_moving(const DecidedAccount& decided, std::size_t i, double dollars) {
  objective::Outcome moved = decided.after;
  moved.dollars[i] += dollars;
  const objective::Parts& now = decided.parts_after;
  const objective::Parts then = objective::parts_of(decided.terms, moved);
  return now.risk + now.hurdle + now.alpha - then.risk - then.hurdle - then.alpha + (now.location - then.location) +
         (now.band - then.band);
}

double cost_of_moving(const DecidedAccount& decided, std::size_t i, Side side, double dollars) {
  return without_ticket(decided, decided.terms.lines[i].half_spread, dollars) + ticket_of(decided, i, side);
}

double funding_of_moving(const DecidedAccount& decided, std::size_t i, Side side, double dollars) {
  const double commission = without_ticket(decided, 0.0, dollars) + ticket_of(decided, i, side);
  return cash_raised(side, dollars, commission) * decided.solution.cash_shadow_price;
}

double tax_on_top(const DecidedAccount& decided, double gain_short, double gain_long) {
  return objective::tax_part(decided.terms, decided.after.gain_short + gain_short,
                             decided.after.gain_long + gain_long) -
         decided.parts_after.tax;
}

std::string rule_of_dollars(const DecidedAccount& decided, Money net, Money waiting) {
  if (!net.is_positive()) return (net + waiting).is_positive() ? rule::waiting_worth_more : rule::benefit_below_cost;
  const Policy& policy = decided.holder().effective_policy;
  const bool too_little = net.to_double() < fraction(policy.improvement_min) * decided.terms.investable;
  return decided.solution.trades.trades.empty() && too_little ? rule::improvement_below_min
                                                              : rule::account_limit_reached;
}

}  // namespace lotwright
