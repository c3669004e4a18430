// verification/wash_ledger.h — loss sales, purchases and replacement shares of several accounts in one place, by
// taxpayer and identical group (docs/rules.md, "Wash sales"; IRC 1091, Rev. Rul. 56-602 and 2008-5).
//
// In:       the sheets of the accounts decided together, in the order of decision; the book's transactions and lots.
// Out:      refusals for one account at a time.
// Promises: an untaxed account is seen by every taxpayer it is linked to; windows include day 30 and exclude day 31.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "verification/hard_rules.h"

namespace lotwright {

class WashLedger {
 public:
  // `sheets` must outlive the ledger.
  WashLedger(const BookIndex& index, std::span<const AccountSheet> sheets);

  // `place` is the account's among the sheets. Purchases that nothing may excuse ...
  void refuse_purchases(std::size_t place, Verdict& verdict) const;
  // ... and loss sales, which a review exception "wash_sale_" may.
  void refuse_loss_sales(std::size_t place, Verdict& verdict) const;
  // The disallowed losses a result states, and that it tells of them.
  void check_statement(std::size_t place, Verdict& verdict) const;

 private:
  // Shares bought in the 30 days before: a lot of a linked account, or a purchase outside the book (no lot).
  struct Replacement {
    const TaxLot* lot = nullptr;
    Quantity before;     // the orders
    Quantity unmatched;  // kept afterwards and not yet set against a sale
  };
  struct LossSale {
    std::size_t place = 0;
    const SoldLot* sold = nullptr;
    Quantity matched_least;  // each replacement share used once, as kept after all orders
    Quantity matched_most;   // as if no other sale and no later order used them
  };
  struct Purchase {
    std::size_t place = 0;
    Quantity quantity;
  };
  struct Entry {
    std::string loss_sold_before;  // the transaction; empty: none in the window
    std::vector<Replacement> replacements;
    std::vector<LossSale> loss_sales;  // in order of decision, then of the lots
    std::vector<Purchase> purchases;   // of this run
  };
  using Key = std::pair<TaxpayerIndex, GroupIndex>;

  void enter_transaction(const Transaction& row, TaxpayerIndex taxpayer);
  void enter_lots(const AccountSheet& sheet, TaxpayerIndex taxpayer);
  void enter_orders(std::size_t place, TaxpayerIndex taxpayer);
  static void match(Entry& entry);
  [[nodiscard]] const Entry* entry(TaxpayerIndex taxpayer, GroupIndex group) const;
  [[nodiscard]] bool is_loss_barred(TaxpayerIndex taxpayer, GroupIndex group) const;

  const BookIndex* index_;
  std::span<const AccountSheet> sheets_;
  std::map<Key, Entry> entries_;
};

}  // namespace lotwright
