// apps/cli/commands.h — the words of the command line. Each `add_` declares one with its options and examples; when it
// is called it puts the program's exit code in `code`. Results go to stdout, messages to stderr.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "base/result.h"

namespace lotwright::cli {

enum ExitCode {
  done = 0,
  some_held = 1,
  rules_broken = 1,
  differs = 1,
  faulty = 1,
  unusable = 2,
  gate_stopped = 3,
  nothing_decided = 4,
  interrupted = 130
};

// `code` outlives the app.
void add_run(CLI::App& app, int& code);
void add_check(CLI::App& app, int& code);
void add_evaluate(CLI::App& app, int& code);
void add_generate(CLI::App& app, int& code);
void add_case(CLI::App& app, int& code);
void add_risk_model(CLI::App& app, int& code);
void add_explain(CLI::App& app, int& code);
void add_what_if(CLI::App& app, int& code);
void add_frontier(CLI::App& app, int& code);
void add_transition(CLI::App& app, int& code);
void add_impact(CLI::App& app, int& code);
void add_match(CLI::App& app, int& code);
void add_query(CLI::App& app, int& code);
void add_audit_run(CLI::App& app, int& code);
void add_gifts(CLI::App& app, int& code);
void add_release(CLI::App& app, int& code);
void add_models(CLI::App& app, int& code);
void add_settings(CLI::App& app, int& code);
void add_ledger(CLI::App& app, int& code);
void add_tax_report(CLI::App& app, int& code);

// What `command` returns; a defect that reaches this far is told in one line.
[[nodiscard]] int called(const std::function<int()>& command);

// "lotwright: accounts.csv:3: cash: ..." on stderr; returns `unusable`.
int refuse(const Failure& failure);

}  // namespace lotwright::cli
