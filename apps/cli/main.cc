// apps/cli/main.cc — the command line: words in, one command called. No rule of the business lives here.
#include <fmt/format.h>
#include <malloc.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "inputs/file_report.h"
#include "inputs/near_names.h"
#include "run/outputs.h"

namespace lotwright::cli {
namespace {

constexpr const char* exit_codes = R"(`lotwright COMMAND --help` shows a command's options with examples.

Exit codes: 0 done; 1 with --strict, when any account is held or, in `evaluate`, a rule is broken, or a played case
differs; 2 the command line or the book could not be used; 3 a run gate stopped the book; 4 one fact of the firm or the
book holds every account.)";

// "run, check or evaluate"
std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

// The first word is no command: says which there are, and which one it is almost.
int refuse_command(const std::string& word, const std::vector<std::string>& commands) {
  const std::vector<std::string_view> names(commands.begin(), commands.end());
  const std::string_view meant = inputs::nearest(word, names);
  fmt::print(stderr, "lotwright: there is no command \"{}\": {}\n", inputs::quotable(word),
             meant.empty() ? "write " + listed(commands) : "did you mean " + std::string(meant) + "?");
  return unusable;
}

// An option given without its text, as an empty variable of a shell gives it, is no option left out.
std::string empty_option(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    const auto& words = option->results();
    if (std::find(words.begin(), words.end(), std::string()) != words.end()) return option->get_name();
  }
  for (const CLI::App* below : command.get_subcommands()) {
    if (const std::string name = empty_option(*below); !name.empty()) return name;
  }
  return {};
}

// What was printed has to arrive: a full disk behind `>` must not look like success.
int with_stdout_written(int code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  fmt::print(stderr, "lotwright: the results could not be written to stdout: free space, or write them elsewhere\n");
  return unusable;
}

}  // namespace

int called(const std::function<int()>& command) {
  try {
    return command();
  } catch (const std::exception& broken) {
    fmt::print(stderr, "lotwright: a defect of the engine: {}\n", broken.what());
    return unusable;
  }
}

int refuse(const Failure& failure) {
  std::string where = failure.place.file;
  if (failure.place.line > 0) where += fmt::format(":{}", failure.place.line);
  if (!where.empty()) where += ": ";
  fmt::print(stderr, "lotwright: {}{} ({})\n", where, failure.message, failure.rule);
  return unusable;
}

}  // namespace lotwright::cli

int main(int argc, char** argv) {
  using namespace lotwright::cli;
  CLI::App app("Lotwright: from a firm's files to lot-level orders, with reasons and a proof of how good they are.");
  app.footer(exit_codes);
  app.set_version_flag("--version", lotwright::engine_version());
  app.require_subcommand(1);
#ifdef __GLIBC__
  // What an account gives back the next one takes: not returned to the system in between, and faulted in anew.
  constexpr int kept_bytes = 1 << 28;
  mallopt(M_MMAP_THRESHOLD, kept_bytes);
  mallopt(M_TRIM_THRESHOLD, kept_bytes);
#endif
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of writing, not the end of the program
  int code = done;
  add_run(app, code);
  add_check(app, code);
  add_evaluate(app, code);
  add_generate(app, code);
  add_explain(app, code);
  add_models(app, code);
  add_settings(app, code);
  add_what_if(app, code);
  add_frontier(app, code);
  add_transition(app, code);
  add_impact(app, code);
  add_match(app, code);
  add_query(app, code);
  add_release(app, code);
  add_audit_run(app, code);
  add_gifts(app, code);
  add_ledger(app, code);
  add_tax_report(app, code);
  add_case(app, code);
  add_risk_model(app, code);
  const std::vector<std::string> commands = commands_of(app);
  const std::string first = argc > 1 ? argv[1] : "-";
  if (!first.starts_with("-") && std::find(commands.begin(), commands.end(), first) == commands.end()) {
    return refuse_command(first, commands);
  }
  app.parse_complete_callback([&app] {
    const std::string empty = empty_option(app);
    if (!empty.empty()) throw CLI::ValidationError(empty, "is empty: write its text, or leave it out");
  });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? done : unusable;
  }
  return with_stdout_written(code);
}
