#include "tax/on_way.h"

#include <algorithm>
#include <utility>

#include "tax/lot_changes.h"

namespace lotwright::tax {

std::vector<TaxpayerIndex> owners_of(const LedgerBook& book, AccountIndex account) {
  const LedgerAccount& of = book.accounts[account.value];
  return of.taxpayer.exists() ? std::vector{of.taxpayer} : of.wash_taxpayers;
}

void OnWay::leave(LedgerLot lot) {
  lots_.push_back({std::move(lot)});
  enter(lots_.size() - 1);
}

void OnWay::enter(Queues& queues, const Key& key, std::size_t number) {
  Queue& queue = queues[key];
  std::vector<std::size_t>& numbers = queue.numbers;
  if (numbers.empty() || numbers.back() < number) return numbers.push_back(number);
  const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(queue.first);
  numbers.insert(std::lower_bound(begin, numbers.end(), number), number);
}

void OnWay::enter(std::size_t number) {
  const LedgerLot& lot = lots_[number].lot;
  of_security_[lot.lot.security.value].push_back(number);
  for (const TaxpayerIndex owner : owners_of(*book_, lot.account)) {
    enter(acquired_, {owner, lot.lot.security, lot.lot.acquired_on}, number);
    if (!lot.purchased) enter(given_, {owner, lot.lot.security, lot.lot.held_from}, number);
  }
}

std::optional<std::size_t> OnWay::first_of(Queues& queues, const Key& key) {
  const auto found = queues.find(key);
  if (found == queues.end()) return {};
  Queue& queue = found->second;
  for (; queue.first < queue.numbers.size(); ++queue.first) {
    const LedgerLot& lot = lots_[queue.numbers[queue.first]].lot;
    if (!lot.is_gone() && lot.lot.security == std::get<SecurityIndex>(key)) return queue.numbers[queue.first];
  }
  return {};
}

std::optional<std::size_t> OnWay::next(const std::vector<TaxpayerIndex>& owners, SecurityIndex security, Date day) {
  for (Queues* queues : {&acquired_, &given_}) {
    std::optional<std::size_t> least;
    for (const TaxpayerIndex owner : owners) {
      const auto number = first_of(*queues, {owner, security, day});
      if (number && (!least || *number < *least)) least = number;
    }
    if (least) return least;
  }
  return {};
}

LotOnWay OnWay::arrive(std::size_t number, Quantity quantity) {
  LotOnWay arrived = lots_[number];
  arrived.lot.lot = part_off(lots_[number].lot.lot, quantity);
  return arrived;
}

// By account left and day acquired, each in the order in which its lots left.
std::vector<OnWay::Group> OnWay::groups_of(SecurityIndex security) {
  std::vector<std::size_t>& numbers = of_security_[security.value];
  std::erase_if(numbers, [&](std::size_t number) {
    return lots_[number].lot.is_gone() || lots_[number].lot.lot.security != security;
  });
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::map<std::pair<AccountIndex, Date>, Group> groups;
  for (const std::size_t number : numbers) {
    const LedgerLot& lot = lots_[number].lot;
    groups[{lot.account, lot.lot.acquired_on}].push_back(number);
  }
  std::vector<Group> listed;
  for (auto& [key, group] : groups) listed.push_back(std::move(group));
  return listed;
}

std::vector<LedgerLot> OnWay::follow(const LedgerAction& action) {
  const bool sells_all = action.kind == LedgerActionKind::merger && !action.ratio;
  std::vector<SpunOff> spun_off;
  for (const Group& group : groups_of(action.security)) {
    if (sells_all) {
      for (const std::size_t number : group) lots_[number].lot.lot.quantity = Quantity();
    } else if (const auto shares = shares_of(action, group)) {
      const bool spins_off = action.kind == LedgerActionKind::spin_off;
      spins_off ? spin_off_from(action, group, *shares, spun_off) : change(action, group, *shares);
    }
  }
  std::sort(spun_off.begin(), spun_off.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [parent, lot] : spun_off) leave(std::move(lot));
  return std::exchange(without_basis_, {});
}

void OnWay::hand_on(const std::vector<LedgerLot*>& lots) {
  std::vector<TaxLot*> shared;
  for (LedgerLot* lot : lots) shared.push_back(&lot->lot);
  for (const std::size_t i : hand_on_basis(shared)) without_basis_.push_back(*lots[i]);
}

// The new shares of each lot of the group; nullopt: the action leaves none, or more than can be kept exactly.
std::optional<std::vector<Quantity>> OnWay::shares_of(const LedgerAction& action, const Group& group) const {
  std::vector<Quantity> shares;
  Quantity whole;
  for (const std::size_t number : group) {
    shares.push_back(lots_[number].lot.lot.quantity);
    whole += shares.back();
  }
  if (!action.ratio) return shares;
  if (!fits(whole, *action.ratio) || times(whole, *action.ratio).is_zero()) return {};
  return new_shares(shares, *action.ratio);
}

void OnWay::change(const LedgerAction& action, const Group& group, const std::vector<Quantity>& shares) {
  std::vector<LedgerLot*> lots;
  for (std::size_t i = 0; i < group.size(); ++i) {
    LotOnWay& each = lots_[group[i]];
    TaxLot& lot = each.lot.lot;
    if (action.kind == LedgerActionKind::return_of_capital) {
      note_gain(each, return_capital(lot, *action.cash_per_share));
    } else if (action.kind == LedgerActionKind::merger) {
      if (action.cash_per_share) note_gain(each, take_boot(lot, shares[i], action));
      each.lot.purchased = false;
    }
    lot.quantity = shares[i];
    lots.push_back(&each.lot);
  }
  hand_on(lots);
  if (!action.new_security.exists() || action.new_security == action.security) return;
  for (const std::size_t number : group) {
    lots_[number].lot.lot.security = action.new_security;
    enter(number);
  }
}

void OnWay::spin_off_from(const LedgerAction& action, const Group& group, const std::vector<Quantity>& shares,
                          std::vector<SpunOff>& spun_off) {
  std::vector<LedgerLot> fresh;
  std::vector<LedgerLot*> lots;
  for (std::size_t i = 0; i < group.size(); ++i) {
    fresh.push_back(lots_[group[i]].lot);
    fresh.back().lot = spin_off(lots_[group[i]].lot.lot, shares[i], action);
    fresh.back().purchased = false;
    fresh.back().used = false;
  }
  for (LedgerLot& lot : fresh) lots.push_back(&lot);
  hand_on(lots);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!fresh[i].is_gone()) spun_off.emplace_back(group[i], std::move(fresh[i]));
  }
}

// A gain of a taxed account, or one that nobody knows, is told once it is sure that the shares stayed with the owner.
void OnWay::note_gain(LotOnWay& on_way, const std::optional<Money>& gain) const {
  const bool taxed = book_->accounts[on_way.lot.account.value].tax_treatment == TaxTreatment::taxable;
  if (taxed && (!gain || gain->is_positive())) on_way.cash_untold = true;
}

}  // namespace lotwright::tax
