// cases/policy_rows.h — a whole policy as settings and their text, and back.
//
// Promises: what set_setting reads of settings_of is the same policy, to the bit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "book/policy.h"

namespace lotwright::cases {

// Every setting of docs/data.md by name, defaults too, and the bands there are.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> settings_of(const Policy& policy);

// As set_policy, but the numbers of the objective may have any digits that a double can hold.
[[nodiscard]] std::optional<Failure> set_setting(Policy& policy, std::string_view name, std::string_view value);

}  // namespace lotwright::cases
