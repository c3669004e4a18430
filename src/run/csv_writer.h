// run/csv_writer.h — rows of text into a file of the output folder, quoted as RFC 4180 says, in pieces of a megabyte.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "run/ports.h"
#include "units/amounts.h"

namespace lotwright {

class CsvWriter {
 public:
  CsvWriter(OutputFolder& folder, std::string name, std::span<const std::string_view> columns);
  CsvWriter(OutputFolder& folder, std::string name, std::initializer_list<std::string_view> columns)
      : CsvWriter(folder, std::move(name), std::span(columns.begin(), columns.size())) {}

  // One cell for each column: otherwise a Defect.
  void row(std::span<const std::string_view> fields);
  void row(std::initializer_list<std::string_view> fields) { row(std::span(fields.begin(), fields.size())); }

  // Hands over what is left; says whether every piece was written.
  [[nodiscard]] Result<bool> finish();

 private:
  void hand_over();

  OutputFolder* folder_;
  std::string name_;
  std::size_t columns_;
  std::string text_;
  std::optional<Failure> failure_;
};

// A fixed number of decimals, never "-0.00"; empty for nullopt. A number that is not finite is a Defect.
[[nodiscard]] std::string decimal(double value, int decimals);
[[nodiscard]] std::string decimal(const std::optional<double>& value, int decimals);

// Dollars with at least cents and at most millionths; empty for nullopt.
[[nodiscard]] std::string dollars(Money amount);
[[nodiscard]] std::string dollars(const std::optional<Money>& amount);

}  // namespace lotwright
