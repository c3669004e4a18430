// run/variant.h — one account otherwise than its book has it: what somebody types, and what becomes of it.
//
// In:       words, such as "patient: risk_aversion=10, model=GROWTH, request=cash_out:5000:2025-07-15".
// Out:      a UnitBook in which the account has these settings, this model and these requests besides its own.
// Refuses:  what reading a book would not take either, with the same words: a setting or model that does not exist, a
//           value that may not be written, settings that contradict one another, a request that is not whole. A
//           contradiction that the book has already stays the book's.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "run/unit_book.h"

namespace lotwright {

struct Variant {
  std::string name;                                           // for people
  std::vector<std::pair<std::string, std::string>> settings;  // name, value; the last of a name counts
  std::string model;                                          // empty: the account's
  std::vector<std::string> requests;                          // KIND[:AMOUNT[:DUE_ON[:VALUE]]]

  [[nodiscard]] bool empty() const { return settings.empty() && model.empty() && requests.empty(); }
};

// "NAME: KEY=VALUE, KEY=VALUE ...". KEY is `model`, `request` (may stand several times) or a policy setting. Without a
// NAME the text is the name.
[[nodiscard]] Result<Variant> read_variant(std::string_view text);

// Adds one "KEY=VALUE".
[[nodiscard]] std::optional<Failure> add_change(Variant& variant, std::string_view change);

// The settings that become models and restrictions while a book is read: mixes, products, screens, model_as_of.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> settings_for_the_reader(const Variant& variant);

// A model that is asked for replaces the account's requests for another.
void forget_model_changes(UnitBook& unit);

// The changes as they would be typed.
[[nodiscard]] std::string text_of(const Variant& variant);

// `whole` names what is near an unknown model. Settings for the reader must be the unit's already.
[[nodiscard]] Result<UnitBook> changed(const UnitBook& unit, const Variant& variant, const Book& whole);

}  // namespace lotwright
