#include <fmt/format.h>

#include <memory>
#include <string>

#include "commands.h"
#include "run/audit.h"

namespace lotwright::cli {
namespace {

struct AuditWords {
  std::string out;
  std::string book;
  bool json = false;
};

int audit(const AuditWords& words) {
  const auto audited = audit_run(words.out, words.book);
  if (!audited) return refuse(audited.failure());
  fmt::print("{}\n", words.json ? json_of(*audited) : text_of(*audited));
  return audited->kept() ? done : rules_broken;
}

}  // namespace

void add_audit_run(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("audit-run", "Proof, from its files alone, that a run kept what it promises");
  const auto words = std::make_shared<AuditWords>();
  command->add_option("OUT", words->out, "the folder of a finished run")->required();
  command->add_option("--book", words->book, "the book it was made of: same files, every account there");
  command->add_flag("--json", words->json, "the claims as JSON");
  command->footer(
      R"(Every claim is checked on every row: hashes, one row an account, a reason for every hold and every order,
orders = lot sales = blocks = cash and gains, reasons = improvements, losses found = taken + skipped, totals.
Exits 1 where a claim is broken.

Examples:
  lotwright audit-run OUT                what the files say of one another
  lotwright audit-run OUT --book BOOK    and that they are of this book)");
  command->callback([words, &code] { code = called([&] { return audit(*words); }); });
}

}  // namespace lotwright::cli
