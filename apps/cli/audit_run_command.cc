#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>

#include "commands.h"
#include "run/audit.h"

namespace lotwright::cli {
namespace {

struct AuditWords {
  AuditRequest asked;
  bool json = false;
};

int audit(AuditWords words) {
  if (words.asked.threads <= 0)
    words.asked.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const auto audited = audit_run(words.asked);
  if (!audited) return refuse(audited.failure());
  fmt::print("{}\n", words.json ? json_of(*audited) : text_of(*audited));
  return audited->kept() ? done : rules_broken;
}

}  // namespace

void add_audit_run(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("audit-run", "Proof, from its files, that a run kept what it promises");
  const auto words = std::make_shared<AuditWords>();
  words->asked.threads = 0;
  command->add_option("OUT", words->asked.folder, "the folder of a finished run")->required();
  CLI::Option* book = command->add_option("--book", words->asked.book,
                                          "the book it was made of: its orders are judged by the verifier");
  command->add_option("--previous", words->asked.previous, "the folder of the run that it was compared with");
  command->add_flag("--replay", words->asked.replay, "decide again, and compare every file")->needs(book);
  command->add_option("--threads", words->asked.threads, "of --replay; default: all cores")->check(CLI::Range(1, 1024));
  command->add_flag("--json", words->json, "the claims as JSON");
  command->footer(
      R"(Every claim is checked on every row: hashes, one row an account, a reason for every hold and every order,
orders = lot sales = blocks = cash and gains, reasons = improvements, losses found = taken + skipped, totals.
With --book the orders as they stand in the files are judged by rules, lots and prices of the book.
Exits 1 where a claim is broken.

Examples:
  lotwright audit-run OUT                                        what the files say of one another
  lotwright audit-run OUT --book BOOK                            and of the book they are of
  lotwright audit-run OUT --book BOOK --replay                   and the engine once more
  lotwright audit-run OUT --book BOOK --previous YESTERDAY       and of the run before it)");
  command->callback([words, &code] { code = called([&] { return audit(*words); }); });
}

}  // namespace lotwright::cli
