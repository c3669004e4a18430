// inputs/sha256.h — SHA-256 (FIPS 180-4) of files as they are read. The processor's own instructions are used where it
// has them, since a hash slower than the reader would set the pace of every large book; the result is the same.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace lotwright::inputs {

class Sha256 {
 public:
  enum class Instructions { plain, fastest };

  explicit Sha256(Instructions instructions = Instructions::fastest);

  void update(std::string_view bytes);
  // Of the bytes so far, in hexadecimal.
  [[nodiscard]] std::string hex() const;

 private:
  using State = std::array<std::uint32_t, 8>;
  using Compress = void (*)(State& state, const char* blocks, std::size_t count);
  static constexpr std::size_t block_bytes = 64;

  static void compress_plain(State& state, const char* blocks, std::size_t count);
  static void compress_fast(State& state, const char* blocks, std::size_t count);

  Compress compress_;
  State state_;
  std::array<char, block_bytes> rest_{};  // of the last block, not full yet
  std::size_t rest_bytes_ = 0;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace lotwright::inputs
