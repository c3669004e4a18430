// reports/json_number.h — a figure that may be missing, as JSON: null says so.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "units/amounts.h"

namespace lotwright::reports {

[[nodiscard]] inline nlohmann::ordered_json number(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}

[[nodiscard]] inline nlohmann::ordered_json number(const std::optional<Money>& amount) {
  return amount ? nlohmann::ordered_json(amount->to_double()) : nlohmann::ordered_json();
}

}  // namespace lotwright::reports
