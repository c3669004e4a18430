#include "inputs/cell.h"

#include <charconv>
#include <cmath>

namespace lotwright::inputs {

Fault read_cell(std::string_view text, double& field) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return {rule::data_number_unreadable, "is not a finite number: write digits with a point, such as 0.0123"};
  }
  field = value;
  return {};
}

Fault out_of(Range range) {
  switch (range) {
    case Range::positive:
      return {rule::data_number_out_of_range, "must be greater than 0: correct it in the source system"};
    case Range::not_negative:
      return {rule::data_number_out_of_range, "must not be negative: correct it in the source system"};
    case Range::any:
    case Range::fraction:
      break;
  }
  return {rule::data_number_out_of_range, "must lie between 0 and 1 (0.03 is 3 %): correct it in the source system"};
}

}  // namespace lotwright::inputs
