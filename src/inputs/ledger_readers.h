// inputs/ledger_readers.h — one function for each file of the ledger's folder: rows become values of the draft.
//
// Order: securities, taxpayers, accounts, then the rest.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "inputs/book_folder.h"
#include "inputs/draft.h"
#include "inputs/ledger_words.h"
#include "inputs/table.h"

namespace lotwright::inputs {

// The ledger while its files are read.
struct LedgerDraft {
  LedgerBook book;
  Names<SecurityIndex> securities;
  Names<TaxpayerIndex> taxpayers;
  Names<AccountIndex> accounts;
};

void read_ledger_securities(BookFile& file, LedgerDraft& draft);
void read_ledger_taxpayers(BookFile& file, LedgerDraft& draft);
void read_ledger_accounts(BookFile& file, LedgerDraft& draft);
void read_ledger_settings(BookFile& file, LedgerDraft& draft);

void read_opening_lots(BookFile& file, LedgerDraft& draft);
void read_ledger_events(BookFile& file, LedgerDraft& draft);
void read_ledger_actions(BookFile& file, LedgerDraft& draft);
// Looks whether the rows can be read; the ledger's files do not depend on dividends.
void read_ledger_dividends(BookFile& file, LedgerDraft& draft);

}  // namespace lotwright::inputs
