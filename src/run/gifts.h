// run/gifts.h — the gift list: which lots a client gives to charity so that each dollar given removes the most tax.
//
// In:       a book, whose accounts or taxpayers, and how much each taxpayer gives at most.
// Out:      by taxpayer the lots to give in their order, and every lot left out with its reason.
// Promises: only long-term lots at a gain that may leave the account; the tax is what selling them all this year would
//           add to T, before any orders (tax/gifts.h). Whole steps of quantity within the amount.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "book/book.h"

namespace lotwright {

struct GiftWishes {
  std::vector<std::string> accounts;   // ids; empty: all
  std::vector<std::string> taxpayers;  // ids; empty: all
  std::optional<Money> amount;         // of value, for each taxpayer; nullopt: no limit
};

struct ListedGift {
  AccountIndex account;
  std::uint32_t lot = 0;  // index into Account::lots
  Quantity quantity;
  Money value;
  Money gain;
  Money tax_removed;
  Money value_so_far;  // of the taxpayer, this lot included
  Money tax_so_far;
};

struct KeptLot {
  AccountIndex account;
  std::uint32_t lot = 0;
  std::string reason;
};

struct GiftList {
  std::vector<ListedGift> gifts;  // by taxpayer, then in the order to give
  std::vector<KeptLot> left_out;  // by account, then lot
};

// An id that the book does not have, or a risk model that is no covariance, is a Failure.
[[nodiscard]] Result<GiftList> gift_list(const Book& book, const GiftWishes& wishes);

[[nodiscard]] std::string csv_of(const GiftList& list, const Book& book);
[[nodiscard]] std::string json_of(const GiftList& list, const Book& book);

}  // namespace lotwright
