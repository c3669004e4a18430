#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "reports/sections.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

constexpr std::size_t lots_shown_max = 5;

// "lowers", or with `would` "would lower".
std::string verb(const char* stem, bool would) {
  return would ? fmt::format("would {}", stem) : fmt::format("{}s", stem);
}

std::string cash_in_words(const ReasonRow& row, Side side) {
  const std::string dollars = usd(row.funding.abs());
  if (side == Side::sell) {
    return row.funding.is_positive() ? "the cash it raises is worth " + dollars + " to the orders that use it"
                                     : "the cash it raises is in excess and costs " + dollars;
  }
  return row.funding.is_positive() ? "the cash it uses was in excess, which is worth " + dollars
                                   : "the cash it uses would bring " + dollars + " in other orders";
}

// What an order that was not asked for does to its own line.
std::string balance_in_words(const AccountFacts& facts, const Trade& trade) {
  const auto line = std::ranges::find(facts.lines, trade.security, &LineFacts::security);
  if (line == facts.lines.end()) return "to bring the account nearer its target";
  const double wanted = line->target.to_double() * facts.result->investable.to_double();
  const double before = std::abs(line->before.to_double() - wanted);
  const double after = std::abs(line->after.to_double() - wanted);
  if (after <= before) return "to bring the account nearer its target";
  return line->target.is_zero() ? "to stand in for what is sold or may not be bought"
                                : "beyond its own target, to balance what is held of others";
}

// What drove an order, as in orders.csv.
std::string purpose_of(const std::string& reason) {
  static const std::map<std::string, std::string, std::less<>> purposes = {
      {"harvest_loss", "to take a loss for tax"},
      {"invest_cash", "to invest cash beyond the most that is to stay"},
      {"raise_cash", "to raise cash that is needed"},
      {"request_liquidate", "because a liquidation is due"},
      {"request_realize_gains", "because gains are asked for"},
      {"request_harvest", "because losses are asked for"},
      {"request_cash_out", "because a payment is due and weaker rules yield to it"},
      {"request_directed", "because a person ordered it"},
      {"cash_negative", "because the account's cash is below zero"},
      {"restriction_sell_all", "because a restriction asks for the whole position to be sold"},
      {"restriction_screen", "because a screen forbids holding it"}};
  const auto known = purposes.find(reason);
  return known == purposes.end() ? "because of " + reason : known->second;
}

const ReasonRow* row_of(const AccountResult& result, const std::string& security, const std::string& lot,
                        Decision decision) {
  for (const ReasonRow& row : result.reasons) {
    if (row.security_id == security && row.lot_id == lot && row.decision == decision) return &row;
  }
  return nullptr;
}

// The share of the whole account's improvement that a row of the sum has. One that is negative does not pay by itself:
// what the account would lack without it says why it is made all the same.
std::string share_in_words(const AccountFacts& facts, const ReasonRow& row, Side side) {
  std::string text =
      fmt::format("It {}. Its share of the improvement is {}", price_in_words(facts, row, side, false), usd(row.net));
  if (row.without && row.without->is_positive()) {
    text += fmt::format("; it serves the other orders: without it, and with all of them, the account would be {} worse",
                        usd(*row.without));
  }
  return text + ".";
}

std::string gain_in_words(const std::optional<Money>& gain) {
  if (!gain) return "of unknown basis";
  if (gain->is_zero()) return "neither gain nor loss";
  return (gain->is_negative() ? "a loss of " : "a gain of ") + usd(gain->abs());
}

std::string lot_sold(const AccountFacts& facts, const Trade& trade, const LotSale& sale) {
  const TaxLot& lot = facts.account().lots[sale.lot];
  std::string text = fmt::format("Lot {}, of {}, {}: {} of {} for {}, {}.", lot.id.text, lot.acquired_on.to_string(),
                                 term_in_words(sale.term), sale.quantity.to_string(), lot.quantity.to_string(),
                                 usd(sale.proceeds), gain_in_words(sale.gain));
  if (sale.disallowed.is_positive()) {
    text += fmt::format(" A wash sale sets aside {} of the loss.", usd(sale.disallowed));
  }
  const ReasonRow* row =
      row_of(*facts.result, facts.book->security(trade.security).id.text, lot.id.text, Decision::sold);
  return row == nullptr ? text : text + " " + share_in_words(facts, *row, Side::sell);
}

Quantity sold_of(const Trade& trade, std::uint32_t lot) {
  const auto sale = std::ranges::find(trade.lots, lot, &LotSale::lot);
  return sale == trade.lots.end() ? Quantity() : sale->quantity;
}

// The gain on a dollar of the lot at today's price; unknown ones last.
double gain_on_a_dollar(const AccountFacts& facts, const LotFacts& lot) {
  const TaxLot& held = facts.account().lots[lot.lot];
  const Money worth = value_of(held.quantity, *facts.book->security(held.security).price);
  return lot.gain && worth.is_positive() ? lot.gain->to_double() / worth.to_double() : 1e9;
}

std::string lot_kept(const AccountFacts& facts, const LotFacts& lot) {
  const TaxLot& held = facts.account().lots[lot.lot];
  std::string text = held.id.text;
  if (!lot.barred_by.empty()) return fmt::format("{} ({})", text, lot.barred_by);
  if (!lot.gain) return text + " (unknown basis)";
  const double gain = gain_on_a_dollar(facts, lot);
  return fmt::format("{} ({}, {} {})", text, term_in_words(lot.term), gain < 0.0 ? "a loss of" : "a gain of",
                     percent(gain < 0.0 ? -gain : gain, 1));
}

// The lots of the security that stay in whole, the ones nearest to being sold first.
std::string lots_that_stay(const AccountFacts& facts, const Trade& trade) {
  std::vector<const LotFacts*> kept;
  for (const LotFacts& lot : facts.lots) {
    if (facts.account().lots[lot.lot].security == trade.security && sold_of(trade, lot.lot).is_zero()) {
      kept.push_back(&lot);
    }
  }
  if (kept.empty()) return {};
  std::ranges::stable_sort(kept, {}, [&](const LotFacts* lot) { return gain_on_a_dollar(facts, *lot); });
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(kept.size(), lots_shown_max); ++i) names.push_back(lot_kept(facts, *kept[i]));
  if (kept.size() > lots_shown_max) names.push_back(fmt::format("{} more", kept.size() - lots_shown_max));
  return fmt::format("{} {}.", names.size() == 1 ? "This lot stays:" : "These lots stay:", listed(names));
}

Item item_of(const AccountFacts& facts, const Order& order) {
  const Trade& trade = order.trade;
  const Security& security = facts.book->security(trade.security);
  const bool buys = trade.side == Side::buy;
  Item item;
  item.sentence = fmt::format("{} {} {} at {}, {} in all, {}.", buys ? "Buy" : "Sell", trade.quantity.to_string(),
                              title_of(security), usd(trade.price), usd(trade.amount),
                              order.reason == "rebalance" ? balance_in_words(facts, trade) : purpose_of(order.reason));
  if (buys) {
    const ReasonRow* row = row_of(*facts.result, security.id.text, {}, Decision::bought);
    if (row != nullptr) item.sentence += " " + share_in_words(facts, *row, Side::buy);
    return item;
  }
  for (const LotSale& sale : trade.lots) item.details.push_back(lot_sold(facts, trade, sale));
  if (const std::string stay = lots_that_stay(facts, trade); !stay.empty()) item.details.push_back(stay);
  return item;
}

// The cash line's own row: what is left of it beyond cash_max costs, and it answers for the orders' funding.
std::string cash_row_in_words(const ReasonRow& row) {
  std::string text = "The cash line";
  if (row.benefit.is_zero()) {
    text += " has no cost of its own before or after";
  } else {
    text += fmt::format(" costs {} a year {} than before", usd(row.benefit.abs()),
                        row.benefit.is_positive() ? "less" : "more");
  }
  if (!row.funding.is_zero()) {
    text += row.funding.is_positive()
                ? fmt::format("; the money that the orders take from it is worth {} to them", usd(row.funding))
                : fmt::format("; the money that the orders bring it counts {} among them", usd(row.funding.abs()));
  }
  return text + fmt::format(". Its share of the improvement is {}.", usd(row.net));
}

// The same for many orders together.
std::string words_of_purpose(const std::string& reason) {
  return reason == "rebalance" ? "nearer the target, or to balance" : purpose_of(reason);
}

// Where the improvement comes from: the rows of the sum by what drove their orders.
Table table_of_purposes(const AccountFacts& facts) {
  struct Sums {
    std::size_t orders = 0;
    ReasonRow of;
  };
  std::map<std::string, Sums> purposes;
  Sums all;
  const auto add = [](Sums& sums, const ReasonRow& row) {
    sums.of.benefit += row.benefit;
    sums.of.tax += row.tax;
    sums.of.cost += row.cost;
    sums.of.funding += row.funding;
    sums.of.net += row.net;
  };
  std::string last;
  for (const ReasonRow& row : facts.result->reasons) {
    if (row.decision == Decision::kept || row.decision == Decision::not_bought) continue;
    Sums& own = purposes[row.decision == Decision::cash ? "the cash line" : words_of_purpose(row.rule)];
    const bool another = !row.security_id.empty() && row.security_id != last;
    own.orders += another ? 1 : 0;
    all.orders += another ? 1 : 0;
    last = row.security_id;
    add(own, row);
    add(all, row);
  }
  Table table;
  if (all.orders < 2) return table;
  table.columns = {"what the orders are for", "orders", "risk, holding", "tax", "trading", "cash", "improvement"};
  const auto cells = [&](const std::string& name, const Sums& sums) {
    const ReasonRow& of = sums.of;
    table.rows.push_back({name, std::to_string(sums.orders), usd(of.benefit), usd(-of.tax), usd(-of.cost),
                          usd(of.funding), usd(of.net)});
  };
  for (const auto& [name, sums] : purposes) cells(name, sums);
  cells("together", all);
  return table;
}

}  // namespace

std::string price_in_words(const AccountFacts& facts, const ReasonRow& row, Side side, bool would) {
  std::vector<std::string> parts;
  if (!row.benefit.is_zero()) {
    parts.push_back(fmt::format("{} risk and holding costs by {} a year",
                                verb(row.benefit.is_positive() ? "lower" : "raise", would), usd(row.benefit.abs())));
  }
  if (!row.tax.is_zero()) {
    parts.push_back(
        fmt::format("{} {} in tax", verb(row.tax.is_positive() ? "cost" : "save", would), usd(row.tax.abs())));
  }
  if (!row.cost.is_zero()) {
    const bool waits = side == Side::sell && !facts.account().effective_policy.waiting_weight.is_zero();
    parts.push_back(fmt::format("{} {} to trade{}", verb("cost", would), usd(row.cost),
                                waits ? " and in what waiting would bring" : ""));
  }
  if (parts.empty()) parts.push_back(fmt::format("{} nothing", verb("cost", would)));
  const std::string text = listed(parts);
  return row.funding.is_zero() ? text : text + "; " + cash_in_words(row, side);
}

Section section_of_trades(const AccountFacts& facts) {
  Section section;
  section.heading = "Orders and why";
  section.table = table_of_purposes(facts);
  for (const Order& order : facts.result->orders) section.items.push_back(item_of(facts, order));
  for (const ReasonRow& row : facts.result->reasons) {
    if (row.decision == Decision::cash) section.items.push_back({cash_row_in_words(row), {}});
  }
  if (section.items.empty()) return section;
  section.items.push_back({fmt::format("Together the shares are the improvement of {}. Of a security the lots go first "
                                       "on which a dollar raised costs least in tax, as far as wash sales and "
                                       "restrictions let them.",
                                       usd(facts.result->improvement)),
                           {}});
  return section;
}

}  // namespace lotwright::reports
