#include "tax/corporate_actions.h"

#include <algorithm>

namespace lotwright::tax {
namespace {

constexpr Int128 most = static_cast<Int128>(ledger_sum_max) * Money::scale;  // dollars, or shares

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

// Never below zero: what is given back beyond a basis leaves none.
void lower(std::optional<Money>& basis, Money amount) {
  if (basis) basis = std::max(Money(), *basis - amount);
}

}  // namespace

void CorporateActions::announce(const LedgerAction& action) {
  if (changes_shares(action.kind)) realization_->wash().scale(action.security, *action.ratio);
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
  if (shares_at_most(action, account) + there > most || dollars_ + dollars_at_most(action, account) > most) {
    return "the shares or dollars would be too many to be kept exactly";
  }
  if (!action.ratio) return std::nullopt;
  for (const LotPart& part : shares_of(lots_->lots_of(position), *action.ratio)) {
    if (part.quantity.is_positive()) continue;
    return "lot " + lots_->at(part.lot).lot.id.text + " would be left without a millionth of a share";
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
      action.ratio ? exchange(action, shares) : sell_all(lots);
      break;
    case LedgerActionKind::symbol_change:
      for (const LotNumber lot : lots) lots_->exchange(lot, action.new_security);
      break;
    case LedgerActionKind::return_of_capital:
      return_capital(action, lots);
      break;
  }
}

// The position's whole is rounded once, and so is every first part of it: the lots add up to it.
CorporateActions::Shares CorporateActions::shares_of(const std::vector<LotNumber>& lots, Weight ratio) const {
  Shares shares;
  Quantity old_so_far;
  Quantity new_so_far;
  for (const LotNumber lot : lots) {
    old_so_far += lots_->at(lot).lot.quantity;
    const Quantity upto = times(old_so_far, ratio);
    shares.push_back({lot, upto - new_so_far});
    new_so_far = upto;
  }
  return shares;
}

void CorporateActions::rescale(const LedgerAction& action, const Shares& shares) {
  for (const LotPart& part : shares) lots_->set_quantity(part.lot, part.quantity);
  sell_fraction(action, shares, action.security);
}

void CorporateActions::spin_off(const LedgerAction& action, const Shares& shares) {
  Shares spun;
  for (const LotPart& part : shares) {
    const LotNumber made = lots_->spin_off(part.lot, action.new_security, part.quantity);
    TaxLot& old = lots_->at(part.lot).lot;
    TaxLot& fresh = lots_->at(made).lot;
    for (auto basis : {&TaxLot::cost_basis, &TaxLot::loss_basis}) {
      if (!(old.*basis)) continue;
      fresh.*basis = fraction_of(*(old.*basis), *action.basis_fraction);
      *(old.*basis) -= *(fresh.*basis);
    }
    spun.push_back({made, part.quantity});
  }
  sell_fraction(action, spun, action.new_security);
}

void CorporateActions::exchange(const LedgerAction& action, const Shares& shares) {
  for (const LotPart& part : shares) {
    if (action.cash_per_share) take_boot(action, part);
    lots_->set_quantity(part.lot, part.quantity);
    lots_->exchange(part.lot, action.new_security);
    lots_->at(part.lot).purchased = false;
  }
  sell_fraction(action, shares, action.new_security);
}

void CorporateActions::take_boot(const LedgerAction& action, const LotPart& shares) {
  TaxLot& lot = lots_->at(shares.lot).lot;
  const Money cash = value_of(lot.quantity, *action.cash_per_share);
  if (!lot.cost_basis)
    return realization_->cash_of_unknown_basis(shares.lot, cash, *action.effective_on, origin_of(action));
  const Money realized = cash + value_of(shares.quantity, *action.fair_value_new) - *lot.cost_basis;
  const Money gain = std::clamp(realized, Money(), cash);
  if (gain.is_positive()) realization_->cash_received(shares.lot, cash, gain, *action.effective_on);
  lower(lot.cost_basis, cash - gain);
  lower(lot.loss_basis, cash - gain);
}

void CorporateActions::sell_all(const std::vector<LotNumber>& lots) {
  for (const LotNumber lot : lots) sold_.push_back({lot, lots_->at(lot).lot.quantity});
}

void CorporateActions::return_capital(const LedgerAction& action, const std::vector<LotNumber>& lots) {
  for (const LotNumber number : lots) {
    TaxLot& lot = lots_->at(number).lot;
    const Money cash = value_of(lot.quantity, *action.cash_per_share);
    if (lot.cost_basis && cash > *lot.cost_basis) {
      const Money excess = cash - *lot.cost_basis;
      realization_->cash_received(number, excess, excess, *action.effective_on);
    }
    lower(lot.cost_basis, cash);
    lower(lot.loss_basis, cash);
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
    sold_.push_back({part.lot, std::min(part.quantity, fraction)});
    fraction -= sold_.back().quantity;
  }
}

}  // namespace lotwright::tax
