#include "inputs/book_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "inputs/near_names.h"

namespace lotwright::inputs {
namespace {

namespace fs = std::filesystem;

bool is_csv(const std::string& name) { return name.ends_with(".csv") || name.ends_with(".csv.gz"); }

// What `path` is where it is neither a file nor nothing at all; links are followed.
const char* other_than_file(const fs::path& path) {
  std::error_code error;
  switch (fs::status(path, error).type()) {
    case fs::file_type::directory:
      return "a folder";
    case fs::file_type::fifo:
      return "a pipe";
    case fs::file_type::socket:
      return "a socket";
    case fs::file_type::character:
    case fs::file_type::block:
      return "a device";
    default:
      return nullptr;  // a link to nowhere is told when it is opened
  }
}

// "requests" of "requests.csv.gz".
std::string_view stem_of(std::string_view name) { return name.substr(0, std::min(name.find('.'), name.size())); }

// Whether a file of this name may be a table that somebody meant for the book: not its description, not a backup.
bool may_hold_rows(const std::string& name) {
  constexpr auto endings =
      std::to_array<std::string_view>({"csv", "gz", "txt", "tsv", "xls", "xlsx", "ods", "zip", "bz2", "xz", "zst"});
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return true;
  const std::string ending = folded_name(std::string_view(name).substr(dot));
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

// "requests_2025", "requests (1)": the stem, then something that is no letter.
bool goes_on_behind(std::string_view longer, std::string_view stem) {
  const bool starts = longer.starts_with(stem) && longer.size() > stem.size();
  return starts && folded_name(longer.substr(stem.size(), 1)).find_first_not_of("0123456789") == std::string::npos;
}

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
  if (exists_) list("");
  if (fs::is_directory(fs::path(path_) / "risk", error)) list("risk/");
}

void BookFolder::list(const std::string& sub) {
  std::error_code error;
  for (fs::directory_iterator at(fs::path(path_) / sub, error), end; !error && at != end; at.increment(error)) {
    entries_[sub + at->path().filename().string()].instead_of_file = other_than_file(at->path());
  }
  listed_ = listed_ && !error;
}

BookFile BookFolder::open(const std::string& name, Presence presence, FileReport& report) {
  const auto plain = entries_.find(name);
  const auto gzip = entries_.find(name + ".gz");
  const auto found = plain != entries_.end() ? plain : gzip;
  report.input.name = name;
  if (found == entries_.end()) {
    fail_missing(name, presence, report);
    return BookFile(report);
  }
  if (plain != entries_.end() && gzip != entries_.end()) {
    gzip->second.opened = true;
    report.tell(Severity::note, {}, rule::data_file_twice, 0, {}, gzip->first,
                fmt::format("{} lies beside it and is left aside: remove one of the two", gzip->first));
  }
  found->second.opened = true;
  report.input.name = found->first;
  if (const char* what = found->second.instead_of_file) {
    report.fail(rule::data_file_unreadable, 0, {},
                fmt::format("this is {} and not a file: put the file in its place", what));
    return BookFile(report);
  }
  return BookFile(report, (fs::path(path_) / found->first).string(), found == gzip);
}

void BookFolder::fail_missing(const std::string& name, Presence presence, FileReport& report) const {
  const std::string other = almost(name);
  if (presence == Presence::required) {
    report.fail(rule::data_file_missing, 0, {},
                other.empty()
                    ? "the file is missing and a book cannot do without it: add it to the folder"
                    : fmt::format("the file is missing, and {} has almost its name: rename it", quotable(other)));
  } else if (!other.empty()) {
    report.fail(rule::data_file_misspelled, 0, {},
                fmt::format("the file is missing, and {} has almost its name: rename it, or move it out of the folder",
                            quotable(other)));
  }
}

std::string BookFolder::almost(const std::string& name) const {
  const std::string_view stem = stem_of(name);
  for (const auto& [other, entry] : entries_) {
    if (entry.opened || entry.instead_of_file != nullptr || !may_hold_rows(other)) continue;
    const std::string_view stem_there = stem_of(other);
    if (is_almost(stem_there, stem) || stem_there == stem || goes_on_behind(stem_there, stem)) return other;
  }
  return {};
}

void BookFolder::tell_unknown(FileReport& report, const char* what) const {
  for (const auto& [name, entry] : entries_) {
    if (entry.opened || entry.instead_of_file != nullptr || !is_csv(name)) continue;
    report.input.name = name;
    report.tell(Severity::note, {}, rule::data_file_unknown, 0, {}, name,
                fmt::format("no file of this name belongs to a {} folder, it is left aside: check the spelling or move "
                            "it away",
                            what));
  }
}

}  // namespace lotwright::inputs
