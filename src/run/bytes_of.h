// run/bytes_of.h — a small file whole, and what its bytes are known by.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "inputs/sha256.h"

namespace lotwright {

// Empty where there is no such file.
[[nodiscard]] inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

[[nodiscard]] inline std::string sha256_of(const std::string& bytes) {
  inputs::Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

}  // namespace lotwright
