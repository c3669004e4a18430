// run/gates.h — limits on the run as a whole (firm.toml, [gates]): a fuse, not a rule of any account. One that blows
// stops every order of the book.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orders/orders.h"

namespace lotwright {

// What an earlier run's output folder says: its accounts, and the prices it used.
struct PreviousRun {
  std::optional<std::vector<std::string>> accounts;  // sorted
  std::map<std::string, Price> prices;               // by security id
};

// accounts.csv and prices.csv of `folder`. A folder that cannot be read as an output folder is a Failure.
[[nodiscard]] Result<PreviousRun> read_previous(const std::string& folder);

// The gates that blew. price_move_max and accounts_change_max need a previous run and are passed over without one.
[[nodiscard]] Findings gates_of(const Book& book, const std::vector<AccountResult>& results,
                                const PreviousRun& previous);

// How the book's accounts differ from the previous run's.
struct AccountsChange {
  std::size_t appeared = 0;
  std::size_t vanished = 0;
};
[[nodiscard]] AccountsChange change_of(const Book& book, const std::vector<std::string>& previous_accounts);

}  // namespace lotwright
