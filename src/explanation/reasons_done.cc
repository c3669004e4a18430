#include <algorithm>
#include <cmath>

#include "book/rules.h"
#include "explanation/cents.h"
#include "explanation/reasons.h"

namespace lotwright {
namespace {

// A row before its dollars are rounded.
struct Share {
  ReasonRow row;
  double benefit = 0.0;
  double tax = 0.0;
  double cost = 0.0;
  double funding = 0.0;
};

// What the shares of an account's orders are computed from.
struct Slopes {
  std::vector<double> risk;        // by line: the mean of the gradients before and after, exact for a quadratic
  tax::TaxSlopes tax;              // the mean along the straight path from no orders to all
  std::vector<double> band;        // by priced band, the same
  objective::Terms without_lines;  // the account's constants
};

Slopes slopes_of(const DecidedAccount& decided) {
  Slopes slopes{objective::risk_gradient(decided.terms, decided.before),
                objective::mean_tax_slopes(decided.terms, decided.after.gain_short, decided.after.gain_long),
                objective::mean_band_slopes(decided.terms, decided.before, decided.after), decided.terms};
  slopes.without_lines.lines.clear();
  const std::vector<double> after = objective::risk_gradient(decided.terms, decided.after);
  for (std::size_t i = 0; i < after.size(); ++i) slopes.risk[i] = 0.5 * (slopes.risk[i] + after[i]);
  return slopes;
}

// Hurdle, alpha and location of one line depend on no other, so the objective of an account with this line only tells
// them.
double own_cost(const objective::Terms& without_lines, const objective::Line& line, double dollars) {
  objective::Terms alone = without_lines;
  alone.lines = {line};
  objective::Outcome outcome = objective::before(alone);
  outcome.dollars = {dollars};
  const objective::Parts parts = objective::parts_of(alone, outcome);
  return parts.hurdle + parts.alpha + parts.location;
}

// What moving the trade's line brings: the fall of risk, hurdle, alpha, location and bands. A security of kind cash has
// no line.
double benefit_of(const DecidedAccount& decided, const Slopes& slopes, const Trade& trade) {
  if (decided.book().security(trade.security).kind == SecurityKind::cash) return 0.0;
  const auto& lines = decided.terms.lines;
  const auto line = std::ranges::lower_bound(lines, trade.security, {}, &objective::Line::security);
  require(line != lines.end() && line->security == trade.security, "a trade is outside its account's lines");
  const auto i = static_cast<std::size_t>(line - lines.begin());
  const double before = decided.before.dollars[i];
  const double after = decided.after.dollars[i];
  const double in_band = line->band >= 0 ? slopes.band[static_cast<std::size_t>(line->band)] : 0.0;
  return own_cost(slopes.without_lines, *line, before) - own_cost(slopes.without_lines, *line, after) -
         slopes.risk[i] * (after - before) - in_band * (after - before);
}

// A security of kind cash is part of the cash line already: only the commission leaves it.
double funding_of(const DecidedAccount& decided, const Trade& trade) {
  const bool within_cash_line = decided.book().security(trade.security).kind == SecurityKind::cash;
  const double dollars = within_cash_line ? 0.0 : trade.amount.to_double();
  return cash_raised(trade.side, dollars, trade.commission.to_double()) * decided.solution.cash_shadow_price;
}

Share share_of(const DecidedAccount& decided, const Slopes& slopes, std::size_t i) {
  const Trade& trade = decided.solution.trades.trades[i];
  const Security& security = decided.book().security(trade.security);
  Share share;
  share.row.security_id = security.id.text;
  share.row.decision = trade.side == Side::buy ? Decision::bought : Decision::sold;
  share.row.rule = decided.solution.reasons[i];
  share.benefit = benefit_of(decided, slopes, trade);
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

}  // namespace

Money counted_gain(const LotSale& sale) { return sale.gain.value_or(Money{}) + sale.disallowed; }

double cash_raised(Side side, double dollars, double commission) {
  return (side == Side::sell ? dollars : -dollars) - commission;
}

std::vector<ReasonRow> reasons_done(const DecidedAccount& decided) {
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
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace lotwright
