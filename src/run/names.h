// run/names.h — how statuses, sides and the like are written in files. Those that also stand in a firm's files are
// written with the same words they are read with.
#pragma once

#include <algorithm>
#include <string_view>

#include "inputs/words.h"
#include "orders/orders.h"

namespace lotwright {

template <class Enum>
requires requires { inputs::Words<Enum>::list; }
[[nodiscard]] constexpr std::string_view name_of(Enum value) {
  return inputs::word_of(value);
}

[[nodiscard]] constexpr const char* name_of(Side side) { return side == Side::buy ? "buy" : "sell"; }
[[nodiscard]] constexpr const char* name_of(Term term) { return term == Term::long_term ? "long_term" : "short_term"; }
[[nodiscard]] constexpr const char* name_of(ResultStatus status) {
  switch (status) {
    case ResultStatus::traded:
      return "traded";
    case ResultStatus::no_trade:
      return "no_trade";
    case ResultStatus::held:
      return "held";
    case ResultStatus::failed:
      return "failed";
  }
  return "";
}
[[nodiscard]] constexpr const char* name_of(Decision decision) {
  switch (decision) {
    case Decision::bought:
      return "bought";
    case Decision::sold:
      return "sold";
    case Decision::kept:
      return "kept";
    case Decision::not_bought:
      return "not_bought";
    case Decision::cash:
      return "cash";
  }
  return "";
}

}  // namespace lotwright
