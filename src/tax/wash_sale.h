// tax/wash_sale.h — the wash-sale window around today's orders (IRC 1091; Reg. 1.1091-1; Rev. Rul. 56-602, 2008-5), as
// the engine must keep it: docs/rules.md, "Wash sales".
//
// In:       the book's transactions and lots, and the trades of the unit's accounts decided so far.
// Out:      for one account and identical group: may it buy, may it sell at a loss, how many replacement shares stand
//           elsewhere.
// Promises: looks across every account of a taxpayer, untaxed ones included, and outside purchases; windows include day
//           30 and exclude day 31.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "book/trades.h"

namespace lotwright::tax {

inline constexpr int wash_sale_days = 30;

// Acquired within the last 30 days: such shares are replacements for a loss sale of their group today.
[[nodiscard]] bool is_young(const TaxLot& lot, Date as_of);

struct WashFacts {
  bool buy_barred = false;   // a linked taxpayer sold the group at a loss in the last 30 days, or earlier in this run
  bool loss_barred = false;  // loss sales of the group are barred (records in doubt)
  // Replacement shares in other accounts of the taxpayer and outside the book, bought in the last 30 days and kept
  // after the trades decided so far, those bought in this run included. The account's own young lots are not in it.
  Quantity replacements_elsewhere;
  // For those who are told, not for the rules: the last day at hand on which a dividend of the group was reinvested for
  // a linked taxpayer, and the last of the loss sales of the last 30 days.
  std::optional<Date> reinvested_on;
  SecurityIndex reinvested_in;
  std::optional<Date> loss_sold_on;
  AccountIndex bought_in_run_by;  // another account that buys the group in this run; nobody: none does
};

class WashWindow {
 public:
  WashWindow(const Book& book, const DecisionUnit& unit);

  // `account` is of the unit. For an untaxed account only buy_barred matters.
  [[nodiscard]] WashFacts facts(AccountIndex account, GroupIndex group) const;

  // Enters the trades of an account that has been decided.
  void record(const AccountTrades& trades);

 private:
  struct GroupState {
    bool loss_sold = false;
    std::optional<Date> loss_sold_on;   // before this run
    std::optional<Date> reinvested_on;  // of all rows at hand
    SecurityIndex reinvested_in;
    Quantity outside_bought;
    std::map<AccountIndex, Quantity> young;   // kept replacement shares by account
    std::map<AccountIndex, Quantity> bought;  // bought in this run, by account
  };
  [[nodiscard]] const GroupState* state(TaxpayerIndex taxpayer, GroupIndex group) const;

  const Book* book_;
  std::map<std::pair<TaxpayerIndex, GroupIndex>, GroupState> states_;
  std::vector<LossBar> bars_;  // of the unit's taxpayers
};

// Shares sold by the trades, by index into Account::lots.
using SoldByLot = std::map<std::uint32_t, Quantity>;
[[nodiscard]] SoldByLot sold_by_lot(const AccountTrades& trades);

// Replacement shares of `group` that `account` itself keeps after `sold`, not counting lot `except`: the lot sold is
// not its own replacement (Rev. Rul. 56-602).
[[nodiscard]] Quantity kept_young_shares(const Book& book, AccountIndex account, GroupIndex group,
                                         const SoldByLot& sold, std::uint32_t except);

// The part of `loss` (> 0) on `sold` shares that `replacements` kept shares disallow: min(sold, replacements) / sold of
// it.
[[nodiscard]] Money disallowed_part(Money loss, Quantity sold, Quantity replacements);

// Sets `disallowed` (and reduces nothing else) on every loss sale of the account's trades, each replacement share used
// once, loss sales in order of the lots. Gains counted by the objective are gain + disallowed.
void mark_disallowed(const Book& book, const WashWindow& window, AccountTrades& trades);

// Gains realized in this run by the accounts decided so far, by taxpayer; disallowed losses count as zero.
struct RunGains {
  Money short_term;
  Money long_term;
};

// What the accounts decided before leave for the next one of the same unit.
struct UnitProgress {
  WashWindow wash;
  std::map<TaxpayerIndex, RunGains> gains;

  UnitProgress(const Book& book, const DecisionUnit& unit) : wash(book, unit) {}
  void record(const Book& book, const AccountTrades& trades);
  // What the run has realized for the taxpayer so far; zeros where it has nothing.
  [[nodiscard]] RunGains gains_of(TaxpayerIndex taxpayer) const;
};

}  // namespace lotwright::tax
