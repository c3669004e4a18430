#include "savings/washes.h"

#include <algorithm>
#include <tuple>

#include "tax/wash_sale.h"

namespace lotwright::savings {
namespace {

constexpr std::uint32_t no_lot = Index<void>::nobody;

bool is_taxed(const Book& book, AccountIndex account) {
  return !account.exists() || book.account(account).tax_treatment == TaxTreatment::taxable;
}

// Shares that came in within the window and stay.
struct Replacement {
  Date acquired_on;
  AccountIndex account;  // nobody: outside the book
  std::uint32_t lot = no_lot;
  bool bought_today = false;
  std::vector<TaxpayerIndex> taxpayers;  // whose losses it replaces; sorted
  Quantity unmatched;
};

struct Loss {
  Date sold_on;
  Date acquired_on;
  AccountIndex account;
  LotSale* sale = nullptr;               // of today
  const Transaction* earlier = nullptr;  // or of the days before
};

struct Group {
  std::vector<Replacement> replacements;
  std::map<TaxpayerIndex, std::vector<Loss>> losses;
};

// How many of the loss's shares are replaced, and how many of these by shares whose basis counts for nobody.
struct Match {
  Quantity replaced;
  Quantity untaxed;
};

Match match(const Book& book, TaxpayerIndex taxpayer, const Loss& loss, Quantity quantity, Group& group) {
  Match found;
  for (Replacement& one : group.replacements) {
    const bool theirs = std::ranges::binary_search(one.taxpayers, taxpayer);
    const bool own_lot = loss.sale != nullptr && one.account == loss.account && one.lot == loss.sale->lot;
    if (!theirs || own_lot || (loss.earlier != nullptr && !one.bought_today)) continue;
    const Quantity taken = std::min(one.unmatched, quantity - found.replaced);
    one.unmatched -= taken;
    found.replaced += taken;
    if (!is_taxed(book, one.account)) found.untaxed += taken;
  }
  return found;
}

class Gatherer {
 public:
  Gatherer(const Book& book, const DecisionUnit& unit, std::vector<AccountTrades>& trades)
      : book_(book), unit_(unit), as_of_(book.firm.as_of) {
    for (AccountTrades& one : trades) {
      const tax::SoldByLot sold = tax::sold_by_lot(one);
      sold_[one.account].insert(sold.begin(), sold.end());
      for (Trade& trade : one.trades) enter(one.account, trade);
    }
    for (const AccountIndex account : unit.accounts) {
      enter_young_lots(account);
      for (const Transaction& row : transactions_of(book, account)) enter(row);
    }
    for (const Transaction& row : transactions_of(book, AccountIndex())) enter(row);
    for (auto& [index, group] : groups) sort(group);
  }

  std::map<GroupIndex, Group> groups;

 private:
  Group& group_of(SecurityIndex security) { return groups[book_.security(security).group]; }

  void enter(AccountIndex index, Trade& trade) {
    const Account& account = book_.account(index);
    if (trade.side == Side::buy) {
      group_of(trade.security)
          .replacements.push_back({as_of_, index, no_lot, true, account.wash_taxpayers, trade.quantity});
    }
    for (LotSale& sale : trade.lots) {
      sale.disallowed = Money();
      if (!is_taxed(book_, index) || !sale.gain || !sale.gain->is_negative()) continue;
      group_of(trade.security)
          .losses[account.taxpayer]
          .push_back({as_of_, account.lots[sale.lot].acquired_on, index, &sale, nullptr});
    }
  }

  void enter_young_lots(AccountIndex index) {
    const Account& account = book_.account(index);
    for (std::uint32_t i = 0; i < account.lots.size(); ++i) {
      const TaxLot& lot = account.lots[i];
      if (!lot.security.exists() || !tax::is_young(lot, as_of_)) continue;
      const auto of_account = sold_.find(index);
      Quantity kept = lot.quantity;
      if (of_account != sold_.end()) {
        const auto gone = of_account->second.find(i);
        if (gone != of_account->second.end()) kept -= gone->second;
      }
      if (!kept.is_positive()) continue;
      group_of(lot.security).replacements.push_back({lot.acquired_on, index, i, false, account.wash_taxpayers, kept});
    }
  }

  // Purchases outside the book, and the losses of the unit's taxpayers that are still in the window.
  void enter(const Transaction& row) {
    const bool recent = row.trade_date <= as_of_ && as_of_ - row.trade_date <= tax::wash_sale_days;
    if (!recent || !row.security.exists() || !std::ranges::binary_search(unit_.taxpayers, row.taxpayer)) return;
    const bool buys = row.kind == TransactionKind::buy || row.kind == TransactionKind::reinvest;
    if (row.outside && buys) {
      group_of(row.security)
          .replacements.push_back({row.trade_date, AccountIndex(), no_lot, false, {row.taxpayer}, row.quantity});
    }
    const bool sells = row.kind == TransactionKind::sell && row.account.exists() && is_taxed(book_, row.account);
    const bool at_a_loss =
        row.gain_short.value_or(Money()).is_negative() || row.gain_long.value_or(Money()).is_negative();
    if (!sells || !at_a_loss || row.trade_date.civil().year != as_of_.civil().year) return;
    group_of(row.security).losses[row.taxpayer].push_back({row.trade_date, row.trade_date, row.account, nullptr, &row});
  }

  // Of one day's replacements those whose basis takes up the loss come first: nobody can say which was bought first.
  void sort(Group& group) const {
    const auto place = [&](const Replacement& one) {
      return std::tuple(one.acquired_on, !is_taxed(book_, one.account), one.account, one.lot);
    };
    std::ranges::stable_sort(group.replacements, {}, place);
    for (auto& [taxpayer, losses] : group.losses) {
      const auto order = [](const Loss& one) {
        const std::uint32_t lot = one.sale == nullptr ? 0 : one.sale->lot;
        return std::tuple(one.sold_on, one.acquired_on, one.account, lot,
                          one.earlier == nullptr ? std::string() : one.earlier->id);
      };
      std::ranges::stable_sort(losses, {}, order);
    }
  }

  const Book& book_;
  const DecisionUnit& unit_;
  Date as_of_;
  std::map<AccountIndex, tax::SoldByLot> sold_;
};

void undo(const Transaction& sale, const Match& found, Washes& washes) {
  for (const auto& [gain, term] : {std::pair(sale.gain_short, Term::short_term), {sale.gain_long, Term::long_term}}) {
    if (!gain || !gain->is_negative() || !found.replaced.is_positive()) continue;
    washes.earlier.push_back({&sale, term, tax::disallowed_part(-*gain, sale.quantity, found.replaced),
                              tax::disallowed_part(-*gain, sale.quantity, found.untaxed)});
  }
}

}  // namespace

std::span<const Transaction> transactions_of(const Book& book, AccountIndex account) {
  const auto rows = std::ranges::equal_range(book.transactions, account, {}, &Transaction::account);
  return {rows.begin(), rows.end()};
}

Washes wash(const Book& book, const DecisionUnit& unit, std::vector<AccountTrades>& trades) {
  Washes washes;
  for (auto& [index, group] : Gatherer(book, unit, trades).groups) {
    for (auto& [taxpayer, losses] : group.losses) {
      for (const Loss& loss : losses) {
        const Quantity quantity = loss.sale != nullptr ? loss.sale->quantity : loss.earlier->quantity;
        const Match found = match(book, taxpayer, loss, quantity, group);
        if (loss.earlier != nullptr) {
          undo(*loss.earlier, found, washes);
          continue;
        }
        const Money amount = -*loss.sale->gain;
        loss.sale->disallowed = tax::disallowed_part(amount, quantity, found.replaced);
        const Money lost = tax::disallowed_part(amount, quantity, found.untaxed);
        if (lost.is_positive()) washes.lost[{loss.account, loss.sale->lot}] = lost;
      }
    }
  }
  std::ranges::stable_sort(washes.earlier, {}, [](const EarlierLoss& one) {
    return std::tuple(one.sale->taxpayer, one.sale->trade_date, one.sale->id);
  });
  return washes;
}

}  // namespace lotwright::savings
