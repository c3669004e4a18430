// inputs/cell.h — the text of one cell becomes the field it belongs to, by the field's type.
//
// Promises: nothing is trimmed, rounded or guessed. On a fault the field keeps its value; the fault's message is what
//           follows "VALUE ..." in a sentence, remedy included.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "book/book.h"
#include "book/rules.h"
#include "inputs/words.h"

namespace lotwright::inputs {

using Fault = std::optional<Failure>;  // rule and message; the place is the table's business

inline Fault read_cell(std::string_view text, std::string_view& field) {
  field = text;  // valid as long as the row is
  return {};
}

inline Fault read_cell(std::string_view text, std::string& field) {
  field = text;
  return {};
}

template <class Kind>
Fault read_cell(std::string_view text, Id<Kind>& field) {
  field.text = text;
  return {};
}

template <class Parsed>
Fault keep(const Result<Parsed>& parsed, Parsed& field) {
  if (!parsed) return parsed.failure();
  field = *parsed;
  return {};
}

template <class Kind, int Decimals>
Fault read_cell(std::string_view text, Fixed<Kind, Decimals>& field) {
  return keep(Fixed<Kind, Decimals>::parse(text), field);
}

inline Fault read_cell(std::string_view text, Date& field) { return keep(Date::parse(text), field); }

// A finite number, exponent allowed: for the risk model and alpha only.
Fault read_cell(std::string_view text, double& field);

template <class Word>
  requires std::is_enum_v<Word> || std::is_same_v<Word, bool>
Fault read_cell(std::string_view text, Word& field) {
  if (find_word(text, field)) return {};
  return Failure{rule::data_word_unknown, "may not stand here: write " + words_of<Word>(), {}};
}

template <class Value>
Fault read_cell(std::string_view text, std::optional<Value>& field) {
  Value value{};
  Fault fault = read_cell(text, value);
  if (!fault) field = value;
  return fault;
}

// What a number may be besides readable.
enum class Range { any, positive, not_negative, fraction };

template <class Number>
[[nodiscard]] bool within(const Number& value, Range range) {
  const auto whole = [](int n) {
    if constexpr (std::is_same_v<Number, double>) return static_cast<double>(n);
    else return Number::of_whole(n);
  };
  switch (range) {
    case Range::any:
      return true;
    case Range::positive:
      return value > whole(0);
    case Range::not_negative:
      return value >= whole(0);
    case Range::fraction:
      return value >= whole(0) && value <= whole(1);
  }
  return false;
}

template <class Number>
[[nodiscard]] bool within(const std::optional<Number>& value, Range range) {
  return !value || within(*value, range);
}

[[nodiscard]] Failure out_of(Range range);

}  // namespace lotwright::inputs
