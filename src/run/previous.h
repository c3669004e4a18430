// run/previous.h — what one run leaves for the tests of the next (`run --previous DIR`): the files of state/ in its
// output folder.
//
// In:       an output folder; the book of today, whose accounts and securities its rows are found in.
// Out:      a PreviousRun, or files.
// Promises: state/ describes the book before the run's orders. An account whose data were held as doubtful keeps the
//           rows with which it was last believed, a security in doubt its last believed price: a fault that is still
//           there on the next day is still found. An account that a run of some accounts did not decide keeps the rows
//           it had.
// Refuses:  a folder without accounts.csv and prices.csv. Files of state/ may be missing: older versions wrote none.
#pragma once

#include <string>
#include <vector>

#include "book/previous_run.h"
#include "run/ports.h"
#include "run/runner.h"

namespace lotwright {

// `accepted`: accounts whose data a person accepts as they are today; what is lawful and stays so is asked once only.
[[nodiscard]] Result<PreviousRun> read_previous(const std::string& folder, const Book& book,
                                                const std::vector<std::string>& accepted = {});

// The proved gap of accounts together over what they invest; none where they invest nothing.
[[nodiscard]] std::optional<BasisPoints> gap_over(Money gap, Money investable);

// Where there is no earlier run: what is accepted alone.
[[nodiscard]] Result<PreviousRun> no_previous(const Book& book, const std::vector<std::string>& accepted);

[[nodiscard]] Result<bool> write_state(const Book& book, const RunResult& run, const PreviousRun& previous,
                                       OutputFolder& folder);

// Accounts that the run before knew and whose model is another now or weighs otherwise, sorted; a customized account
// follows a model of its own, written under its own id. None where the run before left no models.
[[nodiscard]] std::vector<AccountIndex> changed_models(const Book& book, const PreviousRun& previous);

// What two versions of a model's weights have in common only if they are the same.
[[nodiscard]] std::string fingerprint_of(const Book& book, const Model& model);

}  // namespace lotwright
