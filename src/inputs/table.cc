#include "inputs/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "inputs/near_names.h"

namespace lotwright::inputs {
namespace {

const char* meaning(RowProblem problem) {
  switch (problem) {
    case RowProblem::quotes:
      return "has a quote that does not fit: quote the whole cell and double the quotes inside it";
    case RowProblem::not_utf8:
      return "has bytes that are not UTF-8: save the file as UTF-8";
    case RowProblem::too_long:
      return "is on a line longer than 1 MiB: check the file for a missing line end";
    case RowProblem::none:
      break;
  }
  return "";
}

const char* rule_of(RowProblem problem) {
  return problem == RowProblem::too_long   ? rule::data_row_too_long
         : problem == RowProblem::not_utf8 ? rule::data_text_not_utf8
                                           : rule::data_row_malformed;
}

// What the first bytes of a file say it is, where that is no CSV in UTF-8; null where they say nothing.
const char* what_it_is(std::string_view beginning) {
  const auto has = [beginning](std::string_view bytes) { return beginning.find(bytes) != std::string_view::npos; };
  if (beginning.starts_with("\x1F\x8B")) return "the file is compressed: let its name end in .csv.gz";
  if (beginning.starts_with("PK\x03\x04")) return "the file is a spreadsheet or an archive: save it as CSV";
  const bool utf16 = beginning.starts_with("\xFF\xFE") || beginning.starts_with("\xFE\xFF");
  if (utf16 || has(std::string_view("\0", 1))) return "the file is in UTF-16 or binary: save it as CSV in UTF-8";
  if (beginning.starts_with("\xEF\xBB\xBF")) return "the file begins with two byte order marks: take one off";
  const std::size_t carriage_return = beginning.find('\r');
  if (carriage_return != std::string_view::npos && carriage_return + 1 < beginning.size()) {
    return "the lines end with a carriage return alone: end them with a newline";
  }
  if (has(",")) return nullptr;
  if (has(";")) return "the cells are parted by semicolons: part them by commas";
  if (has("\t")) return "the cells are parted by tabs: part them by commas";
  if (has("|")) return "the cells are parted by bars: part them by commas";
  return nullptr;
}

using Names = std::vector<std::string_view>;

// The header's name that is almost `wanted` and no known one; empty where there is none.
std::string_view written_for(std::string_view wanted, const std::vector<std::string>& header, const Names& known) {
  for (const std::string& name : header) {
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (!is_known && is_almost(name, wanted)) return name;
  }
  return {};
}

void fail_missing(TableReader& reader, const Names& missing, const Names& known) {
  if (missing.size() == known.size() && reader.header().size() > 1) {
    return reader.fail(
        rule::data_column_missing, missing.front(),
        fmt::format("the first line names none of the columns: let it name them, here {}", fmt::join(known, ", ")));
  }
  std::string instead;
  for (const std::string_view name : missing) {
    const std::string_view written = written_for(name, reader.header(), known);
    if (!written.empty()) instead += fmt::format("; \"{}\" stands for \"{}\", rename it", quotable(written), name);
  }
  reader.fail(rule::data_column_missing, missing.front(),
              fmt::format("the column{} \"{}\" {} missing: add {} to the header and the rows{}",
                          missing.size() == 1 ? "" : "s", fmt::join(missing, "\", \""),
                          missing.size() == 1 ? "is" : "are", missing.size() == 1 ? "it" : "them", instead));
}

}  // namespace

std::vector<std::ptrdiff_t> match_header(TableReader& reader, const std::vector<ColumnName>& names,
                                         FileReport& report) {
  const std::vector<std::string>& header = reader.header();
  std::vector<std::ptrdiff_t> places(header.size(), -1);
  Names known;
  Names required_missing;
  Names optional_missing;
  for (std::size_t c = 0; c < names.size(); ++c) {
    const std::string_view name = names[c].name;
    known.push_back(name);
    const auto times = std::count(header.begin(), header.end(), name);
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (header[i] == name) places[i] = static_cast<std::ptrdiff_t>(c);
    }
    if (times > 1) {
      reader.fail(rule::data_header_unusable, name,
                  fmt::format("the column \"{}\" stands in the header {} times: keep one", name, times));
    }
    if (times == 0) (names[c].required ? required_missing : optional_missing).push_back(name);
  }
  if (!required_missing.empty()) fail_missing(reader, required_missing, known);
  for (const std::string_view name : optional_missing) {
    const std::string_view written = written_for(name, header, known);
    if (written.empty()) continue;
    reader.fail(rule::data_column_misspelled, written,
                fmt::format("the column \"{}\" is almost \"{}\", which is missing: rename it, or take it out",
                            quotable(written), name));
  }
  for (std::size_t i = 0; i < header.size(); ++i) {
    if (places[i] >= 0) continue;
    report.tell(Severity::note, {}, rule::data_column_unknown, 1, header[i], {},
                fmt::format("the column \"{}\" is not known and left aside: check its spelling", quotable(header[i])));
  }
  return places;
}

void tell_no_rows(FileReport& report, const char* meaning) {
  if (!report.present || report.failure || report.input.rows > 0) return;
  report.tell(Severity::review, {}, rule::data_file_no_rows, 0, {}, {}, meaning);
}

TableReader::TableReader(BookFile& file) : file_(file) {
  if (file.source() == nullptr) return;
  csv_.emplace(*file.source());
  read_header();
  if (file.report().failure) csv_.reset();
}

void TableReader::read_header() {
  if (!csv_->next()) {
    close();
    return fail(rule::data_header_unusable, {}, "the file is empty: its first line must name the columns");
  }
  if (const char* what = what_it_is(csv_->beginning())) return fail(rule::data_header_unusable, {}, what);
  if (csv_->problem() != RowProblem::none) {
    return fail(rule::data_header_unusable, {}, fmt::format("the header {}", meaning(csv_->problem())));
  }
  header_.assign(csv_->cells().begin(), csv_->cells().end());
}

bool TableReader::is_header_again() const {
  const auto cells = csv_->cells();
  return !cells.empty() && cells.front() == header_.front() &&
         std::equal(cells.begin(), cells.end(), header_.begin(), header_.end());
}

bool TableReader::next(RowFaults& faults) {
  bool more = csv_->next();
  for (; more && is_header_again(); more = csv_->next()) {
    file_.report().tell(Severity::review, {}, rule::data_row_malformed, csv_->line(), {}, {},
                        "the header stands here again: check whether two files were joined, and take the line out");
  }
  if (!more) {
    close();
    return false;
  }
  if (csv_->unended() && csv_->cells().size() < header_.size()) {
    const std::int64_t line = csv_->line();
    close();
    file_.report().fail(rule::data_file_unreadable, line, {},
                        "the file ends in the middle of its last row, so it was cut short and rows are missing: copy "
                        "it again; or finish the row and end its line");
    return false;
  }
  ++rows_;
  faults.start_row(csv_->line());
  if (csv_->problem() != RowProblem::none) {
    faults.add({}, csv_->beginning(), rule_of(csv_->problem()), meaning(csv_->problem()));
  } else if (csv_->cells().size() != header_.size()) {
    faults.add({}, csv_->beginning(), rule::data_row_malformed,
               fmt::format("has {} cells and the header {}: check its commas and quotes", csv_->cells().size(),
                           header_.size()));
  }
  return true;
}

void TableReader::close() {
  file_.close(rows_);
  if (!csv_->failure()) return;
  file_.report().fail(rule::data_file_unreadable, 0, {}, "the file " + csv_->failure()->message);
}

void TableReader::fail(const char* rule, std::string_view column, const std::string& message) {
  file_.report().fail(rule, 1, column, message);
}

}  // namespace lotwright::inputs
