#include "inputs/ledger_folder.h"

#include <array>
#include <deque>

#include "inputs/ledger_readers.h"

namespace lotwright {

Result<LedgerBook> read_ledger_folder(const std::string& path) {
  using inputs::Presence;
  inputs::BookFolder folder(path);
  if (!folder.exists()) {
    return Failure{rule::data_file_missing, "there is no folder of this name: check the path", {}};
  }
  if (!folder.listed()) {
    return Failure{rule::data_file_unreadable, "the folder cannot be listed: check that this user may read it", {}};
  }
  struct Task {
    const char* name;
    Presence presence;
    void (*read)(inputs::BookFile&, inputs::LedgerDraft&);
  };
  const auto tasks = std::to_array<Task>({
      {"securities.csv", Presence::required, inputs::read_ledger_securities},
      {"taxpayers.csv", Presence::optional, inputs::read_ledger_taxpayers},
      {"accounts.csv", Presence::required, inputs::read_ledger_accounts},
      {"ledger_settings.csv", Presence::optional, inputs::read_ledger_settings},
      {"opening_lots.csv", Presence::optional, inputs::read_opening_lots},
      {"transactions.csv", Presence::required, inputs::read_ledger_events},
      {"corporate_actions.csv", Presence::optional, inputs::read_ledger_actions},
      {"dividends.csv", Presence::optional, inputs::read_ledger_dividends},
  });
  inputs::LedgerDraft draft;
  std::deque<inputs::FileReport> reports;
  for (const Task& task : tasks) {
    inputs::FileReport& report = reports.emplace_back();
    inputs::BookFile file = folder.open(task.name, task.presence, report);
    if (!report.failure && file.source() != nullptr) task.read(file, draft);
    if (report.failure) {
      Failure failure = *report.failure;
      failure.place.file = task.name;
      return failure;
    }
  }
  folder.tell_unknown(reports.emplace_back(), "ledger");
  for (inputs::FileReport& report : reports) {
    report.tell_left_out();
    for (Finding& finding : report.findings) {
      draft.book.findings.push_back({finding.rule, std::move(finding.message), std::move(finding.place)});
    }
  }
  return std::move(draft.book);
}

}  // namespace lotwright
