// tax/ledger.h — the past, played: transactions and corporate actions in their order become lots with adjusted basis,
// the rows of Form 8949 and each year's Schedule D.
//
// In:       a LedgerBook: opening lots, transactions, corporate actions, who is whose spouse, how open law is read.
// Out:      every lot that is left, every sale, the years of every taxpayer, every row that could not be played.
// Promises: exact: shares and basis add up to the millionth. The order of rows of different days and of rows that are
//           not of one position and not linked by wash sales decides nothing. An event told twice happened once; one
//           that is taken back never did. A faulty row holds its position from that day on and no other. Shares that
//           move between accounts of an owner, or from a spouse, arrive as the lots they were, whatever the row says of
//           their basis (IRC 1012, 1041(b), 1091(d)).
// Refuses:  nothing: what cannot be played is a finding.
// Example:  const tax::Ledger ledger = tax::play(book);
#pragma once

#include <vector>

#include "book/ledger.h"
#include "tax/lot_store.h"
#include "tax/sale_row.h"
#include "tax/tax_years.h"

namespace lotwright::tax {

// A lot at the end, and what the next ledger has to know to go on from it.
struct LotLeft {
  AccountIndex account;
  TaxLot lot;
  LotId parent;             // empty: it came in as it is
  LotId first;              // the lot that came in, of which it is a part of parts; empty likewise
  std::string acquisition;  // the same for all shares of one acquisition
  Replacement replacement = Replacement::free;
  std::int64_t made = 0;    // 1 ..: its place among all of them in order of making
  std::uint32_t parts = 0;  // the number in the id of the last lot split off it; 0: none
};

// A position that has not been played to its end, or an account of which nothing more has been played.
struct HeldPosition {
  AccountIndex account;
  SecurityIndex security;  // nobody: the whole account
  std::string by;          // which row holds it
};

struct Ledger {
  std::vector<LotLeft> lots;       // by account, security, lot id
  std::vector<HeldPosition> held;  // by account, security
  std::vector<SaleRow> sales;      // by account, then in the order of play
  std::vector<TaxYear> years;      // by taxpayer, year
  std::vector<Failure> findings;   // by file, line, column
};

[[nodiscard]] Ledger play(const LedgerBook& book);

}  // namespace lotwright::tax
