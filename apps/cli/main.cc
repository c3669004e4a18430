// apps/cli/main.cc — the command line: words in, one command called. No rule of the business lives here.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "commands.h"
#include "run/outputs.h"

namespace lotwright::cli {
namespace {

constexpr const char* exit_codes = R"(`lotwright COMMAND --help` shows a command's options with examples.

Exit codes: 0 done; 1 with --strict, when any account is held; 2 the command line or the book could not be used;
3 a run gate stopped the book.)";

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
  int code = done;
  add_run(app, code);
  add_check(app, code);
  add_evaluate(app, code);
  add_generate(app, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? done : unusable;
  }
  return code;
}
