#include "writing.h"

#include <fstream>

#include "book/rules.h"

namespace lotwright::cli {

Result<bool> write_over(const std::string& path, const std::string& text, const std::string& what) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return true;
  return Failure{rule::output_unwritable,
                 "the " + what + " could not be written; name a file in a folder that is there",
                 {.file = path, .line = 0, .column = {}, .value = {}}};
}

}  // namespace lotwright::cli
