#include "generation/csv_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cstdio>

#include "book/rules.h"

namespace lotwright::generation {
namespace {

constexpr std::size_t buffer_bytes = 1 << 20;

}  // namespace

struct CsvFile::Sink {
  std::FILE* plain = nullptr;
  gzFile packed = nullptr;
  bool broken = false;

  void write(std::string_view bytes) {
    if (broken || bytes.empty()) return;
    if (plain == nullptr && packed == nullptr) return;
    if (packed != nullptr) {
      broken = gzwrite(packed, bytes.data(), static_cast<unsigned>(bytes.size())) != static_cast<int>(bytes.size());
    } else {
      broken = std::fwrite(bytes.data(), 1, bytes.size(), plain) != bytes.size();
    }
  }
  void close() {
    if (plain != nullptr && std::fclose(plain) != 0) broken = true;
    if (packed != nullptr && gzclose(packed) != Z_OK) broken = true;
    plain = nullptr;
    packed = nullptr;
  }
};

CsvFile::CsvFile(std::string path, std::string_view header, bool gzip)
    : path_(std::move(path)), sink_(std::make_unique<Sink>()) {
  if (path_.empty()) return;
  if (gzip) path_ += ".gz";
  if (gzip) {
    sink_->packed = gzopen(path_.c_str(), "wb1");
  } else {
    sink_->plain = std::fopen(path_.c_str(), "wb");
  }
  sink_->broken = sink_->packed == nullptr && sink_->plain == nullptr;
  raw(header);
}

CsvFile::~CsvFile() { sink_->close(); }

void CsvFile::put(std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) {
    buffer_ += text;
    return;
  }
  buffer_ += '"';
  for (const char c : text) buffer_.append(c == '"' ? 2 : 1, c);
  buffer_ += '"';
}

void CsvFile::raw(std::string_view line) {
  buffer_ += line;
  end_row();
}

void CsvFile::end_row() {
  buffer_ += '\n';
  if (buffer_.size() >= buffer_bytes) flush();
}

void CsvFile::flush() {
  sink_->write(buffer_);
  buffer_.clear();
}

std::optional<Failure> CsvFile::close() {
  flush();
  sink_->close();
  if (!sink_->broken) return std::nullopt;
  return Failure{rule::output_unwritable,
                 "could not be written to its end: is there room, and is it allowed?",
                 {path_, 0, {}, {}}};
}

}  // namespace lotwright::generation
