#include "run/csv_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "inputs/csv_text.h"

namespace lotwright {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;

}  // namespace

CsvWriter::CsvWriter(OutputFolder& folder, std::string name, std::span<const std::string_view> columns)
    : folder_(&folder), name_(std::move(name)), columns_(columns.size()) {
  row(columns);
}

void CsvWriter::row(std::span<const std::string_view> fields) {
  require(fields.size() == columns_, "a row has not one cell for each column of its file");
  inputs::append_csv_cells(text_, fields);
  text_ += '\n';
  if (text_.size() >= piece_bytes) hand_over();
}

void CsvWriter::hand_over() {
  const Result<bool> written = folder_->write(name_, text_);
  if (!written && !failure_) failure_ = written.failure();
  text_.clear();
}

Result<bool> CsvWriter::finish() {
  hand_over();
  if (failure_) return *failure_;
  return true;
}

std::string decimal(double value, int decimals) {
  require(std::isfinite(value), "a number to be written is not finite");
  std::array<char, 400> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, decimals);
  require(end.ec == std::errc{}, "a number to be written is too long");
  std::string text(digits.data(), end.ptr);
  if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string decimal(const std::optional<double>& value, int decimals) {
  return value ? decimal(*value, decimals) : std::string();
}

std::string dollars(Money amount) { return amount.to_string(2); }
std::string dollars(const std::optional<Money>& amount) { return amount ? dollars(*amount) : std::string(); }

}  // namespace lotwright
