#include "inputs/near_names.h"

#include <algorithm>
#include <vector>

namespace lotwright::inputs {
namespace {

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

constexpr std::size_t compared_max = 64;  // no known name is longer

// Slips between the two: the distance of Damerau and Levenshtein, each pair of letters swapped at most once.
std::size_t slips(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string folded_id(std::string_view id) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  constexpr std::string_view no_break_space = "\xC2\xA0";
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  for (std::size_t before = id.size() + 1; id.size() < before;) {
    before = id.size();
    id.remove_prefix(std::min(id.find_first_not_of(blanks), id.size()));
    id.remove_suffix(id.size() - (id.find_last_not_of(blanks) + 1));
    for (const std::string_view odd : {no_break_space, mark}) {
      if (id.starts_with(odd)) id.remove_prefix(odd.size());
      if (id.ends_with(odd)) id.remove_suffix(odd.size());
    }
  }
  id.remove_prefix(std::min(id.find_first_not_of('0'), id.size()));
  std::string folded(id);
  std::transform(folded.begin(), folded.end(), folded.begin(), small);
  return folded;
}

std::string folded_name(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    if (is_letter_or_digit(small(c))) folded += small(c);
  }
  return folded;
}

bool is_almost(std::string_view text, std::string_view known) {
  constexpr std::size_t long_name = 7;
  if (text == known || text.size() > compared_max) return false;
  const std::string a = folded_name(text);
  const std::string b = folded_name(known);
  return !a.empty() && slips(a, b) <= (b.size() >= long_name ? 2U : 1U);
}

std::string_view nearest(std::string_view text, std::span<const std::string_view> known) {
  const auto found =
      std::find_if(known.begin(), known.end(), [text](std::string_view name) { return is_almost(text, name); });
  return found == known.end() ? std::string_view() : *found;
}

}  // namespace lotwright::inputs
