#include "book/book.h"

#include <algorithm>
#include <numeric>

namespace lotwright {
namespace {

// Disjoint sets of accounts; the representative of a set is its first account.
class AccountSets {
 public:
  explicit AccountSets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0U); }

  std::uint32_t first_of(std::uint32_t account) {
    while (parent_[account] != account) account = parent_[account] = parent_[parent_[account]];
    return account;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    const std::uint32_t one = first_of(a);
    const std::uint32_t other = first_of(b);
    parent_[std::max(one, other)] = std::min(one, other);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

// Joins `account` to the first account seen with the same key.
template <class Key>
void join_by(AccountSets& sets, std::map<Key, std::uint32_t>& seen, Key key, std::uint32_t account) {
  if (key.exists()) sets.join(seen.try_emplace(key, account).first->second, account);
}

template <class Value>
void sort_unique(std::vector<Value>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

Date due_on_of(RequestKind kind, std::optional<Date> written, Date as_of) {
  if (written) return *written;
  return kind == RequestKind::preserve_losses ? Date::of(2199, 12, 31) : as_of;
}

bool uses_screen_of(const Restriction& restriction, const Policy& policy) {
  if (restriction.screen.empty()) return true;
  const auto used = policy.screens.find(restriction.screen);
  if (used == policy.screens.end()) return false;
  const bool divests = restriction.rule == RestrictionRule::sell_all;
  return divests == (used->second == ScreenUse::divest_now);
}

std::vector<DecisionUnit> decision_units(const Book& book) {
  const auto count = static_cast<std::uint32_t>(book.accounts.size());
  AccountSets sets(count);
  std::map<HouseholdIndex, std::uint32_t> by_household;
  std::map<TaxpayerIndex, std::uint32_t> by_taxpayer;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Account& account = book.accounts[i];
    join_by(sets, by_household, account.household, i);
    join_by(sets, by_taxpayer, account.taxpayer, i);
    for (const TaxpayerIndex linked : account.wash_taxpayers) join_by(sets, by_taxpayer, linked, i);
  }

  std::map<std::uint32_t, DecisionUnit> by_first;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Account& account = book.accounts[i];
    DecisionUnit& unit = by_first[sets.first_of(i)];
    unit.accounts.push_back(AccountIndex{i});
    if (account.taxpayer.exists()) unit.taxpayers.push_back(account.taxpayer);
    unit.taxpayers.insert(unit.taxpayers.end(), account.wash_taxpayers.begin(), account.wash_taxpayers.end());
  }

  std::vector<DecisionUnit> units;
  for (auto& [first, unit] : by_first) {
    sort_unique(unit.taxpayers);
    units.push_back(std::move(unit));
  }
  return units;
}

}  // namespace lotwright
