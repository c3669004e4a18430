#include <fmt/format.h>

#include <algorithm>

#include "reports/report.h"

namespace lotwright::reports {
namespace {

constexpr std::size_t width = 100;

bool begins_a_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, begins_a_character));
}

// What a book's names might smuggle into a terminal.
std::string without_controls(std::string_view text) {
  std::string clean(text);
  std::ranges::replace_if(
      clean, [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }, ' ');
  return clean;
}

// `text` broken at spaces; the first line begins with `first`, the others with as many spaces.
std::string wrapped(std::string_view raw, const std::string& first) {
  const std::string text = without_controls(raw);
  std::string out;
  std::string line = first;
  bool empty = true;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t to = std::min(text.find(' ', from), text.size());
    const std::string_view word = std::string_view(text).substr(from, to - from);
    from = to + 1;
    if (word.empty()) continue;
    if (!empty && characters(line) + 1 + characters(word) > width) {
      out += line + "\n";
      line = std::string(first.size(), ' ');
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return out + line + "\n";
}

std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(characters(column));
  for (const std::vector<std::string>& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
  }
  return widths;
}

std::string row_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                   std::size_t text_columns) {
  std::string line = "  ";
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - characters(cells[i]), ' ');
    line += i < text_columns ? without_controls(cells[i]) + padding : padding + without_controls(cells[i]);
    line += "  ";
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string text_of(const Table& table) {
  if (table.rows.empty()) return {};
  const std::vector<std::size_t> widths = widths_of(table);
  std::string text = row_of(table.columns, widths, table.text_columns);
  for (const std::vector<std::string>& row : table.rows) text += row_of(row, widths, table.text_columns);
  return text;
}

}  // namespace

std::string text_of(const Report& report) {
  std::string text = wrapped(report.title, "");
  for (const Section& section : report.sections) {
    text += "\n" + wrapped(section.heading, "") + text_of(section.table);
    for (const Item& item : section.items) {
      text += wrapped(item.sentence, "  ");
      for (const std::string& detail : item.details) text += wrapped(detail, "    - ");
    }
  }
  return text;
}

}  // namespace lotwright::reports
