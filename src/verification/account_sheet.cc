#include "verification/account_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "book/rules.h"
#include "tax/holding_period.h"
#include "verification/fund_parts.h"

namespace lotwright {
namespace {

bool is_due(const Request& request, Date as_of) { return request.due_on <= as_of; }

// The same for all of the lot, before anything is rounded to the cent.
std::optional<Money> gain_of_whole(const AccountSheet& sheet, const TaxLot& lot) {
  const Money worth = value_of(lot.quantity, *sheet.book->security(lot.security).price);
  if (!lot.cost_basis) {
    const bool as_zero = sheet.taxable() && sheet.policy->unknown_basis == UnknownBasis::zero;
    return as_zero ? std::optional(worth) : std::nullopt;
  }
  if (!lot.loss_basis || worth >= *lot.cost_basis || *lot.loss_basis >= *lot.cost_basis) return worth - *lot.cost_basis;
  return std::min(Money(), worth - *lot.loss_basis);
}

// IRC 1001, 1011, 1015: a gain from cost_basis; a loss of a gift with dual basis from loss_basis; between them neither.
void apply_law(const AccountSheet& sheet, SoldLot& sold) {
  const TaxLot& lot = *sold.lot;
  const Money proceeds = sold.stated->proceeds;
  const Quantity quantity = sold.stated->quantity;
  const Date as_of = sheet.book->firm.as_of;
  sold.term = tax::term_of(lot.held_from, as_of);
  if (!lot.cost_basis) {
    const bool as_zero = sheet.taxable() && sheet.policy->unknown_basis == UnknownBasis::zero;
    if (as_zero) std::tie(sold.cost_basis, sold.gain) = std::pair(Money(), proceeds);
    return;
  }
  sold.cost_basis = share_of(*lot.cost_basis, quantity, lot.quantity);
  if (lot.loss_basis && proceeds < *sold.cost_basis && *lot.loss_basis < *lot.cost_basis) {
    const Money loss_basis = share_of(*lot.loss_basis, quantity, lot.quantity);
    sold.cost_basis = std::max(loss_basis, proceeds);
    if (proceeds < loss_basis) sold.term = tax::term_of(lot.loss_held_from.value_or(lot.acquired_on), as_of);
  }
  sold.gain = proceeds - *sold.cost_basis;
}

bool is_priced(const Book& book, SecurityIndex security) {
  return security.value < book.securities.size() && book.security(security).price.has_value();
}

void enter_orders(AccountSheet& sheet) {
  const std::vector<TaxLot>& lots = sheet.account->lots;
  for (const Order& order : sheet.result->orders) {
    if (!is_priced(*sheet.book, order.trade.security)) continue;
    sheet.trades.push_back(&order.trade);
    for (const LotSale& sale : order.trade.lots) {
      const bool names_a_lot = order.trade.side == Side::sell && sale.lot < lots.size() &&
                               lots[sale.lot].security == order.trade.security && sale.quantity.is_positive() &&
                               sale.quantity <= lots[sale.lot].quantity;
      if (!names_a_lot) continue;
      SoldLot sold;
      sold.trade = &order.trade;
      sold.stated = &sale;
      sold.lot = &lots[sale.lot];
      apply_law(sheet, sold);
      sold.whole_gain = gain_of_whole(sheet, *sold.lot);
      sheet.sold.push_back(sold);
    }
  }
}

void draw_positions(AccountSheet& sheet) {
  std::vector<PositionLine>& lines = sheet.lines;
  for (const TaxLot& lot : sheet.account->lots) {
    if (lot.security.exists()) lines.push_back({lot.security, lot.quantity, lot.quantity, {}, {}, false});
  }
  for (const Trade* trade : sheet.trades) {
    const Quantity change = trade->side == Side::buy ? trade->quantity : -trade->quantity;
    lines.push_back({trade->security, Quantity(), change, {}, {}, false});
  }
  std::ranges::stable_sort(lines, {}, &PositionLine::security);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0 && lines[kept - 1].security == lines[i].security) {
      lines[kept - 1].before += lines[i].before;
      lines[kept - 1].after += lines[i].after;
    } else {
      lines[kept++] = lines[i];
    }
  }
  lines.resize(kept);
}

void value_positions(AccountSheet& sheet) {
  sheet.value = sheet.account->cash;
  sheet.line_before = sheet.account->cash;
  sheet.line_after = sheet.cash_after;
  for (const TaxLot& lot : sheet.account->lots) sheet.priced = sheet.priced && lot.security.exists();
  for (PositionLine& line : sheet.lines) {
    const Security& security = sheet.book->security(line.security);
    line.is_cash = security.kind == SecurityKind::cash;
    if (!security.price) {
      sheet.priced = false;
      continue;
    }
    line.value_before = value_of(line.before, *security.price);
    line.value_after = line.after == line.before ? line.value_before : value_of(line.after, *security.price);
    sheet.value += line.value_before;
    if (!line.is_cash) continue;
    sheet.line_before += line.value_before;
    sheet.line_after += line.value_after;
  }
  sheet.investable = sheet.value - sheet.reserved;
  sheet.costs_due = sheet.costs_of_funds(sheet.account->cash);
  sheet.set_aside = std::clamp(sheet.set_aside, Money(), std::max(Money(), sheet.line_before - sheet.costs_due));
}

void settle_cash(AccountSheet& sheet) {
  sheet.cash_after = sheet.account->cash;
  for (const Trade* trade : sheet.trades) {
    if (trade->side == Side::sell) sheet.cash_after += trade->amount;
    if (trade->side == Side::buy) sheet.cash_after -= trade->amount;
    sheet.cash_after -= trade->commission;
    if (trade->side == Side::sell && sheet.is_cash(*trade)) sheet.fund_costs += trade->commission;
  }
}

void read_requests(AccountSheet& sheet) {
  const Date as_of = sheet.book->firm.as_of;
  std::uint32_t model = sheet.account->model_index;
  Date model_since = Date::of_day_number(0);
  sheet.requests = sheet.index->requests(sheet.account_index);
  for (const Request& request : sheet.requests) {
    if (request.kind == RequestKind::cash_out && is_due(request, as_of + sheet.policy->cash_raise_days)) {
      sheet.reserved += request.amount.value_or(Money());
    }
    if (!is_due(request, as_of)) continue;
    if (request.kind == RequestKind::liquidate) sheet.liquidating = true;
    if (request.kind == RequestKind::freeze) sheet.frozen_by = rule::request_freeze;
    if (request.kind == RequestKind::transfer_out) sheet.frozen_by = rule::request_transfer_out;
    if (request.kind == RequestKind::set_aside) sheet.set_aside += request.amount.value_or(Money());
    if (request.kind == RequestKind::model_change && request.due_on >= model_since) {
      model = request.model_index;
      model_since = request.due_on;
    }
  }
  const bool usable = model < sheet.book->models.size() && sheet.book->models[model].usable;
  if (usable) sheet.model = &sheet.book->models[model];
}

// What a restriction says of a security or of one of its lots.
bool is_said_of(const AccountSheet& sheet, const Restriction& restriction, SecurityIndex security) {
  if (restriction.subject_kind != RestrictionSubject::lot) return concerns(sheet, restriction, security);
  return std::ranges::any_of(sheet.account->lots, [&](const TaxLot& lot) {
    return lot.security == security && lot.id.text == restriction.subject_id;
  });
}

Money turned_over(const AccountSheet& sheet, Side side) {
  Money sum;
  for (const Trade* trade : sheet.trades) {
    if (trade->side == side && !sheet.is_cash(*trade)) sum += trade->amount;
  }
  return sum;
}

}  // namespace

AccountSheet sheet_of(const BookIndex& index, const AccountResult& result) {
  AccountSheet sheet;
  sheet.index = &index;
  sheet.book = &index.book();
  sheet.result = &result;
  sheet.account_index = result.account;
  sheet.account = &sheet.book->account(result.account);
  sheet.policy = &sheet.account->effective_policy;
  sheet.restrictions = index.restrictions(result.account);
  read_requests(sheet);
  enter_orders(sheet);
  settle_cash(sheet);
  draw_positions(sheet);
  value_positions(sheet);
  return sheet;
}

WholeGain whole_gain_of(const AccountSheet& sheet, const TaxLot& lot) {
  WholeGain whole{.gain = gain_of_whole(sheet, lot), .term = tax::term_of(lot.held_from, sheet.book->firm.as_of)};
  const bool from_loss_basis = lot.cost_basis && lot.loss_basis && *lot.loss_basis < *lot.cost_basis;
  if (from_loss_basis && whole.gain && whole.gain->is_negative()) {
    whole.term = tax::term_of(lot.loss_held_from.value_or(lot.acquired_on), sheet.book->firm.as_of);
  }
  return whole;
}

const PositionLine* AccountSheet::line(SecurityIndex security) const {
  const auto found = std::ranges::lower_bound(lines, security, {}, &PositionLine::security);
  return found != lines.end() && found->security == security ? &*found : nullptr;
}

bool AccountSheet::closes(const Trade& trade) const {
  return trade.side == Side::sell && line(trade.security)->after.is_zero();
}

bool AccountSheet::is_directed(const Trade& trade) const {
  return std::ranges::any_of(index->directed(account_index), [&](const DirectedTrade& one) {
    return one.security == trade.security && one.side == trade.side &&
           (trade.quantity == one.quantity || is_left(one, trade.quantity));
  });
}

bool AccountSheet::is_left(const DirectedTrade& ordered, std::optional<Quantity> made) const {
  const std::string_view verb = ordered.side == Side::buy ? "buys" : "sells";
  return std::ranges::any_of(result->exceptions, [&](const Finding& finding) {
    if (finding.rule != rule::request_directed_left || finding.severity < Severity::review) return false;
    const std::string begin =
        fmt::format("directed.csv {} {} {} and ", verb, finding.limit, book->security(ordered.security).id.text);
    return finding.message.starts_with(begin) && (!made || finding.observed == made->to_string());
  });
}

bool AccountSheet::is_wanted(SecurityIndex security) const {
  if (model == nullptr) return false;
  const auto found = std::ranges::lower_bound(model->weights, security, {}, &ModelWeight::security);
  return found != model->weights.end() && found->security == security && found->weight.is_positive();
}

Money AccountSheet::cash_need() const {
  return fraction_of(std::max(investable, Money()), policy->cash_min) + set_aside + reserved;
}

Money AccountSheet::cash_most() const {
  return fraction_of(std::max(investable, Money()), policy->cash_max) + set_aside + reserved;
}

bool AccountSheet::is_kept(SecurityIndex security) const {
  return std::ranges::any_of(restrictions, [&](const Restriction* one) {
    const bool keeps = one->rule == RestrictionRule::never_sell || one->rule == RestrictionRule::freeze ||
                       one->rule == RestrictionRule::lock_quantity;
    return keeps && is_said_of(*this, *one, security);
  });
}

bool AccountSheet::is_driven_out(SecurityIndex security) const {
  return liquidating || std::ranges::any_of(restrictions, [&](const Restriction* one) {
           return one->rule == RestrictionRule::sell_all && is_said_of(*this, *one, security);
         });
}

Money AccountSheet::costs_of_funds(Money own_cash) const {
  const auto cost = [this](Money worth) { return commission_of(worth, policy->commission, policy->ticket_cost); };
  constexpr int rounds_max = 64;
  Money costs;
  for (const PositionLine& line : lines) {
    const Security& fund = book->security(line.security);
    if (!line.is_cash || !line.before.is_positive() || !fund.price || !fund.tradable || is_kept(line.security))
      continue;
    const bool all_out = is_driven_out(line.security);
    if (own_cash >= reserved && !all_out) continue;
    Quantity quantity = line.before;
    if (!all_out) {
      const Money missing = reserved - own_cash;
      Money worth = missing;  // a sale pays its own cost
      for (int round = 0; round < rounds_max && worth - cost(worth) < missing; ++round)
        worth = missing + cost(worth) + cent;
      quantity =
          std::min(quantity, least_quantity_worth(std::max(worth, trade_minimum()), *fund.price, fund.quantity_step));
    }
    const Money amount = amount_of(quantity, *fund.price);
    if (!all_out && amount <= cost(amount)) continue;  // brings nothing
    costs += cost(amount);
    own_cash += amount - cost(amount);
  }
  return costs;
}

Money AccountSheet::trade_minimum() const {
  return std::max({cent, policy->trade_min, fraction_of(std::max(investable, Money()), policy->trade_min_weight)});
}

Money AccountSheet::bought() const { return turned_over(*this, Side::buy); }

Money AccountSheet::sold_for() const { return turned_over(*this, Side::sell); }

Money AccountSheet::realized(Term term) const {
  Money sum;
  if (!taxable()) return sum;
  for (const SoldLot& one : sold) {
    if (one.term != term || !one.gain) continue;
    sum += one.gain->is_negative() ? std::min(Money(), *one.gain + one.stated->disallowed) : *one.gain;
  }
  return sum;
}

bool AccountSheet::is_excused(std::string_view family) const {
  return std::ranges::any_of(result->exceptions, [family](const Finding& finding) {
    return finding.severity >= Severity::review && finding.rule.starts_with(family);
  });
}

bool AccountSheet::is_held() const {
  return result->status == ResultStatus::held || result->status == ResultStatus::failed ||
         std::ranges::any_of(result->exceptions,
                             [](const Finding& finding) { return finding.severity == Severity::hold; });
}

}  // namespace lotwright
