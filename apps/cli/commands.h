// apps/cli/commands.h — what each word of the command line asks for, and what it does. Results go to stdout, messages
// to stderr; what is returned is the exit code of the program.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lotwright::cli {

enum ExitCode { done = 0, some_held = 1, unusable = 2, gate_stopped = 3, interrupted = 130 };

struct RunWords {
  std::string book;
  std::string out;
  std::string as_of;  // empty: firm.toml's
  int threads = 0;    // 0: all cores
  std::vector<std::string> accounts;
  std::string previous;  // empty: none
  bool strict = false;
  bool json = false;
};

struct CheckWords {
  std::string book;
  std::string as_of;
  bool json = false;
};

struct EvaluateWords {
  std::string book;
  std::string orders;
  std::string lot_sales;  // empty: none
  std::string as_of;
};

int run(const RunWords& words);
int check(const CheckWords& words);
int evaluate(const EvaluateWords& words);

// "lotwright: accounts.csv:3: cash: ..." on stderr; returns `unusable`.
int refuse(const Failure& failure);

}  // namespace lotwright::cli
