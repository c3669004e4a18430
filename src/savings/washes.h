// savings/washes.h — which losses a trader's orders lose to the wash-sale rule, over all accounts of a unit at once:
// losses sold today, and losses of the last 30 days whose group is bought back today (IRC 1091; Reg. 1.1091-1).
//
// In:       the book, a unit, and what one trader does in each of its accounts.
// Out:      `disallowed` on each loss sale, the part of it that no basis ever gets, and the earlier losses undone.
// Promises: one rule for the run and for every baseline. Losses are matched in the order of their sales, those of one
//           day in the order in which the lots came in; replacements earliest first, of one day those in taxed accounts
//           before those in untaxed ones, whose basis is nobody's; each replacement share absorbs one sold share; the
//           lot sold is not its own replacement (Rev. Rul. 56-602).
// Refuses:  earlier losses of another calendar year than as_of's, whose tax is not looked at here, and those sold
//           outside the book: they stand as they are told. What purchases of the past have disallowed is taken to be
//           in the book's figures already.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "book/trades.h"

namespace lotwright::savings {

// A loss of the last 30 days that today's purchases set aside, by term.
struct EarlierLoss {
  const Transaction* sale = nullptr;
  Term term = Term::short_term;
  Money disallowed;  // > 0
  Money lost;        // of it, what no basis gets: the replacement stands in an untaxed account (Rev. Rul. 2008-5)
};

struct Washes {
  std::map<std::pair<AccountIndex, std::uint32_t>, Money> lost;  // by account and lot sold: of LotSale::disallowed
  std::vector<EarlierLoss> earlier;                              // by taxpayer, then date
};

// The rows of one account, or with `nobody` those of accounts outside the book; by date.
[[nodiscard]] std::span<const Transaction> transactions_of(const Book& book, AccountIndex account);

// Sets LotSale::disallowed in `trades`, one entry for each account of the unit that trades.
[[nodiscard]] Washes wash(const Book& book, const DecisionUnit& unit, std::vector<AccountTrades>& trades);

}  // namespace lotwright::savings
