// reports/desk_pages.h — the pages a desk works from: the day's exceptions from the dearest down, and why gates stopped
// a run. Each is one HTML page that needs nothing else.
#pragma once

#include <string>
#include <vector>

#include "book/finding.h"
#include "units/amounts.h"
#include "units/date.h"

namespace lotwright::reports {

// A line of exceptions.csv.
struct ExceptionFacts {
  std::string account_id, household_id;
  Finding finding;
  Money dollars_at_stake;
  std::string next_step;
};

struct DeskFacts {
  std::string firm;
  Date as_of;
  std::size_t accounts = 0;
  std::vector<ExceptionFacts> exceptions;
};

// Holds and reviews grouped by cause, the group with most dollars first; notes behind them, folded.
[[nodiscard]] std::string exceptions_page(const DeskFacts& facts);

struct GateFacts {
  Finding finding;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> largest;
  std::string next_step;
};

[[nodiscard]] std::string gates_page(const std::string& firm, Date as_of, const std::vector<GateFacts>& gates);

}  // namespace lotwright::reports
