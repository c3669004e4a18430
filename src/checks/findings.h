// checks/findings.h — how the ladders write down what they found.
#pragma once

#include <string>
#include <vector>

#include "checks/checks.h"

namespace lotwright {

// Adds a finding on the account; one of severity hold holds it.
void add_finding(const Book& book, CheckedAccount& checked, const char* rule, Severity severity, std::string observed,
                 std::string limit, std::string message);

// "AAA, BBB, CCC and 12 more": the first five, for a message that a person can read.
[[nodiscard]] std::string list_of(const std::vector<std::string>& names);

// The same for securities, by id.
[[nodiscard]] std::string list_of(const Book& book, const std::vector<SecurityIndex>& securities);

}  // namespace lotwright
