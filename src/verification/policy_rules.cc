#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "book/rules.h"
#include "tax/holding_period.h"
#include "verification/fund_parts.h"
#include "verification/hard_rules.h"

namespace lotwright::hard_rules {
namespace {

constexpr int turnover_days = 30;
constexpr int young_days = 30;  // shares bought lately are replacements

bool any(const AccountSheet& sheet, Side side) {
  return std::ranges::any_of(sheet.trades, [side](const Trade* trade) { return trade->side == side; });
}

// Apart from securities of kind cash, which move within the cash line.
bool any_invested(const AccountSheet& sheet, Side side) {
  return std::ranges::any_of(sheet.trades,
                             [&](const Trade* trade) { return trade->side == side && !sheet.is_cash(*trade); });
}

// What the orders realize, each lot by itself: gains, or losses without the part that is disallowed.
Money realized_alone(const AccountSheet& sheet, bool losses, std::optional<Term> term) {
  Money sum;
  for (const SoldLot& sold : sheet.sold) {
    if (!sold.gain || (term && *term != sold.term) || sold.gain->is_negative() != losses) continue;
    sum += losses ? std::max(Money(), -*sold.gain - sold.stated->disallowed) : *sold.gain;
  }
  return sum;
}

// Dollars that due requests of one kind ask for: those whose value is `word`, or of any value where it is empty.
Money asked_for(const AccountSheet& sheet, RequestKind kind, std::string_view word) {
  Money sum;
  for (const Request& request : sheet.requests) {
    if (request.kind != kind || request.due_on > sheet.book->firm.as_of || request.value == "zero_rate") continue;
    if (word.empty() || request.value == word) sum += request.amount.value_or(Money());
  }
  return sum;
}

void refuse_unrealized(const AccountSheet& sheet, RequestKind kind, Verdict& verdict) {
  const bool losses = kind == RequestKind::harvest;
  const auto compare = [&](std::string_view word, std::optional<Term> term) {
    const Money asked = asked_for(sheet, kind, word);
    const Money reached = sheet.taxable() ? realized_alone(sheet, losses, term) : Money();
    // A cent for each lot sold: so much may be rounded away.
    const Money rounded = Money::of_count(cent.count() * static_cast<std::int64_t>(sheet.sold.size() + 1));
    if (reached >= asked - rounded) return;
    verdict.refuse(losses ? rule::request_harvest_short : rule::request_realize_gains_short,
                   fmt::format("{}{}{} of {} are realized, {} are asked for", word, word.empty() ? "" : "-term ",
                               losses ? "losses" : "gains", reached.to_string(2), asked.to_string(2)));
  };
  compare("short", Term::short_term);
  compare("long", Term::long_term);
  compare("", std::nullopt);
}

const Taxpayer* taxpayer_of(const AccountSheet& sheet) {
  if (!sheet.taxable() || !sheet.account->taxpayer.exists()) return nullptr;
  return &sheet.book->taxpayers[sheet.account->taxpayer.value];
}

// A due request for gains up to the top of the zero rate, where that is known; nullptr: none.
const Request* zero_rate_request(const AccountSheet& sheet) {
  const Taxpayer* taxpayer = taxpayer_of(sheet);
  if (taxpayer == nullptr || !taxpayer->brackets.exists()) return nullptr;
  const auto found = std::ranges::find_if(sheet.requests, [&](const Request& request) {
    return request.kind == RequestKind::realize_gains && request.value == "zero_rate" &&
           request.due_on <= sheet.book->firm.as_of;
  });
  return found == sheet.requests.end() ? nullptr : &*found;
}

bool is_realizing(const AccountSheet& sheet) {
  return sheet.taxable() &&
         (asked_for(sheet, RequestKind::harvest, "").is_positive() ||
          asked_for(sheet, RequestKind::realize_gains, "").is_positive() || zero_rate_request(sheet) != nullptr);
}

// A due harvest or realize_gains can count the lot.
bool is_asked_for(const AccountSheet& sheet, const SoldLot& sold) {
  if (!sheet.taxable() || !sold.whole_gain || sold.whole_gain->abs() < cent) return false;
  const bool long_term = sold.term == Term::long_term;
  if (!sold.is_loss() && long_term && zero_rate_request(sheet) != nullptr) return true;
  const RequestKind kind = sold.is_loss() ? RequestKind::harvest : RequestKind::realize_gains;
  return std::ranges::any_of(sheet.requests, [&](const Request& request) {
    return request.kind == kind && request.due_on <= sheet.book->firm.as_of &&
           (request.value.empty() || request.value == (long_term ? "long" : "short"));
  });
}

// Purchases spend what the sales bring in, and cash beyond cash_max.
bool only_proceeds_are_spent(const AccountSheet& sheet) {
  return sheet.line_after >= std::min(sheet.line_before - sheet.costs_due, sheet.cash_most()) - cent;
}

// A restriction or a liquidation drives it out.
bool is_forced_out(const AccountSheet& sheet, const Trade& trade) {
  return sheet.liquidating || std::ranges::any_of(sheet.restrictions, [&](const Restriction* restriction) {
           return restriction->rule == RestrictionRule::sell_all && concerns(sheet, *restriction, trade.security);
         });
}

bool sells_only_lots_asked_for(const AccountSheet& sheet, const Trade& trade) {
  return std::ranges::all_of(sheet.sold,
                             [&](const SoldLot& sold) { return sold.trade != &trade || is_asked_for(sheet, sold); });
}

// A security that no restriction keeps from being sold at all.
bool could_be_sold(const AccountSheet& sheet, SecurityIndex index) {
  const Security& security = sheet.book->security(index);
  if (security.kind == SecurityKind::cash || !security.price || !security.tradable) return false;
  return std::ranges::none_of(sheet.restrictions, [&](const Restriction* one) {
    const bool keeps = one->rule == RestrictionRule::never_sell || one->rule == RestrictionRule::freeze;
    return keeps && concerns(sheet, *one, index);
  });
}

// One smallest order, or one step of the security if that is more.
Money smallest_sale_of(const AccountSheet& sheet, SecurityIndex index) {
  const Security& security = sheet.book->security(index);
  return std::max(sheet.trade_minimum(), amount_of(security.quantity_step, *security.price));
}

// One smallest order, or one step of a security that could be sold: so much sales may go beyond their need.
Money smallest_sale(const AccountSheet& sheet) {
  Money least = sheet.trade_minimum();
  for (const PositionLine& line : sheet.lines) {
    if (!line.before.is_positive() || !could_be_sold(sheet, line.security)) continue;
    least = std::max(least, smallest_sale_of(sheet, line.security));
  }
  return least;
}

// What selling funds costs where the orders leave just what is needed: so much more they may raise.
Money costs_at_need(const AccountSheet& sheet, Money need) {
  const Money in_funds = sheet.line_before - sheet.account->cash;
  const auto costs_at = [&](Money line) { return sheet.costs_of_funds(line - in_funds); };
  Money costs = costs_at(need);
  const Money fewer = costs_at(need + costs);
  if (costs_at(need + fewer) <= fewer) costs = fewer;
  const Money until_none_is_sold = sheet.reserved + in_funds - need;
  return std::max(std::min(costs, until_none_is_sold), sheet.costs_of_funds(sheet.reserved));
}

// Lots that due requests of a kind ask for: of one term, or of either where `word` is empty.
struct Asked {
  RequestKind kind;
  std::string_view word;

  [[nodiscard]] bool counts(Money gain, Term term) const {
    if (!word.empty() && word != (term == Term::long_term ? "long" : "short")) return false;
    return kind == RequestKind::harvest ? gain.is_negative() : gain.is_positive();
  }
};

bool is_due_of_this_kind(const AccountSheet& sheet, const Asked& asked) {
  return std::ranges::any_of(sheet.requests, [&](const Request& request) {
    return request.kind == asked.kind && request.due_on <= sheet.book->firm.as_of && request.value == asked.word;
  });
}

// The most that one smallest order of a lot that counts can realize; a lot bought lately may have to go whole.
Money overshoot_of(const AccountSheet& sheet, const Asked& asked) {
  double most = 0.0;
  for (const TaxLot& lot : sheet.account->lots) {
    if (!lot.security.exists() || !could_be_sold(sheet, lot.security)) continue;
    const double worth = value_of(lot.quantity, *sheet.book->security(lot.security).price).to_double();
    const WholeGain whole = whole_gain_of(sheet, lot);
    if (worth <= 0.0 || !whole.gain || !asked.counts(*whole.gain, whole.term)) continue;
    const bool is_young = sheet.book->firm.as_of - lot.acquired_on <= young_days;
    const double order = smallest_sale_of(sheet, lot.security).to_double();
    most = std::max(most, std::abs(whole.gain->to_double()) / worth * std::max(order, is_young ? worth : 0.0));
  }
  constexpr double counted_most = 1e12;
  return Money::of_count(static_cast<std::int64_t>(std::min(most, counted_most) * static_cast<double>(Money::scale)));
}

// What these orders realize of lots that are asked for; nothing that is ordered or driven out.
using Freely = std::vector<const Trade*>;

void refuse_more_than_asked(const AccountSheet& sheet, const Freely& sales, const char* rule, Verdict& verdict) {
  if (!sheet.taxable()) return;
  const std::size_t names = sheet.lines.size() + (sheet.model == nullptr ? 0 : sheet.model->weights.size());
  const Money rounded = Money::of_count(4 * cent.count() * static_cast<std::int64_t>(names + 1));
  for (const RequestKind kind : {RequestKind::harvest, RequestKind::realize_gains}) {
    // Gains up to the top of the zero rate have a limit of their own.
    if (kind == RequestKind::realize_gains && zero_rate_request(sheet) != nullptr) continue;
    for (const std::string_view word : {"short", "long", ""}) {
      const Asked asked{.kind = kind, .word = word};
      if (!is_due_of_this_kind(sheet, asked)) continue;
      Money reached;
      for (const SoldLot& sold : sheet.sold) {
        const bool counts = sold.gain && sold.whole_gain && asked.counts(*sold.whole_gain, sold.term);
        if (counts && std::ranges::find(sales, sold.trade) != sales.end()) reached += sold.gain->abs();
      }
      const Money most = asked_for(sheet, kind, word) + overshoot_of(sheet, asked) + rounded;
      if (reached <= most) continue;
      verdict.refuse(rule, fmt::format("{}{}{} of {} are realized, at most {} are asked for", word,
                                       word.empty() ? "" : "-term ", kind == RequestKind::harvest ? "losses" : "gains",
                                       reached.to_string(2), most.to_string(2)));
    }
  }
}

// Where only needs may be served.
struct NeedsOnly {
  const char* rule;
  bool invests_excess;   // cash beyond cash_max may be invested
  bool forced_is_apart;  // what a restriction or a person orders is no matter of this rule
};

void needs_alone_are_served(const AccountSheet& sheet, const NeedsOnly& only, Verdict& verdict) {
  // What is due. A line below cash_min is not made worse, and is no reason to sell by itself.
  const Money need = sheet.reserved + sheet.set_aside;
  Money line = sheet.line_before;  // after what a person ordered
  Money own_cash = sheet.account->cash;
  Money forced;
  bool any_directed = false;
  bool any_free_sale = false;
  bool any_free_purchase = false;
  Freely sales;
  for (const Trade* trade : sheet.trades) {
    const bool sells = trade->side == Side::sell;
    if (sheet.is_cash(*trade)) continue;
    if (only.forced_is_apart && sheet.is_directed(*trade)) {
      const Money brings = sells ? trade->amount : -trade->amount;
      line += brings;
      own_cash += brings;
      any_directed = true;
    } else if (sells && is_forced_out(sheet, *trade) && (only.forced_is_apart || sheet.liquidating)) {
      forced += trade->amount;
    } else {
      if (sells) sales.push_back(trade);
      any_free_sale = any_free_sale || (sells && !sells_only_lots_asked_for(sheet, *trade));
      any_free_purchase = any_free_purchase || !sells;
    }
  }
  // What selling funds costs makes it short only as far as funds must be sold for what is due.
  const Money after_funds = line - sheet.costs_of_funds(own_cash);
  const bool is_short = (any_directed ? after_funds - cent : after_funds) < need;
  const Money raised = sheet.line_after + sheet.fund_costs;
  const Money most = std::max(need + costs_at_need(sheet, need), line + forced) + smallest_sale(sheet) + cent;
  if ((any_free_sale && !is_short) || (!sales.empty() && is_short && raised > most)) {
    verdict.refuse(only.rule,
                   fmt::format("securities are sold from a cash line of {} to {}, the need is {}",
                               sheet.line_before.to_string(2), sheet.line_after.to_string(2), need.to_string(2)));
  }
  if (!is_short) refuse_more_than_asked(sheet, sales, only.rule, verdict);
  const bool replaces = is_realizing(sheet) && only_proceeds_are_spent(sheet);
  const bool invests =
      only.invests_excess && sheet.line_before > sheet.cash_most() && sheet.line_after >= sheet.cash_need() - cent;
  if (any_free_purchase && !replaces && !invests) {
    verdict.refuse(only.rule, fmt::format("securities are bought from a cash line of {} to {}, cash_max is {}",
                                          sheet.line_before.to_string(2), sheet.line_after.to_string(2),
                                          sheet.cash_most().to_string(2)));
  }
}

void harvest_only_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  for (const SoldLot& sold : sheet.sold) {
    // Untaxed accounts have no losses to take.
    const bool at_a_loss = sheet.taxable() && sold.whole_gain && sold.whole_gain->is_negative();
    if (at_a_loss || sheet.is_cash(*sold.trade)) continue;
    verdict.refuse(rule::mode_harvest_only, *sold.lot, "sold, and not at a loss");
  }
  if (any_invested(sheet, Side::buy) && !only_proceeds_are_spent(sheet)) {
    verdict.refuse(rule::mode_harvest_only,
                   fmt::format("purchases take the cash line from {} to {}, more than the sales bring",
                               sheet.line_before.to_string(2), sheet.line_after.to_string(2)));
  }
}

// The smaller of the account's and the taxpayer's, spread over the year where the policy says so.
std::optional<Money> budget_of(const AccountSheet& sheet, std::optional<Money> own, std::optional<Money> taxpayers) {
  if (!own && !taxpayers) return std::nullopt;
  const Money tightest = own && taxpayers ? std::min(*own, *taxpayers) : (own ? *own : *taxpayers);
  if (!sheet.policy->budget_prorated) return tightest;
  const Date as_of = sheet.book->firm.as_of;
  return Money::of_count(multiply_divide_half_away(tightest.count(), as_of.day_of_year(), as_of.days_in_year()));
}

// The whole tax of an income, bracket by bracket.
Money whole_tax(const std::vector<TaxBracket>& brackets, Money income) {
  Money tax;
  for (std::size_t i = 0; i < brackets.size() && brackets[i].over < income; ++i) {
    const Money top = i + 1 < brackets.size() ? std::min(income, brackets[i + 1].over) : income;
    tax += fraction_of(top - brackets[i].over, brackets[i].rate);
  }
  return tax;
}

// The same by brackets, as two returns compared: one with the gains and one without. What the long-term gains pay is
// the preferential tax on everything less that on everything else (Schedule D Tax Worksheet).
Money tax_by_brackets(Money short_term, Money long_term, const Taxpayer& taxpayer, const TaxBrackets& brackets) {
  const Money net = short_term + long_term;
  const Money capital_gain = long_term.is_negative() ? Money{} : std::min(long_term, net);
  const Money others = taxpayer.ordinary_income + net - capital_gain;
  return whole_tax(brackets.ordinary, others) - whole_tax(brackets.ordinary, taxpayer.ordinary_income) +
         whole_tax(brackets.long_term, others + capital_gain) - whole_tax(brackets.long_term, others) +
         whole_tax(brackets.niit, taxpayer.magi + net) - whole_tax(brackets.niit, taxpayer.magi);
}

// max(0, T(S, L)) of docs/formulas.md.
Money tax_on(Money short_term, Money long_term, const Taxpayer& taxpayer, const Book& book) {
  const Money net = short_term + long_term;
  if (!net.is_positive()) return {};
  if (taxpayer.brackets.exists()) {
    return tax_by_brackets(short_term, long_term, taxpayer, book.brackets[taxpayer.brackets.value]);
  }
  if (long_term.is_negative()) return fraction_of(net, taxpayer.rate_short);
  if (short_term.is_negative()) return fraction_of(net, taxpayer.rate_long);
  return fraction_of(short_term, taxpayer.rate_short) + fraction_of(long_term, taxpayer.rate_long);
}

// What the account traded of its own accord and what that sums to; securities of kind cash never count.
struct Recent {
  Money bought;  // in the last 30 days
  Money sold;
  std::optional<Date> last;  // of any age
};

Recent recent_orders(const AccountSheet& sheet) {
  Recent recent;
  const Date as_of = sheet.book->firm.as_of;
  for (const Transaction& row : sheet.index->transactions(sheet.account_index)) {
    const bool is_order = row.kind == TransactionKind::buy || row.kind == TransactionKind::sell;
    if (!is_order || !row.discretionary || row.trade_date > as_of || !row.security.exists()) continue;
    if (sheet.book->security(row.security).kind == SecurityKind::cash) continue;
    recent.last = std::max(recent.last.value_or(row.trade_date), row.trade_date);
    if (as_of - row.trade_date > turnover_days) continue;
    (row.kind == TransactionKind::buy ? recent.bought : recent.sold) += row.amount;
  }
  return recent;
}

}  // namespace

void liquidation_sells_everything(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.liquidating) return;
  for (const PositionLine& line : sheet.lines) {
    if (line.is_cash) continue;
    if (line.after > line.before) verdict.refuse(rule::request_liquidate, line.security, "bought while liquidating");
    if (!line.after.is_positive()) continue;
    verdict.refuse(rule::request_liquidation_left, line.security,
                   fmt::format("{} shares are left of a liquidation", line.after.to_string()));
  }
}

void reserved_cash_is_there(const AccountSheet& sheet, Verdict& verdict) {
  // What is set aside pays for nothing: the rest has to be there.
  const Money least = sheet.reserved + sheet.set_aside;
  if (!sheet.priced || sheet.reserved.is_zero() || sheet.line_after >= least - cent) return;
  // An account that can sell nothing is quiet with a note.
  if (sheet.trades.empty() && !sheet.result->exceptions.empty()) return;
  verdict.refuse(rule::request_cash_short,
                 fmt::format("a cash line of {} afterwards, {} is reserved beside {} set aside",
                             sheet.line_after.to_string(2), sheet.reserved.to_string(2), sheet.set_aside.to_string(2)));
}

void cash_set_aside_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  const Money least = sheet.reserved + sheet.set_aside;
  if (!sheet.priced || sheet.set_aside.is_zero() || sheet.trades.empty() || sheet.line_after >= least - cent) return;
  verdict.refuse(rule::request_set_aside,
                 fmt::format("a cash line of {} afterwards; {} are set aside, {} reserved",
                             sheet.line_after.to_string(2), sheet.set_aside.to_string(2), sheet.reserved.to_string(2)));
}

void directed_trades_are_made(const AccountSheet& sheet, Verdict& verdict) {
  for (const DirectedTrade& ordered : sheet.index->directed(sheet.account_index)) {
    const PositionLine* line = sheet.line(ordered.security);
    const Quantity before = line == nullptr ? Quantity() : line->before;
    const Quantity after = line == nullptr ? Quantity() : line->after;
    const bool buys = ordered.side == Side::buy;
    const Quantity made = buys ? after - before : before - after;
    if (made == ordered.quantity || (!buys && before.is_positive() && after.is_zero())) continue;
    if (sheet.is_left(ordered, std::nullopt)) continue;
    verdict.refuse(rule::request_directed_left, ordered.security,
                   fmt::format("{} shares are {}, {} are ordered", made.to_string(), buys ? "bought" : "sold",
                               ordered.quantity.to_string()));
  }
}

void harvest_is_reached(const AccountSheet& sheet, Verdict& verdict) {
  refuse_unrealized(sheet, RequestKind::harvest, verdict);
}

void gains_asked_for_are_realized(const AccountSheet& sheet, Verdict& verdict) {
  refuse_unrealized(sheet, RequestKind::realize_gains, verdict);
}

void zero_rate_is_not_exceeded(const AccountSheet& sheet, Verdict& verdict) {
  const Request* request = zero_rate_request(sheet);
  if (request == nullptr || sheet.liquidating) return;
  const Taxpayer& taxpayer = *taxpayer_of(sheet);
  const Money more = sheet.realized(Term::short_term) + sheet.realized(Term::long_term);
  const Money rounded = Money::of_count(cent.count() * static_cast<std::int64_t>(sheet.sold.size() + 1));
  const Money income = taxpayer.ordinary_income + taxpayer.realized_short_ytd + taxpayer.realized_long_ytd +
                       taxpayer.outside_gains_short + taxpayer.outside_gains_long - taxpayer.carryforward_short -
                       taxpayer.carryforward_long + sheet.run_short_before + sheet.run_long_before + more;
  for (const TaxBracket& bracket : sheet.book->brackets[taxpayer.brackets.value].long_term) {
    if (!bracket.rate.is_positive()) continue;
    if (more <= rounded || income <= bracket.over + rounded) return;
    verdict.refuse(rule::request_realize_gains,
                   fmt::format("gains of {} bring the income to {}, the zero rate ends at {}", more.to_string(2),
                               income.to_string(2), bracket.over.to_string(2)));
    return;
  }
}

void losses_are_preserved(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.taxable()) return;
  const auto in_force = std::ranges::find_if(sheet.requests, [&](const Request& request) {
    return request.kind == RequestKind::preserve_losses && sheet.book->firm.as_of <= request.due_on;
  });
  if (in_force == sheet.requests.end()) return;
  for (const SoldLot& sold : sheet.sold) {
    if (!sold.is_loss() || sheet.is_cash(*sold.trade)) continue;
    verdict.refuse(
        rule::request_preserve_losses, *sold.lot,
        fmt::format("sold at a loss, {} preserves losses to {}", in_force->id, in_force->due_on.to_string()));
  }
}

void mode_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  switch (sheet.policy->mode) {
    case Mode::full:
      break;
    case Mode::buy_only:
      if (any_invested(sheet, Side::sell)) verdict.refuse(rule::mode_buy_only, "a sale in mode buy_only");
      break;
    case Mode::sell_only:
      if (any(sheet, Side::buy)) verdict.refuse(rule::mode_sell_only, "a purchase in mode sell_only");
      break;
    case Mode::hold:
      if (!sheet.trades.empty()) verdict.refuse(rule::mode_hold, "an order in mode hold");
      break;
    case Mode::cash_only:
      needs_alone_are_served(sheet, {.rule = rule::mode_cash_only, .invests_excess = true, .forced_is_apart = false},
                             verdict);
      break;
    case Mode::harvest_only:
      harvest_only_is_kept(sheet, verdict);
      break;
  }
}

void short_term_gains_are_avoided(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.taxable() || sheet.policy->short_term_gains == ShortTermGains::allow) return;
  for (const SoldLot& sold : sheet.sold) {
    if (sold.term == Term::long_term || !sold.is_gain()) continue;
    verdict.refuse(rule::short_term_gains_avoided, *sold.lot,
                   fmt::format("a short-term gain of {}", sold.gain->to_string(2)));
  }
}

void long_term_is_waited_for(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.taxable()) return;
  for (const SoldLot& sold : sheet.sold) {
    if (sold.term == Term::long_term || !sold.is_gain()) continue;
    const int days = tax::anniversary(sold.lot->held_from) + 1 - sheet.book->firm.as_of;
    if (days > sheet.policy->long_term_wait_days) continue;
    verdict.refuse(rule::short_term_wait, *sold.lot,
                   fmt::format("a gain that turns long-term in {} days, waited for up to {}", days,
                               sheet.policy->long_term_wait_days));
  }
}

void gain_budget_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  const Taxpayer* taxpayer = taxpayer_of(sheet);
  if (taxpayer == nullptr) return;
  const auto budget = budget_of(sheet, sheet.policy->gain_budget, taxpayer->gain_budget);
  if (!budget) return;
  const Money before =
      taxpayer->realized_short_ytd + taxpayer->realized_long_ytd + sheet.run_short_before + sheet.run_long_before;
  const Money after = before + sheet.realized(Term::short_term) + sheet.realized(Term::long_term);
  if (after <= std::max(*budget, before) + cent) return;
  verdict.refuse(rule::budget_gain, fmt::format("gains of {} this year, {} before, the budget is {}",
                                                after.to_string(2), before.to_string(2), budget->to_string(2)));
}

void tax_budget_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  const Taxpayer* taxpayer = taxpayer_of(sheet);
  if (taxpayer == nullptr) return;
  const auto budget = budget_of(sheet, sheet.policy->tax_budget, taxpayer->tax_budget);
  if (!budget) return;
  const Money short_before = taxpayer->realized_short_ytd + taxpayer->outside_gains_short -
                             taxpayer->carryforward_short + sheet.run_short_before;
  const Money long_before =
      taxpayer->realized_long_ytd + taxpayer->outside_gains_long - taxpayer->carryforward_long + sheet.run_long_before;
  const Money before = tax_on(short_before, long_before, *taxpayer, *sheet.book);
  const Money after = tax_on(short_before + sheet.realized(Term::short_term),
                             long_before + sheet.realized(Term::long_term), *taxpayer, *sheet.book);
  if (after <= std::max(*budget, before) + cent) return;
  verdict.refuse(rule::budget_tax, fmt::format("tax of {} this year, {} before, the budget is {}", after.to_string(2),
                                               before.to_string(2), budget->to_string(2)));
}

void cash_min_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.priced) return;
  const Money least = std::min(sheet.cash_need(), std::max(sheet.line_before, sheet.reserved));
  // Below what is reserved it is the request that falls short, not cash_min.
  if (sheet.trades.empty()) return;  // an old overdraft is not made worse by doing nothing
  const bool request_falls_short = sheet.reserved.is_positive() && sheet.line_after < sheet.reserved - cent;
  if (sheet.line_after >= least - cent || request_falls_short) return;
  verdict.refuse(rule::cash_min,
                 fmt::format("a cash line of {} afterwards, {} before, at least {}", sheet.line_after.to_string(2),
                             sheet.line_before.to_string(2), least.to_string(2)));
}

void nothing_to_invest_is_not_invested(const AccountSheet& sheet, Verdict& verdict) {
  if (sheet.investable.is_positive() || !any(sheet, Side::buy)) return;
  verdict.refuse(rule::cash_nothing_to_invest,
                 fmt::format("a purchase with an investable value of {}", sheet.investable.to_string(2)));
}

void turnover_max_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.policy->turnover_max || !sheet.has_weights()) return;
  const Recent recent = recent_orders(sheet);
  const Money limit = fraction_of(sheet.investable, *sheet.policy->turnover_max);
  const Money before = std::min(recent.bought, recent.sold);
  const Money after = std::min(recent.bought + sheet.bought(), recent.sold + sheet.sold_for());
  if (after <= std::max(limit, before) + cent) return;
  verdict.refuse(rule::turnover_max, fmt::format("turnover of {} in 30 days, {} before, at most {}", after.to_string(2),
                                                 before.to_string(2), limit.to_string(2)));
}

void rebalance_days_are_waited_for(const AccountSheet& sheet, Verdict& verdict) {
  const std::optional<Date> last = recent_orders(sheet).last;
  if (!last || sheet.book->firm.as_of - *last >= sheet.policy->rebalance_days_min) return;
  needs_alone_are_served(
      sheet, {.rule = rule::turnover_rebalance_wait, .invests_excess = false, .forced_is_apart = true}, verdict);
}

void position_weight_max_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.policy->position_weight_max || !sheet.has_weights()) return;
  const Money limit = fraction_of(sheet.investable, *sheet.policy->position_weight_max);
  for (const PositionLine& line : sheet.lines) {
    if (line.is_cash || line.value_after <= std::max(limit, line.value_before) + cent) continue;
    verdict.refuse(rule::position_weight_max, line.security,
                   fmt::format("a position of {}, {} before, at most {}", line.value_after.to_string(2),
                               line.value_before.to_string(2), limit.to_string(2)));
  }
}

void names_max_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.policy->names_max) return;
  int before = 0;
  int after = 0;
  for (const PositionLine& line : sheet.lines) {
    if (line.is_cash) continue;
    before += line.before.is_positive() ? 1 : 0;
    after += line.after.is_positive() ? 1 : 0;
  }
  if (after <= std::max(before, *sheet.policy->names_max)) return;
  verdict.refuse(rule::names_max,
                 fmt::format("{} names, {} before, at most {}", after, before, *sheet.policy->names_max));
}

void bands_are_kept(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.has_weights() || sheet.policy->bands.empty()) return;
  std::map<std::string_view, Change> classes;
  for (const PositionLine& line : sheet.lines) {
    if (line.is_cash) continue;
    Change& sum = classes[sheet.book->security(line.security).asset_class];
    sum.before += line.value_before;
    sum.after += line.value_after;
  }
  for (const auto& [name, band] : sheet.policy->bands) {
    if (band.price) continue;  // no hard rule: what lies outside is paid for
    const Change sum = classes[name];
    const bool over = band.max && sum.after > std::max(fraction_of(sheet.investable, *band.max), sum.before) + cent;
    const bool under = band.min && sum.after < std::min(fraction_of(sheet.investable, *band.min), sum.before) - cent;
    if (!over && !under) continue;
    verdict.refuse(over ? rule::band_max : rule::band_min,
                   fmt::format("asset class {}: {} afterwards, {} before, of {} invested", name, sum.after.to_string(2),
                               sum.before.to_string(2), sheet.investable.to_string(2)));
  }
}

void trade_minimum_is_reached(const AccountSheet& sheet, Verdict& verdict) {
  const Money least = sheet.trade_minimum();
  for (const Trade* trade : sheet.trades) {
    if (sheet.closes(*trade) || sheet.is_directed(*trade) || trade->amount >= std::max(cent, least - cent)) continue;
    verdict.refuse(rule::trade_min_amount, trade->security,
                   fmt::format("an order of {}, at least {}", trade->amount.to_string(2), least.to_string(2)));
  }
}

void quantity_step_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  for (const Trade* trade : sheet.trades) {
    const Quantity step = sheet.security(*trade).quantity_step;
    if (sheet.closes(*trade) || !step.is_positive() || trade->quantity.count() % step.count() == 0) continue;
    verdict.refuse(rule::trade_min_quantity_step, trade->security,
                   fmt::format("{} shares in steps of {}", trade->quantity.to_string(), step.to_string()));
  }
}

}  // namespace lotwright::hard_rules
