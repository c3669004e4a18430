// run/previous.h — an earlier run to compare with (`run --previous DIR`): the files of state/ in its output folder, as
// state_files.h writes them.
//
// In:       an output folder; the book of today, whose accounts and securities its rows are found in.
// Out:      a PreviousRun.
// Refuses:  a folder without run.json or one of these files, with a cell that must be readable and is not, of a later
//           day than the book's, of a run that a gate stopped, or with hardly an account of the book. What a run is too
//           old for is said (`untested`).
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

// Of the folder's run.json, which has the hash of every other file: which run it was. Empty: it has none.
[[nodiscard]] std::string run_json_sha256(const std::string& folder);

// A book tested beside an earlier run, as `run --previous DIR --accept ID ...` does it; without a folder by itself.
struct ComparedBook {
  Book book;
  PreviousRun previous;
};
[[nodiscard]] Result<ComparedBook> compared(Book untested, const std::string& folder,
                                            const std::vector<std::string>& accepted);

// Where there is no earlier run: what is accepted alone.
[[nodiscard]] Result<PreviousRun> no_previous(const Book& book, const std::vector<std::string>& accepted);

}  // namespace lotwright
