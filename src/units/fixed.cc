#include "units/fixed.h"

namespace lotwright {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr const char* not_plain = "is not a plain decimal number: write digits with a point, such as 1234.56";
constexpr const char* too_fine = "has more decimals than are kept exactly: round it in the source system";
constexpr const char* too_large = "is too large to be kept exactly";

}  // namespace

const char* read_decimal(std::string_view text, int decimals, std::int64_t& count) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t magnitude = 0;
  int digits = 0;
  int decimals_read = -1;  // -1: before the point
  for (const char c : text) {
    if (c == '.' && decimals_read < 0) {
      decimals_read = 0;
      continue;
    }
    if (!is_digit(c)) return not_plain;
    ++digits;
    if (decimals_read >= 0 && decimals_read == decimals) {
      if (c != '0') return too_fine;
      continue;
    }
    const bool overflow = __builtin_mul_overflow(magnitude, std::int64_t{10}, &magnitude) ||
                          __builtin_add_overflow(magnitude, std::int64_t{c - '0'}, &magnitude);
    if (overflow) return too_large;
    if (decimals_read >= 0) ++decimals_read;
  }
  if (digits == 0) return not_plain;
  const int missing = decimals - (decimals_read < 0 ? 0 : decimals_read);
  if (__builtin_mul_overflow(magnitude, power_of_ten(missing), &magnitude)) return too_large;
  count = negative ? -magnitude : magnitude;
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
