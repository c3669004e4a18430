// reports/desk_pages.h — the pages a desk works from: the day's exceptions from the dearest down, and why gates stopped
// a run. Each is one HTML page that needs nothing else: no script, no network; it can be printed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "book/book.h"
#include "book/finding.h"
#include "units/amounts.h"
#include "units/date.h"

namespace lotwright::reports {

// Cash that is due is not there, a payment to a client most of all: `observed` dollars are there, `limit` are needed.
[[nodiscard]] bool is_missing_cash(const Finding& finding);

// A line of exceptions.csv.
struct ExceptionFacts {
  std::string account_id, household_id;
  Finding finding;
  Money dollars_at_stake;
  std::string next_step;
};

// What a person wants to know of an account whose orders wait: figures as in accounts.csv.
struct OrderedAccount {
  Money value;
  double turnover = 0.0;  // of the investable value
  double tax = 0.0;       // dollars, the objective's
  Money improvement;
  double tracking_error_before = 0.0, tracking_error_after = 0.0;
  std::optional<Money> gap;
  std::vector<std::pair<std::string, Money>> drivers;  // "harvesting losses" and the dollars sold for it, most first
  std::vector<std::string> largest_orders;             // "sell AAPL $31,002 (harvest_loss)"
  std::size_t orders = 0;
};

struct DeskFacts {
  std::string firm;
  Date as_of;
  std::size_t accounts = 0;
  std::vector<std::string> untested;  // sentences
  std::vector<ExceptionFacts> exceptions;
  std::map<std::string, OrderedAccount> ordered;  // by account id: those with orders that wait
  std::vector<std::string> stopped_by = {};       // the gates that stopped the run, the first first
  std::vector<UncheckedGate> gates_unchecked = {};
  bool compared = false;  // with an earlier run: what explains an account needs its folder too
};

// A summary with the time it takes, a list of causes, then each cause: money that clients wait for, holds, reviews, in
// each the one with most dollars first; whatever one correction or one decision ends stands together. Notes are behind
// them. Gates are told once on top: they are no account's. A day on which nothing waits for a person says that alone.
[[nodiscard]] std::string exceptions_page(const DeskFacts& facts);

struct GateFacts {
  Finding finding;
  std::vector<std::string> columns;
  std::size_t text_columns = 1;  // the first ones; the others are numbers
  std::vector<std::vector<std::string>> largest;
  std::string coverage;  // "the 20 largest of 312 make 41 % of it"; may be empty
  std::string next_step;
};

// What a stopped run had proposed.
struct KeptBack {
  std::size_t accounts = 0, orders = 0;
  Money amount;
};

// In the order given; a gate that several securities blew is one table of them.
[[nodiscard]] std::string gates_page(const std::string& firm, Date as_of, const std::vector<GateFacts>& gates,
                                     const KeptBack& kept_back, const std::vector<UncheckedGate>& gates_unchecked = {});

}  // namespace lotwright::reports
