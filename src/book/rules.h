// book/rules.h — the names of all rules as constants: `rule::price_missing` is the text "price_missing".
#pragma once

#include <array>
#include <string_view>

namespace lotwright::rule {

#define LOTWRIGHT_RULE(name, meaning) inline constexpr const char* name = #name;  // NOLINT: one list, several readings
#include "book/rules.def"
#undef LOTWRIGHT_RULE

struct Entry {
  std::string_view name;
  std::string_view meaning;
};

// Every rule with its meaning, in the order of rules.def.
inline constexpr auto all = std::to_array<Entry>({
#define LOTWRIGHT_RULE(name, meaning) Entry{#name, meaning},
#include "book/rules.def"
#undef LOTWRIGHT_RULE
});

// What the rule says, in words; its name where the list does not have it.
[[nodiscard]] constexpr std::string_view meaning_of(std::string_view name) {
  for (const Entry& entry : all) {
    if (entry.name == name) return entry.meaning;
  }
  return name;
}

}  // namespace lotwright::rule
