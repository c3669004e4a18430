#include "tax/lot_store.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <tuple>

#include "base/defect.h"
#include "tax/holding_period.h"
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

// Between which numbers the rank of a lot lies, or the rank itself: what can be had without dividing whole numbers of
// 128 bits. The ranks of those that could be the least are then counted exactly.
struct Bound {
  double low = 0.0;
  double high = 0.0;
  std::uint32_t place = 0;  // in the position
};
struct Ranked {
  Int128 rank = 0;
  std::uint32_t place = 0;
};

constexpr double endless = 1e300;

// Bounds for the lots of one sell.
class Bounds {
 public:
  Bounds(ReliefMethod method, const SellTerms& terms)
      : hifo_(method == ReliefMethod::hifo),
        last_long_(last_long_term_from(terms.on)),
        short_(static_cast<double>(terms.rate_short.count()) / Weight::scale),
        long_(static_cast<double>(terms.rate_long.count()) / Weight::scale),
        price_(static_cast<double>(terms.amount.count()) / static_cast<double>(terms.quantity.count())) {}

  // Of a lot with one basis: dollars a share, and shares as a count.
  [[nodiscard]] Bound of(double basis, double shares, Date held_from, std::uint32_t place) const {
    constexpr double error = 1e-13;  // of the arithmetic here
    if (hifo_) return around(-basis * Money::scale, basis * Money::scale * error, place);
    if (price_ * shares > 1e18) return {-endless, endless, place};
    const double rate = held_from <= last_long_ ? long_ : short_;
    if (rate == 0.0) return {0.0, 0.0, place};
    const double rounding = 0.5 * Quantity::scale / shares + 0.5;  // of the lot's gain, and of it a share
    const double gain = (price_ - basis) * Money::scale;
    return around(rate * gain, std::abs(rate) * (rounding + (price_ + basis) * Money::scale * error), place);
  }

 private:
  static Bound around(double rank, double margin, std::uint32_t place) {
    return {rank - margin - 1.0, rank + margin + 1.0, place};
  }
  bool hifo_;
  Date last_long_;
  double short_;
  double long_;
  double price_;  // dollars a share
};

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
  facts_.emplace_back();
  enter(number);
  return number;
}

void LotStore::adopt(LotNumber parent, LotNumber child) {
  parts_come_first_ = parts_come_first_ || child < parent;
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
  LedgerLot& from = change(number);
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
  copy.first_child = 0;
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
  TaxLot& lot = change(number).lot;
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
    take_by_rank(position, method, terms, parts);
  }
  return parts;
}

const LotStore::Facts& LotStore::facts_of(LotNumber number) const {
  Facts& facts = facts_[number];
  if (facts.known) return facts;
  const TaxLot& lot = lots_[number].lot;
  facts.known = true;
  facts.plain = lot.cost_basis && !lot.loss_basis;
  facts.held_from = lot.held_from;
  facts.shares = static_cast<double>(lot.quantity.count());
  if (facts.plain) facts.basis = static_cast<double>(lot.cost_basis->count()) / facts.shares;
  return facts;
}

// The least rank first, of equals the earliest. A rank is counted once its bound is not above the least rank so far.
void LotStore::take_by_rank(const Position& position, ReliefMethod method, const SellTerms& terms,
                            std::vector<LotPart>& parts) const {
  const auto later_bound = [](const Bound& a, const Bound& b) {
    return std::tie(a.low, a.place) > std::tie(b.low, b.place);
  };
  const auto later_rank = [](const Ranked& a, const Ranked& b) {
    return a.rank != b.rank ? a.rank > b.rank : a.place > b.place;
  };
  const Bounds bounds_of(method, terms);
  const double wanted = static_cast<double>(terms.quantity.count());
  double enough = endless;  // a lot whose rank is not above it has all shares that are wanted
  std::vector<Bound> bounds;
  for (std::size_t i = position.first; i < position.lots.size(); ++i) {
    const Facts& facts = facts_of(position.lots[i]);
    if (facts.shares == 0.0) continue;
    const auto place = static_cast<std::uint32_t>(i);
    const Bound bound =
        facts.plain ? bounds_of.of(facts.basis, facts.shares, facts.held_from, place) : Bound{-endless, endless, place};
    if (bound.low > enough) continue;
    if (facts.shares >= wanted) enough = std::min(enough, bound.high);
    bounds.push_back(bound);
  }
  std::make_heap(bounds.begin(), bounds.end(), later_bound);
  std::vector<Ranked> ranked;
  const auto may_be_less = [&](const Bound& bound) {
    if (ranked.empty()) return true;
    const double least = static_cast<double>(ranked.front().rank);
    const bool is_exact = bound.low == bound.high;
    return bound.low < least || (bound.low == least && (!is_exact || bound.place < ranked.front().place));
  };
  for (Quantity left = terms.quantity; left.is_positive();) {
    while (!bounds.empty() && may_be_less(bounds.front())) {
      const Bound next = bounds.front();
      std::pop_heap(bounds.begin(), bounds.end(), later_bound);
      bounds.pop_back();
      ranked.push_back({rank_of(lots_[position.lots[next.place]].lot, method, terms), next.place});
      std::push_heap(ranked.begin(), ranked.end(), later_rank);
    }
    require(!ranked.empty(), "a sell takes more than its position has");
    const LotNumber number = position.lots[ranked.front().place];
    take_parts({number, lots_[number].lot.quantity}, left, parts);
    std::pop_heap(ranked.begin(), ranked.end(), later_rank);
    ranked.pop_back();
  }
}

bool LotStore::is_dead(LotNumber number) const {
  const LedgerLot& lot = lots_[number];
  return lot.is_gone() && lot.first_child == lot.children.size();
}

// The first child from `place` on that has shares, or parts that may have; those that have not, at the beginning, are
// not looked at again.
std::size_t LotStore::child_from(LotNumber parent, std::size_t place) {
  LedgerLot& lot = lots_[parent];
  while (lot.first_child < lot.children.size() && is_dead(lot.children[lot.first_child])) ++lot.first_child;
  place = std::max(place, lot.first_child);
  while (place < lot.children.size() && is_dead(lot.children[place])) ++place;
  return place;
}

void LotStore::add_descendants(LotNumber number, std::vector<LotNumber>& numbers) const {
  for (const LotNumber child : lots_[number].children) {
    numbers.push_back(child);
    add_descendants(child, numbers);
  }
}

std::vector<LotPart> LotStore::relieve_lot(LotNumber number, SecurityIndex security, Quantity quantity) {
  struct Next {
    LotNumber lot;
    LotNumber parent;
    std::size_t place;  // among the parent's children
  };
  const auto made_later = [](const Next& a, const Next& b) { return a.lot > b.lot; };
  std::priority_queue<Next, std::vector<Next>, decltype(made_later)> waiting(made_later);  // one of each parent
  const auto enter = [&](LotNumber parent, std::size_t from) {
    const std::size_t place = child_from(parent, from);
    if (place < lots_[parent].children.size()) waiting.push({lots_[parent].children[place], parent, place});
  };
  std::vector<LotPart> parts;
  const auto take = [&](LotNumber each) {
    const TaxLot& lot = lots_[each].lot;
    if (lot.security == security && lot.quantity.is_positive()) take_parts({each, lot.quantity}, quantity, parts);
  };
  take(number);
  if (parts_come_first_) {
    std::vector<LotNumber> numbers;
    add_descendants(number, numbers);
    std::sort(numbers.begin(), numbers.end());
    for (auto at = numbers.begin(); at != numbers.end() && quantity.is_positive(); ++at) take(*at);
    return parts;
  }
  enter(number, 0);
  while (quantity.is_positive() && !waiting.empty()) {
    const Next next = waiting.top();
    waiting.pop();
    enter(next.parent, next.place + 1);
    enter(next.lot, 0);
    take(next.lot);
  }
  return parts;
}

}  // namespace lotwright::tax
