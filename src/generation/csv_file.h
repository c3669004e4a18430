// generation/csv_file.h — a CSV file of any size, written row by row, plain or gzip.
//
// Promises: one buffer of memory whatever the number of rows; text is quoted where RFC 4180 asks for it; the bytes
//           depend on the rows only (a gzip header carries no time).
// Refuses:  a disk that does not take the bytes: `close` returns why.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "units/amounts.h"
#include "units/date.h"

namespace lotwright::generation {

class CsvFile {
 public:
  // Opens `path` (".gz" is added where `gzip`) and writes the header, names with commas between. An empty path is no
  // file: its rows go nowhere.
  CsvFile(std::string path, std::string_view header, bool gzip = false);
  ~CsvFile();
  CsvFile(const CsvFile&) = delete;
  CsvFile& operator=(const CsvFile&) = delete;

  template <class... Cells>
  void row(const Cells&... cells) {
    bool first = true;
    ((separate(first), put(cells)), ...);
    end_row();
  }
  // A row as it is to stand, without the end of line: for faults.
  void raw(std::string_view line);

  // None where every byte is written.
  [[nodiscard]] std::optional<Failure> close();

 private:
  struct Sink;

  void separate(bool& first) {
    if (!first) buffer_ += ',';
    first = false;
  }
  void put(std::string_view text);
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(const char* text) { put(std::string_view(text)); }
  void put(int number) { buffer_ += std::to_string(number); }
  void put(Date date) { buffer_ += date.to_string(); }
  template <class Kind, int Decimals>
  void put(Fixed<Kind, Decimals> number) {
    buffer_ += number.to_string();
  }
  template <class Value>
  void put(const std::optional<Value>& value) {
    if (value) put(*value);
  }
  void end_row();
  void flush();

  std::string path_;
  std::string buffer_;
  std::unique_ptr<Sink> sink_;
};

}  // namespace lotwright::generation
