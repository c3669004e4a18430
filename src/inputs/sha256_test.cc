#include "inputs/sha256.h"

#include <gtest/gtest.h>
#include <sodium.h>

namespace lotwright::inputs {
namespace {

std::string by_libsodium(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
  return sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
}

std::string hashed(std::string_view bytes, Sha256::Instructions instructions, std::size_t step) {
  Sha256 hash(instructions);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) hash.update(bytes.substr(0, step));
  return hash.hex();
}

TEST(Sha256, gives_the_digests_of_the_standard) {
  using enum Sha256::Instructions;
  for (const auto instructions : {plain, fastest}) {
    EXPECT_EQ(hashed("", instructions, 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hashed("abc", instructions, 1), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}

TEST(Sha256, agrees_with_libsodium_for_every_length_and_however_the_bytes_come) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    for (const std::size_t step : {1UL, 7UL, 64UL, 1000UL}) {
      EXPECT_EQ(hashed(bytes, Sha256::Instructions::plain, step), by_libsodium(bytes)) << i;
      EXPECT_EQ(hashed(bytes, Sha256::Instructions::fastest, step), by_libsodium(bytes)) << i;
    }
    bytes += static_cast<char>(i * 73 + 11);
  }
}

}  // namespace
}  // namespace lotwright::inputs
