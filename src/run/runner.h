// run/runner.h — the whole book: units in parallel, blocks, gates, the book-wide verification.
//
// In:       a Book, thread count, effort, optionally the accounts to decide (their units are decided whole) and what
//           the previous run left behind.
// Out:      every account's result in id order, blocks, gate findings, saved cases, seconds by stage; or one Failure
//           where the book cannot be run at all (a risk model that is no covariance, an account that is not there).
// Promises: the same results for any number of threads; one bad account never stops the run; a stop request ends
//           between units and leaves nothing half-written.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "run/gates.h"
#include "run/ports.h"
#include "run/rebalance.h"

namespace lotwright {

struct RunOptions {
  int threads = 0;  // 0: all cores
  Effort effort = {};
  std::vector<std::string> accounts = {};  // empty: all
  PreviousRun previous = {};
};

struct Progress {
  std::size_t accounts_done = 0;
  std::size_t accounts_total = 0;
  double seconds = 0.0;
};

struct StageSeconds {
  std::string stage;
  double seconds = 0.0;
};

struct SavedCase {
  std::string name;  // of the file, relative to the output folder
  std::string text;
};

struct RunResult {
  std::vector<AccountResult> accounts;  // sorted by account
  std::vector<Block> blocks;
  Findings gates;  // a run gate of firm.toml that stopped the book
  std::vector<UncheckedGate> gates_unchecked;
  std::vector<SavedCase> cases;
  std::vector<std::string> untested;  // what the previous run is too old to be compared in, in sentences
  std::vector<StageSeconds> seconds;
  int threads = 1;
  bool stopped = false;  // by the stop flag: results are incomplete and must not be written
};

// What the gates of firm.toml say of the run, whose accounts are all decided.
void judge_gates(const Book& book, const PreviousRun& previous, RunResult& run);

// `on_progress` is called from this thread, some ten times a second and at the end; it may be empty.
[[nodiscard]] Result<RunResult> run_book(const Book& book, const RunOptions& options, const Steps& steps,
                                         const Clock& clock, const std::function<void(const Progress&)>& on_progress,
                                         const std::atomic<bool>& stop);

}  // namespace lotwright
