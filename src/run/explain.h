// run/explain.h — one account decided exactly as a run decides it, with the facts that put its reasons into words.
//
// In:       a book and an account's id.
// Out:      Explained: the account's unit as run_book decides it, and the account's facts (reports/facts.h), which
//           refer to it. An unknown id is a Failure that names ids like it.
// Promises: the figures are those that `run` writes for the account. The gates of a whole run are named, not judged.
#pragma once

#include <memory>
#include <string>

#include "reports/facts.h"
#include "run/runner.h"

namespace lotwright {

struct Explained {
  RunResult run;                // the account's unit
  reports::AccountFacts facts;  // refers to `run` and the book
};

[[nodiscard]] Result<std::unique_ptr<Explained>> explain_account(const Book& book, const std::string& account_id,
                                                                 const Steps& steps);

}  // namespace lotwright
