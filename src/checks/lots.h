// checks/lots.h — the tax facts of each lot on the day, and what forbids selling it.
#pragma once

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {

// The lot as its sale is counted: where unknown_basis is `zero` an unknown basis of a taxable account is zero. Whoever
// makes a LotSale (tax::sale_of) passes this lot, so that an unknown basis is never shown as no tax.
[[nodiscard]] TaxLot lot_as_taxed(const Account& account, const TaxLot& lot);

// A short-term gain that turns long-term within `wait_days`: the sale would be long-term from the day after the
// anniversary, so 30 days stop lots whose anniversary is 0 to 29 days ahead.
[[nodiscard]] bool turns_long_term_soon(const TaxLot& lot, Date as_of, int wait_days);

// Their ids.
[[nodiscard]] std::vector<std::string> lots_of_unknown_basis(const Account& account);

// Fills one CheckedLot for each lot; notes lots of unknown basis that are left alone.
void judge_lots(const BookFacts& facts, CheckedAccount& checked);

}  // namespace lotwright
