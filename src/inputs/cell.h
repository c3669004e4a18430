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

// What is wrong with a cell: nothing, or a rule and the words that follow the value in a sentence. No text is built, as
// millions of cells are read and most are good.
struct Fault {
  const char* rule = nullptr;
  const char* message = nullptr;

  explicit operator bool() const { return rule != nullptr; }
};

inline Fault read_cell(std::string_view text, std::string_view& field) {
  field = text;  // valid as long as the row is
  return {};
}

inline Fault read_cell(std::string_view text, std::string& field) {
  field = text;
  return {};
}

template <class Kind, int Decimals>
Fault read_cell(std::string_view text, Fixed<Kind, Decimals>& field) {
  std::int64_t count = 0;
  if (const char* refusal = read_decimal(text, Decimals, count)) return {rule::data_number_unreadable, refusal};
  field = Fixed<Kind, Decimals>::of_count(count);
  return {};
}

inline Fault read_cell(std::string_view text, std::int64_t& field) {
  std::int64_t whole = 0;
  if (const char* refusal = read_decimal(text, 0, whole)) return {rule::data_number_unreadable, refusal};
  field = whole;
  return {};
}

inline Fault read_cell(std::string_view text, Date& field) {
  if (const char* refusal = Date::read(text, field)) return {rule::data_date_unreadable, refusal};
  return {};
}

// A finite number, exponent allowed: for the risk model and alpha only.
Fault read_cell(std::string_view text, double& field);

template <class Word>
requires std::is_enum_v<Word> || std::is_same_v<Word, bool> Fault read_cell(std::string_view text, Word& field) {
  if (find_word(text, field)) return {};
  static const std::string message = "may not stand here: write " + words_of<Word>();
  return {rule::data_word_unknown, message.c_str()};
}

template <class Value>
Fault read_cell(std::string_view text, std::optional<Value>& field) {
  Value value{};
  const Fault fault = read_cell(text, value);
  if (!fault) field = value;
  return fault;
}

// What a number may be besides readable.
enum class Range { any, positive, not_negative, fraction };

template <class Number>
[[nodiscard]] bool within(const Number& value, Range range) {
  const auto whole = [](int n) {
    if constexpr (std::is_same_v<Number, double>)
      return static_cast<double>(n);
    else
      return Number::of_whole(n);
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

[[nodiscard]] Fault out_of(Range range);

}  // namespace lotwright::inputs
