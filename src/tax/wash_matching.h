// tax/wash_matching.h — which losses of the past a purchase disallows, share by share (IRC 1091; Reg. 1.1091-1, -2;
// Rev. Rul. 56-602, 2008-5). What the engine may do today is tax/wash_sale.h.
//
// In:       loss sales and purchases in the order in which they happen.
// Out:      the disallowed part of each loss, written to its sale; the basis and the holding period of each
//           replacement, written to its lot, which is split where only part of it is matched.
// Promises: earliest disposition first (1.1091-1(b)), earliest acquisition first (c, d), each replacement share once
//           (e), across all accounts of a taxpayer and of a spouse. What a loss loses, replacement lots gain to the
//           millionth, but for replacements in untaxed accounts.
// Method:   a purchase of later days finds the losses that still lack a replacement, a loss sale the purchases of
//           earlier days that have not been used: met one by one in this order they are the regulation's pairs, and
//           nothing that was matched has to be undone.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "tax/lot_store.h"
#include "tax/sale_row.h"

namespace lotwright::tax {

class WashMatching {
 public:
  // All three outlive the matching.
  WashMatching(const LedgerBook& book, LotStore& lots, std::vector<SaleRow>& sales)
      : book_(&book), lots_(&lots), sales_(&sales) {}

  // A lot that came in by purchase: first it serves the losses of the days before.
  void purchase(LotNumber number);
  // A sale at a loss in a taxable account, after all lots of its event have been taken: `row` of the sales. Those of
  // one event in the order in which the lots were acquired.
  void loss_sale(std::size_t row, LotNumber sold, Date held_from);

  // A sale at a loss, in the order of disposition.
  struct Loss {
    std::size_t row = 0;                       // of the sales
    const std::string* acquisition = nullptr;  // of the lot sold from
    Date acquired_on;
    Date held_from;  // of the sale
    TaxpayerIndex taxpayer;
    SecurityIndex security;
    Quantity sold;
    Quantity matched;
    Money loss;  // > 0

    [[nodiscard]] bool is_open() const { return matched < sold; }  // some of its shares lack a replacement
  };
  [[nodiscard]] const std::vector<Loss>& losses() const { return losses_; }
  // Whether the lot, if it were at hand, could be the replacement of the loss: by acquisition and by day.
  [[nodiscard]] bool may_replace(const LedgerLot& lot, const Loss& loss) const;

  // From now on what was `from` is `to`, with all that is still open.
  void rename(SecurityIndex from, SecurityIndex to);
  // The shares of the security are `ratio` times as many: open losses count in new shares.
  void scale(SecurityIndex security, Weight ratio);

 private:
  // What may still be matched, for one taxpayer and identical group.
  struct Open {
    std::vector<LotNumber> purchases;  // by acquired_on, then number
    std::vector<std::size_t> losses;   // into losses_, ascending
    std::size_t first_loss = 0;        // of `losses`: those before it have all their replacements
    std::size_t losses_tidy = 0;       // their number when they were last tidied up
    std::size_t purchases_tidy = 0;
  };
  [[nodiscard]] GroupIndex group_of(SecurityIndex security) const { return book_->securities[security.value].group; }
  [[nodiscard]] std::vector<TaxpayerIndex> taxpayers_of(const LedgerLot& lot) const;
  [[nodiscard]] bool is_open(LotNumber number, GroupIndex group) const;
  [[nodiscard]] std::vector<std::pair<TaxpayerIndex, Open*>> open_of(GroupIndex group);
  void enter(LotNumber number);
  void tidy_up(Open& open, GroupIndex group) const;
  void gather(const LedgerLot& lot, Open& open, std::vector<std::size_t>& losses) const;
  void match(Loss& loss, LotNumber number);
  void adjust(LedgerLot& replacement, const Loss& loss, Money disallowed) const;

  const LedgerBook* book_;
  LotStore* lots_;
  std::vector<SaleRow>* sales_;
  std::vector<Loss> losses_;  // in order of disposition
  std::map<std::pair<GroupIndex, TaxpayerIndex>, Open> open_;
};

}  // namespace lotwright::tax
