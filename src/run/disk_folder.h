// run/disk_folder.h — an OutputFolder on disk whose files appear whole.
//
// In:       the path of the folder, which may exist already and hold other people's files.
// Out:      text is gathered in a sibling folder ".NAME.partial-PID" and moved in by `publish`.
// Promises: a folder that was not there appears by one rename. In one that was, run.json, where it is among the files,
//           goes first and comes back last: a folder with run.json holds one whole run. Without `publish` nothing is
//           left behind, and files of other names are never touched.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "run/ports.h"

namespace lotwright {

class DiskFolder final : public OutputFolder {
 public:
  explicit DiskFolder(const std::string& path);
  ~DiskFolder() override;
  DiskFolder(const DiskFolder&) = delete;
  DiskFolder& operator=(const DiskFolder&) = delete;

  Result<bool> write(const std::string& name, const std::string& text) override;
  Result<bool> publish() override;

 private:
  void move_into_existing() const;

  std::filesystem::path folder_;
  std::filesystem::path partial_;
  std::set<std::string> names_;  // written so far
};

}  // namespace lotwright
