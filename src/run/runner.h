// run/runner.h — the whole book: units in parallel, blocks, gates, the book-wide verification.
//
// In:       a Book, thread count, effort, optionally the accounts to decide (their units are decided whole).
// Out:      every account's result in id order, blocks, gate findings, seconds by stage.
// Promises: the same results for any number of threads; one bad account never stops the run; a stop request ends between
//           units and leaves nothing half-written.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "run/ports.h"
#include "run/rebalance.h"

namespace lotwright {

struct RunOptions {
  int threads = 0;  // 0: all cores
  Effort effort;
  std::vector<std::string> accounts;  // empty: all
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

struct RunResult {
  std::vector<AccountResult> accounts;  // sorted by account
  std::vector<Block> blocks;
  Findings gates;  // a run gate of firm.toml that stopped the book
  std::vector<std::string> defects;
  std::vector<StageSeconds> seconds;
  int threads = 1;
  bool stopped = false;  // by the stop flag: results are incomplete and must not be written
};

[[nodiscard]] RunResult run_book(const Book& book, const RunOptions& options, const Clock& clock,
                                 const std::function<void(const Progress&)>& on_progress, const std::atomic<bool>& stop);

}  // namespace lotwright
