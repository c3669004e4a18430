#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
#include "verification/fund_parts.h"
#include "verification/hard_rules.h"

namespace lotwright::hard_rules {
namespace {

// Restrictions that forbid a side of trading; nullptr: this one does not.
const char* forbids(const Restriction& restriction, Side side) {
  const bool screens = !restriction.screen.empty();
  switch (restriction.rule) {
    case RestrictionRule::freeze:
      return rule::restriction_freeze;
    case RestrictionRule::never_buy:
      if (side == Side::sell) return nullptr;
      return screens ? rule::restriction_screen_grace : rule::restriction_never_buy;
    case RestrictionRule::sell_all:
      if (side == Side::sell) return nullptr;
      return screens ? rule::restriction_screen : rule::restriction_sell_all;
    case RestrictionRule::never_sell:
      return side == Side::sell ? rule::restriction_never_sell : nullptr;
    default:
      return nullptr;
  }
}

// Held, in the target, or a substitute that may be bought for one of either.
bool is_in_universe(const AccountSheet& sheet, SecurityIndex security) {
  if (sheet.line(security)->before.is_positive() || sheet.is_wanted(security)) return true;
  const auto stands_in_for = [&](SecurityIndex other) {
    return std::ranges::any_of(sheet.index->substitutes_for(other),
                               [security](const Substitute& row) { return row.buyable && row.substitute == security; });
  };
  const bool for_held = std::ranges::any_of(
      sheet.lines, [&](const PositionLine& line) { return line.before.is_positive() && stands_in_for(line.security); });
  if (for_held || sheet.model == nullptr) return for_held;
  return std::ranges::any_of(sheet.model->weights, [&](const ModelWeight& part) {
    return part.weight.is_positive() && stands_in_for(part.security);
  });
}

void fact_of_security(const AccountSheet& sheet, SecurityIndex index, Verdict& verdict) {
  const Security& security = sheet.book->security(index);
  const int age = sheet.book->firm.as_of - security.price_date;
  if (!security.price) {
    verdict.refuse(rule::price_missing, index, "held, wanted or ordered, and without a price");
  } else if (age > sheet.policy->price_age_days_max) {
    verdict.refuse(rule::price_too_old, index, fmt::format("held, wanted or ordered, with a price {} days old", age));
  }
  const auto& covered = sheet.book->risk.covered;
  if (security.kind != SecurityKind::cash && (index.value >= covered.size() || !covered[index.value])) {
    verdict.refuse(rule::data_risk_missing, index, "held, wanted or ordered, and not in the risk folder");
  }
  if (sheet.index->is_action_pending(index)) {
    verdict.refuse(rule::corporate_action_pending, index, "a corporate action in effect is not yet booked");
  }
  if (sheet.index->is_held(index)) {
    verdict.refuse(rule::verification_held_with_orders, index, "held, wanted or ordered, and a finding holds it");
  }
}

// Summed over the lines of the restriction's subject; cash stands apart.
Change weight_of(const AccountSheet& sheet, const Restriction& restriction) {
  Change sum;
  for (const PositionLine& line : sheet.lines) {
    if (line.is_cash) continue;
    const Weight part = part_concerned(sheet, restriction, line.security);
    if (!part.is_positive()) continue;
    sum.before += fraction_of(line.value_before, part);
    sum.after += fraction_of(line.value_after, part);
  }
  return sum;
}

void lock_position(const AccountSheet& sheet, const Restriction& lock, Verdict& verdict) {
  for (const PositionLine& line : sheet.lines) {
    if (!concerns(sheet, lock, line.security)) continue;
    const Quantity least = std::min(line.before, lock.quantity.value_or(line.before));
    if (line.after >= least) continue;
    verdict.refuse(rule::restriction_lock_quantity, line.security,
                   fmt::format("{} shares are left, {} keeps {}", line.after.to_string(), lock.id, least.to_string()));
  }
}

void lock_lot(const AccountSheet& sheet, const Restriction& lock, Verdict& verdict) {
  for (const SoldLot& sold : sheet.sold) {
    if (sold.lot->id.text != lock.subject_id) continue;
    const Quantity least = std::min(sold.lot->quantity, lock.quantity.value_or(sold.lot->quantity));
    const Quantity left = sold.lot->quantity - sold.stated->quantity;
    if (left >= least) continue;
    verdict.refuse(rule::restriction_lock_quantity, *sold.lot,
                   fmt::format("{} shares are left, {} keeps {}", left.to_string(), lock.id, least.to_string()));
  }
}

void sell_position(const AccountSheet& sheet, const Restriction& restriction, Verdict& verdict) {
  for (const PositionLine& line : sheet.lines) {
    if (!concerns(sheet, restriction, line.security) || !line.after.is_positive()) continue;
    verdict.refuse(restriction.screen.empty() ? rule::restriction_sell_all : rule::restriction_screen, line.security,
                   fmt::format("{} shares are left, {} sells all", line.after.to_string(), restriction.id));
  }
}

void sell_lot(const AccountSheet& sheet, const Restriction& restriction, Verdict& verdict) {
  for (const TaxLot& lot : sheet.account->lots) {
    if (lot.id.text != restriction.subject_id) continue;
    Quantity left = lot.quantity;
    for (const SoldLot& sold : sheet.sold) {
      if (sold.lot == &lot) left -= sold.stated->quantity;
    }
    if (!left.is_positive()) continue;
    verdict.refuse(rule::restriction_sell_all, lot,
                   fmt::format("{} shares are left, {} sells all", left.to_string(), restriction.id));
  }
}

}  // namespace

void facts_allow_trading(const AccountSheet& sheet, Verdict& verdict) {
  if (sheet.result->orders.empty()) return;
  const bool by_model = sheet.model != nullptr && sheet.index->is_held(sheet.model->id);
  if (by_model || sheet.index->is_held(sheet.account_index)) {
    verdict.refuse(rule::verification_held_with_orders, "a finding of loading holds the account");
  }
  if (sheet.model == nullptr) verdict.refuse(rule::model_unknown, "an account without a usable model has orders");
  if (sheet.taxable() && !sheet.account->taxpayer.exists()) {
    verdict.refuse(rule::data_taxpayer_missing, "a taxable account without a taxpayer has orders");
  }
  for (const PositionLine& line : sheet.lines) {
    fact_of_security(sheet, line.security, verdict);
  }
  if (sheet.model == nullptr) return;
  for (const auto& [security, weight] : sheet.model->weights) {
    const bool is_cash = sheet.book->security(security).kind == SecurityKind::cash;
    if (weight.is_positive() && !is_cash && !sheet.line(security)) fact_of_security(sheet, security, verdict);
  }
}

void security_is_tradable(const AccountSheet& sheet, Verdict& verdict) {
  for (const Trade* trade : sheet.trades) {
    if (sheet.security(*trade).tradable) continue;
    verdict.refuse(rule::restriction_not_tradable, trade->security, "an order in a security that is not tradable");
  }
}

void security_is_wanted(const AccountSheet& sheet, Verdict& verdict) {
  for (const Trade* trade : sheet.trades) {
    if (trade->side == Side::sell) continue;
    if (sheet.index->is_hold_only(trade->security)) {
      verdict.refuse(rule::restriction_substitute_hold_only, trade->security,
                     "bought, though as a substitute it may only be held");
    } else if (!is_in_universe(sheet, trade->security) && !sheet.is_directed(*trade)) {
      verdict.refuse(rule::model_not_wanted, trade->security,
                     "bought, though neither held, nor in the target, nor a substitute for one of these");
    }
  }
}

void restriction_forbids_no_order(const AccountSheet& sheet, Verdict& verdict) {
  for (const Restriction* restriction : sheet.restrictions) {
    for (const Trade* trade : sheet.trades) {
      if (!concerns(sheet, *restriction, trade->security)) continue;
      const char* broken = forbids(*restriction, trade->side);
      if (broken != nullptr) verdict.refuse(broken, trade->security, "traded against " + restriction->id);
    }
  }
}

void restricted_lot_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  for (const Restriction* restriction : sheet.restrictions) {
    if (restriction->subject_kind != RestrictionSubject::lot) continue;
    const char* broken = forbids(*restriction, Side::sell);
    if (broken == nullptr) continue;
    for (const SoldLot& sold : sheet.sold) {
      if (sold.lot->id.text == restriction->subject_id)
        verdict.refuse(broken, *sold.lot, "sold against " + restriction->id);
    }
  }
}

void locked_quantity_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  for (const Restriction* restriction : sheet.restrictions) {
    if (restriction->rule != RestrictionRule::lock_quantity) continue;
    const bool of_lot = restriction->subject_kind == RestrictionSubject::lot;
    (of_lot ? lock_lot : lock_position)(sheet, *restriction, verdict);
  }
}

void sell_all_is_carried_out(const AccountSheet& sheet, Verdict& verdict) {
  for (const Restriction* restriction : sheet.restrictions) {
    if (restriction->rule != RestrictionRule::sell_all) continue;
    const bool of_lot = restriction->subject_kind == RestrictionSubject::lot;
    (of_lot ? sell_lot : sell_position)(sheet, *restriction, verdict);
  }
}

// What several may weigh together one that is bought may not exceed alone, even where the sum did before. A fund of
// which only a part is meant counts in the sum.
void refuse_too_much_of_one(const AccountSheet& sheet, const Restriction& restriction, Money limit, Verdict& verdict) {
  for (const PositionLine& line : sheet.lines) {
    if (line.is_cash || line.value_after <= std::max(limit, line.value_before) + cent ||
        part_concerned(sheet, restriction, line.security) != Weight::of_whole(1)) {
      continue;
    }
    verdict.refuse(rule::restriction_weight_max, line.security,
                   fmt::format("{}: a position of {}, {} before, the limit is {}", restriction.id,
                               line.value_after.to_string(2), line.value_before.to_string(2), limit.to_string(2)));
  }
}

void restricted_weight_is_kept(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.has_weights()) return;
  for (const Restriction* restriction : sheet.restrictions) {
    const bool is_max = restriction->rule == RestrictionRule::weight_max;
    const bool is_min = restriction->rule == RestrictionRule::weight_min;
    if ((!is_max && !is_min) || !restriction->weight) continue;
    const Money limit = fraction_of(sheet.investable, *restriction->weight);
    const Change held = weight_of(sheet, *restriction);
    const bool over = is_max && held.after > std::max(limit, held.before) + cent;
    const bool under = is_min && held.after < std::min(limit, held.before) - cent;
    if (is_max && !over) refuse_too_much_of_one(sheet, *restriction, limit, verdict);
    if (!over && !under) continue;
    verdict.refuse(is_max ? rule::restriction_weight_max : rule::restriction_weight_min,
                   fmt::format("{}: {} afterwards, {} before, the limit is {}", restriction->id,
                               held.after.to_string(2), held.before.to_string(2), limit.to_string(2)));
  }
}

}  // namespace lotwright::hard_rules
