// orders/names.h — how sides, terms, statuses and decisions are written in files and JSON.
#pragma once

#include "orders/orders.h"

namespace lotwright {

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

[[nodiscard]] constexpr const char* name_of(HarvestStatus status) {
  switch (status) {
    case HarvestStatus::scanned:
      return "scanned";
    case HarvestStatus::not_scanned:
      return "not_scanned";
    case HarvestStatus::taken:
      return "taken";
    case HarvestStatus::partly:
      return "partly";
    case HarvestStatus::skipped:
      return "skipped";
  }
  return "";
}

}  // namespace lotwright
