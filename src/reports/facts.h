// reports/facts.h — everything that is told about one account, as values: what the run decided and recorded, and what
// the book says about the account. The floor turns it into a report, and the report into text, JSON or a page.
//
// In:       AccountFacts, gathered by run/ from a decided unit.
// Out:      report_of (report.h): titled sections of sentences and tables; text_of, json_of, page_of: the same facts
//           for a terminal, a program and a browser.
// Promises: every dollar in a sentence is read from the result, its reasons, harvests, orders and exceptions, or the
//           book's requests; none is computed for the text. Nothing of the book reaches a terminal or page unescaped.
// Refuses:  nothing: what is missing is left out of the sentence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orders/orders.h"

namespace lotwright::reports {

// One security, or the cash line, against its target.
struct LineFacts {
  SecurityIndex security;  // nobody: the cash line
  Weight target;           // of the investable value
  Money before;            // dollars held
  Money after;
};

// A lot of a security that is sold from.
struct LotFacts {
  std::uint32_t lot = 0;  // index into Account::lots
  Term term = Term::short_term;
  std::optional<Money> gain;  // of selling the whole lot; nullopt: unknown basis
  std::string barred_by;      // the rule that keeps it; empty: free to sell
};

struct RequestFacts {
  std::string id;
  std::string kind;  // as in requests.csv
  std::optional<Money> amount;
  Date due_on;
  std::string value;
};

struct AccountFacts {
  const Book* book = nullptr;
  const AccountResult* result = nullptr;
  std::string tax_treatment;                // as in accounts.csv
  std::string mode;                         // as in firm.toml
  std::string model;                        // in force: after a due model_change
  std::vector<std::string> decided_before;  // accounts decided before it in its unit, by id
  std::vector<LineFacts> lines;             // sorted by security, the cash line last
  std::vector<LotFacts> lots;               // sorted by lot
  std::vector<RequestFacts> requests;
  Findings exceptions;                  // its rows of exceptions.csv, its household's included
  std::vector<std::string> next_steps;  // beside exceptions: the proposal of exceptions.csv; none: nothing is proposed
  std::vector<std::string> gates;       // the gates of firm.toml that are set, by name

  [[nodiscard]] const Account& account() const { return book->account(result->account); }
};

}  // namespace lotwright::reports
