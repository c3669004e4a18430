#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "book/rules.h"
#include "verification/hard_rules.h"

namespace lotwright {

void Verdict::refuse(const char* rule, SecurityIndex security, std::string message) {
  const auto& all = sheet_->book->securities;
  add(rule, security.value < all.size() ? all[security.value].id.text : "", {}, std::move(message));
}

void Verdict::refuse(const char* rule, const TaxLot& lot, std::string message) {
  add(rule, lot.security.exists() ? sheet_->book->security(lot.security).id.text : "", lot.id.text, std::move(message));
}

namespace hard_rules {
namespace {

bool differ_by_more_than_a_cent(Money a, Money b) { return (a - b).abs() > cent; }

std::string text_of(const std::optional<Money>& money) { return money ? money->to_string(2) : "nothing"; }

bool differ(const std::optional<Money>& a, const std::optional<Money>& b) {
  if (!a || !b) return a.has_value() != b.has_value();
  return differ_by_more_than_a_cent(*a, *b);
}

const char* name_of(Term term) { return term == Term::long_term ? "long_term" : "short_term"; }

bool has_lot_of(const AccountSheet& sheet, const Trade& trade, const LotSale& sale) {
  const auto& lots = sheet.account->lots;
  return sale.lot < lots.size() && lots[sale.lot].security == trade.security;
}

}  // namespace

void order_names_a_priced_security(const AccountSheet& sheet, Verdict& verdict) {
  for (const Order& order : sheet.result->orders) {
    const SecurityIndex security = order.trade.security;
    if (security.value >= sheet.book->securities.size()) {
      verdict.refuse(rule::verification_order_security, "an order names no security of the book");
    } else if (!sheet.book->security(security).price) {
      verdict.refuse(rule::price_missing, security, "the security of an order has no price");
    }
  }
}

void one_order_a_security(const AccountSheet& sheet, Verdict& verdict) {
  std::set<SecurityIndex> seen;
  for (const Order& order : sheet.result->orders) {
    if (seen.insert(order.trade.security).second) continue;
    verdict.refuse(rule::verification_order_twice, order.trade.security, "a second order in one security");
  }
}

void order_quantity_is_positive(const AccountSheet& sheet, Verdict& verdict) {
  for (const Order& order : sheet.result->orders) {
    if (order.trade.quantity.is_positive()) continue;
    verdict.refuse(rule::verification_order_quantity, order.trade.security,
                   fmt::format("an order of {} shares", order.trade.quantity.to_string()));
  }
}

void order_price_is_the_books(const AccountSheet& sheet, Verdict& verdict) {
  for (const Trade* trade : sheet.trades) {
    const Price price = *sheet.security(*trade).price;
    if (trade->price == price) continue;
    verdict.refuse(rule::verification_order_price, trade->security,
                   fmt::format("an order at {}, the price is {}", trade->price.to_string(2), price.to_string(2)));
  }
}

void order_amount_is_quantity_times_price(const AccountSheet& sheet, Verdict& verdict) {
  for (const Trade* trade : sheet.trades) {
    const Money amount = amount_of(trade->quantity, *sheet.security(*trade).price);
    if (trade->amount == amount) continue;
    verdict.refuse(
        rule::verification_order_amount, trade->security,
        fmt::format("an amount of {}, quantity x price is {}", trade->amount.to_string(2), amount.to_string(2)));
  }
}

void order_commission_follows_policy(const AccountSheet& sheet, Verdict& verdict) {
  for (const Trade* trade : sheet.trades) {
    const Money due = commission_of(trade->amount, sheet.policy->commission, sheet.policy->ticket_cost);
    if (trade->commission == due) continue;
    verdict.refuse(rule::verification_order_commission, trade->security,
                   fmt::format("a commission of {}, by policy {}", trade->commission.to_string(2), due.to_string(2)));
  }
}

void lot_sale_names_a_lot_of_the_order(const AccountSheet& sheet, Verdict& verdict) {
  for (const Order& order : sheet.result->orders) {
    const Trade& trade = order.trade;
    for (const LotSale& sale : trade.lots) {
      if (trade.side == Side::sell && has_lot_of(sheet, trade, sale)) continue;
      verdict.refuse(rule::verification_lot_unknown, trade.security,
                     fmt::format("lot number {} is not a lot this order can sell", sale.lot));
    }
  }
}

void lot_sales_sum_to_the_order(const AccountSheet& sheet, Verdict& verdict) {
  for (const Trade* trade : sheet.trades) {
    if (trade->side == Side::buy) continue;
    Quantity sum;
    bool positive = true;
    for (const LotSale& sale : trade->lots) {
      sum += sale.quantity;
      positive = positive && sale.quantity.is_positive();
    }
    if (positive && sum == trade->quantity) continue;
    verdict.refuse(
        rule::verification_lot_quantity, trade->security,
        fmt::format("the lots sold sum to {} shares, the order is {}", sum.to_string(), trade->quantity.to_string()));
  }
}

void lot_is_not_oversold(const AccountSheet& sheet, Verdict& verdict) {
  std::map<std::uint32_t, Quantity> sold;
  for (const Order& order : sheet.result->orders) {
    for (const LotSale& sale : order.trade.lots) {
      if (has_lot_of(sheet, order.trade, sale)) sold[sale.lot] += sale.quantity;
    }
  }
  for (const auto& [place, quantity] : sold) {
    const TaxLot& lot = sheet.account->lots[place];
    if (quantity <= lot.quantity) continue;
    verdict.refuse(rule::verification_lot_oversold, lot,
                   fmt::format("{} shares sold of a lot of {}", quantity.to_string(), lot.quantity.to_string()));
  }
}

void proceeds_are_the_orders(const AccountSheet& sheet, Verdict& verdict) {
  for (const Trade* trade : sheet.trades) {
    if (trade->side == Side::buy) continue;
    Money sum;
    for (const LotSale& sale : trade->lots) sum += sale.proceeds;
    if (sum == trade->amount) continue;
    verdict.refuse(rule::verification_lot_proceeds, trade->security,
                   fmt::format("the proceeds of the lots sum to {}, the order's amount is {}", sum.to_string(2),
                               trade->amount.to_string(2)));
  }
  for (const SoldLot& sold : sheet.sold) {
    const Money worth = value_of(sold.stated->quantity, *sheet.security(*sold.trade).price);
    if (!differ_by_more_than_a_cent(sold.stated->proceeds, worth)) continue;
    verdict.refuse(
        rule::verification_lot_proceeds, *sold.lot,
        fmt::format("proceeds of {}, quantity x price is {}", sold.stated->proceeds.to_string(2), worth.to_string(2)));
  }
}

void basis_gain_and_term_are_lawful(const AccountSheet& sheet, Verdict& verdict) {
  for (const SoldLot& sold : sheet.sold) {
    if (differ(sold.stated->cost_basis, sold.cost_basis)) {
      verdict.refuse(rule::verification_lot_basis, *sold.lot,
                     fmt::format("a basis of {}, the lot's share is {}", text_of(sold.stated->cost_basis),
                                 text_of(sold.cost_basis)));
    }
    if (differ(sold.stated->gain, sold.gain)) {
      verdict.refuse(
          rule::verification_lot_gain, *sold.lot,
          fmt::format("a gain of {}, proceeds less basis is {}", text_of(sold.stated->gain), text_of(sold.gain)));
    }
    if (sold.stated->term != sold.term) {
      verdict.refuse(rule::verification_lot_term, *sold.lot,
                     fmt::format("stated as {}, it is {}", name_of(sold.stated->term), name_of(sold.term)));
    }
  }
}

void unknown_basis_is_respected(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.taxable()) return;
  if (sheet.policy->unknown_basis == UnknownBasis::exclude) {
    for (const SoldLot& sold : sheet.sold) {
      if (sold.lot->cost_basis) continue;
      verdict.refuse(rule::data_unknown_basis_excluded, *sold.lot, "a lot of unknown basis is sold");
    }
  }
  if (sheet.policy->unknown_basis == UnknownBasis::hold && !sheet.trades.empty()) {
    for (const TaxLot& lot : sheet.account->lots) {
      if (!lot.cost_basis) verdict.refuse(rule::data_unknown_basis, lot, "its unknown basis holds the account");
    }
  }
}

void no_position_is_short(const AccountSheet& sheet, Verdict& verdict) {
  for (const PositionLine& line : sheet.lines) {
    if (!line.after.is_negative()) continue;
    verdict.refuse(rule::verification_position_short, line.security,
                   fmt::format("{} shares afterwards, {} before", line.after.to_string(), line.before.to_string()));
  }
}

void cash_is_not_negative(const AccountSheet& sheet, Verdict& verdict) {
  const Money least = std::min(Money(), sheet.account->cash);
  if (sheet.cash_after >= least) return;
  verdict.refuse(rule::verification_cash_negative,
                 fmt::format("cash of {} afterwards, at least {}", sheet.cash_after.to_string(2), least.to_string(2)));
}

void no_group_is_bought_and_sold(const AccountSheet& sheet, Verdict& verdict) {
  std::set<GroupIndex> sold;
  for (const Trade* trade : sheet.trades) {
    if (trade->side == Side::sell) sold.insert(sheet.security(*trade).group);
  }
  for (const Trade* trade : sheet.trades) {
    if (trade->side == Side::sell || !sold.contains(sheet.security(*trade).group)) continue;
    verdict.refuse(rule::verification_both_sides, trade->security,
                   "bought while it, or one substantially identical, is sold");
  }
}

}  // namespace hard_rules
}  // namespace lotwright
