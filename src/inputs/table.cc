#include "inputs/table.h"

#include <fmt/format.h>

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

}  // namespace

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
  if (csv_->problem() != RowProblem::none) {
    return fail(rule::data_header_unusable, {}, fmt::format("the header {}", meaning(csv_->problem())));
  }
  header_.assign(csv_->cells().begin(), csv_->cells().end());
}

bool TableReader::next(RowFaults& faults) {
  if (!csv_->next()) {
    close();
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
