// apps/cli/main.cc — the command line: words in, one command called. No rule of the business lives here.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "commands.h"
#include "run/outputs.h"

namespace lotwright::cli {
namespace {

constexpr const char* examples = R"(Examples:
  lotwright run BOOK --out OUT                         orders, exceptions, reasons and a summary
  lotwright run BOOK --out OUT --account A1 A2         only these accounts and those decided with them
  lotwright run BOOK --out OUT --previous YESTERDAY    compare with an earlier run's folder
  lotwright check BOOK                                 everything that is wrong with the files
  lotwright evaluate BOOK --orders orders.csv          what anybody's orders are worth, as JSON

Exit codes: 0 done; 1 with --strict, when any account is held; 2 the command line or the book could not be used;
3 a run gate stopped the book.)";

int called(const std::function<int()>& command) {
  try {
    return command();
  } catch (const std::exception& broken) {
    fmt::print(stderr, "lotwright: a defect of the engine: {}\n", broken.what());
    return unusable;
  }
}

void add_run(CLI::App& app, RunWords& words, int& code) {
  CLI::App* command = app.add_subcommand("run", "Decide every account of a book and write its orders");
  command->add_option("BOOK", words.book, "the book's folder")->required();
  command->add_option("--out", words.out, "folder for the outputs; made if it is not there")->required();
  command->add_option("--as-of", words.as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_option("--threads", words.threads, "default: all cores")->check(CLI::Range(1, 1024));
  command->add_option("--account", words.accounts, "decide only these accounts, and those decided with them");
  command->add_option("--previous", words.previous, "output folder of an earlier run, for the gates of firm.toml");
  command->add_flag("--strict", words.strict, "exit 1 when any account is held");
  command->add_flag("--json", words.json, "the summary as JSON");
  command->callback([&] { code = called([&] { return run(words); }); });
}

void add_check(CLI::App& app, CheckWords& words, int& code) {
  CLI::App* command = app.add_subcommand("check", "Read a book and print everything that is wrong with it");
  command->add_option("BOOK", words.book, "the book's folder")->required();
  command->add_option("--as-of", words.as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->add_flag("--json", words.json, "the findings as JSON");
  command->callback([&] { code = called([&] { return check(words); }); });
}

void add_evaluate(CLI::App& app, EvaluateWords& words, int& code) {
  CLI::App* command =
      app.add_subcommand("evaluate", "The objective, its parts and every broken rule of anybody's orders, as JSON");
  command->add_option("BOOK", words.book, "the book's folder")->required();
  command->add_option("--orders", words.orders, "CSV: account_id, security_id, side, quantity")->required();
  command->add_option("--lot-sales", words.lot_sales,
                      "CSV: account_id, lot_id, quantity; without it, the lots with the least tax are sold");
  command->add_option("--as-of", words.as_of, "YYYY-MM-DD, instead of firm.toml's");
  command->callback([&] { code = called([&] { return evaluate(words); }); });
}

}  // namespace

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
  app.footer(examples);
  app.set_version_flag("--version", lotwright::engine_version());
  app.require_subcommand(1);
  int code = done;
  RunWords run_words;
  CheckWords check_words;
  EvaluateWords evaluate_words;
  add_run(app, run_words, code);
  add_check(app, check_words, code);
  add_evaluate(app, evaluate_words, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? done : unusable;
  }
  return code;
}
