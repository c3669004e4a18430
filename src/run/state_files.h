// run/state_files.h — what a run leaves for the tests of the next: state/ in its output folder, as previous.h reads it.
//
// Promises: state/ describes the book before the run's orders. An account whose data were held as doubtful keeps the
//           rows with which it was last believed, or its id alone; a security in doubt keeps its last believed price: a
//           fault that is still there on the next day is still found, and what is corrected is not compared with the
//           fault. An account that a run of some accounts did not decide keeps the rows it had.
#pragma once

#include <array>
#include <utility>

#include "book/previous_run.h"
#include "run/ports.h"
#include "run/runner.h"

namespace lotwright {

// Requests that move money between two runs, and how state/flows.csv writes them.
inline constexpr std::array flow_kinds{std::pair(RequestKind::cash_out, "cash_out"),
                                       std::pair(RequestKind::cash_in, "cash_in"),
                                       std::pair(RequestKind::transfer_out, "transfer_out")};

// Sums that overflow would be of no account that can be decided (inputs/magnitudes.h); they are left out.
template <class Number>
void add_unless_overflow(Number& sum, Number more) {
  std::int64_t count = 0;
  if (!__builtin_add_overflow(sum.count(), more.count(), &count)) sum = Number::of_count(count);
}

[[nodiscard]] Result<bool> write_state(const Book& book, const RunResult& run, const PreviousRun& previous,
                                       OutputFolder& folder);

}  // namespace lotwright
