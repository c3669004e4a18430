#include "tax/corporate_actions.h"

#include <algorithm>

#include "book/rules.h"

namespace lotwright::tax {
namespace {

Origin origin_of(const LedgerAction& action) { return {"corporate_actions.csv", action.row.line}; }

bool changes_shares(LedgerActionKind kind) {
  return kind == LedgerActionKind::split || kind == LedgerActionKind::reverse_split ||
         kind == LedgerActionKind::stock_dividend;
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
  if (action.kind == LedgerActionKind::symbol_change) {
    realization_->wash().rename(action.security, action.new_security);
  }
}

std::optional<Failure> CorporateActions::apply(const LedgerAction& action, AccountIndex account) {
  const std::vector<LotNumber> lots = lots_->lots_of(lots_->position(account, action.security));
  Shares shares;
  if (action.ratio) {
    shares = new_shares(lots, *action.ratio);
    for (const LotPart& part : shares) {
      if (part.quantity.is_positive()) continue;
      return Failure{rule::ledger_action_unplayable,
                     "leaves lot " + lots_->at(part.lot).lot.id.text + " of account " +
                         book_->accounts[account.value].id.text + " without a millionth of a share: correct the ratio",
                     {}};
    }
  }
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
      action.ratio ? exchange(action, shares) : sell_for_cash(action, lots);
      break;
    case LedgerActionKind::symbol_change:
      for (const LotNumber lot : lots) lots_->exchange(lot, action.new_security);
      break;
    case LedgerActionKind::return_of_capital:
      return_capital(action, lots);
      break;
  }
  return std::nullopt;
}

// The position's whole is rounded once, and so is every first part of it: the lots add up to it.
CorporateActions::Shares CorporateActions::new_shares(const std::vector<LotNumber>& lots, Weight ratio) const {
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
  pay_fraction(action, shares, action.security, action.cash_per_share ? action.cash_per_share : action.fair_value_new);
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
  pay_fraction(action, spun, action.new_security,
               action.cash_per_share ? action.cash_per_share : action.fair_value_new);
}

void CorporateActions::exchange(const LedgerAction& action, const Shares& shares) {
  for (const LotPart& part : shares) {
    if (action.cash_per_share) take_boot(action, part);
    lots_->set_quantity(part.lot, part.quantity);
    lots_->exchange(part.lot, action.new_security);
    lots_->at(part.lot).purchased = false;
  }
  pay_fraction(action, shares, action.new_security, action.fair_value_new);
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

void CorporateActions::sell_for_cash(const LedgerAction& action, const std::vector<LotNumber>& lots) {
  std::vector<LotPart> parts;
  for (const LotNumber lot : lots) parts.push_back({lot, lots_->at(lot).lot.quantity});
  realization_->sell_at(parts, *action.cash_per_share, *action.effective_on, origin_of(action));
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
void CorporateActions::pay_fraction(const LedgerAction& action, const Shares& shares, SecurityIndex security,
                                    const std::optional<Price>& price) {
  if (!price) return;
  Quantity whole;
  for (const LotPart& part : shares) whole += part.quantity;
  Quantity fraction = Quantity::of_count(whole.count() % book_->securities[security.value].quantity_step.count());
  std::vector<LotPart> sold;
  for (const LotPart& part : shares) {
    if (!fraction.is_positive()) break;
    sold.push_back({part.lot, std::min(part.quantity, fraction)});
    fraction -= sold.back().quantity;
  }
  realization_->sell_at(sold, *price, *action.effective_on, origin_of(action));
}

}  // namespace lotwright::tax
