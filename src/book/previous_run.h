// book/previous_run.h — what an earlier run left for the tests that compare a book with the day before.
//
// In:       made by run/previous.h from a folder (`run --previous DIR`), or in memory.
// Promises: rows of accounts and securities that the book of today has are found by today's index; of the others the id
//           is kept. Made in memory, every part may be missing, and what is missing is not tested.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "book/book.h"

namespace lotwright {

// One security of one account as the book of that run had it, before that run's orders. Sorted by account, security.
struct PreviousPosition {
  AccountIndex account;
  SecurityIndex security;
  Quantity quantity;                // of all its lots; >= 0
  Quantity traded;                  // bought less sold by the transactions it knew, see `traded_days`
  std::optional<Money> cost_basis;  // of the lots whose basis was known; none: of no lot
  std::int64_t lots_of_unknown_basis = 0;
};

// The same of a security that today's book cannot name.
struct StrangerPosition {
  std::string account, security;
  Quantity quantity, traded;
  std::optional<Money> cost_basis;
  std::int64_t lots_of_unknown_basis = 0;
};

// An account as it was in that run.
struct PreviousAccount {
  std::string id;
  Date as_of;  // of that run; earlier where its data were in doubt then, and stayed as they were when last believed
  std::string household, taxpayer;  // ids; taxpayer empty: it had none
  std::string tax_treatment;
  std::string model;      // the one it followed, a customized one by its own id
  Money cash;             // with its securities of kind cash
  Money traded;           // sold less bought by the transactions it knew, in dollars, see `traded_days`
  Money value;            // positions and cash
  std::int64_t runs = 0;  // in which it was decided, this one included
  Weight turnover;        // of all of them together, fractions of the investable value
  bool doubted = false;   // its data were in doubt in that run: the row is of an earlier one
};

// Money that a request of that run's book moves: cash_out, cash_in, or the whole account by a transfer_out.
struct PreviousFlow {
  std::string request;
  std::string account;
  RequestKind kind = RequestKind::cash_out;
  Money amount;
  Date due_on;
};

// What a test of data found in an account and a person has accepted: told as a note as long as it is found just so.
struct AcceptedFact {
  std::string account;
  std::string rule;
  std::string observed;  // as the finding shows it
  std::string fact;      // a fingerprint of all that was found: the finding may show a part
  Date accepted_on;      // as_of of the run that was told so
};

// What a model of that run weighed.
struct PreviousModel {
  std::vector<ModelWeight> weights;  // sorted by security
  Weight gone;                       // of securities today's book cannot name
};

struct PreviousRun {
  // A transaction counts in `traded` from this many days before the date of its row on: what was known of those days
  // then can be compared with what is known of them now.
  static constexpr int traded_days = 30;
  // Prices further apart than this say little about each other: a week and its holidays.
  static constexpr int prices_days = 10;

  // Whether that long after a run of `then` its positions, cash and accounts can still be compared.
  [[nodiscard]] static bool comparable(Date then, Date now) { return then <= now && now - then <= traded_days; }

  // Whether its prices can still be compared; of one made in memory without a day, yes.
  [[nodiscard]] bool prices_comparable(Date now) const { return !as_of || now - *as_of <= prices_days; }

  std::optional<std::vector<std::string>> accounts;  // ids, sorted
  std::set<std::string> asked_as_new;                // of them: a person was asked whose they are, and has not said
  std::map<std::string, Price> prices;               // last believed, by security id
  std::optional<Date> as_of;
  // The newest price of each security that no test questioned, and its date.
  std::map<std::string, std::pair<Price, Date>> believed;
  std::set<std::string> prices_doubted;  // securities whose newer price was in doubt in that run
  std::optional<std::vector<PreviousPosition>> positions;
  std::map<std::string, PreviousAccount> account_rows;         // by id; empty where the files are not there
  std::vector<PreviousFlow> flows;                             // sorted by account, then request
  std::map<std::string, Date> actions;                         // corporate actions applied then: id -> first seen
  std::optional<std::map<std::string, PreviousModel>> models;  // by id
  std::vector<StrangerPosition> strangers;
  std::vector<AcceptedFact> accepted;  // of earlier runs; once today's book is tested, of today's (checks/data_tests.h)
  std::set<std::string> accepting;     // accounts whose data a person accepts as they are today (`run --accept`)
  std::optional<BasisPoints> gap;      // proved, of those of its accounts that today's book has
  std::vector<std::string> untested;   // sentences: what it is too old to be compared in
};

}  // namespace lotwright
