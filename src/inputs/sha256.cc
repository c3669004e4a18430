#include "inputs/sha256.h"

#include <algorithm>
#include <bit>

#include "units/fixed.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace lotwright::inputs {
namespace {

constexpr std::array<std::uint32_t, 64> primes = [] {
  std::array<std::uint32_t, 64> found{};
  std::size_t count = 0;
  for (std::uint32_t n = 2; count < found.size(); ++n) {
    const bool prime = std::none_of(found.begin(), found.begin() + count, [&](std::uint32_t p) { return n % p == 0; });
    if (prime) found[count++] = n;
  }
  return found;
}();

// The first 32 bits of the fraction of the square (2) or cube (3) root of a prime: where the constants come from.
constexpr std::uint32_t root_fraction(std::uint32_t prime, int degree) {
  const Int128 power = Int128{prime} << (32 * degree);
  Int128 low = 0;
  Int128 high = Int128{1} << 37;
  while (high - low > 1) {
    const Int128 middle = (low + high) / 2;
    const Int128 raised = degree == 2 ? middle * middle : middle * middle * middle;
    (raised <= power ? low : high) = middle;
  }
  return static_cast<std::uint32_t>(low & 0xFFFFFFFF);
}

constexpr std::array<std::uint32_t, 64> round_constants = [] {
  std::array<std::uint32_t, 64> constants{};
  for (std::size_t i = 0; i < 64; ++i) constants[i] = root_fraction(primes[i], 3);
  return constants;
}();
static_assert(round_constants[0] == 0x428a2f98 && round_constants[63] == 0xc67178f2);

std::uint32_t big_endian_word(const char* at) {
  std::uint32_t word = 0;
  for (int i = 0; i < 4; ++i) word = word << 8 | static_cast<unsigned char>(at[i]);
  return word;
}

bool has_sha_instructions() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool sse41 = __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_SSE4_1) != 0;
  return sse41 && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
#else
  return false;
#endif
}

}  // namespace

Sha256::Sha256(Instructions instructions) {
  static const bool fast = has_sha_instructions();
  compress_ = fast && instructions == Instructions::fastest ? compress_fast : compress_plain;
  for (std::size_t i = 0; i < state_.size(); ++i) state_[i] = root_fraction(primes[i], 2);
}

void Sha256::compress_plain(State& state, const char* blocks, std::size_t count) {
  for (; count > 0; --count, blocks += block_bytes) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t t = 0; t < 16; ++t) w[t] = big_endian_word(blocks + 4 * t);
    for (std::size_t t = 16; t < 64; ++t) {
      const std::uint32_t s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
      const std::uint32_t s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ w[t - 2] >> 10;
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t t = 0; t < 64; ++t) {
      const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
      const std::uint32_t one = h + s1 + ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
      const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
      const std::uint32_t two = s0 + ((a & b) ^ (a & c) ^ (b & c));
      h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
    }
    const State mixed{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < state.size(); ++i) state[i] += mixed[i];
  }
}

#if defined(__x86_64__)

// The instructions want the state as the halves abef and cdgh, and do four rounds with four words of the schedule.
__attribute__((target("sha,sse4.1"))) void Sha256::compress_fast(State& state, const char* blocks, std::size_t count) {
  const __m128i swap_bytes = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  auto* words = reinterpret_cast<__m128i*>(state.data());
  const __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xB1);
  const __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1B);
  __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
  __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xF0);
  for (; count > 0; --count, blocks += block_bytes) {
    const __m128i abef_before = abef;
    const __m128i cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; ++i) {
      const __m128i loaded = _mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks) + i);
      w[i] = _mm_shuffle_epi8(loaded, swap_bytes);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      __m128i& oldest = w[i % 4];
      const __m128i newest = w[(i + 3) % 4];
      const __m128i k = _mm_loadu_si128(reinterpret_cast<const __m128i*>(round_constants.data()) + i);
      const __m128i sum = _mm_add_epi32(oldest, k);
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
      const __m128i sevenths = _mm_alignr_epi8(newest, w[(i + 2) % 4], 4);
      const __m128i partial = _mm_add_epi32(_mm_sha256msg1_epu32(oldest, w[(i + 1) % 4]), sevenths);
      oldest = _mm_sha256msg2_epu32(partial, newest);  // four words further on; unused in the last rounds
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(words, _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(words + 1, _mm_alignr_epi8(dchg, feba, 8));
}

#else

void Sha256::compress_fast(State& state, const char* blocks, std::size_t count) {
  compress_plain(state, blocks, count);
}

#endif

void Sha256::update(std::string_view bytes) {
  total_bytes_ += bytes.size();
  if (rest_bytes_ > 0) {
    const std::size_t taken = std::min(bytes.size(), block_bytes - rest_bytes_);
    std::copy_n(bytes.data(), taken, rest_.data() + rest_bytes_);
    rest_bytes_ += taken;
    bytes.remove_prefix(taken);
    if (rest_bytes_ < block_bytes) return;
    compress_(state_, rest_.data(), 1);
  }
  compress_(state_, bytes.data(), bytes.size() / block_bytes);
  bytes.remove_prefix(bytes.size() / block_bytes * block_bytes);
  rest_bytes_ = bytes.size();
  std::copy_n(bytes.data(), rest_bytes_, rest_.data());
}

std::string Sha256::hex() const {
  Sha256 last = *this;
  // A one bit, zeros, and the length in bits fill the last block or the last two.
  const std::size_t zeros = (2 * block_bytes - 9 - rest_bytes_) % block_bytes;
  std::string padding = "\x80" + std::string(zeros, '\0');
  for (int shift = 56; shift >= 0; shift -= 8) padding += static_cast<char>(total_bytes_ * 8 >> shift & 0xFF);
  last.update(padding);
  std::string text;
  for (const std::uint32_t word : last.state_) {
    for (int shift = 28; shift >= 0; shift -= 4) text += "0123456789abcdef"[word >> shift & 15];
  }
  return text;
}

}  // namespace lotwright::inputs
