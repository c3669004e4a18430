#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "book/rules.h"
#include "commands.h"
#include "inputs/ledger_folder.h"
#include "run/disk_folder.h"
#include "run/ledger_files.h"

namespace lotwright::cli {
namespace {

struct LedgerWords {
  std::string folder;
  std::string out;
  LedgerWishes wishes;
  bool json = false;
  bool strict = false;
};

// lots.csv of the ledger shares its name with a book's: neither a book nor the ledger's own folder is written into.
bool holds_inputs(const std::string& folder) {
  std::error_code ignored;
  for (const char* name : {"firm.toml", "transactions.csv", "transactions.csv.gz"}) {
    if (std::filesystem::exists(std::filesystem::path(folder) / name, ignored)) return true;
  }
  return false;
}

int ledger(const LedgerWords& words) {
  if (holds_inputs(words.out)) {
    return refuse({rule::output_unwritable,
                   "holds the files of a book or a ledger: give --out another folder",
                   {.file = words.out, .line = 0, .column = {}, .value = {}}});
  }
  const auto book = read_ledger_folder(words.folder);
  if (!book) {
    Failure failure = book.failure();
    const std::filesystem::path folder(words.folder);
    failure.place.file = failure.place.file.empty() ? words.folder : (folder / failure.place.file).string();
    return refuse(failure);
  }
  const tax::Ledger played = tax::play(*book);
  DiskFolder folder(words.out);
  if (const auto written = write_ledger(*book, played, words.wishes, folder); !written) {
    return refuse(written.failure());
  }
  fmt::print("{}\n", words.json ? json_of(*book, played) : text_of(played));
  return words.strict && !played.held.empty() ? some_held : done;
}

}  // namespace

void add_ledger(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("ledger", "Play the past: lots, Form 8949 and Schedule D of every taxpayer");
  const auto words = std::make_shared<LedgerWords>();
  command->add_option("FOLDER", words->folder, "the ledger's folder: transactions.csv and what belongs to it")
      ->required();
  command->add_option("--out", words->out, "folder for the outputs; made if it is not there")->required();
  command->add_option("--account", words->wishes.accounts, "write only this account; may be given several times");
  command->add_option("--year", words->wishes.year, "write only this year's sales and Schedule D");
  command->add_flag("--json", words->json, "the summary as JSON, with every year of Schedule D");
  command->add_flag("--strict", words->strict, "exit 1 when any position is held");
  command->footer(
      R"(All of the folder is played whatever is written: accounts of one taxpayer wash each other's sales.
OUT receives lots.csv, form8949.csv, schedule_d.csv and findings.csv (docs/data.md). A faulty row holds
its position from that day on and is a finding. How open law is read is set in ledger_settings.csv
(docs/tax.md).

Examples:
  lotwright ledger FOLDER --out OUT                          everything
  lotwright ledger FOLDER --out OUT --account A1 --year 2024  one account's Form 8949 of a year
  lotwright ledger FOLDER --out OUT --json                   Schedule D of all years on stdout)");
  command->callback([words, &code] { code = called([&] { return ledger(*words); }); });
}

}  // namespace lotwright::cli
