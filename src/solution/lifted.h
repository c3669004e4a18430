// solution/lifted.h — an account as it would be without one of its rules. Internal to solution/.
#pragma once

#include <string>
#include <utility>

#include "checks/checks.h"
#include "problem/problem.h"

namespace lotwright {

// A rule by name, and which of its kind: the restriction's or request's id, the setting, the security; may be empty.
using NamedRule = std::pair<std::string, std::string>;

// What keeps a line from growing beyond its weight_max: the policy, or restrictions on the security.
[[nodiscard]] NamedRule cap_of(const Book& book, const CheckedLine& line);

// Takes the rule out of the account, or out of how it is posed. Limits on one security (weight_min, weight_max,
// lock_quantity) are named by the security and go together.
void lift(const CheckedUnit& unit, const NamedRule& name, CheckedAccount& freed, PoseOptions& options);

}  // namespace lotwright
