// run/summary.h — a finished run on one page: what the desk wants to see first, and the numbers of run.json.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "run/left.h"
#include "run/runner.h"

namespace lotwright {

// Gaps between objective and bound, basis points of investable value, over the accounts that have a bound.
struct GapFigures {
  std::size_t accounts = 0;
  double median = 0.0;
  double p99 = 0.0;  // nearest rank
  double max = 0.0;
};

// The worst finding of one account.
struct NotableException {
  std::string account_id;
  Money value;  // of the account
  Severity severity = Severity::note;
  std::string rule;
  std::string message;
  std::size_t others = 0;  // further findings of the account, notes left out
};

// Whether every taxable account was scanned for losses and what became of them, from the rows of harvests.csv.
// accounts = scanned + not_scanned, loss = taken + skipped, and skipped is the sum of skipped_by.
struct HarvestFigures {
  std::size_t accounts = 0;  // taxable ones of the run, by the book
  std::size_t scanned = 0;
  std::size_t not_scanned = 0;
  std::size_t lots = 0;  // at a loss
  std::size_t lots_unknown_basis = 0;
  Money loss;
  Money taken;
  Money disallowed;
  Money skipped;
  std::map<std::string, std::size_t> not_scanned_by;  // rule -> accounts
  std::map<std::string, Money> skipped_by;            // rule -> dollars
};

struct Summary {
  std::string firm;
  Date as_of;
  std::size_t accounts = 0;
  std::size_t traded = 0;
  std::size_t quiet = 0;
  std::size_t proven_quiet = 0;  // of these, ended by proof at the prices of the run before
  std::size_t held = 0;
  std::size_t failed = 0;
  std::size_t orders = 0;
  Money bought;
  Money sold;
  double turnover = 0.0;  // dollars: the smaller of buys and sells, summed over accounts
  Money investable;       // of the accounts that were decided
  Money gain_short;
  Money gain_long;
  double tax = 0.0;
  double trading_cost = 0.0;
  double objective_before = 0.0;
  double objective_after = 0.0;
  double tracking_error_before = 0.0;  // weighted by investable value
  double tracking_error_after = 0.0;
  std::size_t holds = 0;  // findings by severity
  std::size_t reviews = 0;
  std::size_t notes = 0;
  HarvestFigures harvest;
  std::map<std::string, LeftByCause> left;  // by cause
  std::vector<NotableException> largest;    // by account value, at most ten
  GapFigures gap;
  GapFigures gap_large;  // accounts of more than $250,000
  Findings gates;
  std::vector<std::string> untested;  // what the previous run is too old to be compared in
  std::string nothing_decided;        // no account was, and why: one fact of the firm or the book holds all; else empty
  std::vector<UncheckedGate> gates_unchecked;
  std::vector<StageSeconds> seconds;
  double accounts_a_second = 0.0;  // over all stages
  int threads = 1;
};

[[nodiscard]] Summary summarize(const Book& book, const RunResult& run);

// For a person: some thirty lines, no control characters.
[[nodiscard]] std::string text_of(const Summary& summary);
// For a program: one JSON object, keys in the order above.
[[nodiscard]] std::string json_of(const Summary& summary);

}  // namespace lotwright
