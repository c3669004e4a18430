#include "tax/lot_store.h"

#include <algorithm>
#include <limits>

#include "base/defect.h"
#include "tax/lot_relief.h"

namespace lotwright::tax {
namespace {

constexpr std::size_t few_lots = 16;  // not worth tidying up

std::string key_of(AccountIndex account, const std::string& id) { return std::to_string(account.value) + '/' + id; }

// numerator / denominator to the nearest whole number, half away from zero; of any size, as lots may be very small.
Int128 rounded(Int128 numerator, Int128 denominator) {
  const Int128 half = denominator / 2;
  return (numerator < 0 ? numerator - half : numerator + half) / denominator;
}

// Millionths of a dollar for one share.
Int128 per_share(Money amount, Quantity quantity) {
  return rounded(static_cast<Int128>(amount.count()) * Quantity::scale, quantity.count());
}

// What orders the lots of a method: the least is taken first. Lots of unknown basis come last.
Int128 rank_of(const TaxLot& lot, ReliefMethod method, const SellTerms& terms) {
  constexpr Int128 last = static_cast<Int128>(std::numeric_limits<std::int64_t>::max()) << 60;
  if (!lot.cost_basis) return last;
  if (method == ReliefMethod::hifo) return -per_share(*lot.cost_basis, lot.quantity);
  // The whole lot at the price of the sell; of a large lot, whose worth cannot be kept exactly, what is sold.
  const Int128 worth = static_cast<Int128>(terms.amount.count()) * lot.quantity.count() / terms.quantity.count();
  const Quantity quantity = worth < std::numeric_limits<std::int64_t>::max() ? lot.quantity : terms.quantity;
  const LotSale sale = sale_of(lot, 0, quantity, share_of(terms.amount, quantity, terms.quantity), terms.on);
  const Weight rate = sale.term == Term::long_term ? terms.rate_long : terms.rate_short;
  return rounded(per_share(*sale.gain, quantity) * rate.count(), Weight::scale);
}

void take_parts(LotPart next, Quantity& left, std::vector<LotPart>& parts) {
  next.quantity = std::min(next.quantity, left);
  left -= next.quantity;
  parts.push_back(next);
}

}  // namespace

TaxLot part_off(TaxLot& lot, Quantity quantity) {
  require(quantity.is_positive() && quantity <= lot.quantity, "more is taken from a lot than it has");
  TaxLot part = lot;
  part.quantity = quantity;
  for (std::optional<Money> TaxLot::*basis : {&TaxLot::cost_basis, &TaxLot::loss_basis}) {
    if (!(lot.*basis)) continue;
    part.*basis = share_of(*(lot.*basis), quantity, lot.quantity);
    *(lot.*basis) -= *(part.*basis);
  }
  lot.quantity -= quantity;
  return part;
}

LotNumber LotStore::add(LedgerLot lot) {
  const LotNumber number = add_new(std::move(lot));
  require(number != no_lot, "an account has two lots of one id");
  return number;
}

LotNumber LotStore::add_new(LedgerLot lot) {
  const auto number = static_cast<LotNumber>(lots_.size());
  if (!lot.account.exists()) {
    outside_[lot.lot.security.value].push_back(number);
  } else if (!by_id_.emplace(key_of(lot.account, lot.lot.id.text), number).second) {
    return no_lot;
  }
  lots_.push_back(std::move(lot));
  enter(number);
  return number;
}

void LotStore::adopt(LotNumber parent, LotNumber child) {
  lots_[child].parent = parent;
  lots_[parent].children.push_back(child);
}

LotNumber LotStore::find(AccountIndex account, const std::string& id) const {
  const auto found = by_id_.find(key_of(account, id));
  return found == by_id_.end() ? no_lot : found->second;
}

void LotStore::enter(LotNumber number) {
  const LedgerLot& lot = lots_[number];
  if (!lot.account.exists() || lot.is_gone()) return;
  Position& at = position(lot.account, lot.lot.security);
  const auto earlier = [this](LotNumber a, LotNumber b) { return is_earlier(a, b); };
  const auto place = std::upper_bound(at.lots.begin(), at.lots.end(), number, earlier);
  at.first = std::min(at.first, static_cast<std::size_t>(place - at.lots.begin()));
  at.lots.insert(place, number);
  at.quantity += lot.lot.quantity;
}

std::vector<LotNumber> LotStore::lots_of(Position& position) const {
  forget_gone(position);
  std::vector<LotNumber> there;
  for (std::size_t i = position.first; i < position.lots.size(); ++i) {
    if (!lots_[position.lots[i]].is_gone()) there.push_back(position.lots[i]);
  }
  return there;
}

// At both ends at once, in between now and then, so that it costs each lot a moment once.
void LotStore::forget_gone(Position& position) const {
  std::vector<LotNumber>& lots = position.lots;
  for (; !lots.empty() && lots_[lots.back()].is_gone(); --position.gone) lots.pop_back();
  position.first = std::min(position.first, lots.size());
  while (position.first < lots.size() && lots_[lots[position.first]].is_gone()) ++position.first;
  if (position.gone < few_lots || position.gone * 2 < lots.size()) return;
  std::erase_if(lots, [this](LotNumber number) { return lots_[number].is_gone(); });
  position.gone = 0;
  position.first = 0;
}

TaxLot LotStore::take(LotNumber number, Quantity quantity) {
  LedgerLot& from = lots_[number];
  TaxLot part = part_off(from.lot, quantity);
  if (!from.account.exists()) return part;
  Position& at = position(from.account, from.lot.security);
  at.quantity -= quantity;
  if (from.is_gone()) ++at.gone;
  return part;
}

// Its children are not copied: there may be thousands.
LedgerLot LotStore::like(LotNumber number) {
  std::vector<LotNumber> children = std::move(lots_[number].children);
  LedgerLot copy = lots_[number];
  lots_[number].children = std::move(children);
  copy.children.clear();
  copy.parts = 0;
  return copy;
}

// Under the number after that of the last child, or the first behind it that no lot of the account has.
LotNumber LotStore::add_child(LotNumber parent, LedgerLot child) {
  child.parent = parent;
  const std::string stem = lots_[parent].lot.id.text + '.';
  std::uint32_t n = lots_[parent].parts + 1;
  for (;; ++n) {
    child.lot.id.text = stem + std::to_string(n);
    if (find(child.account, child.lot.id.text) == no_lot) break;
  }
  const LotNumber made = add(std::move(child));
  lots_[parent].parts = n;
  lots_[parent].children.push_back(made);
  return made;
}

LotNumber LotStore::split(LotNumber number, Quantity quantity) {
  LedgerLot child = like(number);
  require(quantity < child.lot.quantity, "a lot is split where it has no shares");
  child.lot = take(number, quantity);
  return add_child(number, std::move(child));
}

LotNumber LotStore::add_spun_off(LotNumber number, TaxLot fresh) {
  LedgerLot child = like(number);
  child.lot = std::move(fresh);
  child.purchased = false;
  child.used = false;
  return add_child(number, std::move(child));
}

void LotStore::set_quantity(LotNumber number, Quantity quantity) {
  TaxLot& lot = lots_[number].lot;
  Position& at = position(lots_[number].account, lot.security);
  at.quantity += quantity - lot.quantity;
  lot.quantity = quantity;
  if (lot.quantity.is_zero()) ++at.gone;
}

void LotStore::exchange(AccountIndex account, SecurityIndex from, SecurityIndex to) {
  Position& old = position(account, from);
  Position& fresh = position(account, to);
  const std::vector<LotNumber> lots = lots_of(old);
  for (const LotNumber number : lots) {
    lots_[number].lot.security = to;
    fresh.quantity += lots_[number].lot.quantity;
  }
  const auto middle = fresh.lots.insert(fresh.lots.end(), lots.begin(), lots.end());
  std::inplace_merge(fresh.lots.begin(), middle, fresh.lots.end(),
                     [this](LotNumber a, LotNumber b) { return is_earlier(a, b); });
  fresh.first = 0;
  const std::string held = old.held;
  old = Position();
  old.held = held;
}

std::vector<LotPart> LotStore::relieve(Position& position, ReliefMethod method, const SellTerms& terms) const {
  require(terms.quantity <= position.quantity, "a sell takes more than its position has");
  forget_gone(position);
  Quantity left = terms.quantity;
  std::vector<LotPart> parts;
  const auto take_in_order = [&](auto begin, auto end) {
    for (auto at = begin; at != end && left.is_positive(); ++at) {
      const LedgerLot& lot = lots_[*at];
      if (!lot.is_gone()) take_parts({*at, lot.lot.quantity}, left, parts);
    }
  };
  if (method == ReliefMethod::fifo) {
    take_in_order(position.lots.begin() + static_cast<std::ptrdiff_t>(position.first), position.lots.end());
  } else if (method == ReliefMethod::lifo) {
    take_in_order(position.lots.rbegin(), position.lots.rend());
  } else {
    std::vector<std::pair<Int128, std::size_t>> ranked;  // rank, place
    for (std::size_t i = position.first; i < position.lots.size(); ++i) {
      const TaxLot& lot = lots_[position.lots[i]].lot;
      if (lot.quantity.is_positive()) ranked.emplace_back(rank_of(lot, method, terms), i);
    }
    std::sort(ranked.begin(), ranked.end());
    std::vector<LotNumber> ordered;
    ordered.reserve(ranked.size());
    for (const auto& [rank, place] : ranked) ordered.push_back(position.lots[place]);
    take_in_order(ordered.begin(), ordered.end());
  }
  return parts;
}

void LotStore::add_descendants(LotNumber number, std::vector<LotNumber>& numbers) const {
  for (const LotNumber child : lots_[number].children) {
    numbers.push_back(child);
    add_descendants(child, numbers);
  }
}

std::vector<LotPart> LotStore::relieve_lot(LotNumber number, SecurityIndex security, Quantity quantity) const {
  std::vector<LotNumber> numbers;
  add_descendants(number, numbers);
  std::sort(numbers.begin(), numbers.end());
  numbers.insert(numbers.begin(), number);
  std::vector<LotPart> parts;
  for (const LotNumber each : numbers) {
    const TaxLot& lot = lots_[each].lot;
    if (lot.security != security || !lot.quantity.is_positive() || !quantity.is_positive()) continue;
    take_parts({each, lot.quantity}, quantity, parts);
  }
  return parts;
}

}  // namespace lotwright::tax
