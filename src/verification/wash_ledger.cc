#include "verification/wash_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "book/rules.h"

namespace lotwright {
namespace {

constexpr int window_days = 30;

bool is_in_window(Date day, Date as_of) { return day <= as_of && as_of - day <= window_days; }

// A sell without its gain columns counts as a loss sale (docs/data.md).
bool may_be_a_loss(const Transaction& row) {
  if (!row.gain_short && !row.gain_long) return true;
  return row.gain_short.value_or(Money()).is_negative() || row.gain_long.value_or(Money()).is_negative();
}

bool is_taxable(const Book& book, AccountIndex account) {
  return !account.exists() || book.account(account).tax_treatment == TaxTreatment::taxable;
}

Money loss_of(const SoldLot& sold) { return sold.gain ? -*sold.gain : Money(); }

Money part_of(const SoldLot& sold, Quantity matched) { return share_of(loss_of(sold), matched, sold.stated->quantity); }

GroupIndex group_of(const AccountSheet& sheet, const Trade& trade) { return sheet.security(trade).group; }

}  // namespace

WashLedger::WashLedger(const BookIndex& index, std::span<const AccountSheet> sheets) : index_(&index), sheets_(sheets) {
  std::set<TaxpayerIndex> taxpayers;
  for (std::size_t place = 0; place < sheets.size(); ++place) {
    const AccountSheet& sheet = sheets[place];
    for (const TaxpayerIndex taxpayer : sheet.account->wash_taxpayers) {
      taxpayers.insert(taxpayer);
      for (const Transaction& row : index.transactions(sheet.account_index)) enter_transaction(row, taxpayer);
      enter_lots(sheet, taxpayer);
      enter_orders(place, taxpayer);
    }
  }
  for (const TaxpayerIndex taxpayer : taxpayers) {
    for (const Transaction* row : index.outside_transactions(taxpayer)) enter_transaction(*row, taxpayer);
  }
  for (auto& [key, entry] : entries_) match(entry);
}

void WashLedger::enter_transaction(const Transaction& row, TaxpayerIndex taxpayer) {
  const Book& book = index_->book();
  if (!row.security.exists() || !is_in_window(row.trade_date, book.firm.as_of)) return;
  Entry& entry = entries_[{taxpayer, book.security(row.security).group}];
  if (row.kind == TransactionKind::sell && is_taxable(book, row.account) && may_be_a_loss(row)) {
    entry.loss_sold_before = row.id;
  }
  const bool bought = row.kind == TransactionKind::buy || row.kind == TransactionKind::reinvest;
  if (row.outside && bought) entry.replacements.push_back({nullptr, row.quantity, row.quantity});
}

void WashLedger::enter_lots(const AccountSheet& sheet, TaxpayerIndex taxpayer) {
  for (const TaxLot& lot : sheet.account->lots) {
    // A lot dated after as_of is bought within the 30 days that follow: no lower end.
    if (!lot.security.exists() || sheet.book->firm.as_of - lot.acquired_on > window_days) continue;
    Quantity kept = lot.quantity;
    for (const SoldLot& sold : sheet.sold) {
      if (sold.lot == &lot) kept -= sold.stated->quantity;
    }
    const GroupIndex group = sheet.book->security(lot.security).group;
    entries_[{taxpayer, group}].replacements.push_back({&lot, lot.quantity, std::max(kept, Quantity())});
  }
}

void WashLedger::enter_orders(std::size_t place, TaxpayerIndex taxpayer) {
  const AccountSheet& sheet = sheets_[place];
  for (const Trade* trade : sheet.trades) {
    if (trade->side == Side::buy)
      entries_[{taxpayer, group_of(sheet, *trade)}].purchases.push_back({place, trade->quantity});
  }
  if (!sheet.taxable()) return;
  for (const SoldLot& sold : sheet.sold) {
    if (sold.is_loss()) entries_[{taxpayer, group_of(sheet, *sold.trade)}].loss_sales.push_back({place, &sold, {}, {}});
  }
}

// The rest of the very lot sold is not among its replacements (Rev. Rul. 56-602).
void WashLedger::match(Entry& entry) {
  for (LossSale& sale : entry.loss_sales) {
    const Quantity sold = sale.sold->stated->quantity;
    Quantity most;
    for (Replacement& replacement : entry.replacements) {
      if (replacement.lot == sale.sold->lot) continue;
      const Quantity taken = std::min(replacement.unmatched, sold - sale.matched_least);
      replacement.unmatched -= taken;
      sale.matched_least += taken;
      most += replacement.before;
    }
    for (const Purchase& purchase : entry.purchases) most += purchase.quantity;
    sale.matched_most = std::min(sold, most);
  }
}

const WashLedger::Entry* WashLedger::entry(TaxpayerIndex taxpayer, GroupIndex group) const {
  const auto found = entries_.find({taxpayer, group});
  return found == entries_.end() ? nullptr : &found->second;
}

bool WashLedger::is_loss_barred(TaxpayerIndex taxpayer, GroupIndex group) const {
  return std::ranges::any_of(index_->loss_bars(taxpayer),
                             [group](const LossBar* bar) { return !bar->group || *bar->group == group; });
}

void WashLedger::refuse_purchases(std::size_t place, Verdict& verdict) const {
  const AccountSheet& sheet = sheets_[place];
  for (const Trade* trade : sheet.trades) {
    if (trade->side == Side::sell) continue;
    for (const TaxpayerIndex taxpayer : sheet.account->wash_taxpayers) {
      const Entry* found = entry(taxpayer, group_of(sheet, *trade));
      if (found == nullptr) continue;
      if (!found->loss_sold_before.empty()) {
        verdict.refuse(rule::wash_sale_buy_after_loss, trade->security,
                       "bought within 30 days of the loss sale " + found->loss_sold_before);
      }
      const bool sold_in_run =
          std::ranges::any_of(found->loss_sales, [place](const LossSale& sale) { return sale.place < place; });
      if (sold_in_run) {
        verdict.refuse(rule::wash_sale_buy_after_loss, trade->security,
                       "bought though another account of the taxpayer sells at a loss in this run");
      }
    }
  }
}

void WashLedger::refuse_loss_sales(std::size_t place, Verdict& verdict) const {
  const AccountSheet& sheet = sheets_[place];
  std::map<GroupIndex, Money> disallowed;
  for (const TaxpayerIndex taxpayer : sheet.account->wash_taxpayers) {
    std::set<GroupIndex> groups;
    for (const SoldLot& sold : sheet.sold) groups.insert(group_of(sheet, *sold.trade));
    for (const GroupIndex group : groups) {
      const Entry* found = entry(taxpayer, group);
      if (found == nullptr) continue;
      const bool bought_in_run =
          std::ranges::any_of(found->purchases, [place](const Purchase& purchase) { return purchase.place < place; });
      Money disallowed_sum;
      for (const LossSale& sale : found->loss_sales) {
        if (sale.place != place) continue;
        const TaxLot& lot = *sale.sold->lot;
        if (bought_in_run)
          verdict.refuse(rule::wash_sale_bought_in_run, lot, "sold at a loss though bought in this run");
        if (is_loss_barred(taxpayer, group)) {
          verdict.refuse(rule::wash_sale_loss_barred, lot, "sold at a loss though its group's records are in doubt");
        }
        disallowed_sum += std::max(part_of(*sale.sold, sale.matched_least), sale.sold->stated->disallowed);
      }
      if (disallowed_sum < sheet.policy->wash_sale_disallowed_max + cent) continue;  // parts of a cent are rounding
      verdict.refuse(
          rule::wash_sale_replacement_kept,
          fmt::format("group {}: {} of the losses is disallowed, at most {}", sheet.book->groups[group.value],
                      disallowed_sum.to_string(2), sheet.policy->wash_sale_disallowed_max.to_string(2)));
    }
  }
}

void WashLedger::check_statement(std::size_t place, Verdict& verdict) const {
  const AccountSheet& sheet = sheets_[place];
  bool any_disallowed = false;
  for (const SoldLot& sold : sheet.sold) {
    const Money stated = sold.stated->disallowed;
    any_disallowed = any_disallowed || !stated.is_zero();
    const Entry* found = sheet.taxable() && sold.is_loss() && sheet.account->taxpayer.exists()
                             ? entry(sheet.account->taxpayer, group_of(sheet, *sold.trade))
                             : nullptr;
    Money least;
    Money most;
    if (found != nullptr) {
      const auto sale = std::ranges::find(found->loss_sales, &sold, &LossSale::sold);
      least = part_of(sold, sale->matched_least);
      most = part_of(sold, sale->matched_most);
    }
    if (stated >= least - cent && stated <= most + cent && !stated.is_negative()) continue;
    verdict.refuse(rule::wash_sale_disallowed, *sold.lot,
                   fmt::format("a disallowed loss of {}, it is {} to {}", stated.to_string(2), least.to_string(2),
                               most.to_string(2)));
  }
  const bool told = std::ranges::any_of(sheet.result->exceptions, [](const Finding& finding) {
    return finding.rule == rule::wash_sale_partial || finding.rule == rule::wash_sale_forced;
  });
  if (any_disallowed && !told) verdict.refuse(rule::wash_sale_unnoted, "a disallowed loss without its note");
}

}  // namespace lotwright
