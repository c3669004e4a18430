// inputs/ledger_folder.h — the ledger's folder (docs/data.md) becomes a LedgerBook.
//
// In:       the path of a folder with securities.csv, accounts.csv, transactions.csv and, where they are needed,
//           taxpayers.csv, opening_lots.csv, corporate_actions.csv, dividends.csv, ledger_settings.csv; plain or .gz.
// Out:      a LedgerBook, or one Failure where the folder cannot be used at all.
// Promises: a faulty row is kept with its faults, each with file, line, column, value and rule; nothing is guessed.
// Refuses:  nothing silently: unknown columns and unknown files get one finding each.
#pragma once

#include <string>

#include "book/ledger.h"

namespace lotwright {

[[nodiscard]] Result<LedgerBook> read_ledger_folder(const std::string& folder);

}  // namespace lotwright
