// positions.csv: what the custodian says each account holds, to compare with the sum of its lots.

#include <algorithm>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct PositionRow {
  std::string account, security;
  Quantity quantity;

  auto operator<=>(const PositionRow&) const = default;
};

const Table<PositionRow> positions_table{
    required<&PositionRow::account>("account_id"),
    required<&PositionRow::security>("security_id"),
    required<&PositionRow::quantity, Range::not_negative>("quantity"),
};

}  // namespace

void read_positions(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<PositionRow>> rows;
  Strangers strangers;
  read_table(file, positions_table, [&](PositionRow& row, RowFaults& faults) {
    if (is_strangers(strangers, draft, row.account, faults.line())) return;
    if (!row.security.empty() && !draft.securities.find(row.security).exists()) {
      faults.add("security_id", row.security, rule::data_reference_unknown,
                 "is not in securities.csv, and the custodian holds it: add it or correct the name");
    }
    if (faults.any()) return hold_subject(report, account_subject(row.account), faults);
    rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const PositionRow& row) { return std::tie(row.account, row.security); },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(account_subject(extra.row.account), "security_id", extra.row.security, extra.line,
                              kept.line);
      });
  std::vector<CustodianPosition>& positions = draft.book.positions;
  for (const auto& kept : rows) {
    positions.push_back({.account = draft.accounts.find(kept.row.account),
                         .security = draft.securities.find(kept.row.security),
                         .quantity = kept.row.quantity});
  }
  std::ranges::sort(positions, {}, [](const CustodianPosition& one) { return std::tie(one.account, one.security); });
  strangers.tell(report, "account_id", "accounts.csv");
}

}  // namespace lotwright::inputs
