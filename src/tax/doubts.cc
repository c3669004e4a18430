#include "tax/doubts.h"

#include <algorithm>

#include "book/rules.h"
#include "tax/arrival.h"
#include "tax/wash_sale.h"

namespace lotwright::tax {
namespace {

const std::vector<TaxpayerIndex> anybody{TaxpayerIndex{}};

std::vector<TaxpayerIndex> with_spouse(const LedgerBook& book, TaxpayerIndex taxpayer) {
  std::vector<TaxpayerIndex> both{taxpayer};
  const TaxpayerIndex spouse = book.taxpayers[taxpayer.value].spouse;
  if (spouse.exists()) both.push_back(spouse);
  return both;
}

// Whose losses a row may disallow.
std::vector<TaxpayerIndex> owners(const LedgerBook& book, const LedgerEvent& event) {
  if (!event.account_named) return anybody;
  if (event.outside) {
    return event.taxpayer.exists() ? with_spouse(book, event.taxpayer) : std::vector<TaxpayerIndex>();
  }
  return event.account.exists() ? book.accounts[event.account.value].wash_taxpayers : std::vector<TaxpayerIndex>();
}

bool may_be_purchase(const LedgerEvent& event) {
  return is_purchase(event.kind) && !(event.outside && event.kind == LedgerKind::transfer_in);
}

}  // namespace

void Doubts::add(const std::vector<TaxpayerIndex>& owners, SecurityIndex security, std::optional<Date> day,
                 const Origin& origin) {
  const GroupIndex group = security.exists() ? book_->securities[security.value].group : GroupIndex{};
  for (const TaxpayerIndex owner : owners) {
    Days& days = unseen_[{owner, group}];
    if (day) {
      days.dated.emplace_back(*day, origin);
    } else if (!days.undated) {
      days.undated = origin;
    }
  }
}

void Doubts::not_played(const LedgerEvent& event) {
  if (!may_be_purchase(event) || (!event.security.exists() && event.security_named)) return;
  const std::optional<Date> day = event.kind == LedgerKind::transfer_in ? event.acquired_on : event.date;
  add(owners(*book_, event), event.security, day, origin_of(event));
}

void Doubts::not_played(const OpeningLot& opening) {
  const bool purchased = opening.replacement.value_or(Replacement::free) == Replacement::free;
  if (!purchased || opening.lot.loss_basis) return;
  if (!opening.lot.security.exists() && opening.security_named) return;
  const std::optional<Date> day = opening.dated ? std::optional(opening.lot.acquired_on) : std::nullopt;
  if (opening.account.exists()) {
    add(book_->accounts[opening.account.value].wash_taxpayers, opening.lot.security, day, origin_of(opening));
  } else if (!opening.account_named) {
    add(anybody, opening.lot.security, day, origin_of(opening));
  }
}

void Doubts::gather(const OnWay& on_way) {
  for (auto& [key, days] : unseen_) {
    std::stable_sort(days.dated.begin(), days.dated.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  for (const LotOnWay& each : on_way.all()) {
    const LedgerLot& lot = each.lot;
    if (lot.is_gone() || !lot.purchased || lot.used) continue;
    const GroupIndex group = book_->securities[lot.lot.security.value].group;
    for (const TaxpayerIndex owner : book_->accounts[lot.account.value].wash_taxpayers) {
      left_[{owner, group}].push_back(&each);
    }
  }
  for (auto& [key, lots] : left_) {
    std::stable_sort(lots.begin(), lots.end(), [](const LotOnWay* a, const LotOnWay* b) {
      return a->lot.lot.acquired_on < b->lot.lot.acquired_on;
    });
  }
}

// A row that is not played and may be a purchase near the loss; null: there is none.
const Origin* Doubts::row_near(const WashMatching::Loss& loss, const SaleRow& sale) const {
  const GroupIndex group = book_->securities[sale.security.value].group;
  for (const Key& key : {Key{loss.taxpayer, group}, Key{loss.taxpayer, {}}, Key{{}, group}, Key{{}, {}}}) {
    const auto found = unseen_.find(key);
    if (found == unseen_.end()) continue;
    const Days& days = found->second;
    if (days.undated) return &*days.undated;
    const auto at = std::partition_point(days.dated.begin(), days.dated.end(),
                                         [&](const auto& each) { return each.first < sale.sold_on - wash_sale_days; });
    if (at != days.dated.end() && at->first <= sale.sold_on + wash_sale_days) return &at->second;
  }
  return nullptr;
}

const LotOnWay* Doubts::left_near(const WashMatching::Loss& loss, const SaleRow& sale, const WashMatching& wash) const {
  const auto found = left_.find({loss.taxpayer, book_->securities[sale.security.value].group});
  if (found == left_.end()) return nullptr;
  const auto& lots = found->second;
  auto at = std::partition_point(lots.begin(), lots.end(), [&](const LotOnWay* each) {
    return each->lot.lot.acquired_on < sale.sold_on - wash_sale_days;
  });
  for (; at != lots.end() && (*at)->lot.lot.acquired_on <= sale.sold_on + wash_sale_days; ++at) {
    if (wash.may_replace((*at)->lot, loss)) return *at;
  }
  return nullptr;
}

std::vector<Failure> Doubts::findings(Realization& realization, const OnWay& on_way) {
  gather(on_way);
  std::vector<Failure> findings;
  if (unseen_.empty() && left_.empty()) return findings;
  for (const WashMatching::Loss& loss : realization.wash().losses()) {
    if (!loss.is_open()) continue;
    const SaleRow& sale = realization.sale(loss.row);
    const Origin& origin = realization.origin_of_sale(loss.row);
    if (const Origin* row = row_near(loss, sale)) {
      findings.push_back(finding_at(
          origin, rule::ledger_loss_doubtful, "lot_id", sale.lot.text,
          "is sold at a loss that " + row->text() + " may disallow, which is not played: correct that row first"));
    }
    if (const LotOnWay* left = left_near(loss, sale, realization.wash())) {
      findings.push_back(finding_at(origin, rule::ledger_not_judged, "lot_id", sale.lot.text,
                                    "is sold at a loss that shares acquired on " +
                                        left->lot.lot.acquired_on.to_string() + " may disallow, which left account " +
                                        book_->accounts[left->lot.account.value].id.text +
                                        " and have not arrived: tell where they went, or judge it by hand"));
    }
  }
  return findings;
}

}  // namespace lotwright::tax
