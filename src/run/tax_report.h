// run/tax_report.h — taxes saved or deferred by a run, over a book: by account, taxpayer and in all, for the run and
// for the year so far, against each published baseline (docs/tax_report.md).
//
// In:       a book; and either the engine, which decides it as `run` does, or the folder of a finished run of it.
// Out:      comparisons by taxpayer with their lot rows, what each trader did in each account, the baselines' orders.
// Promises: accounts that the run did not decide trade for nobody. The same report for any number of threads, and from
//           a run's folder the same as from the engine.
// Refuses:  a folder that was not made from this book's files, that holds no orders because a gate stopped it, or whose
//           lot sales are not what the book says.
#pragma once

#include <string>
#include <vector>

#include "reports/savings_page.h"
#include "run/runner.h"

namespace lotwright {

// What one trader does in the accounts of the report; sorted by account.
struct BaselineOrders {
  savings::Baseline baseline = savings::Baseline::no_trading;
  std::vector<AccountTrades> accounts;
};

struct TaxReport {
  std::vector<savings::Comparison> comparisons;  // by taxpayer, period, baseline
  std::vector<reports::TradedAccount> accounts;  // the taxable ones, sorted
  std::vector<BaselineOrders> orders;            // of the baselines that trade
  Findings gates;                                // not empty: a gate stopped the book, and there is no report
  bool stopped = false;                          // by the stop flag: likewise
};

// `options` choose accounts as a run's do: their units are reported whole. `orders_from`: a run's folder; empty: none,
// the engine decides.
[[nodiscard]] Result<TaxReport> tax_report(const Book& book, const RunOptions& options, const std::string& orders_from,
                                           const Clock& clock, const std::atomic<bool>& stop);

// tax_lots.csv, tax_accounts.csv, tax_taxpayers.csv, tax_book.csv, the baselines' orders and lot sales, a page for each
// account of `pages` (ids; empty: every one of the report) and tax_report.json; written, not published.
[[nodiscard]] Result<bool> write_tax_report(const Book& book, const TaxReport& report,
                                            const std::vector<std::string>& pages, OutputFolder& folder);

// For a person, and for a program: the book's figures.
[[nodiscard]] std::string text_of(const Book& book, const TaxReport& report);
[[nodiscard]] std::string json_of(const Book& book, const TaxReport& report);

}  // namespace lotwright
