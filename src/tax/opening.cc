#include "tax/opening.h"

#include <algorithm>
#include <limits>

namespace lotwright::tax {
namespace {

LedgerLot lot_of(const OpeningLot& row) {
  LedgerLot lot;
  lot.account = row.account;
  lot.lot = row.lot;
  lot.parts = row.parts;
  // Nothing but a gift has two bases.
  const Replacement unsaid = row.lot.loss_basis ? Replacement::never : Replacement::free;
  const Replacement replacement = row.replacement.value_or(unsaid);
  lot.purchased = replacement != Replacement::never;
  lot.used = replacement == Replacement::used;
  return lot;
}

// "L.12.3" is a part of "L.12"; empty: of nothing.
std::string without_number(const std::string& id) {
  const std::size_t dot = id.find_last_of('.');
  const bool numbered = dot != std::string::npos && dot + 1 < id.size() &&
                        id.find_first_not_of("0123456789", dot + 1) == std::string::npos;
  return numbered ? id.substr(0, dot) : std::string();
}

// The lots between a lot and `first`, from its parent on up; only the parent where `first` is no stem of its id.
std::vector<std::string> ancestors(const std::string& parent, const std::string& first) {
  std::vector<std::string> ids{parent};
  if (first.empty()) return ids;
  while (ids.back() != first) {
    const std::string above = without_number(ids.back());
    if (above.empty()) return {parent};
    ids.push_back(above);
  }
  return ids;
}

}  // namespace

std::vector<LotNumber> Opening::add(std::vector<std::size_t> rows) {
  const auto& lots = book_->opening_lots;
  std::stable_sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
    constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
    return lots[a].made.value_or(last) < lots[b].made.value_or(last);
  });
  std::vector<LotNumber> numbers;
  for (const std::size_t row : rows) numbers.push_back(lots_->add(lot_of(lots[row])));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const OpeningLot& row = lots[rows[i]];
    if (!row.parent.empty()) lots_->adopt(known(row.account, row.parent), numbers[i]);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) add_ancestors(lots[rows[i]]);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string& said = lots[rows[i]].acquisition;
    if (!said.empty()) lots_->change(numbers[i]).acquisition = named(said);
  }
  for (const LotNumber number : numbers) name_acquisition(number);
  return numbers;
}

// The account's lot of the id: one of these rows, or an empty one of which only parts are left.
LotNumber Opening::known(AccountIndex account, const std::string& id) {
  const LotNumber found = lots_->find(account, id);
  if (found != no_lot) return found;
  LedgerLot gone;
  gone.account = account;
  gone.lot.id.text = id;
  return lots_->add(std::move(gone));
}

bool Opening::is_above(LotNumber above, LotNumber below) const {
  for (LotNumber at = below; at != no_lot; at = lots_->at(at).parent) {
    if (at == above) return true;
  }
  return false;
}

// What stands in no row has no parent of its own yet.
void Opening::add_ancestors(const OpeningLot& row) {
  if (row.parent.empty()) return;
  const std::vector<std::string> ids = ancestors(row.parent, row.first);
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
    const LotNumber child = known(row.account, ids[i]);
    const LotNumber parent = known(row.account, ids[i + 1]);
    const LedgerLot& lot = lots_->at(child);
    if (lot.is_gone() && lot.parent == no_lot && !is_above(child, parent)) lots_->adopt(parent, child);
  }
}

// Where nothing is said, the parent's; at the top the lot's own, under its account and id.
void Opening::name_acquisition(LotNumber number) {
  std::vector<LotNumber> unnamed;
  LotNumber at = number;
  while (lots_->at(at).acquisition == nullptr && lots_->at(at).parent != no_lot) {
    unnamed.push_back(at);
    at = lots_->at(at).parent;
  }
  LedgerLot& top = lots_->change(at);
  if (top.acquisition == nullptr) {
    top.acquisition = named(book_->accounts[top.account.value].id.text + '/' + top.lot.id.text);
  }
  for (const LotNumber each : unnamed) lots_->change(each).acquisition = top.acquisition;
}

const std::string* Opening::named(const std::string& id) {
  const std::string*& name = acquisitions_[id];
  if (name == nullptr) name = &names_.emplace_back(id);
  return name;
}

}  // namespace lotwright::tax
