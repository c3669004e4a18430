// solution/enumeration.h — for tests: every possible set of orders of a small account, lots chosen in every way, judged
// by the objective floor's own arithmetic. The hard rules are written here once more, from docs/rules.md, so that
// neither the solver's wash sales nor its limits are asked.
//
// In:       a checked unit of one taxpayer, the terms of the account, and what the accounts before it did.
// Out:      the least objective that any orders reach which keep every rule.
// Refuses:  more than a few whole shares of a few names: every set is tried.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "checks/checks.h"
#include "objective/objective.h"
#include "tax/lot_relief.h"

namespace lotwright {

// The wash sales of one taxpayer, from the law's words (IRC 1091; Reg. 1.1091-1; Rev. Rul. 56-602, 2008-5): who sold at
// a loss or bought in the 30 days up to as_of, `decided` orders included.
class WashRecord {
 public:
  WashRecord(const Book& book, const std::vector<AccountTrades>& decided) : book_(book), decided_(decided) {}

  // May the next account do this? Sets what is disallowed of every loss.
  [[nodiscard]] bool allows(AccountTrades& trades) const {
    std::map<GroupIndex, std::vector<Purchase>> kept;
    std::map<GroupIndex, Money> disallowed;
    for (Trade& trade : trades.trades) {
      const GroupIndex group = group_of(trade.security);
      if (trade.side == Side::buy && (sold_at_a_loss(group) || turns(trades, group))) return false;
      if (!is_taxable(trades.account)) continue;
      if (!kept.contains(group)) kept[group] = kept_purchases(group, trades);
      for (LotSale& sale : trade.lots) {
        sale.disallowed = sale.gain->is_negative() ? match(sale, trades.account, kept[group]) : Money();
        disallowed[group] += sale.disallowed;
      }
    }
    const Money most = book_.account(trades.account).effective_policy.wash_sale_disallowed_max;
    for (const auto& [group, dollars] : disallowed) {
      if (dollars > most) return false;
    }
    return true;
  }

 private:
  // Shares bought lately that are still there: a lot of the book, or without one bought in this run or outside.
  struct Purchase {
    const TaxLot* lot;
    Quantity left;
  };

  [[nodiscard]] GroupIndex group_of(SecurityIndex security) const { return book_.security(security).group; }
  [[nodiscard]] bool is_taxable(AccountIndex account) const {
    return !account.exists() || book_.account(account).tax_treatment == TaxTreatment::taxable;
  }
  [[nodiscard]] bool is_recent(Date day) const { return book_.firm.as_of - day <= 30; }

  // No account buys and sells a group in one run.
  [[nodiscard]] bool turns(const AccountTrades& trades, GroupIndex group) const {
    return std::ranges::any_of(trades.trades, [&](const Trade& other) {
      return other.side == Side::sell && group_of(other.security) == group;
    });
  }

  [[nodiscard]] bool sold_at_a_loss(GroupIndex group) const {
    for (const Transaction& row : book_.transactions) {
      const bool loss = row.gain_short.value_or(Money()).is_negative() || row.gain_long.value_or(Money()).is_negative();
      const bool sale = row.kind == TransactionKind::sell && group_of(row.security) == group;
      if (sale && loss && is_taxable(row.account) && is_recent(row.trade_date)) return true;
    }
    for (const AccountTrades& trades : decided_) {
      for (const Trade& trade : trades.trades) {
        if (!is_taxable(trades.account) || group_of(trade.security) != group) continue;
        const auto at_a_loss = [](const LotSale& sale) { return sale.gain->is_negative(); };
        if (std::ranges::any_of(trade.lots, at_a_loss)) return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::vector<Purchase> kept_purchases(GroupIndex group, const AccountTrades& trades) const {
    std::vector<Purchase> kept;
    for (std::uint32_t a = 0; a < book_.accounts.size(); ++a) {
      const std::vector<TaxLot>& lots = book_.accounts[a].lots;
      for (std::uint32_t l = 0; l < lots.size(); ++l) {
        if (group_of(lots[l].security) != group || !is_recent(lots[l].acquired_on)) continue;
        Quantity left = lots[l].quantity - sold_of(trades, AccountIndex{a}, l);
        for (const AccountTrades& earlier : decided_) left -= sold_of(earlier, AccountIndex{a}, l);
        kept.push_back({&lots[l], left});
      }
    }
    for (const Transaction& row : book_.transactions) {
      const bool bought = row.kind == TransactionKind::buy || row.kind == TransactionKind::reinvest;
      if (row.outside && bought && group_of(row.security) == group && is_recent(row.trade_date)) {
        kept.push_back({nullptr, row.quantity});
      }
    }
    for (const AccountTrades& earlier : decided_) {
      for (const Trade& trade : earlier.trades) {
        if (trade.side == Side::buy && group_of(trade.security) == group) kept.push_back({nullptr, trade.quantity});
      }
    }
    return kept;
  }

  [[nodiscard]] static Quantity sold_of(const AccountTrades& trades, AccountIndex account, std::uint32_t lot) {
    Quantity sold;
    if (trades.account != account) return sold;
    for (const Trade& trade : trades.trades) {
      for (const LotSale& sale : trade.lots) sold += sale.lot == lot ? sale.quantity : Quantity();
    }
    return sold;
  }

  // Each share bought disallows the loss on one share sold, once; the rest of the lot sold is no replacement of it.
  [[nodiscard]] Money match(const LotSale& sale, AccountIndex account, std::vector<Purchase>& kept) const {
    const TaxLot* own = &book_.account(account).lots[sale.lot];
    Quantity open = sale.quantity;
    for (Purchase& purchase : kept) {
      if (purchase.lot == own) continue;
      const Quantity matched = std::min(purchase.left, open);
      purchase.left -= matched;
      open -= matched;
    }
    return share_of(-*sale.gain, sale.quantity - open, sale.quantity);
  }

  const Book& book_;
  const std::vector<AccountTrades>& decided_;
};

// What of the gains of these trades counts for a due request.
inline Money counted(const CheckedAccount& checked, const AccountTrades& trades) {
  Money sum;
  for (const Trade& trade : trades.trades) {
    for (const LotSale& sale : trade.lots) sum += checked.realizations[0].counted(sale.term, *sale.gain);
  }
  return sum;
}

// Walks every set of orders of an account: buys of whole shares, sales of whole shares or of all that is held.
class Enumeration {
 public:
  // `decided`: the orders of the unit's accounts before this one; must outlive the enumeration.
  Enumeration(const CheckedUnit& unit, const CheckedAccount& checked, const objective::Terms& terms,
              const std::vector<AccountTrades>& decided)
      : book_(*unit.book),
        checked_(checked),
        account_(book_.account(checked.account)),
        terms_(terms),
        wash_(book_, decided),
        gains_so_far_(gains_of(decided)) {}

  // From now on only sets of so few orders are walked.
  void at_most(std::size_t orders) { orders_max_ = orders; }

  // The least objective of all orders, or of those that realize at least so much of what is asked for.
  double best(Money least = {}) {
    trades_.account = checked_.account;
    least_ = least;
    best_ = 1e300;
    visit(0);
    return best_;
  }

  // The most that any orders realize of what is asked for.
  Money most() {
    best();
    return most_;
  }

 private:
  // Of the year in this book, earlier accounts of this run included.
  [[nodiscard]] Money gains_of(const std::vector<AccountTrades>& decided) const {
    Money gains;
    if (!account_.taxpayer.exists()) return gains;
    const Taxpayer& taxpayer = book_.taxpayers[account_.taxpayer.value];
    gains = taxpayer.realized_short_ytd + taxpayer.realized_long_ytd;
    for (const AccountTrades& trades : decided) {
      if (book_.account(trades.account).tax_treatment != TaxTreatment::taxable) continue;
      for (const Trade& trade : trades.trades) {
        for (const LotSale& sale : trade.lots) gains += *sale.gain + sale.disallowed;
      }
    }
    return gains;
  }

  void visit(std::size_t line_index) {
    if (line_index == checked_.lines.size()) {
      judge();
      return;
    }
    const CheckedLine& line = checked_.lines[line_index];
    visit(line_index + 1);
    if (trades_.trades.size() == orders_max_) return;
    const Price price = *book_.security(line.security).price;
    for (int shares = 1; value_of(Quantity::of_whole(shares), price) <= checked_.value; ++shares) {
      trades_.trades.push_back(trade(line.security, Side::buy, Quantity::of_whole(shares)));
      visit(line_index + 1);
      trades_.trades.pop_back();
    }
    sell(line_index, line.lot_begin, {});
  }

  // A part of a share in one lot makes parts of shares of the others possible.
  [[nodiscard]] Quantity grain_of(const CheckedLine& line) const {
    Quantity grain = Quantity::of_whole(1);
    for (std::uint32_t lot = line.lot_begin; lot < line.lot_end; ++lot) {
      grain = Quantity::of_count(std::gcd(grain.count(), account_.lots[lot].quantity.count()));
    }
    return grain;
  }

  using Taken = std::vector<std::pair<std::uint32_t, Quantity>>;

  void sell(std::size_t line_index, std::uint32_t lot, const Taken& taken) {
    const CheckedLine& line = checked_.lines[line_index];
    if (lot == line.lot_end) {
      sell_taken(line_index, taken);
      return;
    }
    sell(line_index, lot + 1, taken);
    if (!checked_.lots[lot].bars.empty()) return;
    const Quantity grain = grain_of(line);
    for (Quantity quantity = grain; quantity <= account_.lots[lot].quantity; quantity += grain) {
      Taken more = taken;
      more.emplace_back(lot, quantity);
      sell(line_index, lot + 1, more);
    }
  }

  void sell_taken(std::size_t line_index, const Taken& taken) {
    const CheckedLine& line = checked_.lines[line_index];
    std::vector<Quantity> quantities;
    Quantity total;
    for (const auto& [lot, quantity] : taken) {
      quantities.push_back(quantity);
      total += quantity;
    }
    const bool whole = total.count() % Quantity::of_whole(1).count() == 0;
    if (total.is_zero() || (!whole && total != line.held)) return;
    Trade t = trade(line.security, Side::sell, total);
    const std::vector<Money> proceeds = tax::share_proceeds(quantities, t.price, t.amount);
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const std::uint32_t lot = taken[i].first;
      t.lots.push_back(tax::sale_of(account_.lots[lot], lot, quantities[i], proceeds[i], book_.firm.as_of));
    }
    trades_.trades.push_back(t);
    visit(line_index + 1);
    trades_.trades.pop_back();
  }

  [[nodiscard]] Trade trade(SecurityIndex security, Side side, Quantity quantity) const {
    Trade t{.security = security,
            .side = side,
            .quantity = quantity,
            .price = *book_.security(security).price,
            .amount = amount_of(quantity, *book_.security(security).price),
            .commission = {},
            .lots = {}};
    t.commission = commission_of(t.amount, account_.effective_policy.commission, account_.effective_policy.ticket_cost);
    return t;
  }

  // Cash moves by cents and cash_min does not.
  static constexpr Money half_a_cent = Money::of_count(cent.count() / 2);

  void judge() {
    if (!keeps_cash_and_size() || !wash_.allows(trades_) || !keeps_gain_budget()) return;
    const objective::Outcome outcome = objective::outcome_of(terms_, book_, trades_);
    if (!keeps_tax_budget(outcome)) return;
    if (!checked_.realizations.empty()) {
      const Money reached = counted(checked_, trades_);
      most_ = std::max(most_, reached);
      if (reached < least_) return;
    }
    best_ = std::min(best_, objective::parts_of(terms_, outcome).total());
  }

  [[nodiscard]] bool keeps_cash_and_size() const {
    const Policy& policy = account_.effective_policy;
    Money cash = account_.cash;
    Money buys = checked_.bought_recently;
    Money sells = checked_.sold_recently;
    for (const Trade& t : trades_.trades) {
      cash += (t.side == Side::sell ? t.amount : -t.amount) - t.commission;
      (t.side == Side::buy ? buys : sells) += t.amount;
      Quantity held;
      for (const TaxLot& lot : account_.lots) held += lot.security == t.security ? lot.quantity : Quantity{};
      const bool closes = t.side == Side::sell && t.quantity == held;
      if (!closes && t.amount < policy.trade_min) return false;
    }
    const Money least = std::min(fraction_of(checked_.investable, policy.cash_min), account_.cash);
    if (cash + half_a_cent < least || cash.is_negative()) return false;
    if (!policy.turnover_max) return true;
    const Money recent = std::min(checked_.bought_recently, checked_.sold_recently);
    return std::min(buys, sells) <= std::max(recent, fraction_of(checked_.investable, *policy.turnover_max));
  }

  // The tightest of account and taxpayer.
  [[nodiscard]] std::optional<Money> tightest(std::optional<Money> Policy::*of_account,
                                              std::optional<Money> Taxpayer::*of_taxpayer) const {
    if (!terms_.taxable) return std::nullopt;
    const std::optional<Money>& one = account_.effective_policy.*of_account;
    const std::optional<Money>& other = book_.taxpayers[account_.taxpayer.value].*of_taxpayer;
    return one && other ? std::min(*one, *other) : one ? one : other;
  }

  [[nodiscard]] bool keeps_gain_budget() const {
    const std::optional<Money> budget = tightest(&Policy::gain_budget, &Taxpayer::gain_budget);
    Money gains = gains_so_far_;
    for (const Trade& t : trades_.trades) {
      for (const LotSale& sale : t.lots) gains += *sale.gain + sale.disallowed;
    }
    return !budget || gains <= std::max(*budget, gains_so_far_);
  }

  [[nodiscard]] bool keeps_tax_budget(const objective::Outcome& outcome) const {
    const std::optional<Money> budget = tightest(&Policy::tax_budget, &Taxpayer::tax_budget);
    return !budget || tax_after(outcome) <= std::max(budget->to_double(), tax_after({}));
  }

  [[nodiscard]] double tax_after(const objective::Outcome& outcome) const {
    return std::max(0.0, tax::tax_value(terms_.short_before + outcome.gain_short,
                                        terms_.long_before + outcome.gain_long, terms_.rates));
  }

  const Book& book_;
  const CheckedAccount& checked_;
  const Account& account_;
  const objective::Terms& terms_;
  WashRecord wash_;
  Money gains_so_far_;
  AccountTrades trades_;
  std::size_t orders_max_ = std::numeric_limits<std::size_t>::max();
  double best_ = 1e300;
  Money least_;
  Money most_;
};

}  // namespace lotwright
