// inputs/book_folder.h — the files of a book folder: which are there, plain or gzip, and which nobody asked for.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "inputs/byte_source.h"
#include "inputs/file_report.h"

namespace lotwright::inputs {

enum class Presence { required, optional };

// One file while it is read. Without a source it is missing; its report then says whether that matters.
class BookFile {
 public:
  explicit BookFile(FileReport& report) : report_(&report) {}
  BookFile(FileReport& report, const std::string& path, bool gzip);
  // Text that is not on disk; `source` outlives the file.
  BookFile(FileReport& report, ByteSource& source) : report_(&report), source_(&source) {}

  [[nodiscard]] ByteSource* source() { return source_; }
  [[nodiscard]] FileReport& report() { return *report_; }

  // Once the source is read out: enters rows, bytes and hash in the report.
  void close(std::int64_t rows);

 private:
  FileReport* report_;
  std::unique_ptr<FileSource> file_;
  std::unique_ptr<GunzipSource> gunzip_;
  ByteSource* source_ = nullptr;
};

class BookFolder {
 public:
  // Lists the folder and its risk/ folder.
  explicit BookFolder(std::string path);

  [[nodiscard]] bool exists() const { return exists_; }
  [[nodiscard]] bool listed() const { return listed_; }  // false: the user may not see what is in it

  // The file `name` or else `name`.gz. A report fails where a required file is missing, where an optional one is
  // missing and another has almost its name, and where the name is that of a folder, a pipe or a device: none of these
  // may pass for a book without that file, and reading a pipe might never end.
  [[nodiscard]] BookFile open(const std::string& name, Presence presence, FileReport& report);

  // A note for every CSV file that was never opened; `what` the folder is, such as "book".
  void tell_unknown(FileReport& report, const char* what) const;

 private:
  void list(const std::string& sub);
  void fail_missing(const std::string& name, Presence presence, FileReport& report) const;
  // An entry that was meant to be `name`: its stem is almost that of `name`, or goes on behind it ("lots_old.csv").
  [[nodiscard]] std::string almost(const std::string& name) const;

  struct Entry {
    bool opened = false;
    const char* instead_of_file = nullptr;  // what it is, where it is no file
  };
  std::string path_;
  bool exists_ = false;
  bool listed_ = true;
  std::map<std::string, Entry> entries_;  // by name relative to the folder, with '/'
};

}  // namespace lotwright::inputs
