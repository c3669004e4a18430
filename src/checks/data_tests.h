// checks/data_tests.h — whether a day's data can be believed (docs/faults.md): tests over the whole book, before any
// account is decided.
//
// In:       the book as it was read, with firm.toml's [data], and what the run before left behind.
// Out:      findings, in the order of accounts and securities, and the groups whose losses may not be taken because of
//           them.
// Promises: an honest day has no holds: what a market, a client or a custodian may do without a fault passes
//           (docs/faults.md, "Honest days that look like faults"). A part of the previous run that is missing is not
//           tested. The same findings whatever the order of rows.
// Example:  const auto tested = doubted(std::move(book), previous);
#pragma once

#include "book/book.h"
#include "book/previous_run.h"

namespace lotwright {

struct DataDoubts {
  Findings findings;
  std::vector<LossBar> loss_bars;
  std::vector<AcceptedFact> accepted;  // by a person; each is a note among the findings
};

// A position that the lots and the custodian (positions.csv) count differently, in shares.
struct PositionBreak {
  AccountIndex account;
  SecurityIndex security;
  double by_lots = 0.0;
  double by_custodian = 0.0;
};

// By account, then security; `positions` becomes the number of those compared. None without positions.csv.
[[nodiscard]] std::vector<PositionBreak> position_breaks(const Book& book, std::size_t& positions);

[[nodiscard]] DataDoubts test_data(const Book& book, const PreviousRun& previous);

// The book with what the tests find among its findings and loss bars, and with what earlier runs knew of its accounts.
// `previous.accepted` becomes what a person has accepted, today or before, of what they find.
[[nodiscard]] Book doubted(Book book, PreviousRun& previous);

// Whether there is a positions.csv: one without a row says that the custodian holds nothing.
[[nodiscard]] bool custodian_counts(const Book& book);

}  // namespace lotwright
