// run/release.h — what of a finished run may go to the market: orders that wait for nobody, and those that a person
// releases.
//
// In:       the folder of a finished run that its audit (run/audit.h) found whole, and who releases what and why.
// Out:      orders.csv, lot_sales.csv and blocks.csv as the run writes them, of these orders alone; releases.csv: who
//           released what; release.json: of which run, and how much.
// Promises: every cell is the run's, but `release`, which is `yes`, and the blocks, which are of what goes. The run's
//           own folder is only read.
// Refuses:  accounts that the run does not have, or that are held; a run that gates stopped, unless told to; as an
//           earlier release what is none, one of another run, and one without all of its orders.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "run/ports.h"
#include "units/amounts.h"

namespace lotwright {

struct ReleaseWords {
  std::vector<std::string> accounts;  // whose orders are released
  bool all = false;                   // of every account
  std::string by, why;
  bool despite_gates = false;
  std::vector<std::string> after;  // folders of releases whose orders have gone already
};

// One row of releases.csv.
struct ReleasedAccount {
  std::string account;             // empty: the gates that stopped the run
  std::vector<std::string> rules;  // that asked for a person
  std::size_t orders = 0;
  Money amount;
};

struct Release {
  std::string run_sha256;  // of the run.json that it is of: orders of another run have the same ids
  std::vector<ReleasedAccount> released;
  std::size_t orders = 0;  // that may go, those of the next included
  std::size_t orders_released = 0;
  std::size_t orders_gone = 0;     // left out: an earlier release has them
  std::size_t orders_waiting = 0;  // for a person, still
  std::size_t accounts_waiting = 0;
  std::size_t blocks = 0;
  Money bought, sold;
  std::vector<std::string> remarks;  // sentences about accounts of which nothing had to be released
};

// The gates that stopped the run; none: its orders left.
[[nodiscard]] Result<std::vector<std::string>> gates_that_stopped(const std::string& run);

// Writes into `to`; does not publish.
[[nodiscard]] Result<Release> release_orders(const std::string& run, const ReleaseWords& words, OutputFolder& to);

[[nodiscard]] std::string text_of(const Release& release);
[[nodiscard]] std::string json_of(const Release& release);

}  // namespace lotwright
