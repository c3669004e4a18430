// inputs/near_names.h — names that are almost another: slips of the keyboard, and what spreadsheets do to ids.
//
// A name that is nowhere is mostly somebody else's and may be left aside. One that is almost a known name is a known
// one miswritten, and leaving it aside would lose what it says: a restriction, a frozen status, a lot.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lotwright::inputs {

// An id as people take it for the same: without spaces around it and leading zeros, in small letters.
[[nodiscard]] std::string folded_id(std::string_view id);

// `name` without anything but letters and digits, in small letters.
[[nodiscard]] std::string folded_name(std::string_view name);

// Whether `text` is `known` but for capitals and signs, or one slip (two from seven letters on): a letter missing, too
// many, another one, or two in the wrong order. Not where they are the same.
[[nodiscard]] bool is_almost(std::string_view text, std::string_view known);

// The first of `known` that `text` is almost; empty where there is none.
[[nodiscard]] std::string_view nearest(std::string_view text, std::span<const std::string_view> known);

}  // namespace lotwright::inputs
