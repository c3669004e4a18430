#include "inputs/book_folder.h"

#include <fmt/format.h>

#include <filesystem>

namespace lotwright::inputs {
namespace {

namespace fs = std::filesystem;

bool is_csv(const std::string& name) { return name.ends_with(".csv") || name.ends_with(".csv.gz"); }

}  // namespace

BookFile::BookFile(FileReport& report, const std::string& path, bool gzip)
    : report_(&report), file_(std::make_unique<FileSource>(path)), source_(file_.get()) {
  report.present = true;
  if (!gzip) return;
  gunzip_ = std::make_unique<GunzipSource>(*file_);
  source_ = gunzip_.get();
}

void BookFile::close(std::int64_t rows) {
  report_->input.rows = rows;
  if (!file_) return;
  report_->input.bytes = file_->bytes();
  report_->input.sha256 = file_->sha256();
}

BookFolder::BookFolder(std::string path) : path_(std::move(path)) {
  std::error_code error;
  exists_ = fs::is_directory(path_, error);
  for (const std::string sub : {"", "risk/"}) {
    for (fs::directory_iterator at(fs::path(path_) / sub, error), end; !error && at != end; at.increment(error)) {
      if (!at->is_directory(error)) opened_.emplace(sub + at->path().filename().string(), false);
    }
  }
}

BookFile BookFolder::open(const std::string& name, Presence presence, FileReport& report) {
  const auto plain = opened_.find(name);
  const auto gzip = opened_.find(name + ".gz");
  const auto found = plain != opened_.end() ? plain : gzip;
  report.input.name = name;
  if (found == opened_.end()) {
    if (presence == Presence::required) {
      report.fail(rule::data_file_missing, 0, {},
                  "the file is missing and a book cannot do without it: add it to the folder");
    }
    return BookFile(report);
  }
  if (plain != opened_.end() && gzip != opened_.end()) {
    gzip->second = true;
    report.tell(Severity::note, {}, rule::data_file_twice, 0, {}, gzip->first,
                fmt::format("{} lies beside it and is left aside: remove one of the two", gzip->first));
  }
  found->second = true;
  report.input.name = found->first;
  return BookFile(report, (fs::path(path_) / found->first).string(), found == gzip);
}

void BookFolder::tell_unknown(FileReport& report) const {
  for (const auto& [name, opened] : opened_) {
    if (opened || !is_csv(name)) continue;
    report.input.name = name;
    report.tell(Severity::note, {}, rule::data_file_unknown, 0, {}, name,
                "no file of this name belongs to a book folder, it is left aside: check the spelling or move it away");
  }
}

}  // namespace lotwright::inputs
