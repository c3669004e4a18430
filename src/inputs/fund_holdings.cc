// fund_holdings.csv: what is inside funds, for limits and screens that look through them.

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/subjects.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct HoldingRow {
  std::string fund, security;
  Weight weight;

  auto operator<=>(const HoldingRow&) const = default;
};

const Table<HoldingRow> holdings_table{
    required<&HoldingRow::fund>("fund_id"),
    required<&HoldingRow::security>("security_id"),
    required<&HoldingRow::weight, Range::fraction>("weight"),
};

// What is wrong with a fund's holdings holds the fund: nobody can say what it is.
class FundShelf {
 public:
  FundShelf(Draft& draft, FileReport& report) : draft_(draft), report_(report) {}

  void add(std::vector<Kept<HoldingRow>> rows) {
    for (const auto& [row, line] : rows) {
      const SecurityIndex fund = draft_.securities.find(row.fund);
      Fund& one = funds_.try_emplace(fund, Fund{.line = line, .told = {}, .known = {}}).first->second;
      one.told += row.weight.count();
      const SecurityIndex security = draft_.securities.find(row.security);
      if (!security.exists()) continue;  // what is in no file is not known
      one.known += row.weight.count();
      if (row.weight.is_positive()) draft_.book.fund_holdings.push_back({fund, security, row.weight});
    }
    std::ranges::sort(draft_.book.fund_holdings, {},
                      [](const FundHolding& row) { return std::tie(row.fund, row.security); });
  }

  void refuse_sums() {
    for (const auto& [fund, one] : funds_) {
      if (one.told <= Weight::scale + tolerance) continue;
      refuse(fund, one.line, "weight", text_of(one.told),
             fmt::format("holds {} of itself: the weights of a fund sum to at most 1 (0.03 is 3 %); correct them",
                         text_of(one.told)));
    }
  }

  void refuse_circles() {
    for (const SecurityIndex fund : order_of_funds(draft_.book.fund_holdings).in_circle) {
      refuse(fund, funds_.at(fund).line, "security_id", {}, "holds itself, or a fund that does: take the circle out");
    }
  }

  void tell_partial() {
    for (const auto& [fund, one] : funds_) {
      if (one.refused || one.known >= Weight::scale - tolerance) continue;
      report_.tell(Severity::note, subject_of(fund), rule::restriction_look_through_partial, one.line, "weight",
                   text_of(one.known),
                   fmt::format("of fund \"{}\" {} is known: what is not counts as none of what a limit or a screen is "
                               "about; give the rest, or lower the limits by as much",
                               quotable(id_of(fund)), text_of(one.known)));
    }
  }

 private:
  struct Fund {
    std::int64_t line = 0;
    Int128 told;   // sum of its weights
    Int128 known;  // of these, in securities of the book
    bool refused = false;
  };
  static constexpr Int128 tolerance = Weight::scale / 1'000'000;

  static std::string text_of(Int128 sum) {
    return fmt::format("{:.6f}", static_cast<double>(sum) / static_cast<double>(Weight::scale));
  }
  [[nodiscard]] const std::string& id_of(SecurityIndex fund) const { return draft_.book.security(fund).id.text; }
  [[nodiscard]] Subject subject_of(SecurityIndex fund) const { return security_subject(id_of(fund)); }

  void refuse(SecurityIndex fund, std::int64_t line, std::string_view column, std::string_view value,
              const std::string& message) {
    funds_.at(fund).refused = true;
    report_.tell(Severity::hold, subject_of(fund), rule::restriction_look_through_unsound, line, column, value,
                 fmt::format("fund \"{}\" {}", quotable(id_of(fund)), message));
    std::erase_if(draft_.book.fund_holdings, [fund](const FundHolding& row) { return row.fund == fund; });
  }

  Draft& draft_;
  FileReport& report_;
  std::map<SecurityIndex, Fund> funds_;
};

}  // namespace

void read_fund_holdings(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  std::vector<Kept<HoldingRow>> rows;
  Strangers strangers;
  read_table(file, holdings_table, [&](HoldingRow& row, RowFaults& faults) {
    if (!row.fund.empty() && !draft.securities.find(row.fund).exists()) {
      return (void)set_aside_security(strangers, draft, row.fund, faults.line());
    }
    if (faults.any()) return hold_subject(report, security_subject(row.fund), faults);
    rows.push_back({std::move(row), faults.line()});
  });
  sort_unique(
      rows, [](const HoldingRow& row) { return std::tie(row.fund, row.security); },
      [&](const auto& kept, const auto& extra) {
        report.tell_duplicate(security_subject(extra.row.fund), "security_id", extra.row.security, extra.line,
                              kept.line);
      });
  strangers.tell(report, "fund_id", "securities.csv");
  FundShelf shelf(draft, report);
  shelf.add(std::move(rows));
  shelf.refuse_sums();
  shelf.refuse_circles();
  shelf.tell_partial();
}

}  // namespace lotwright::inputs
