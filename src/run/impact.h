// run/impact.h — what a change of models, or of other files of the book, would do to the whole book, before anyone
// presses go.
//
// In:       the book as it is, and the book with the files to come.
// Out:      Impact: both decided; by account, by model and in sum what the change brings.
// Promises: figures are those that `run` would write for either book, account by account. A unit none of whose accounts
//           is told anything else is decided once: its orders cannot differ. Every account of the book is in one row.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "explanation/drivers.h"
#include "run/model_versions.h"
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
  std::vector<std::pair<std::string, double>> moves;  // security and weight added; all of them, the largest first
};

// What a run decides of one account.
struct AccountFigures {
  ResultStatus status = ResultStatus::no_trade;
  double investable = 0.0;  // dollars, not below zero
  std::size_t orders = 0;
  Money traded;                        // bought and sold
  double turnover = 0.0;               // of the investable value: the smaller of buys and sells
  double tax = 0.0;                    // dollars
  double tracking_error_before = 0.0;  // against this run's own target, no orders
  double tracking_error_after = 0.0;
  std::map<std::string, Severity> exceptions;  // by rule the worst; notes left out
};

// Neither held nor failed.
[[nodiscard]] bool is_decided(const AccountFigures& account);

struct AccountImpact {
  std::string account_id;
  std::string model_id;   // of the firm's model that is followed under the new files, a due model_change counted
  bool affected = false;  // told anything else: its orders may differ
  Money value;
  AccountFigures present;
  AccountFigures coming;
  std::string rule;  // of the worst exception that the account does not have under the present files; empty: none
  Severity severity = Severity::note;
  std::string message;
  std::string why;  // of the largest: what the orders are and what drives them
};

// The accounts that follow one model, as one run decides them.
struct ModelFigures {
  std::size_t orders = 0;
  double traded = 0.0;    // dollars bought and sold
  double turnover = 0.0;  // dollars: the smaller of buys and sells
  double tax = 0.0;
};

struct ModelImpact {
  std::size_t accounts = 0;
  std::size_t affected = 0;
  ModelFigures present;
  ModelFigures coming;
  double investable = 0.0;  // of the accounts decided under the new files
  // Sums weighted by the investable value, divided by `investable`: against the new target.
  double tracking_error_before = 0.0;
  double tracking_error_after = 0.0;
  std::size_t people = 0;  // accounts that a person has to look at, held or under review, and now need not
};

// Sales of the whole book by what drives them (explanation/drivers.h): dollars.
struct DriverFigures {
  Money sold;
  Money gain;
  double tax = 0.0;
};

struct DriverImpact {
  Driver driver = Driver::drift;
  DriverFigures present;
  DriverFigures coming;
};

// The accounts with a hold or review of one rule.
struct RuleImpact {
  std::string rule;
  std::size_t present = 0;
  std::size_t coming = 0;
  std::size_t appeared = 0;  // do not have it now
  std::size_t vanished = 0;  // have it now, and then not
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
  std::vector<AccountImpact> accounts;    // every account of the book, by id
  std::vector<std::size_t> largest;       // places in `accounts`: at most ten affected ones, by dollars traded
  std::vector<std::size_t> exceptions;    // those with a hold or review that they do not have now; by value
  std::vector<DriverImpact> drivers;      // most dollars sold first
  std::vector<RuleImpact> rules;          // most accounts under the new files first
  std::vector<SleepingVersion> sleeping;  // rows of the new models.csv that change nothing on this day
  Findings findings;                      // of reading the new files, that reading the present ones does not have
  double seconds_present = 0.0;
  double seconds_coming = 0.0;
};

// What either book was compared with (checks/data_tests.h); empty: nothing.
struct PreviousRuns {
  PreviousRun present = {};
  PreviousRun coming = {};
};

// The new files have faults that hold accounts.
[[nodiscard]] bool has_faults(const Impact& impact);

// `on_progress` is told of the present book's accounts, then of those decided again (run/runner.h); it may be empty.
[[nodiscard]] Result<Impact> impact(const Book& present, const Book& coming, int threads, const Clock& clock,
                                    const std::function<void(const Progress&)>& on_progress = {},
                                    const PreviousRuns& previous = {});

[[nodiscard]] std::string json_of(const Impact& impact);

// A row for every account of the book: its figures under the present files and under the new ones.
[[nodiscard]] std::string csv_of(const Impact& impact);

}  // namespace lotwright
