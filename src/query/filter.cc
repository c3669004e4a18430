#include "query/filter.h"

#include <algorithm>
#include <compare>

namespace lotwright::query {
namespace {

Truth truth_of(bool holds) { return holds ? Truth::yes : Truth::no; }

bool holds(Comparison comparison, std::strong_ordering order) {
  switch (comparison) {
    case Comparison::equal:
      return order == 0;
    case Comparison::unequal:
      return order != 0;
    case Comparison::less:
      return order < 0;
    case Comparison::less_or_equal:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::greater_or_equal:
      return order >= 0;
  }
  return false;
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool has_part(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return small(a) == small(b); };
  return part.empty() || !std::ranges::search(text, part, same).empty();
}

Truth compared(const FilterNode& node, Row row) {
  const Value& left = row[node.column];
  const bool as_text = node.kind == Kind::text;
  if (!left.known || (node.other && !row[*node.other].known)) return Truth::unknown;
  const std::string_view text = node.other ? row[*node.other].text : as_text ? node.texts.front() : std::string_view();
  const std::int64_t count = node.other ? row[*node.other].count : as_text ? 0 : node.counts.front();
  return truth_of(holds(node.comparison, as_text ? left.text <=> text : left.count <=> count));
}

// What a condition says of one cell.
Truth said_of_cell(const FilterNode& node, Row row) {
  const Value& cell = row[node.column];
  switch (node.op) {
    case FilterNode::Op::is_empty:
      return truth_of(cell.text.empty() == (node.comparison == Comparison::equal));
    case FilterNode::Op::contains:
      return truth_of(has_part(cell.text, node.texts.front()));
    case FilterNode::Op::one_of:
      if (!cell.known) return Truth::unknown;
      if (node.kind == Kind::text) return truth_of(std::ranges::find(node.texts, cell.text) != node.texts.end());
      return truth_of(std::ranges::find(node.counts, cell.count) != node.counts.end());
    default:
      return compared(node, row);
  }
}

}  // namespace

Truth Filter::of(std::size_t at, Row row, const HasRow& has_row) const {
  const FilterNode& node = nodes_[at];
  Truth truth = node.op == FilterNode::Op::any_of ? Truth::no : Truth::yes;
  switch (node.op) {
    case FilterNode::Op::all_of:
      for (const std::size_t i : node.children) truth = std::min(truth, of(i, row, has_row));
      return truth;
    case FilterNode::Op::any_of:
      for (const std::size_t i : node.children) truth = std::max(truth, of(i, row, has_row));
      return truth;
    case FilterNode::Op::negation:
      truth = of(node.children.front(), row, has_row);
      return truth == Truth::unknown ? truth : truth_of(truth == Truth::no);
    case FilterNode::Op::has_row:
      return has_row(node.inner);
    default:
      return said_of_cell(node, row);
  }
}

}  // namespace lotwright::query
