// cases/column.h — the columns of a saved case's tables: each knows how its field is written and read, so that nothing
// is written that is not read.
//
// Example:  const Form<Taxpayer> form{"taxpayers", {column<Taxpayer>("rate_short", &Taxpayer::rate_short)}};
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "book/book.h"
#include "cases/text_tables.h"
#include "cases/words.h"
#include "inputs/cell.h"
#include "inputs/draft.h"

namespace lotwright::cases {

using inputs::Fault;
using inputs::ModelIndex;
using inputs::Range;

// The nouns an index points into.
[[nodiscard]] inline const auto& nouns_of(const Book& book, SecurityIndex) { return book.securities; }
[[nodiscard]] inline const auto& nouns_of(const Book& book, ModelIndex) { return book.models; }
[[nodiscard]] inline const auto& nouns_of(const Book& book, TaxpayerIndex) { return book.taxpayers; }
[[nodiscard]] inline const auto& nouns_of(const Book& book, HouseholdIndex) { return book.households; }
[[nodiscard]] inline const auto& nouns_of(const Book& book, AccountIndex) { return book.accounts; }
[[nodiscard]] inline const auto& nouns_of(const Book& book, GroupIndex) { return book.groups; }
[[nodiscard]] inline const auto& nouns_of(const Book& book, BracketsIndex) { return book.brackets; }

[[nodiscard]] inline const std::string& id_of(const std::string& group) { return group; }
[[nodiscard]] inline const std::string& id_of(const TaxBrackets& brackets) { return brackets.filing_status; }
template <class Noun>
[[nodiscard]] const std::string& id_of(const Noun& noun) {
  return noun.id.text;
}

// ── a field as text

template <class Kind>
[[nodiscard]] std::string field_text(const Book&, const Id<Kind>& id) {
  return id.text;
}
template <class Kind>
[[nodiscard]] std::string field_text(const Book& book, const Index<Kind>& index) {
  return index.exists() ? id_of(nouns_of(book, index).at(index.value)) : std::string();
}
template <class Kind, int Decimals>
[[nodiscard]] std::string field_text(const Book&, const Fixed<Kind, Decimals>& exact) {
  return exact.to_string();
}
[[nodiscard]] inline std::string field_text(const Book&, const std::string& text) { return text; }
[[nodiscard]] inline std::string field_text(const Book&, const Date& date) { return date.to_string(); }
[[nodiscard]] inline std::string field_text(const Book&, double number) { return fmt::format("{}", number); }
[[nodiscard]] inline std::string field_text(const Book&, std::int64_t whole) { return std::to_string(whole); }
template <class Word>
requires std::is_enum_v<Word> || std::is_same_v<Word, bool>
[[nodiscard]] std::string field_text(const Book&, Word word) { return std::string(inputs::word_of(word)); }
template <class Value>
[[nodiscard]] std::string field_text(const Book& book, const std::optional<Value>& value) {
  return value ? field_text(book, *value) : std::string();
}

// ── and back

template <class Field>
Fault read_field(const Book&, std::string_view text, Field& field) {
  return inputs::read_cell(text, field);
}
template <class Kind>
Fault read_field(const Book&, std::string_view text, Id<Kind>& id) {
  if (text.empty()) return {rule::data_value_missing, "is empty and must be given: fill it in"};
  id = Id<Kind>(std::string(text));
  return {};
}
template <class Kind>
Fault read_field(const Book& book, std::string_view text, Index<Kind>& index) {
  const auto& nouns = nouns_of(book, index);
  const auto found =
      std::ranges::lower_bound(nouns, text, {}, [](const auto& noun) { return std::string_view(id_of(noun)); });
  if (found == nouns.end() || id_of(*found) != text) {
    return {rule::data_reference_unknown, "is not in the table it refers to: add it there or correct the name"};
  }
  index.value = static_cast<std::uint32_t>(found - nouns.begin());
  return {};
}
template <class Value>
Fault read_field(const Book& book, std::string_view text, std::optional<Value>& field) {
  field.reset();
  if (text.empty()) return {};
  return read_field(book, text, field.emplace());
}

template <class Row>
struct Column {
  std::string_view name;
  std::function<std::string(const Book&, const Row&)> text_of;
  std::function<Fault(const Book&, std::string_view, Row&)> read;
};

template <class Row, Range range = Range::any, class Owner, class Field>
[[nodiscard]] Column<Row> column(std::string_view name, Field Owner::*member) {
  return {name, [member](const Book& book, const Row& row) { return field_text(book, row.*member); },
          [member](const Book& book, std::string_view text, Row& row) -> Fault {
            const Fault fault = read_field(book, text, row.*member);
            if constexpr (range != Range::any) {
              if (!fault && !inputs::within(row.*member, range)) return inputs::out_of(range);
            }
            return fault;
          }};
}

// A reference that may be nobody.
template <class Row, class Owner, class Field>
[[nodiscard]] Column<Row> column_or_nobody(std::string_view name, Field Owner::*member) {
  Column<Row> named = column<Row>(name, member);
  named.read = [read = named.read](const Book& book, std::string_view text, Row& row) {
    return text.empty() ? Fault{} : read(book, text, row);
  };
  return named;
}

template <class Row>
struct Form {
  std::string_view name;
  std::vector<Column<Row>> columns;
};

template <class Row>
[[nodiscard]] TextTable written(const Form<Row>& form, const Book& book, const std::vector<Row>& rows) {
  TextTable table{std::string(form.name), 0, {}, {}};
  for (const Column<Row>& column : form.columns) table.columns.emplace_back(column.name);
  for (const Row& row : rows) {
    TextRow& text = table.rows.emplace_back();
    for (const Column<Row>& column : form.columns) text.cells.push_back(column.text_of(book, row));
  }
  return table;
}

}  // namespace lotwright::cases
