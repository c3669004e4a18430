// tax/corporate_actions.h — corporate actions as operations on lots, account by account and lot by lot.
//
//   split, reverse_split, stock_dividend   the same basis on other shares (IRC 305(a), 307)
//   symbol_change                          the same lots under another name
//   spin_off                               part of the basis, and the period, goes to the new shares (355, 358, 1223)
//   merger for shares                      basis and period go over, lot by lot (354, 358, 1223)
//   merger for shares and cash             the gain is taxed as far as there is cash, a loss never (356)
//   merger for cash                        a sale
//   return_of_capital                      lowers the basis; what goes beyond it is a gain (301(c))
//
// In:       a sound action (inputs/ looked whether it has what its kind needs) and the lots.
// Out:      the lots changed; sales of fractions and for cash through Realization.
// Promises: shares and basis of a position add up to the millionth; a period never becomes shorter.
// Refuses:  a ratio that leaves a position without shares, and numbers too large: see `obstacle`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tax/on_way.h"
#include "tax/realization.h"

namespace lotwright::tax {

class CorporateActions {
 public:
  // All outlive it.
  CorporateActions(const LedgerBook& book, LotStore& lots, OnWay& on_way, Realization& realization)
      : book_(&book), lots_(&lots), on_way_(&on_way), realization_(&realization) {}

  // Once an action, before it is applied to the accounts: what is in no account follows the shares, which is losses
  // that still lack a replacement, purchases outside the ledger and lots on their way.
  void announce(const LedgerAction& action);
  // What stands against applying it to the account's position in the action's security, in words; nullopt: nothing.
  [[nodiscard]] std::optional<std::string> obstacle(const LedgerAction& action, AccountIndex account) const;
  void apply(const LedgerAction& action, AccountIndex account);
  // Once an action, when it has been applied to all accounts: it is one event, whose sales are made together, so that
  // what one account gives up replaces nothing that another does.
  void conclude(const LedgerAction& action);

 private:
  // A lot and the number of new shares it is to have, or to bring.
  using Shares = std::vector<LotPart>;
  [[nodiscard]] Int128 shares_at_most(const LedgerAction& action, AccountIndex account) const;
  [[nodiscard]] Int128 dollars_at_most(const LedgerAction& action, AccountIndex account) const;
  [[nodiscard]] Shares shares_of(const std::vector<LotNumber>& lots, Weight ratio) const;
  void follow_outside(const LedgerAction& action);
  void tell_unknown_basis(const LedgerAction& action, const LedgerLot& lot, const char* what);
  void set_shares(const LedgerAction& action, const Shares& shares);
  void rescale(const LedgerAction& action, const Shares& shares);
  void spin_off(const LedgerAction& action, const Shares& shares);
  void exchange(const LedgerAction& action, AccountIndex account, const Shares& shares);
  void take_cash(const LedgerAction& action, const LotPart& shares);
  void sell_all(const std::vector<LotNumber>& lots);
  void return_capital(const LedgerAction& action, const std::vector<LotNumber>& lots);
  void sell_fraction(const LedgerAction& action, const Shares& shares, SecurityIndex security);

  const LedgerBook* book_;
  LotStore* lots_;
  OnWay* on_way_;
  Realization* realization_;
  std::vector<LotPart> sold_;  // by the action, of all accounts
  Int128 dollars_ = 0;         // counts of all cash that actions have paid so far
};

}  // namespace lotwright::tax
