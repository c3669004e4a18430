// tax/realization.h — what leaves a taxable account for money: rows of Form 8949, and the losses a wash sale may take.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tax/origin.h"
#include "tax/wash_matching.h"

namespace lotwright::tax {

class Realization {
 public:
  Realization(const LedgerBook& book, LotStore& lots) : book_(&book), lots_(&lots), wash_(book, lots, sales_) {}
  Realization(const Realization&) = delete;
  Realization& operator=(const Realization&) = delete;

  // Sells the parts for `amount` all together, shared by quantity; the last takes what rounding leaves. In an untaxed
  // account the lots go and nothing is reported.
  void sell(const std::vector<LotPart>& parts, Money amount, Date on, const Origin& origin);
  // Each part for the price.
  void sell_at(const std::vector<LotPart>& parts, Price price, Date on, const Origin& origin);
  // Money for shares that stay, or are exchanged: `gain` (> 0) of the cash is taxed, the rest gives back basis. Nothing
  // is reported of an untaxed account.
  void cash_received(LotNumber number, Money cash, Money gain, Date on, const Origin& origin);
  // The same of a lot whose basis, and with it the gain, is unknown.
  void cash_of_unknown_basis(LotNumber number, Money cash, Date on, const Origin& origin);

  [[nodiscard]] bool is_taxed(AccountIndex account) const {
    return book_->accounts[account.value].tax_treatment == TaxTreatment::taxable;
  }
  [[nodiscard]] WashMatching& wash() { return wash_; }

  std::vector<Failure> findings;

  // Which row of the folder made the sale of this number.
  [[nodiscard]] const SaleRow& sale(std::size_t row) const { return sales_[row]; }
  [[nodiscard]] const Origin& origin_of_sale(std::size_t row) const { return origins_[row]; }

  // What may still be disallowed of losses until `last`, the last day of the ledger, is said in the rows.
  [[nodiscard]] std::vector<SaleRow> take_sales(Date last);

 private:
  struct Loss {
    std::size_t row;
    LotNumber lot;
    Date held_from;
  };
  void sell_part(const LotPart& part, Money proceeds, Date on, const Origin& origin, std::vector<Loss>& losses);
  void wash(std::vector<Loss> losses);
  void report(SaleRow row, const Origin& origin);
  [[nodiscard]] static SaleRow row_of(const LedgerLot& lot, Quantity quantity, Money proceeds, Date on);
  void tell_unknown_basis(const LedgerLot& lot, const Origin& origin);

  const LedgerBook* book_;
  LotStore* lots_;
  std::vector<SaleRow> sales_;
  std::vector<Origin> origins_;  // of each sale
  WashMatching wash_;
};

}  // namespace lotwright::tax
