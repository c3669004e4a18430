// verification/book_index.h — the book's rows arranged by whom they concern, once for a whole run, so that verifying
// one unit never walks the whole book.
//
// In:       a Book, which must outlive the index.
// Promises: constant once made: any number of threads may read it. Rows keep the book's order.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "book/book.h"

namespace lotwright {

class BookIndex {
 public:
  explicit BookIndex(const Book& book);

  [[nodiscard]] const Book& book() const { return *book_; }
  [[nodiscard]] std::span<const Request> requests(AccountIndex account) const;
  [[nodiscard]] std::span<const Transaction> transactions(AccountIndex account) const;
  [[nodiscard]] std::span<const DirectedTrade> directed(AccountIndex account) const;
  // Rows of accounts the book does not manage.
  [[nodiscard]] std::span<const Transaction* const> outside_transactions(TaxpayerIndex taxpayer) const;
  // Those of the firm, of its household and of the account.
  [[nodiscard]] std::vector<const Restriction*> restrictions(AccountIndex account) const;
  [[nodiscard]] std::span<const Substitute> substitutes_for(SecurityIndex security) const;
  // Some row of substitutes.csv says of the security: held, never bought.
  [[nodiscard]] bool is_hold_only(SecurityIndex security) const { return hold_only_[security.value]; }
  [[nodiscard]] std::span<const LossBar* const> loss_bars(TaxpayerIndex taxpayer) const;
  // A finding of loading with severity hold on the account, its household, its taxpayer or the whole book.
  [[nodiscard]] bool is_held(AccountIndex account) const { return account_held_[account.value]; }
  // Such a finding on a model: it holds the accounts that follow it today, whatever their rows name.
  [[nodiscard]] bool is_held(const ModelId& model) const { return models_held_.contains(model.text); }
  // Such a finding on a security: it holds the accounts that own or want it.
  [[nodiscard]] bool is_held(SecurityIndex security) const { return security_held_[security.value]; }
  // A corporate action is in effect and not yet booked.
  [[nodiscard]] bool is_action_pending(SecurityIndex security) const { return action_pending_[security.value]; }

 private:
  void enter_findings();
  void hold(const Finding& finding);
  void enter_restrictions();

  const Book* book_;
  std::map<TaxpayerIndex, std::vector<const Transaction*>> outside_;
  std::map<TaxpayerIndex, std::vector<const LossBar*>> loss_bars_;
  std::vector<const Restriction*> of_firm_;
  std::map<HouseholdIndex, std::vector<const Restriction*>> of_household_;
  std::map<AccountIndex, std::vector<const Restriction*>> of_account_;
  std::vector<bool> hold_only_;
  std::vector<bool> account_held_;
  std::vector<bool> security_held_;
  std::set<std::string> models_held_;  // ids
  std::vector<bool> action_pending_;
};

}  // namespace lotwright
