#include "checks/directed.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "book/rules.h"
#include "checks/findings.h"
#include "checks/lines.h"

namespace lotwright {
namespace {

std::span<const DirectedTrade> directed_of(const Book& book, AccountIndex account) {
  const auto [begin, end] = std::ranges::equal_range(book.directed, account, {}, &DirectedTrade::account);
  return {begin, end};
}

// The rule that leaves a part of an order, and where it is written.
struct Reason {
  std::string rule;
  std::string source;
};

// Of what an order asks for, what can be made, and the last reason why it is less.
struct Part {
  Quantity quantity;
  Reason why;

  void cap(Quantity most, const std::string& rule, const std::string& source) {
    if (most >= quantity) return;
    quantity = std::max(Quantity(), most);
    why = {rule, source};
  }
};

const Bar* strongest(const std::vector<Bar>& bars) {
  const auto found = std::ranges::min_element(bars, {}, &Bar::strength);
  return found == bars.end() || found->strength > Strength::request ? nullptr : &*found;
}

Quantity whole_steps(Quantity quantity, Quantity step) {
  return Quantity::of_count(quantity.count() / step.count() * step.count());
}

Quantity shares_worth(Money dollars, const Security& security) {
  const double shares = std::max(0.0, dollars.to_double()) / security.price->to_double();
  constexpr double most = 9e18 / static_cast<double>(Quantity::scale);
  return Quantity::of_count(static_cast<std::int64_t>(std::min(shares, most) * static_cast<double>(Quantity::scale)));
}

// Another line of its identical group is driven out: nothing of the group is bought then.
const CheckedLine* driven_out_beside(const Book& book, const CheckedAccount& checked, GroupIndex group) {
  const auto found = std::ranges::find_if(checked.lines, [&](const CheckedLine& line) {
    return line.sell_all && book.security(line.security).group == group;
  });
  return found == checked.lines.end() ? nullptr : &*found;
}

void cap_purchase(const Book& book, const CheckedAccount& checked, const CheckedLine& line, Part& part) {
  const Security& security = book.security(line.security);
  if (const Bar* bar = strongest(line.buy_bars)) part.cap({}, bar->rule, bar->source);
  if (!checked.investable.is_positive()) part.cap({}, rule::cash_nothing_to_invest, "");
  part.cap(shares_worth(checked.value, security), rule::cash_nothing_to_sell, "");
  if (const CheckedLine* other = driven_out_beside(book, checked, security.group)) {
    part.cap({}, other->sell_all_rule, book.security(other->security).id.text);
  }
  if (line.weight_max && line.weight_max_strength == Strength::restriction && part.quantity.is_positive()) {
    const Money most = fraction_of(checked.investable, *line.weight_max) - value_of(line.held, *security.price);
    part.cap(shares_worth(most, security), rule::restriction_weight_max, security.id.text);
  }
}

void cap_sale(const Book& book, const CheckedAccount& checked, const CheckedLine& line, Part& part) {
  const Security& security = book.security(line.security);
  part.cap(line.held, rule::request_directed_left, "");
  if (const Bar* bar = strongest(line.sell_bars)) part.cap({}, bar->rule, bar->source);
  part.cap(line.held - line.locked, rule::restriction_lock_quantity, security.id.text);
  if (line.weight_min && part.quantity.is_positive()) {
    const Money least = fraction_of(std::max(Money(), checked.investable), *line.weight_min);
    part.cap(shares_worth(value_of(line.held, *security.price) - least, security), rule::restriction_weight_min,
             security.id.text);
  }
  Quantity saleable;
  Reason why{rule::restriction_lock_quantity, security.id.text};
  for (std::uint32_t i = line.lot_begin; i < line.lot_end; ++i) {
    const CheckedLot& lot = checked.lots[i];
    if (const Bar* bar = strongest(lot.bars)) {
      why = {bar->rule, bar->source};
    } else {
      saleable += lot.saleable;
    }
  }
  part.cap(saleable, why.rule, why.source);
}

bool is_in_model(const Book& book, const CheckedAccount& checked, SecurityIndex security) {
  const Model* model = model_of(book, checked);
  return model != nullptr && std::ranges::any_of(model->weights, [&](const auto& part) {
           return part.security == security && part.weight.is_positive();
         });
}

void direct(const Book& book, const DirectedTrade& trade, CheckedAccount& checked) {
  Part part{trade.quantity, {}};
  const auto line = std::ranges::lower_bound(checked.lines, trade.security, {}, &CheckedLine::security);
  const bool known = line != checked.lines.end() && line->security == trade.security;
  const Security& security = book.security(trade.security);
  if (!known || !security.price) {
    part.cap({}, rule::request_directed_left, "");  // a sale of what is not held
  } else {
    if (trade.side == Side::sell && line->sell_all) return;  // it is driven out as it is
    (trade.side == Side::buy ? cap_purchase : cap_sale)(book, checked, *line, part);
    const bool closes = trade.side == Side::sell && part.quantity == line->held;
    if (!closes)
      part.cap(whole_steps(part.quantity, security.quantity_step), rule::trade_min_quantity_step, "quantity_step");
    line->directed = part.quantity;
    line->directed_side = trade.side;
    bar_what_only_an_order_wanted(book, checked, *line);
  }
  if (part.quantity == trade.quantity) return;
  checked.findings.push_back(directed_left(book, checked.account, trade.security, trade.side, trade.quantity,
                                           part.quantity, part.why.rule, part.why.source));
}

// Of one identical group nothing is bought and sold in one run.
bool crosses(const Book& book, const DirectedTrade& one, const DirectedTrade& other) {
  return one.side == Side::buy && other.side == Side::sell &&
         book.security(one.security).group == book.security(other.security).group;
}

bool contradicts(const Book& book, CheckedAccount& checked, std::span<const DirectedTrade> trades) {
  for (const DirectedTrade& one : trades) {
    const auto other = std::ranges::find_if(trades, [&](const DirectedTrade& any) { return crosses(book, one, any); });
    const bool both = other != trades.end();
    if (!both && !(checked.liquidating && one.side == Side::buy)) continue;
    const std::string& id = book.security(one.security).id.text;
    add_finding(
        book, checked, rule::request_conflict, Severity::hold, id,
        both ? book.security(other->security).id.text : rule::request_liquidate,
        both ? fmt::format("directed.csv buys {} and sells {}, which the tax law holds for one security: take one "
                           "of them out",
                           id, book.security(other->security).id.text)
             : fmt::format("directed.csv buys {} and a request liquidates the account: end one of them", id));
    return true;
  }
  return false;
}

}  // namespace

std::vector<SecurityIndex> directed_purchases(const Book& book, AccountIndex account) {
  std::vector<SecurityIndex> bought;
  for (const DirectedTrade& trade : directed_of(book, account)) {
    if (trade.side == Side::buy) bought.push_back(trade.security);
  }
  return bought;
}

void direct_trades(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const auto trades = directed_of(book, checked.account);
  if (trades.empty() || checked.held) return;
  if (checked.frozen) {
    const auto is_why = [](const Finding& one) {
      return one.rule == rule::restriction_account_frozen || one.rule == rule::request_freeze ||
             one.rule == rule::request_transfer_out;
    };
    const std::string why = std::ranges::find_if(checked.findings, is_why)->rule;
    for (const DirectedTrade& trade : trades) {
      checked.findings.push_back(
          directed_left(book, checked.account, trade.security, trade.side, trade.quantity, {}, why, ""));
    }
    return;
  }
  if (contradicts(book, checked, trades)) return;
  for (const DirectedTrade& trade : trades) direct(book, trade, checked);
}

void bar_what_only_an_order_wanted(const Book& book, const CheckedAccount& checked, CheckedLine& line) {
  if (line.directed.is_positive() || line.held.is_positive() || is_in_model(book, checked, line.security)) return;
  const auto is_held = [&](SecurityIndex security) {
    return std::ranges::any_of(
        checked.lines, [&](const CheckedLine& one) { return one.security == security && one.held.is_positive(); });
  };
  const bool stands_in = std::ranges::any_of(book.substitutes, [&](const Substitute& row) {
    return row.substitute == line.security && row.buyable &&
           (is_held(row.security) || is_in_model(book, checked, row.security));
  });
  if (!stands_in) line.buy_bars.push_back({Strength::request, rule::model_not_wanted, ""});
}

Finding directed_left(const Book& book, AccountIndex account, SecurityIndex security, Side side, Quantity ordered,
                      Quantity made, const std::string& rule, const std::string& source) {
  const std::string& id = book.security(security).id.text;
  const std::string by = source.empty() ? rule : rule + " (" + source + ")";
  const std::string why =
      rule == rule::request_directed_left ? "that is all there is" : fmt::format("{} is in the way", by);
  return {
      .rule = rule::request_directed_left,
      .severity = Severity::review,
      .subject = {SubjectKind::account, book.account(account).id.text},
      .place = {},
      .observed = made.to_string(),
      .limit = ordered.to_string(),
      .message = fmt::format("directed.csv {}s {} {} and {} are {}: {}", side == Side::buy ? "buy" : "sell",
                             ordered.to_string(), id, made.to_string(), side == Side::buy ? "bought" : "sold", why)};
}

}  // namespace lotwright
