// inputs/csv_text.h — a cell as RFC 4180 writes it: the other way of inputs/csv_reader.h.
#pragma once

#include <string>
#include <string_view>

namespace lotwright::inputs {

// Quoted where it holds a comma, a quote or an end of line.
void append_csv_cell(std::string& text, std::string_view cell);

// The cells of a row with their commas, without an end of line.
template <class Cells>
void append_csv_cells(std::string& text, const Cells& cells) {
  bool first = true;
  for (const auto& cell : cells) {
    if (!first) text += ',';
    first = false;
    append_csv_cell(text, cell);
  }
}

}  // namespace lotwright::inputs
