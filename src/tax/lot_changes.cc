#include "tax/lot_changes.h"

#include <algorithm>

#include "base/defect.h"

namespace lotwright::tax {
namespace {

// Never below zero: what is given back beyond a basis leaves none.
void lower(std::optional<Money>& basis, Money amount) {
  if (basis) basis = std::max(Money(), *basis - amount);
}

void inherit_basis(TaxLot& heir, const TaxLot& gone) {
  if (!heir.cost_basis || !gone.cost_basis) return;
  if (heir.loss_basis) *heir.loss_basis += gone.loss_basis.value_or(*gone.cost_basis);
  *heir.cost_basis += *gone.cost_basis;
}

}  // namespace

Quantity times(Quantity quantity, Weight ratio) {
  return Quantity::of_count(multiply_divide_half_away(quantity.count(), ratio.count(), Weight::scale));
}

bool fits(Quantity quantity, Weight ratio) {
  return static_cast<Int128>(quantity.count()) * ratio.count() / Weight::scale <= counts_most;
}

std::vector<Quantity> new_shares(const std::vector<Quantity>& old, Weight ratio) {
  std::vector<Quantity> shares;
  shares.reserve(old.size());
  Quantity old_so_far;
  Quantity new_so_far;
  for (const Quantity quantity : old) {
    old_so_far += quantity;
    const Quantity upto = times(old_so_far, ratio);
    shares.push_back(upto - new_so_far);
    new_so_far = upto;
  }
  return shares;
}

std::optional<Money> take_boot(TaxLot& lot, Quantity shares, const LedgerAction& action) {
  if (!lot.cost_basis) return std::nullopt;
  const Money cash = value_of(lot.quantity, *action.cash_per_share);
  const Money realized = cash + value_of(shares, *action.fair_value_new) - *lot.cost_basis;
  const Money gain = std::clamp(realized, Money(), cash);
  lower(lot.cost_basis, cash - gain);
  lower(lot.loss_basis, cash - gain);
  return gain;
}

std::optional<Money> return_capital(TaxLot& lot, Price per_share) {
  const Money cash = value_of(lot.quantity, per_share);
  std::optional<Money> excess;
  if (lot.cost_basis) excess = std::max(Money(), cash - *lot.cost_basis);
  lower(lot.cost_basis, cash);
  lower(lot.loss_basis, cash);
  return excess;
}

TaxLot spin_off(TaxLot& lot, Quantity shares, const LedgerAction& action) {
  TaxLot fresh = lot;
  fresh.security = action.new_security;
  fresh.quantity = shares;
  for (const auto basis : {&TaxLot::cost_basis, &TaxLot::loss_basis}) {
    if (!(lot.*basis)) continue;
    fresh.*basis = fraction_of(*(lot.*basis), *action.basis_fraction);
    *(lot.*basis) -= *(fresh.*basis);
  }
  return fresh;
}

std::vector<std::size_t> hand_on_basis(const std::vector<TaxLot*>& lots) {
  std::vector<std::size_t> unknown;
  TaxLot* heir = nullptr;
  for (std::size_t i = lots.size(); i-- > 0;) {
    if (lots[i]->quantity.is_positive()) heir = lots[i];
    if (heir != nullptr && lots[i]->quantity.is_zero()) inherit_basis(*heir, *lots[i]);
    if (lots[i]->quantity.is_zero() && !lots[i]->cost_basis) unknown.push_back(i);
  }
  const auto last = std::find_if(lots.rbegin(), lots.rend(), [](TaxLot* lot) { return lot->quantity.is_positive(); });
  require(last != lots.rend(), "no lot has shares that could take over a basis");
  for (auto at = lots.rbegin(); at != last; ++at) inherit_basis(**last, **at);
  std::reverse(unknown.begin(), unknown.end());
  return unknown;
}

}  // namespace lotwright::tax
