// substitutes.csv: which security may stand in for another, and at what price.

#include <algorithm>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct SubstituteRow {
  std::string security, substitute;
  BasisPoints hurdle;
  bool buyable = true;

  auto operator<=>(const SubstituteRow&) const = default;
};

const Table<SubstituteRow> substitutes_table{
    required<&SubstituteRow::security>("security_id"),
    required<&SubstituteRow::substitute>("substitute_id"),
    optional<&SubstituteRow::hurdle, Range::not_negative>("hurdle_bps"),
    optional<&SubstituteRow::buyable>("buyable"),
};

}  // namespace

void read_substitutes(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<SubstituteRow>> rows;
  Strangers strangers;
  read_table(file, substitutes_table, [&](SubstituteRow& row, RowFaults& faults) {
    for (const std::string* id : {&row.security, &row.substitute}) {
      if (!id->empty() && !draft.securities.find(*id).exists())
        return (void)set_aside_security(strangers, draft, *id, faults.line());
    }
    if (!row.security.empty() && row.security == row.substitute) {
      faults.add("substitute_id", row.substitute, rule::data_substitute_itself,
                 "is the security itself: take the row out");
    }
    if (faults.any()) return hold_subject(report, security_subject(row.security), faults);
    rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const SubstituteRow& row) { return std::tie(row.security, row.substitute); },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(security_subject(extra.row.security), "substitute_id", extra.row.substitute, extra.line,
                              kept.line);
      });
  for (const auto& [row, line] : rows) {
    draft.book.substitutes.push_back({.security = draft.securities.find(row.security),
                                      .substitute = draft.securities.find(row.substitute),
                                      .hurdle = row.hurdle,
                                      .buyable = row.buyable});
  }
  strangers.tell(report, "security_id", "securities.csv");
}

}  // namespace lotwright::inputs
