// brackets.csv: the marginal rates of each filing status, and which taxpayers they belong to.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

using Year = Fixed<struct YearKind, 0>;

struct BracketRow {
  std::string filing_status;
  std::optional<Year> year;
  BracketKind kind = BracketKind::ordinary;
  Money over;
  Weight rate;

  auto operator<=>(const BracketRow&) const = default;
};

const Table<BracketRow> brackets_table{
    required<&BracketRow::filing_status>("filing_status"),
    required<&BracketRow::year>("year"),
    required<&BracketRow::kind>("kind"),
    required<&BracketRow::over, Range::not_negative>("over"),
    required<&BracketRow::rate, Range::fraction>("rate"),
};

// 100,000,000,000 dollars, like the numbers of a taxpayer (inputs/magnitudes.h).
constexpr Money highest = Money::of_count(100'000'000'000'000'000);

// Reads the file against the taxpayers there are: a fault in brackets holds those who are taxed by them.
class BracketReader {
 public:
  BracketReader(BookFile& file, Draft& draft)
      : file_(file), report_(file.report()), book_(draft.book), year_(Year::of_whole(draft.as_of().civil().year)) {
    for (const Taxpayer& taxpayer : book_.taxpayers) {
      if (!taxpayer.filing_status.empty()) taxpayers_[taxpayer.filing_status].push_back(taxpayer.id.text);
    }
  }

  void read() {
    std::vector<Kept<BracketRow>> rows;
    read_table(file_, brackets_table, [&](BracketRow& row, RowFaults& faults) {
      if (faults.any()) return tell_faulty(row, faults);
      if (row.year == year_) rows.push_back({std::move(row), faults.line()});
    });
    sort_unique(
        rows, [](const BracketRow& row) { return std::tie(row.filing_status, row.kind, row.over); },
        [&](const auto& kept, const auto& extra) { tell_duplicate(extra, kept.line); });
    for (const auto& [status, taxpayers] : taxpayers_) add_brackets(status, rows);
    for (Taxpayer& taxpayer : book_.taxpayers) taxpayer.brackets = find(taxpayer.filing_status);
  }

 private:
  // A row of unknown status or year may belong to anybody who is taxed by brackets.
  void tell_faulty(const BracketRow& row, const RowFaults& faults) {
    const bool of_another_year = row.year && row.year != year_;
    bool told = false;
    for (const auto& [status, taxpayers] : taxpayers_) {
      if (of_another_year || (!row.filing_status.empty() && row.filing_status != status)) continue;
      unusable_[status] = told = true;
      hold(status, [&](const Subject& subject) { report_.find(Severity::hold, subject, faults); });
    }
    if (!told) report_.find(Severity::note, {}, faults);
  }

  void tell_duplicate(const Kept<BracketRow>& extra, std::int64_t kept_line) {
    const std::string& status = extra.row.filing_status;
    unusable_[status] = true;
    hold(status, [&](const Subject& subject) {
      report_.tell_duplicate(subject, "over", extra.row.over.to_string(), extra.line, kept_line);
    });
  }

  void hold(const std::string& status, const std::function<void(const Subject&)>& tell) {
    for (const std::string& taxpayer : taxpayers_[status]) tell({SubjectKind::taxpayer, taxpayer});
  }

  void add_brackets(const std::string& status, const std::vector<Kept<BracketRow>>& rows) {
    TaxBrackets brackets{.filing_status = status, .ordinary = {}, .long_term = {}, .niit = {}};
    for (const auto& [row, line] : rows) {
      if (row.filing_status != status) continue;
      std::vector<TaxBracket>& list = list_of(brackets, row.kind);
      const bool begins_late = row.kind != BracketKind::niit && list.empty() && !row.over.is_zero();
      if (begins_late) tell_unsound(status, line, "over", row.over.to_string(), "the first bracket must begin at 0");
      if (row.over > highest) {
        tell_unsound(status, line, "over", row.over.to_string(), "a bracket begins at 100,000,000,000 at most");
      }
      const bool falls = !list.empty() && row.rate < list.back().rate;
      if (falls) tell_unsound(status, line, "rate", row.rate.to_string(), "a rate may not fall as income rises");
      list.push_back({row.over, row.rate});
    }
    std::string missing;
    for (const auto& [word, kind] : Words<BracketKind>::list) {
      if (list_of(brackets, kind).empty()) missing += (missing.empty() ? "" : ", ") + std::string(word);
    }
    if (!missing.empty()) tell_missing(status, missing);
    if (!unusable_[status]) book_.brackets.push_back(std::move(brackets));
  }

  static std::vector<TaxBracket>& list_of(TaxBrackets& brackets, BracketKind kind) {
    if (kind == BracketKind::ordinary) return brackets.ordinary;
    return kind == BracketKind::long_term ? brackets.long_term : brackets.niit;
  }

  void tell_unsound(const std::string& status, std::int64_t line, const char* column, const std::string& value,
                    const char* message) {
    unusable_[status] = true;
    hold(status, [&](const Subject& subject) {
      report_.tell(Severity::hold, subject, rule::data_tax_brackets_unsound, line, column, value,
                   fmt::format("{} \"{}\" of filing status \"{}\": {}; correct the rows", column, value,
                               quotable(status), message));
    });
  }

  void tell_missing(const std::string& status, const std::string& kinds) {
    unusable_[status] = true;
    hold(status, [&](const Subject& subject) {
      report_.tell(
          Severity::hold, subject, rule::data_tax_brackets_missing, 0, "filing_status", status,
          fmt::format("taxpayer {} files as \"{}\", and of {} there are no brackets {} for that: add the rows, "
                      "or leave filing_status empty to use rate_short and rate_long",
                      quotable(subject.id), quotable(status), year_.to_string(), kinds));
    });
  }

  // Statuses were added in their order.
  [[nodiscard]] BracketsIndex find(const std::string& status) const {
    const auto found = std::ranges::lower_bound(book_.brackets, status, {}, &TaxBrackets::filing_status);
    if (found == book_.brackets.end() || found->filing_status != status) return {};
    return BracketsIndex{static_cast<std::uint32_t>(found - book_.brackets.begin())};
  }

  BookFile& file_;
  FileReport& report_;
  Book& book_;
  Year year_;
  std::map<std::string, std::vector<std::string>> taxpayers_;  // ids, by filing status
  std::map<std::string, bool> unusable_;                       // by filing status
};

}  // namespace

void read_brackets(BookFile& file, Draft& draft) { BracketReader(file, draft).read(); }

}  // namespace lotwright::inputs
