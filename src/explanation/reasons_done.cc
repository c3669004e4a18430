#include <algorithm>
#include <cmath>

#include "book/rules.h"
#include "explanation/benefit_split.h"
#include "explanation/cents.h"
#include "explanation/reasons.h"

namespace lotwright {
namespace {

// A row before its dollars are rounded.
struct Share {
  ReasonRow row;
  const Trade* trade = nullptr;   // nullptr: the cash line
  const LotSale* sale = nullptr;  // of a sale: its lot
  double benefit = 0.0;
  double tax = 0.0;
  double cost = 0.0;
  double funding = 0.0;
};

// What the shares of an account's orders are computed from.
struct Slopes {
  BenefitSplit benefit;
  tax::TaxSlopes tax;  // the mean along the straight path from no orders to all
};

Slopes slopes_of(const DecidedAccount& decided) {
  return {BenefitSplit(decided.terms, decided.before, decided.after),
          objective::mean_tax_slopes(decided.terms, decided.after.gain_short, decided.after.gain_long)};
}

std::size_t line_of(const DecidedAccount& decided, const Trade& trade) {
  const auto& lines = decided.terms.lines;
  const auto line = std::ranges::lower_bound(lines, trade.security, {}, &objective::Line::security);
  require(line != lines.end() && line->security == trade.security, "a trade is outside its account's lines");
  return static_cast<std::size_t>(line - lines.begin());
}

bool is_of_cash_kind(const DecidedAccount& decided, const Trade& trade) {
  return decided.book().security(trade.security).kind == SecurityKind::cash;
}

// A security of kind cash is part of the cash line already: only the commission leaves it.
double funding_of(const DecidedAccount& decided, const Trade& trade) {
  const double dollars = is_of_cash_kind(decided, trade) ? 0.0 : trade.amount.to_double();
  return cash_raised(trade.side, dollars, trade.commission.to_double()) * decided.solution.cash_shadow_price;
}

Share share_of(const DecidedAccount& decided, const Slopes& slopes, std::size_t i) {
  const Trade& trade = decided.solution.trades.trades[i];
  const Security& security = decided.book().security(trade.security);
  Share share;
  share.trade = &trade;
  share.row.security_id = security.id.text;
  share.row.decision = trade.side == Side::buy ? Decision::bought : Decision::sold;
  if (!is_of_cash_kind(decided, trade)) share.benefit = slopes.benefit.of_line(line_of(decided, trade));
  share.cost = objective::trading_cost(decided.terms, fraction(security.half_spread), trade.amount.to_double());
  share.funding = funding_of(decided, trade);
  return share;
}

// A sale's share by lot: tax and what is given up by not waiting are each lot's own, the rest goes by quantity.
void split_by_lot(const DecidedAccount& decided, const Slopes& slopes, const Trade& trade, const Share& whole,
                  std::vector<Share>& shares) {
  for (const LotSale& sale : trade.lots) {
    Share part = whole;
    const double portion = sale.quantity.to_double() / trade.quantity.to_double();
    part.sale = &sale;
    part.row.lot_id = decided.holder().lots[sale.lot].id.text;
    part.benefit *= portion;
    part.cost = part.cost * portion + objective::waiting_cost(decided.terms, sale);
    part.funding *= portion;
    part.tax =
        counted_gain(sale).to_double() * (sale.term == Term::short_term ? slopes.tax.on_short : slopes.tax.on_long);
    shares.push_back(part);
  }
}

std::vector<Share> shares_of_orders(const DecidedAccount& decided) {
  const Slopes slopes = slopes_of(decided);
  std::vector<Share> shares;
  for (std::size_t i = 0; i < decided.solution.trades.trades.size(); ++i) {
    const Trade& trade = decided.solution.trades.trades[i];
    const Share share = share_of(decided, slopes, i);
    if (trade.side == Side::buy) {
      shares.push_back(share);
    } else {
      split_by_lot(decided, slopes, trade, share, shares);
    }
  }
  return shares;
}

// The cash line answers for its own cost beyond cash_max and stands against the funding of all orders.
Share share_of_cash(const DecidedAccount& decided, const std::vector<Share>& orders) {
  Share share;
  share.row.decision = Decision::cash;
  share.row.rule = rule::cash_line;
  share.benefit = decided.parts_before.cash - decided.parts_after.cash;
  for (const Share& order : orders) share.funding -= order.funding;
  return share;
}

double sum_of(const std::vector<Share>& shares, double Share::*column) {
  double sum = 0.0;
  for (const Share& share : shares) sum += share.*column;
  return sum;
}

void round_column(std::vector<Share>& shares, double Share::*from, Money ReasonRow::*to, Money total) {
  std::vector<double> dollars;
  for (const Share& share : shares) dollars.push_back(share.*from);
  const std::vector<Money> rounded = apportion(dollars, total);
  for (std::size_t i = 0; i < shares.size(); ++i) shares[i].row.*to = rounded[i];
}

// By how much the objective would be worse without the purchase, or without selling this lot, all else done.
std::optional<Money> without(const DecidedAccount& decided, const Share& share) {
  const Trade& trade = *share.trade;
  const Quantity quantity = share.sale == nullptr ? trade.quantity : share.sale->quantity;
  const double portion = quantity.to_double() / trade.quantity.to_double();
  const double sign = trade.side == Side::buy ? 1.0 : -1.0;
  objective::Outcome outcome = decided.after;
  if (!is_of_cash_kind(decided, trade)) {
    outcome.dollars[line_of(decided, trade)] -= sign * value_of(quantity, trade.price).to_double();
    outcome.cash_line += portion * sign * trade.amount.to_double();
  }
  outcome.cash_line += portion * trade.commission.to_double();
  // What is left of the order still pays its ticket.
  outcome.trading -= share.cost - (portion < 1.0 ? portion * decided.terms.ticket_cost : 0.0);
  if (share.sale != nullptr && decided.terms.taxable) {
    const double gain = counted_gain(*share.sale).to_double();
    (share.sale->term == Term::short_term ? outcome.gain_short : outcome.gain_long) -= gain;
  }
  return to_cents_if_sane(objective::parts_of(decided.terms, outcome).total() - decided.parts_after.total());
}

}  // namespace

Money counted_gain(const LotSale& sale) { return sale.gain.value_or(Money{}) + sale.disallowed; }

double cash_raised(Side side, double dollars, double commission) {
  return (side == Side::sell ? dollars : -dollars) - commission;
}

std::vector<ReasonRow> reasons_done(const DecidedAccount& decided, Told told) {
  std::vector<Share> shares = shares_of_orders(decided);
  if (shares.empty()) return {};
  shares.insert(shares.begin(), share_of_cash(decided, shares));

  const double improvement = decided.parts_before.total() - decided.parts_after.total();
  const double tax = sum_of(shares, &Share::tax);
  const double cost = sum_of(shares, &Share::cost);
  const double explained = sum_of(shares, &Share::benefit) - tax - cost;
  require(std::abs(explained - improvement) <= 0.01 + 1e-9 * std::abs(decided.terms.investable),
          "the reasons do not add up to the improvement");

  round_column(shares, &Share::tax, &ReasonRow::tax, to_cents(tax));
  round_column(shares, &Share::cost, &ReasonRow::cost, to_cents(cost));
  round_column(shares, &Share::funding, &ReasonRow::funding, Money{});
  round_column(shares, &Share::benefit, &ReasonRow::benefit, to_cents(improvement) + to_cents(tax) + to_cents(cost));
  std::vector<ReasonRow> rows;
  for (Share& share : shares) {
    ReasonRow& row = share.row;
    row.net = row.benefit - row.tax - row.cost + row.funding;
    const bool asks = told == Told::everything && share.trade != nullptr && row.net.is_negative();
    if (asks) row.without = without(decided, share);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace lotwright
