// run/memory_folder.h — an OutputFolder in memory: for saved cases, and for tests.
#pragma once

#include <map>
#include <string>

#include "run/ports.h"

namespace lotwright {

class MemoryFolder final : public OutputFolder {
 public:
  Result<bool> write(const std::string& name, const std::string& text) override {
    aside_[name] += text;
    return true;
  }
  Result<bool> publish() override {
    files = aside_;
    return true;
  }

  std::map<std::string, std::string> files;  // name -> text, once published

 private:
  std::map<std::string, std::string> aside_;
};

}  // namespace lotwright
