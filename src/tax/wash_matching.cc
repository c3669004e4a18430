#include "tax/wash_matching.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "tax/lot_changes.h"
#include "tax/wash_sale.h"

namespace lotwright::tax {
namespace {

constexpr std::size_t few = 16;  // not worth tidying up

bool within_window(Date acquired_on, Date sold_on) { return std::abs(acquired_on - sold_on) <= wash_sale_days; }

// From when the replacement counts its period (IRC 1223(3)). Overlapping periods of a long chain may add up to more
// than the calendar has.
Date tacked(Date replacement, Date sold_held_from, Date sold_on, WashTacking policy) {
  const Date first = std::min(replacement, Date::of(1901, 1, 1));
  const Date with_days = std::max(first, replacement - (sold_on - sold_held_from));
  const Date of_sold = std::min(replacement, sold_held_from);
  switch (policy) {
    case WashTacking::holding_date:
      return of_sold;
    case WashTacking::later:
      return std::max(with_days, of_sold);
    case WashTacking::days:
      break;
  }
  return with_days;
}

}  // namespace

std::vector<TaxpayerIndex> WashMatching::taxpayers_of(const LedgerLot& lot) const {
  if (lot.account.exists()) return book_->accounts[lot.account.value].wash_taxpayers;
  const TaxpayerIndex spouse = book_->taxpayers[lot.outside_of.value].spouse;
  return spouse.exists() ? std::vector{lot.outside_of, spouse} : std::vector{lot.outside_of};
}

bool WashMatching::is_open(LotNumber number, GroupIndex group) const {
  const LedgerLot& lot = lots_->at(number);
  return lot.purchased && !lot.used && !lot.is_gone() && group_of(lot.lot.security) == group;
}

// Shares of the acquisition that was sold from are not its replacement (Rev. Rul. 56-602).
bool WashMatching::may_replace(const LedgerLot& lot, const Loss& loss) const {
  if (lot.acquisition == loss.acquisition) return false;
  if (!within_window(lot.lot.acquired_on, (*sales_)[loss.row].sold_on)) return false;
  return book_->policy.wash_bought_before == WashBoughtBefore::include || lot.lot.acquired_on >= loss.acquired_on;
}

void WashMatching::tidy_up(Open& open, GroupIndex group) const {
  if (open.purchases.size() > 2 * open.purchases_tidy + few) {
    std::erase_if(open.purchases, [&](LotNumber number) { return !is_open(number, group); });
    open.purchases_tidy = open.purchases.size();
  }
  if (open.losses.size() > 2 * open.losses_tidy + few) {
    std::erase_if(open.losses, [&](std::size_t loss) { return !losses_[loss].is_open(); });
    open.losses_tidy = open.losses.size();
    open.first_loss = 0;
  }
}

void WashMatching::enter(LotNumber number) {
  const LedgerLot& lot = lots_->at(number);
  const GroupIndex group = group_of(lot.lot.security);
  const auto earlier = [this](LotNumber a, LotNumber b) { return lots_->is_earlier(a, b); };
  for (const TaxpayerIndex taxpayer : taxpayers_of(lot)) {
    Open& open = open_[{group, taxpayer}];
    tidy_up(open, group);
    std::vector<LotNumber>& purchases = open.purchases;
    purchases.insert(std::upper_bound(purchases.begin(), purchases.end(), number, earlier), number);
  }
}

// Appends the losses of one taxpayer that the lot may replace, in order of disposition; no more than it has shares for.
void WashMatching::gather(const LedgerLot& lot, Open& open, std::vector<std::size_t>& losses) const {
  const auto is_done = [this](std::size_t loss) { return !losses_[loss].is_open(); };
  while (open.first_loss < open.losses.size() && is_done(open.losses[open.first_loss])) ++open.first_loss;
  const Date from = lot.lot.acquired_on - wash_sale_days;
  const auto begin = open.losses.begin() + static_cast<std::ptrdiff_t>(open.first_loss);
  auto at = std::partition_point(begin, open.losses.end(),
                                 [&](std::size_t loss) { return (*sales_)[losses_[loss].row].sold_on < from; });
  const Date to = lot.lot.acquired_on + wash_sale_days;
  for (Quantity wanted; at != open.losses.end() && wanted < lot.lot.quantity; ++at) {
    if ((*sales_)[losses_[*at].row].sold_on > to) break;
    if (is_done(*at) || !may_replace(lot, losses_[*at])) continue;
    wanted += losses_[*at].sold - losses_[*at].matched;
    losses.push_back(*at);
  }
}

void WashMatching::purchase(LotNumber number) {
  const LedgerLot& lot = lots_->at(number);
  if (!lot.purchased || lot.used) return;
  const GroupIndex group = group_of(lot.lot.security);
  std::vector<std::size_t> losses;
  for (const TaxpayerIndex taxpayer : taxpayers_of(lot)) {
    const auto found = open_.find({group, taxpayer});
    if (found != open_.end()) gather(lot, found->second, losses);
  }
  std::sort(losses.begin(), losses.end());  // of all taxpayers together
  for (const std::size_t loss : losses) {
    if (!is_open(number, group)) break;
    match(losses_[loss], number);
  }
  if (is_open(number, group)) enter(number);
}

void WashMatching::loss_sale(std::size_t row, LotNumber sold, Date held_from) {
  const SaleRow& sale = (*sales_)[row];
  const LedgerLot& lot = lots_->at(sold);
  const GroupIndex group = group_of(sale.security);
  const TaxpayerIndex taxpayer = book_->accounts[sale.account.value].taxpayer;
  Loss loss{.row = row,
            .acquisition = lot.acquisition,
            .acquired_on = sale.acquired_on,
            .held_from = held_from,
            .taxpayer = taxpayer,
            .security = sale.security,
            .sold = sale.quantity,
            .matched = {},
            .loss = *sale.cost_basis - sale.proceeds};
  Open& open = open_[{group, taxpayer}];
  tidy_up(open, group);
  const auto first = std::partition_point(open.purchases.begin(), open.purchases.end(), [&](LotNumber number) {
    return lots_->at(number).lot.acquired_on < sale.sold_on - wash_sale_days;
  });
  std::size_t useless = 0;
  auto at = first;
  for (; at != open.purchases.end() && loss.is_open(); ++at) {
    if (!is_open(*at, group)) {
      ++useless;
    } else if (may_replace(lots_->at(*at), loss)) {
      match(loss, *at);
    }
  }
  if (useless > few) {  // what was passed over is not passed over again
    open.purchases.erase(std::remove_if(first, at, [&](LotNumber number) { return !is_open(number, group); }), at);
  }
  losses_.push_back(loss);
  open.losses.push_back(losses_.size() - 1);
}

// As many shares as both have, of the lot's own number or, where it has more, of a lot split off it.
void WashMatching::match(Loss& loss, LotNumber number) {
  const Quantity matched = std::min(loss.sold - loss.matched, lots_->at(number).lot.quantity);
  loss.matched += matched;
  SaleRow& sale = (*sales_)[loss.row];
  const Money so_far = disallowed_part(loss.loss, loss.sold, loss.matched);
  const Money disallowed = so_far - sale.disallowed;
  sale.disallowed = so_far;
  const bool whole = matched == lots_->at(number).lot.quantity;
  LedgerLot& replacement = lots_->change(whole ? number : lots_->split(number, matched));
  replacement.used = true;
  adjust(replacement, loss, disallowed);
}

// The loss moves into the replacement's basis (IRC 1091(d)), but not into an untaxed account, where it is gone (Rev.
// Rul. 2008-5).
void WashMatching::adjust(LedgerLot& replacement, const Loss& loss, Money disallowed) const {
  if (!replacement.account.exists()) return;
  const LedgerAccount& account = book_->accounts[replacement.account.value];
  if (account.tax_treatment != TaxTreatment::taxable) return;
  const bool own = account.taxpayer == loss.taxpayer;
  if (!own && book_->policy.wash_spouse_basis == WashSpouseBasis::lost) return;
  TaxLot& lot = replacement.lot;
  if (lot.cost_basis) *lot.cost_basis += disallowed;
  lot.held_from = tacked(lot.held_from, loss.held_from, (*sales_)[loss.row].sold_on, book_->policy.wash_tacking);
}

// What is still open of the group, by taxpayer.
std::vector<std::pair<TaxpayerIndex, WashMatching::Open*>> WashMatching::open_of(GroupIndex group) {
  std::vector<std::pair<TaxpayerIndex, Open*>> found;
  for (auto at = open_.lower_bound({group, TaxpayerIndex{0}}); at != open_.end() && at->first.first == group; ++at) {
    found.emplace_back(at->first.second, &at->second);
  }
  return found;
}

void WashMatching::rename(SecurityIndex from, SecurityIndex to) {
  const auto is_renamed = [&](LotNumber number) { return lots_->at(number).lot.security == to; };
  for (const auto& [taxpayer, open] : open_of(group_of(from))) {
    std::vector<std::size_t> losses;
    for (const std::size_t loss : open->losses) {
      if (losses_[loss].security == from) losses.push_back(loss);
    }
    for (const std::size_t loss : losses) losses_[loss].security = to;
    if (group_of(from) == group_of(to)) continue;
    std::vector<LotNumber> purchases;
    std::copy_if(open->purchases.begin(), open->purchases.end(), std::back_inserter(purchases), is_renamed);
    std::erase_if(open->losses, [&](std::size_t loss) { return losses_[loss].security == to; });
    open->first_loss = 0;
    std::erase_if(open->purchases, is_renamed);
    Open& arrived = open_[{group_of(to), taxpayer}];
    arrived.losses.insert(arrived.losses.end(), losses.begin(), losses.end());
    std::sort(arrived.losses.begin(), arrived.losses.end());
    arrived.first_loss = 0;
    arrived.purchases.insert(arrived.purchases.end(), purchases.begin(), purchases.end());
    std::sort(arrived.purchases.begin(), arrived.purchases.end(),
              [this](LotNumber a, LotNumber b) { return lots_->is_earlier(a, b); });
  }
}

void WashMatching::scale(SecurityIndex security, Weight ratio) {
  for (const auto& [taxpayer, open] : open_of(group_of(security))) {
    for (const std::size_t number : open->losses) {
      Loss& loss = losses_[number];
      if (loss.security != security || !loss.is_open()) continue;
      if (!fits(loss.sold, ratio)) continue;  // no purchase of so many can be kept exactly
      loss.sold = times(loss.sold, ratio);
      loss.matched = times(loss.matched, ratio);
    }
  }
}

}  // namespace lotwright::tax
