#include "tax/wash_sale.h"

#include <algorithm>

#include "base/defect.h"
#include "tax/lot_relief.h"

namespace lotwright::tax {
namespace {

using Transactions = std::vector<Transaction>;

struct ByAccount {
  bool operator()(const Transaction& a, AccountIndex b) const { return a.account < b; }
  bool operator()(AccountIndex a, const Transaction& b) const { return a < b.account; }
};

// The rows of one account, or with `nobody` those of accounts outside the book.
std::pair<Transactions::const_iterator, Transactions::const_iterator> rows_of(const Book& book, AccountIndex account) {
  return std::equal_range(book.transactions.begin(), book.transactions.end(), account, ByAccount{});
}

bool in_last_days(Date day, Date as_of) { return day <= as_of && as_of - day <= wash_sale_days; }

// A sale that may have been at a loss: one without its gain columns counts as one.
bool is_loss_sale(const Transaction& row) {
  if (row.kind != TransactionKind::sell) return false;
  if (!row.gain_short && !row.gain_long) return true;
  return row.gain_short.value_or(Money()).is_negative() || row.gain_long.value_or(Money()).is_negative();
}

// A loss in a tax-deferred or tax-free account is nobody's; an account outside the book is taken to be taxable.
bool losses_count(const Book& book, AccountIndex account) {
  return !account.exists() || book.account(account).tax_treatment == TaxTreatment::taxable;
}

bool is_outside_purchase(const Transaction& row) {
  return row.outside && (row.kind == TransactionKind::buy || row.kind == TransactionKind::reinvest);
}

// Of a lot below its basis, or with an unknown basis and therefore perhaps so; one that is taxed as zero makes no loss.
bool is_loss(const Account& account, const Trade& trade, const LotSale& sale) {
  if (!sale.gain) return true;
  const TaxLot& lot = account.lots[sale.lot];
  return lot.cost_basis && is_at_loss(lot, trade.price);
}

// A replacement lot of the account itself and how many of its shares stay and have not been matched yet.
struct Replacement {
  std::uint32_t lot;
  Quantity unmatched;
};

std::vector<Replacement> kept_replacements(const Book& book, AccountIndex account, GroupIndex group,
                                           const SoldByLot& sold) {
  const std::vector<TaxLot>& lots = book.account(account).lots;
  std::vector<Replacement> kept;
  for (std::uint32_t i = 0; i < lots.size(); ++i) {
    if (book.security(lots[i].security).group != group || !is_young(lots[i], book.firm.as_of)) continue;
    const auto gone = sold.find(i);
    const Quantity left = lots[i].quantity - (gone == sold.end() ? Quantity() : gone->second);
    if (left.is_positive()) kept.push_back({i, left});
  }
  return kept;
}

// Takes up to `wanted` shares from `available`.
Quantity take(Quantity& available, Quantity wanted) {
  const Quantity taken = std::min(available, wanted);
  available -= taken;
  return taken;
}

// The replacement shares of one group that are still unmatched. A sold lot's own rest is not among its candidates, so
// the account's lots are used before those elsewhere, which serve every sale.
struct Pool {
  std::vector<Replacement> own;
  Quantity elsewhere;

  Quantity match(const LotSale& sale) {
    Quantity wanted = sale.quantity;
    for (Replacement& replacement : own) {
      if (replacement.lot != sale.lot) wanted -= take(replacement.unmatched, wanted);
    }
    wanted -= take(elsewhere, wanted);
    return sale.quantity - wanted;
  }
};

}  // namespace

// No lower end: a lot dated after as_of would be a replacement bought within the 30 days that follow.
bool is_young(const TaxLot& lot, Date as_of) { return as_of - lot.acquired_on <= wash_sale_days; }

WashWindow::WashWindow(const Book& book, const DecisionUnit& unit) : book_(&book) {
  const auto of_unit = [&unit](TaxpayerIndex taxpayer) {
    return std::binary_search(unit.taxpayers.begin(), unit.taxpayers.end(), taxpayer);
  };
  const auto enter = [&](const Transaction& row, TaxpayerIndex taxpayer) {
    if (!row.security.exists() || row.trade_date > book.firm.as_of) return;
    const bool reinvests = row.kind == TransactionKind::reinvest;
    const bool recent = in_last_days(row.trade_date, book.firm.as_of);
    if (!recent && !reinvests) return;
    GroupState& state = states_[{taxpayer, book.security(row.security).group}];
    if (reinvests && std::optional(row.trade_date) > state.reinvested_on) {
      state.reinvested_on = row.trade_date;
      state.reinvested_in = row.security;
    }
    if (!recent) return;
    if (is_loss_sale(row) && losses_count(book, row.account)) {
      state.loss_sold = true;
      state.loss_sold_on = std::max(state.loss_sold_on, std::optional(row.trade_date));
    }
    if (is_outside_purchase(row)) state.outside_bought += row.quantity;
  };

  for (const AccountIndex index : unit.accounts) {
    const Account& account = book.account(index);
    for (const TaxpayerIndex taxpayer : account.wash_taxpayers) {
      for (const TaxLot& lot : account.lots) {
        if (!is_young(lot, book.firm.as_of)) continue;
        states_[{taxpayer, book.security(lot.security).group}].young[index] += lot.quantity;
      }
      const auto [begin, end] = rows_of(book, index);
      for (auto row = begin; row != end; ++row) enter(*row, taxpayer);
    }
  }
  const auto [begin, end] = rows_of(book, AccountIndex());
  for (auto row = begin; row != end; ++row) {
    if (of_unit(row->taxpayer)) enter(*row, row->taxpayer);
  }
  for (const LossBar& bar : book.loss_bars) {
    if (of_unit(bar.taxpayer)) bars_.push_back(bar);
  }
}

const WashWindow::GroupState* WashWindow::state(TaxpayerIndex taxpayer, GroupIndex group) const {
  const auto found = states_.find({taxpayer, group});
  return found == states_.end() ? nullptr : &found->second;
}

WashFacts WashWindow::facts(AccountIndex account, GroupIndex group) const {
  const std::vector<TaxpayerIndex>& taxpayers = book_->account(account).wash_taxpayers;
  WashFacts facts;
  for (const LossBar& bar : bars_) {
    const bool theirs = std::find(taxpayers.begin(), taxpayers.end(), bar.taxpayer) != taxpayers.end();
    if (theirs && (!bar.group || *bar.group == group)) facts.loss_barred = true;
  }
  for (const TaxpayerIndex taxpayer : taxpayers) {
    const GroupState* now = state(taxpayer, group);
    if (now == nullptr) continue;
    facts.buy_barred = facts.buy_barred || now->loss_sold;
    Quantity elsewhere = now->outside_bought;
    for (const auto* shares : {&now->young, &now->bought}) {
      for (const auto& [other, quantity] : *shares) {
        if (other == account) continue;
        elsewhere += quantity;
        if (shares == &now->bought && quantity.is_positive()) facts.bought_in_run_by = other;
      }
    }
    facts.replacements_elsewhere = std::max(facts.replacements_elsewhere, elsewhere);
    if (now->reinvested_on > facts.reinvested_on) {
      facts.reinvested_on = now->reinvested_on;
      facts.reinvested_in = now->reinvested_in;
    }
    facts.loss_sold_on = std::max(facts.loss_sold_on, now->loss_sold_on);
  }
  return facts;
}

void WashWindow::record(const AccountTrades& trades) {
  const Account& account = book_->account(trades.account);
  for (const TaxpayerIndex taxpayer : account.wash_taxpayers) {
    for (const Trade& trade : trades.trades) {
      GroupState& state = states_[{taxpayer, book_->security(trade.security).group}];
      if (trade.side == Side::buy) state.bought[trades.account] += trade.quantity;
      for (const LotSale& sale : trade.lots) {
        if (losses_count(*book_, trades.account) && is_loss(account, trade, sale)) state.loss_sold = true;
        if (is_young(account.lots[sale.lot], book_->firm.as_of)) state.young[trades.account] -= sale.quantity;
      }
    }
  }
}

SoldByLot sold_by_lot(const AccountTrades& trades) {
  SoldByLot sold;
  for (const Trade& trade : trades.trades) {
    for (const LotSale& sale : trade.lots) sold[sale.lot] += sale.quantity;
  }
  return sold;
}

Quantity kept_young_shares(const Book& book, AccountIndex account, GroupIndex group, const SoldByLot& sold,
                           std::uint32_t except) {
  Quantity kept;
  for (const Replacement& replacement : kept_replacements(book, account, group, sold)) {
    if (replacement.lot != except) kept += replacement.unmatched;
  }
  return kept;
}

Money disallowed_part(Money loss, Quantity sold, Quantity replacements) {
  require(!loss.is_negative() && sold.is_positive(), "a disallowed loss is asked of something that is not a loss");
  return share_of(loss, std::min(sold, replacements), sold);
}

void mark_disallowed(const Book& book, const WashWindow& window, AccountTrades& trades) {
  const Account& account = book.account(trades.account);
  const bool taxable = account.tax_treatment == TaxTreatment::taxable;
  const SoldByLot sold = sold_by_lot(trades);
  std::map<GroupIndex, Pool> pools;
  for (Trade& trade : trades.trades) {
    const GroupIndex group = book.security(trade.security).group;
    for (LotSale& sale : trade.lots) {
      sale.disallowed = Money();
      if (!taxable || !sale.gain || !sale.gain->is_negative() || !is_loss(account, trade, sale)) continue;
      auto pool = pools.find(group);
      if (pool == pools.end()) {
        const Quantity elsewhere = window.facts(trades.account, group).replacements_elsewhere;
        pool = pools.emplace(group, Pool{kept_replacements(book, trades.account, group, sold), elsewhere}).first;
      }
      sale.disallowed = disallowed_part(-*sale.gain, sale.quantity, pool->second.match(sale));
    }
  }
}

void UnitProgress::record(const Book& book, const AccountTrades& trades) {
  wash.record(trades);
  const Account& account = book.account(trades.account);
  if (account.tax_treatment != TaxTreatment::taxable) return;
  RunGains& realized = gains[account.taxpayer];
  for (const Trade& trade : trades.trades) {
    for (const LotSale& sale : trade.lots) {
      Money& of_term = sale.term == Term::long_term ? realized.long_term : realized.short_term;
      if (sale.gain) of_term += *sale.gain + sale.disallowed;
    }
  }
}

RunGains UnitProgress::gains_of(TaxpayerIndex taxpayer) const {
  const auto found = gains.find(taxpayer);
  return found == gains.end() ? RunGains{} : found->second;
}

}  // namespace lotwright::tax
