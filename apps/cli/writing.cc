#include "writing.h"

#include <unistd.h>

#include <fstream>

#include "book/rules.h"
#include "commands.h"

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

bool is_no_page(const std::string& path) {
  std::ifstream file(path);
  std::string beginning;
  return file && !(std::getline(file, beginning) && (beginning.starts_with("<!") || beginning.starts_with("<svg")));
}

int refuse_no_page(const std::string& path) {
  return refuse({rule::output_unwritable,
                 "is there already and is no page: name another file",
                 {.file = path, .line = 0, .column = {}, .value = {}}});
}

std::optional<Failure> is_a_book(const std::string& folder) {
  if (::access((folder + "/firm.toml").c_str(), F_OK) != 0) return std::nullopt;
  return Failure{rule::output_unwritable,
                 "holds a firm.toml: outputs would overwrite a book; give --out another folder",
                 {.file = folder, .line = 0, .column = {}, .value = {}}};
}

}  // namespace lotwright::cli
