// checks/account_rows.h — rows of one account, and those that could not be read. Internal to checks/.
#pragma once

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "book/book.h"
#include "book/previous_run.h"
#include "checks/doubts.h"

namespace lotwright {

template <class Row>
std::span<const Row> rows_of(const std::vector<Row>& rows, AccountIndex account) {
  const auto range = std::ranges::equal_range(rows, account, {}, &Row::account);
  return {range.begin(), range.end()};
}

// Flows that a run had announced for an account, found by the order that previous_run.h promises.
[[nodiscard]] inline std::span<const PreviousFlow> flows_of(const PreviousRun& previous, const std::string& account) {
  const auto range = std::ranges::equal_range(previous.flows, account, {}, &PreviousFlow::account);
  return {range.begin(), range.end()};
}

// Accounts of which rows could not be read: what is missing in them may be those rows.
class Unread {
 public:
  explicit Unread(const Book& book);
  // What such an account differs in is told beside the row that holds it, not as a second fault.
  void tell(Doubts& doubts, const char* rule, Severity severity, const Account& account, Observed observed,
            std::string limit, const std::string& message, const std::vector<SecurityIndex>& in_doubt = {}) const;

 private:
  std::set<std::string> accounts_;
};

// "1234.5": a quantity with at most four decimals.
[[nodiscard]] std::string quantity_text(double quantity);

}  // namespace lotwright
