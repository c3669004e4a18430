// run/ledger_files.h — a played ledger as the files of docs/data.md, and as a summary.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/ports.h"
#include "tax/ledger.h"

namespace lotwright {

// What of the ledger is written; all of it is played.
struct LedgerWishes {
  std::vector<std::string> accounts;  // ids; empty: all. Of Schedule D then those of their taxpayers
  std::optional<int> year;            // of sales and Schedule D; lots are those of the end
};

// An account that is not in the ledger is a Failure.
[[nodiscard]] Result<bool> write_ledger(const LedgerBook& book, const tax::Ledger& ledger, const LedgerWishes& wishes,
                                        OutputFolder& folder);

// Counts of what is written.
[[nodiscard]] std::string text_of(const tax::Ledger& ledger);
// The same and the years of each taxpayer, as JSON.
[[nodiscard]] std::string json_of(const LedgerBook& book, const tax::Ledger& ledger);

}  // namespace lotwright
