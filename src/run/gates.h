// run/gates.h — limits on the run as a whole (firm.toml, [gates]): a fuse, not a rule of any account. One that blows
// stops every order of the book.
#pragma once

#include <string>
#include <vector>

#include "book/previous_run.h"
#include "orders/orders.h"

namespace lotwright {

// A gate that blew, and what a person needs to decide what to do.
struct BlownGate {
  Finding finding;
  std::vector<std::string> columns;               // of the table below
  std::size_t text_columns = 1;                   // the first ones; the others are numbers
  std::vector<std::vector<std::string>> largest;  // what contributed most, largest first; at most twenty
  std::string coverage;                           // how much of the whole these are; empty: all of it
  std::string next_step;
};

// Those that need the run before (price_move_max, accounts_change_max, accounts_in_one_name_max, gap_rise_bps_max), the
// custodian's positions (share_breaks_max) or daily volumes (share_of_volume_max) are passed over where these are not
// there.
[[nodiscard]] std::vector<BlownGate> blown_gates(const Book& book, const std::vector<AccountResult>& results,
                                                 const PreviousRun& previous);

// Their findings alone.
[[nodiscard]] Findings gates_of(const Book& book, const std::vector<AccountResult>& results,
                                const PreviousRun& previous);

// How the book's accounts differ from the previous run's.
struct AccountsChange {
  std::vector<std::string> appeared;
  std::vector<std::string> vanished;
};
[[nodiscard]] AccountsChange change_of(const Book& book, const std::vector<std::string>& previous_accounts);

}  // namespace lotwright
