// book/trades.h — what is done in one account: exact trades with the lots they consume. Values only; orders/ adds ids
// and reasons, objective/ and verification/ judge them.
#pragma once

#include <optional>
#include <vector>

#include "book/book.h"

namespace lotwright {

struct LotSale {
  std::uint32_t lot = 0;            // index into Account::lots
  Quantity quantity;                // > 0, at most the lot's
  Money proceeds;                   // the order's amount shared out by quantity; sums to the order's amount
  std::optional<Money> cost_basis;  // the lot's share; nullopt where the basis is unknown
  std::optional<Money> gain;        // proceeds - cost_basis as the law counts it (dual basis may make it zero)
  Term term = Term::short_term;
  Money disallowed;  // >= 0: the part of a loss set aside by the wash-sale rule

  bool operator==(const LotSale&) const = default;
};

struct Trade {
  SecurityIndex security;
  Side side = Side::buy;
  Quantity quantity;  // > 0
  Price price;
  Money amount;               // quantity x price to the cent
  Money commission;           // to the cent, paid in cash
  std::vector<LotSale> lots;  // sells only, sorted by lot

  bool operator==(const Trade&) const = default;
};

// What the trade adds to the account's own cash line.
[[nodiscard]] inline Money cash_effect(const Trade& trade) {
  return (trade.side == Side::sell ? trade.amount : -trade.amount) - trade.commission;
}

// The trades of one account, sorted by security; at most one trade a security.
struct AccountTrades {
  AccountIndex account;
  std::vector<Trade> trades;

  bool operator==(const AccountTrades&) const = default;
};

}  // namespace lotwright
