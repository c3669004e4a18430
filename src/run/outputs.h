// run/outputs.h — the files of a finished run (docs/data.md, "What a run writes").
//
// In:       the book and its run.
// Out:      orders.csv, lot_sales.csv, accounts.csv, exceptions.csv, reasons.csv, harvests.csv, binding_rules.csv,
//           blocks.csv, prices.csv (the prices used, for the next run's price_move_max), multipliers.csv (where the
//           next run may start), state/ (what the next run's tests of data compare with), left.csv, exceptions.html,
//           run.json, gates.html where a gate stopped the run, and cases/ where something was refused; written, not
//           published.
// Promises: the same bytes for the same inputs, the times and threads of run.json apart. A run that a gate stopped
//           keeps its orders, lot sales and blocks to itself: those files hold their header only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "run/runner.h"

namespace lotwright {

// What a run was asked, beside its book: run.json keeps it, so that the run can be decided again (run/audit.h).
struct RunAsked {
  std::vector<std::string> accounts = {};  // to decide only these and their units; empty: all
  // Of the run.json of the run it was compared with (run_json_sha256 of run/previous.h); none: of no run.
  std::optional<std::string> previous_run_sha256 = {};
};

// `previous`: what the run was compared with; its history goes on in state/.
[[nodiscard]] Result<bool> write_outputs(const Book& book, const RunResult& run, OutputFolder& folder,
                                         const PreviousRun& previous = {}, const RunAsked& asked = {});

// One line of exceptions.csv.
struct ExceptionLine {
  std::string account_id;    // empty: a household's, or the book's
  std::string household_id;  // empty: the book's
  Finding finding;
};

// Every finding of the book and of its accounts, sorted as in the file.
[[nodiscard]] std::vector<ExceptionLine> exception_lines(const Book& book, const RunResult& run);

[[nodiscard]] const char* engine_version();

}  // namespace lotwright
