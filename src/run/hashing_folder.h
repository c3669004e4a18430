// run/hashing_folder.h — an OutputFolder that tells of each file what was written: for run.json's list of outputs.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "inputs/sha256.h"
#include "run/ports.h"

namespace lotwright {

class HashingFolder final : public OutputFolder {
 public:
  struct File {
    inputs::Sha256 sha256;
    std::int64_t bytes = 0;
  };

  // `folder` gets everything and outlives this.
  explicit HashingFolder(OutputFolder& folder) : folder_(&folder) {}

  Result<bool> write(const std::string& name, const std::string& text) override {
    File& file = files_[name];
    file.sha256.update(text);
    file.bytes += static_cast<std::int64_t>(text.size());
    return folder_->write(name, text);
  }
  Result<bool> publish() override { return folder_->publish(); }

  [[nodiscard]] const std::map<std::string, File>& files() const { return files_; }

 private:
  OutputFolder* folder_;
  std::map<std::string, File> files_;
};

}  // namespace lotwright
