#include "units/fixed.h"

#include <limits>

namespace lotwright {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Failure bad_number(std::string_view text, const char* why) {
  return {"data_number_unreadable", why, {.file = {}, .line = 0, .column = {}, .value = std::string(text.substr(0, 200))}};
}

}  // namespace

Result<std::int64_t> parse_decimal(std::string_view text, int decimals) {
  const std::string_view whole = text;
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  Int128 count = 0;
  constexpr Int128 most = std::numeric_limits<std::int64_t>::max();
  int digits = 0;
  int decimals_read = -1;  // -1: before the point
  for (const char c : text) {
    if (c == '.' && decimals_read < 0) {
      decimals_read = 0;
      continue;
    }
    if (!is_digit(c)) return bad_number(whole, "is not a plain decimal number: write digits with a point, such as 1234.56");
    ++digits;
    if (decimals_read >= 0 && decimals_read == decimals) {
      if (c != '0') return bad_number(whole, "has more decimals than are kept exactly: round it in the source system");
      continue;
    }
    count = count * 10 + (c - '0');
    if (decimals_read >= 0) ++decimals_read;
    if (count > most) return bad_number(whole, "is too large to be kept exactly");
  }
  if (digits == 0) return bad_number(whole, "is not a plain decimal number: write digits with a point, such as 1234.56");
  for (int i = decimals_read < 0 ? 0 : decimals_read; i < decimals; ++i) {
    count *= 10;
    if (count > most) return bad_number(whole, "is too large to be kept exactly");
  }
  return static_cast<std::int64_t>(negative ? -count : count);
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
  while (static_cast<int>(fraction.size()) > decimals_min && !fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return (negative ? "-" : "") + digits + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace lotwright
