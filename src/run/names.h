// run/names.h — how enumerators that also stand in a firm's files are written: with the same words they are read with.
#pragma once

#include <algorithm>
#include <string_view>

#include "inputs/words.h"
#include "orders/names.h"

namespace lotwright {

template <class Enum>
requires requires { inputs::Words<Enum>::list; }
[[nodiscard]] constexpr std::string_view name_of(Enum value) {
  return inputs::word_of(value);
}

}  // namespace lotwright
