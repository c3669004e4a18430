#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <memory>
#include <string>

#include "book/rules.h"
#include "commands.h"
#include "run/audit.h"
#include "run/disk_folder.h"
#include "run/release.h"
#include "writing.h"

namespace lotwright::cli {
namespace {

struct Words {
  std::string run;
  std::string to;
  ReleaseWords release;
  bool json = false;
};

// A folder that would lose something: a book, a run, or the record of an earlier release.
std::optional<Failure> not_to(const std::string& folder) {
  if (const auto book = is_a_book(folder)) return book;
  for (const char* name : {"run.json", "releases.csv"}) {
    if (!std::filesystem::exists(std::filesystem::path(folder) / name)) continue;
    return Failure{rule::output_unwritable,
                   fmt::format("there is a {} already, which would be lost: give --to another folder", name),
                   {folder, 0, {}, {}}};
  }
  return std::nullopt;
}

// 0 where the run may be released from.
int refuse_run(const Words& words) {
  const auto audited = audit_run({.folder = words.run});
  if (!audited) return refuse(audited.failure());
  if (!audited->kept()) {
    fmt::print(stderr, "lotwright: the run is not whole, nothing is released from it:\n{}\n", text_of(*audited));
    return rules_broken;
  }
  const auto gates = gates_that_stopped(words.run);
  if (!gates) return refuse(gates.failure());
  if (gates->empty()) return done;
  if (!words.release.despite_gates) {
    fmt::print(stderr,
               "lotwright: {} stopped the run: correct its cause and run again, or release --despite-gates --why "
               "TEXT\n",
               fmt::join(*gates, ", "));
    return gate_stopped;
  }
  if (!words.release.why.empty()) return done;
  return refuse({rule::data_value_missing, "--despite-gates needs a reason: add --why TEXT", {}});
}

int release(const Words& words) {
  if (const auto failed = not_to(words.to)) return refuse(*failed);
  if (const int code = refuse_run(words); code != done) return code;
  DiskFolder folder(words.to);
  const auto released = release_orders(words.run, words.release, folder);
  if (!released) return refuse(released.failure());
  if (const auto published = folder.publish(); !published) return refuse(published.failure());
  for (const std::string& remark : released->remarks) fmt::print(stderr, "lotwright: {}\n", remark);
  fmt::print("{}\n", words.json ? json_of(*released) : text_of(*released));
  return done;
}

}  // namespace

void add_release(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("release", "Write what of a run may go: a person releases what waits for one");
  const auto words = std::make_shared<Words>();
  command->add_option("OUT", words->run, "the folder of a finished run; it is only read")->required();
  command->add_option("--to", words->to, "folder for the orders, lot sales, blocks, releases.csv and release.json")
      ->required();
  CLI::Option* accounts =
      command->add_option("--account", words->release.accounts, "accounts whose orders wait and are released");
  command->add_flag("--all", words->release.all, "every account whose orders wait")->excludes(accounts);
  command->add_option("--by", words->release.by, "who releases them")->required();
  command->add_option("--why", words->release.why, "the reason, for releases.csv");
  command->add_option("--after", words->release.after,
                      "folders of earlier releases of this run: what has gone does not go again");
  command->add_flag("--despite-gates", words->release.despite_gates, "although a gate stopped the run; needs --why");
  command->add_flag("--json", words->json, "the summary as JSON");
  command->footer(R"(Orders whose release is yes go without being named; an account that is held cannot be released.
The run is audited first (audit-run).

Examples:
  lotwright release OUT --to SEND --by ann                             what waits for nobody
  lotwright release OUT --to SEND2 --after SEND --account A1 --by ann  and A1, an hour later
  lotwright release OUT --to SEND --all --by ann --why "new model"     everything that waits)");
  command->callback([words, &code] { code = called([&] { return release(*words); }); });
}

}  // namespace lotwright::cli
