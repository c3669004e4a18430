#include "units/fixed.h"

#include <algorithm>
#include <array>
#include <limits>

namespace lotwright {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<std::uint64_t, 19> powers_of_ten = [] {
  std::array<std::uint64_t, 19> powers{};
  for (int i = 0; i < 19; ++i) powers[static_cast<std::size_t>(i)] = static_cast<std::uint64_t>(power_of_ten(i));
  return powers;
}();

constexpr const char* not_plain = "is not a plain decimal number: write digits with a point, such as 1234.56";
constexpr const char* too_fine = "has more decimals than are kept exactly: round it in the source system";
constexpr const char* too_large = "is too large to be kept exactly";

}  // namespace

const char* read_decimal(std::string_view text, int decimals, std::int64_t& count) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative || (at != end && *at == '+')) ++at;
  const char* const first = at;
  while (at != end && *at == '0') ++at;
  const char* const significant = at;
  std::uint64_t magnitude = 0;  // of more than 19 digits it is nonsense, and refused for that
  const auto append = [&magnitude](char digit) { magnitude = magnitude * 10 + static_cast<unsigned>(digit - '0'); };
  for (; at != end && is_digit(*at); ++at) append(*at);
  std::ptrdiff_t digits = at - first;
  std::ptrdiff_t kept = at - significant;
  int missing = decimals;
  if (at != end && *at == '.') {
    const char* const point = at++;
    for (; at != end && is_digit(*at) && missing > 0; ++at, --missing) append(*at);
    kept += at - point - 1;
    const char* const finer = at;
    while (at != end && is_digit(*at)) ++at;
    digits += at - point - 1;
    if (at == end && std::any_of(finer, at, [](char digit) { return digit != '0'; })) return too_fine;
  }
  if (at != end || digits == 0) return not_plain;
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const std::uint64_t scale = powers_of_ten[static_cast<std::size_t>(missing)];
  if (kept > 19 || __builtin_mul_overflow(magnitude, scale, &magnitude) || magnitude > most) return too_large;
  count = negative ? -static_cast<std::int64_t>(magnitude) : static_cast<std::int64_t>(magnitude);
  return nullptr;
}

Result<std::int64_t> parse_decimal(std::string_view text, int decimals) {
  std::int64_t count = 0;
  const char* refusal = read_decimal(text, decimals, count);
  if (refusal == nullptr) return count;
  return Failure{"data_number_unreadable",
                 refusal,
                 {.file = {}, .line = 0, .column = {}, .value = std::string(text.substr(0, 200))}};
}

std::string format_decimal(std::int64_t count, int decimals, int decimals_min) {
  const bool negative = count < 0;
  // Through unsigned, so that the smallest 64-bit number prints too.
  std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  std::string digits;
  while (magnitude > 0 || static_cast<int>(digits.size()) <= decimals) {
    digits.insert(digits.begin(), static_cast<char>('0' + magnitude % 10));
    magnitude /= 10;
  }
  std::string fraction = digits.substr(digits.size() - static_cast<std::size_t>(decimals));
  digits.resize(digits.size() - static_cast<std::size_t>(decimals));
  while (static_cast<int>(fraction.size()) > decimals_min && !fraction.empty() && fraction.back() == '0')
    fraction.pop_back();
  return (negative ? "-" : "") + digits + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace lotwright
