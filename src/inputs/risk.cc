// The risk folder: factor_covariance.csv, exposures.csv and specific_risk.csv. The factors are those of the covariance,
// sorted by name; what is wrong with it makes the book unusable, what is wrong with a security's row holds the
// security.

#include <fmt/format.h>

#include <algorithm>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

constexpr std::size_t factors_max = 1000;

// The place of every factor among the header's columns; -1 where it has none. Columns that are neither `key` nor a
// factor are told and left aside.
struct FactorColumns {
  std::ptrdiff_t key = -1;
  std::vector<std::ptrdiff_t> places;
};

std::ptrdiff_t find_column(const std::vector<std::string>& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? -1 : found - header.begin();
}

FactorColumns find_factors(TableReader& reader, std::string_view key, const std::vector<std::string>& factors,
                           FileReport& report) {
  FactorColumns columns{.key = find_column(reader.header(), key), .places = {}};
  for (const std::string& factor : factors) {
    columns.places.push_back(find_column(reader.header(), factor));
    if (columns.places.back() >= 0) continue;
    reader.fail(
        rule::data_column_missing, factor,
        fmt::format("factor \"{}\" of the covariance has no column: make the risk folder anew", quotable(factor)));
  }
  if (columns.key < 0)
    reader.fail(rule::data_column_missing, key, fmt::format("the column \"{}\" is missing: add it", key));
  for (const std::string& name : reader.header()) {
    if (name == key || std::binary_search(factors.begin(), factors.end(), name)) continue;
    report.tell(Severity::note, {}, rule::data_column_unknown, 1, name, {},
                fmt::format("the column \"{}\" is no factor of the covariance and left aside", quotable(name)));
  }
  return columns;
}

// The numbers of one row in the order of the factors; faults for those that are none.
std::vector<double> read_numbers(const TableReader& reader, const FactorColumns& columns, RowFaults& faults) {
  std::vector<double> numbers(columns.places.size(), 0.0);
  for (std::size_t f = 0; f < numbers.size() && !faults.any(); ++f) {
    const auto place = static_cast<std::size_t>(columns.places[f]);
    const std::string_view text = reader.cells()[place];
    if (Fault fault = read_cell(text, numbers[f])) faults.add(reader.header()[place], text, fault.rule, fault.message);
  }
  return numbers;
}

std::string key_of(const TableReader& reader, const FactorColumns& columns) {
  const auto place = static_cast<std::size_t>(columns.key);
  if (place >= reader.cells().size() || (reader.text_damaged() && !is_utf8(reader.cells()[place]))) return {};
  return std::string(reader.cells()[place]);
}

std::vector<std::string> factor_names(const TableReader& reader) {
  std::vector<std::string> names;
  std::copy_if(reader.header().begin(), reader.header().end(), std::back_inserter(names),
               [](const std::string& name) { return name != "factor"; });
  std::sort(names.begin(), names.end());
  return names;
}

// Of a row of the covariance that cannot be used.
std::string what_is_wrong(const RowFaults& faults, const std::string& factor) {
  if (!faults.any())
    return fmt::format("factor \"{}\" is none of the header's, or stands here a second time", quotable(factor));
  const Failure& first = faults.all().front();
  if (first.place.column.empty()) return "the row " + first.message;
  return fmt::format("{} \"{}\" {}", first.place.column, first.place.value, first.message);
}

void read_covariance(BookFile& file, RiskModel& risk) {
  TableReader reader(file);
  if (!reader.usable()) return;
  FileReport& report = file.report();
  risk.factors = factor_names(reader);
  const std::size_t k = risk.factors.size();
  if (k > factors_max) {
    reader.fail(rule::data_header_unusable, {},
                fmt::format("there are {} factors, at most {} are read: check the file", k, factors_max));
  }
  if (std::adjacent_find(risk.factors.begin(), risk.factors.end()) != risk.factors.end()) {
    reader.fail(rule::data_header_unusable, {}, "a factor stands in the header twice: make the risk folder anew");
  }
  const FactorColumns columns = find_factors(reader, "factor", risk.factors, report);
  if (report.failure) return;
  risk.factor_covariance.assign(k * k, 0.0);
  std::vector<bool> seen(k, false);
  RowFaults faults;
  while (reader.next(faults)) {
    const std::string factor = key_of(reader, columns);
    const auto row = std::lower_bound(risk.factors.begin(), risk.factors.end(), factor) - risk.factors.begin();
    const auto i = static_cast<std::size_t>(row);
    const std::vector<double> numbers = read_numbers(reader, columns, faults);
    const bool known = i < k && risk.factors[i] == factor && !seen[i];
    if (faults.any() || !known) {
      return report.fail(rule::data_risk_unusable, faults.line(),
                         faults.any() ? faults.all().front().place.column : "factor",
                         what_is_wrong(faults, factor) + "; make the risk folder anew");
    }
    seen[i] = true;
    std::copy(numbers.begin(), numbers.end(), risk.factor_covariance.begin() + row * static_cast<std::ptrdiff_t>(k));
  }
  const auto unseen = std::find(seen.begin(), seen.end(), false);
  if (unseen != seen.end()) {
    const auto& name = risk.factors[static_cast<std::size_t>(unseen - seen.begin())];
    report.fail(rule::data_risk_unusable, 0, name,
                fmt::format("factor \"{}\" has a column and no row: make the risk folder anew", quotable(name)));
  }
}

// Which securities a file has a usable row for. A second row of a security makes it unusable.
class Coverage {
 public:
  Coverage(const Draft& draft, FileReport& report)
      : draft_(draft), report_(report), rows_(draft.book.securities.size(), 0), lines_(rows_.size(), 0) {}

  // The security the row's numbers belong to; nobody where the row cannot be used.
  [[nodiscard]] SecurityIndex enter(std::string_view id, const RowFaults& faults) {
    const SecurityIndex i = draft_.securities.find(id);
    if (!i.exists() && !id.empty()) {
      set_aside_security(strangers_, draft_, id, faults.line());
      return {};
    }
    if (faults.any()) hold_subject(report_, security_subject(id), faults);
    if (!i.exists()) return {};
    rows_[i.value] += faults.any() ? 2 : 1;
    if (lines_[i.value] != 0) {
      report_.tell_duplicate(security_subject(id), "security_id", id, faults.line(), lines_[i.value]);
    }
    lines_[i.value] = faults.line();
    return i;
  }

  [[nodiscard]] bool covers(std::size_t security) const { return rows_[security] == 1; }
  void tell_strangers() const { strangers_.tell(report_, "security_id", "securities.csv"); }

 private:
  const Draft& draft_;
  FileReport& report_;
  std::vector<int> rows_;
  std::vector<std::int64_t> lines_;  // of the last row of each security; 0: none
  Strangers strangers_;
};

void read_exposures(BookFile& file, const Draft& draft, RiskModel& risk, Coverage& coverage) {
  TableReader reader(file);
  if (!reader.usable()) return;
  const FactorColumns columns = find_factors(reader, "security_id", risk.factors, file.report());
  if (file.report().failure) return;
  const std::size_t k = risk.factors.size();
  risk.exposures.assign(draft.book.securities.size() * k, 0.0);
  RowFaults faults;
  while (reader.next(faults)) {
    const std::vector<double> numbers = read_numbers(reader, columns, faults);
    const SecurityIndex i = coverage.enter(key_of(reader, columns), faults);
    if (!i.exists() || faults.any()) continue;
    std::copy(numbers.begin(), numbers.end(), risk.exposures.begin() + static_cast<std::ptrdiff_t>(i.value * k));
  }
  coverage.tell_strangers();
}

struct SpecificRow {
  std::string_view security;
  double volatility = 0.0;
};

const Table<SpecificRow> specific_table{
    required<&SpecificRow::security>("security_id"),
    required<&SpecificRow::volatility, Range::not_negative>("volatility"),
};

void read_specific(BookFile& file, const Draft& draft, RiskModel& risk, Coverage& coverage) {
  constexpr double volatility_max = 3.0;  // 300 %: next to none has it, and 5 % written as 5 is beyond it
  risk.specific_volatility.assign(draft.book.securities.size(), 0.0);
  read_table(file, specific_table, [&](SpecificRow& row, RowFaults& faults) {
    if (row.volatility > volatility_max && !faults.has("volatility")) {
      faults.add("volatility", fmt::format("{}", row.volatility), rule::data_number_out_of_range,
                 "is more than 3 (0.3 is 30 % a year): correct it in the source system");
    }
    const SecurityIndex i = coverage.enter(row.security, faults);
    if (i.exists() && !faults.any()) risk.specific_volatility[i.value] = row.volatility;
  });
  coverage.tell_strangers();
}

}  // namespace

void read_risk(BookFile& covariance, BookFile& exposures, BookFile& specific, Draft& draft) {
  RiskModel& risk = draft.book.risk;
  read_covariance(covariance, risk);
  if (covariance.report().failure) return;
  Coverage in_exposures(draft, exposures.report());
  Coverage in_specific(draft, specific.report());
  read_exposures(exposures, draft, risk, in_exposures);
  read_specific(specific, draft, risk, in_specific);
  const std::size_t securities = draft.book.securities.size();
  risk.exposures.resize(securities * risk.factors.size(), 0.0);
  risk.covered.resize(securities);
  for (std::size_t i = 0; i < securities; ++i) risk.covered[i] = in_exposures.covers(i) && in_specific.covers(i);
}

}  // namespace lotwright::inputs
