// inputs/firm_toml.h — firm.toml as TOML, for those who read a part of it.
#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <vector>

#include "inputs/readers.h"
#include "inputs/saved_queries.h"

namespace lotwright::inputs {

// None where it cannot be read: the report's failure says why.
[[nodiscard]] std::optional<toml::table> parse_firm(BookFile& file);

// The text of a plain value as a setting is written: no exponents, yes and no for booleans; empty for tables and
// arrays.
[[nodiscard]] std::string text_of(const toml::node& node);

[[nodiscard]] Result<std::vector<SavedQuery>> saved_queries_in(const toml::table& root);

}  // namespace lotwright::inputs
