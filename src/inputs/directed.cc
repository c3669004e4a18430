// directed.csv: trades that a person orders.

#include <algorithm>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct DirectedRow {
  std::string account, security;
  std::optional<Side> side;
  std::optional<Quantity> quantity;
  std::string note;

  auto operator<=>(const DirectedRow&) const = default;
};

const Table<DirectedRow> directed_table{
    required<&DirectedRow::account>("account_id"), required<&DirectedRow::security>("security_id"),
    required<&DirectedRow::side>("side"),          required<&DirectedRow::quantity, Range::positive>("quantity"),
    optional<&DirectedRow::note>("note"),
};

void check_row(const DirectedRow& row, const Draft& draft, RowFaults& faults) {
  const SecurityIndex security = draft.securities.find(row.security);
  if (row.security.empty()) return;
  if (!security.exists()) {
    faults.add("security_id", row.security, rule::data_reference_unknown,
               "is not in securities.csv: add it, correct the name or take the row out");
  } else if (draft.book.security(security).kind == SecurityKind::cash) {
    faults.add("security_id", row.security, rule::data_word_unknown,
               "is of kind cash, which is sold when money is needed: write a cash_out, or take the row out");
  }
}

}  // namespace

void read_directed(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<DirectedRow>> rows;
  Strangers strangers;
  read_table(file, directed_table, [&](DirectedRow& row, RowFaults& faults) {
    if (is_strangers(strangers, draft, row.account, faults.line())) return;
    check_row(row, draft, faults);
    if (faults.any()) return hold_subject(report, account_subject(row.account), faults);
    rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const DirectedRow& row) { return std::tie(row.account, row.security); },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(account_subject(kept.row.account), "security_id", kept.row.security, kept.line,
                              extra.line);
      });
  for (const auto& [row, line] : rows) {
    draft.book.directed.push_back(
        {draft.accounts.find(row.account), draft.securities.find(row.security), *row.side, *row.quantity});
  }
  std::ranges::sort(draft.book.directed, {},
                    [](const DirectedTrade& trade) { return std::tie(trade.account, trade.security); });
  strangers.tell(report, "account_id", "accounts.csv", Severity::review);
}

}  // namespace lotwright::inputs
