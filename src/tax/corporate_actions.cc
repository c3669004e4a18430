#include "tax/corporate_actions.h"

#include <algorithm>

#include "book/rules.h"
#include "tax/lot_changes.h"

namespace lotwright::tax {
namespace {

bool changes_shares(LedgerActionKind kind) {
  return kind == LedgerActionKind::split || kind == LedgerActionKind::reverse_split ||
         kind == LedgerActionKind::stock_dividend;
}

// What is paid for the shares that an action takes: for all of them, or for the fraction of a step; nullopt: nothing
// is.
std::optional<Price> price_of_sales(const LedgerAction& action) {
  if (action.kind == LedgerActionKind::merger) return action.ratio ? action.fair_value_new : action.cash_per_share;
  return action.cash_per_share ? action.cash_per_share : action.fair_value_new;
}

constexpr const char* no_shares =
    "has no known basis and brings not a millionth of a share: what it cost is in no other lot; give its basis where "
    "it "
    "came in";

}  // namespace

void CorporateActions::announce(const LedgerAction& action) {
  if (changes_shares(action.kind)) realization_->wash().scale(action.security, *action.ratio);
  follow_outside(action);
  for (const LedgerLot& lot : on_way_->follow(action)) tell_unknown_basis(action, lot, no_shares);
}

// Of what was bought outside the ledger nobody keeps positions: each lot follows by itself. A merger makes purchases of
// none, so that they are of no more use to anybody.
void CorporateActions::follow_outside(const LedgerAction& action) {
  std::vector<LotNumber>& lots = lots_->outside(action.security);
  if (changes_shares(action.kind)) {
    for (const LotNumber number : lots) {
      Quantity& shares = lots_->change(number).lot.quantity;
      if (fits(shares, *action.ratio)) shares = times(shares, *action.ratio);
    }
  } else if (action.kind == LedgerActionKind::merger) {
    for (const LotNumber number : lots) lots_->change(number).purchased = false;
    lots.clear();
  } else if (action.kind == LedgerActionKind::symbol_change) {
    std::vector<LotNumber>& joined = lots_->outside(action.new_security);
    for (const LotNumber number : lots) {
      lots_->change(number).lot.security = action.new_security;
      joined.push_back(number);
    }
    lots.clear();
  }
}

void CorporateActions::conclude(const LedgerAction& action) {
  if (!sold_.empty()) {
    realization_->sell_at(sold_, *price_of_sales(action), *action.effective_on, origin_of(action));
    sold_.clear();
  }
  if (action.kind == LedgerActionKind::symbol_change) {
    realization_->wash().rename(action.security, action.new_security);
  }
}

// The most shares that the position has, before or after.
Int128 CorporateActions::shares_at_most(const LedgerAction& action, AccountIndex account) const {
  const Int128 shares = lots_->position(account, action.security).quantity.count();
  return action.ratio ? std::max(shares, shares * action.ratio->count() / Weight::scale) : shares;
}

// The most that it is paid, or worth, by the prices of the action.
Int128 CorporateActions::dollars_at_most(const LedgerAction& action, AccountIndex account) const {
  const Price price = std::max(action.cash_per_share.value_or(Price()), action.fair_value_new.value_or(Price()));
  return shares_at_most(action, account) * price.count() / Price::scale;
}

std::optional<std::string> CorporateActions::obstacle(const LedgerAction& action, AccountIndex account) const {
  Position& position = lots_->position(account, action.security);
  const bool joins = action.new_security.exists();
  const Int128 there = joins ? lots_->position(account, action.new_security).quantity.count() : 0;
  if (shares_at_most(action, account) + there > counts_most ||
      dollars_ + dollars_at_most(action, account) > counts_most) {
    return "the shares or dollars would be too many to be kept exactly";
  }
  if (action.ratio && times(position.quantity, *action.ratio).is_zero()) {
    return "the position would be left without a millionth of a share";
  }
  return std::nullopt;
}

void CorporateActions::apply(const LedgerAction& action, AccountIndex account) {
  const std::vector<LotNumber> lots = lots_->lots_of(lots_->position(account, action.security));
  dollars_ += dollars_at_most(action, account);
  const Shares shares = action.ratio ? shares_of(lots, *action.ratio) : Shares();
  switch (action.kind) {
    case LedgerActionKind::split:
    case LedgerActionKind::reverse_split:
    case LedgerActionKind::stock_dividend:
      rescale(action, shares);
      break;
    case LedgerActionKind::spin_off:
      spin_off(action, shares);
      break;
    case LedgerActionKind::merger:
      action.ratio ? exchange(action, account, shares) : sell_all(lots);
      break;
    case LedgerActionKind::symbol_change:
      lots_->exchange(account, action.security, action.new_security);
      break;
    case LedgerActionKind::return_of_capital:
      return_capital(action, lots);
      break;
  }
}

CorporateActions::Shares CorporateActions::shares_of(const std::vector<LotNumber>& lots, Weight ratio) const {
  std::vector<Quantity> old;
  old.reserve(lots.size());
  for (const LotNumber lot : lots) old.push_back(lots_->at(lot).lot.quantity);
  const std::vector<Quantity> fresh = new_shares(old, ratio);
  Shares shares;
  shares.reserve(lots.size());
  for (std::size_t i = 0; i < lots.size(); ++i) shares.push_back({lots[i], fresh[i]});
  return shares;
}

void CorporateActions::tell_unknown_basis(const LedgerAction& action, const LedgerLot& lot, const char* what) {
  if (!realization_->is_taxed(lot.account)) return;
  realization_->findings.push_back(
      finding_at(origin_of(action), rule::ledger_basis_unknown, "lot_id", lot.lot.id.text, what));
}

// Lots without shares are gone, and their basis goes on.
void CorporateActions::set_shares(const LedgerAction& action, const Shares& shares) {
  std::vector<TaxLot*> lots;
  lots.reserve(shares.size());
  for (const LotPart& part : shares) {
    lots_->set_quantity(part.lot, part.quantity);
    lots.push_back(&lots_->change(part.lot).lot);
  }
  for (const std::size_t i : hand_on_basis(lots)) {
    tell_unknown_basis(action, lots_->at(shares[i].lot), no_shares);
  }
}

void CorporateActions::rescale(const LedgerAction& action, const Shares& shares) {
  set_shares(action, shares);
  sell_fraction(action, shares, action.security);
}

void CorporateActions::spin_off(const LedgerAction& action, const Shares& shares) {
  std::vector<TaxLot> fresh;
  std::vector<TaxLot*> lots;
  fresh.reserve(shares.size());
  for (const LotPart& part : shares) {
    fresh.push_back(tax::spin_off(lots_->change(part.lot).lot, part.quantity, action));
    lots.push_back(&fresh.back());
  }
  for (const std::size_t i : hand_on_basis(lots)) {
    tell_unknown_basis(action, lots_->at(shares[i].lot), no_shares);
  }
  Shares spun;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    if (fresh[i].quantity.is_zero()) continue;
    const Quantity quantity = fresh[i].quantity;
    spun.push_back({lots_->add_spun_off(shares[i].lot, std::move(fresh[i])), quantity});
  }
  sell_fraction(action, spun, action.new_security);
}

void CorporateActions::exchange(const LedgerAction& action, AccountIndex account, const Shares& shares) {
  for (const LotPart& part : shares) {
    if (action.cash_per_share) take_cash(action, part);
    lots_->change(part.lot).purchased = false;
  }
  set_shares(action, shares);
  lots_->exchange(account, action.security, action.new_security);
  sell_fraction(action, shares, action.new_security);
}

void CorporateActions::take_cash(const LedgerAction& action, const LotPart& shares) {
  TaxLot& lot = lots_->change(shares.lot).lot;
  const Money cash = value_of(lot.quantity, *action.cash_per_share);
  const std::optional<Money> gain = take_boot(lot, shares.quantity, action);
  if (!gain) {
    realization_->cash_of_unknown_basis(shares.lot, cash, *action.effective_on, origin_of(action));
  } else if (gain->is_positive()) {
    realization_->cash_received(shares.lot, cash, *gain, *action.effective_on, origin_of(action));
  }
}

void CorporateActions::sell_all(const std::vector<LotNumber>& lots) {
  for (const LotNumber lot : lots) sold_.push_back({lot, lots_->at(lot).lot.quantity});
}

void CorporateActions::return_capital(const LedgerAction& action, const std::vector<LotNumber>& lots) {
  for (const LotNumber number : lots) {
    const auto excess = tax::return_capital(lots_->change(number).lot, *action.cash_per_share);
    if (!excess) {
      tell_unknown_basis(action, lots_->at(number),
                         "has no known basis: whether the return of capital goes beyond it, which is a gain, nobody "
                         "knows; give its basis where it came in");
    } else if (excess->is_positive()) {
      realization_->cash_received(number, *excess, *excess, *action.effective_on, origin_of(action));
    }
  }
}

// A fraction of a step is paid in cash where the action names a price: a sale of the earliest of the new shares.
void CorporateActions::sell_fraction(const LedgerAction& action, const Shares& shares, SecurityIndex security) {
  if (!price_of_sales(action)) return;
  Quantity whole;
  for (const LotPart& part : shares) whole += part.quantity;
  Quantity fraction = Quantity::of_count(whole.count() % book_->securities[security.value].quantity_step.count());
  for (const LotPart& part : shares) {
    if (!fraction.is_positive()) break;
    if (part.quantity.is_zero()) continue;
    sold_.push_back({part.lot, std::min(part.quantity, fraction)});
    fraction -= sold_.back().quantity;
  }
}

}  // namespace lotwright::tax
