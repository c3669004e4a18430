// run/impact.h — what a change of models, or of other files of the book, would do to the whole book, before anyone
// presses go.
//
// In:       the book as it is, and the book with the files to come.
// Out:      Impact: both decided; by account, by model and in sum what the change brings.
// Promises: figures are those that `run` would write for either book. A unit none of whose accounts is told anything
//           else is decided once: its orders cannot differ.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "run/summary.h"

namespace lotwright {

// How the target of a model changes, both unfolded.
struct ModelChange {
  std::string model_id;
  bool is_new = false;
  bool is_gone = false;
  bool usable = true;     // under the new files
  double turnover = 0.0;  // half the sum of the weights moved
  std::size_t added = 0;  // securities that come in
  std::size_t dropped = 0;
};

// The accounts that follow one model, under the present files and under the new ones.
struct ModelImpact {
  std::size_t accounts = 0;
  std::size_t affected = 0;  // whose orders may differ
  std::size_t orders_present = 0;
  std::size_t orders = 0;
  double traded = 0.0;    // dollars bought and sold
  double turnover = 0.0;  // dollars: the smaller of buys and sells
  double tax = 0.0;
  double tax_present = 0.0;
  double investable = 0.0;
  // Sums weighted by the investable value; to be divided by `investable`.
  double tracking_error_before = 0.0;  // against the new target, no orders
  double tracking_error_after = 0.0;
  std::size_t people = 0;  // accounts that a person has to look at, held or under review, and now need not
};

struct AccountImpact {
  std::string account_id;
  std::string model_id;
  Money value;
  ResultStatus status = ResultStatus::no_trade;
  std::size_t orders = 0;
  double traded = 0.0;
  double tax = 0.0;
  double tax_present = 0.0;
  double tracking_error_before = 0.0;  // against the new target
  double tracking_error_after = 0.0;
  std::string rule;  // of the worst exception that the account does not have under the present files; empty: none
  Severity severity = Severity::note;
  std::string message;
};

struct Impact {
  std::string firm;
  Date as_of;
  std::vector<ModelChange> changes;
  Summary present;
  Summary coming;
  std::size_t affected = 0;  // accounts that are told anything else: a target, directed trades, a finding
  std::size_t decided = 0;   // accounts decided twice: these and those decided together with them
  std::map<std::string, ModelImpact> models;
  std::vector<AccountImpact> largest;     // at most ten, by dollars traded
  std::vector<AccountImpact> exceptions;  // accounts with a hold or review that they do not have now; by value
  Findings findings;                      // of reading the new files, that reading the present ones does not have
  double seconds_present = 0.0;
  double seconds_coming = 0.0;
};

// `on_progress` is told of the present book's accounts, then of those decided again (run/runner.h); it may be empty.
[[nodiscard]] Result<Impact> impact(const Book& present, const Book& coming, int threads, const Clock& clock,
                                    const std::function<void(const Progress&)>& on_progress = {});

[[nodiscard]] std::string json_of(const Impact& impact);

}  // namespace lotwright
