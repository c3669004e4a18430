// inputs/saved_queries.h — the questions that a firm asks again and again: the table [queries] of firm.toml.
//
//   [queries]
//   large = "severity = review and dollars_at_stake > 1e6"
//   [queries.much_traded]
//   file = "accounts"
//   where = "turnover > 30 %"
//   sort = "-turnover"
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace lotwright {

// As written; what a filter means is query/'s. Empty: not said.
struct SavedQuery {
  std::string name;
  std::string file = {};
  std::string where = {};
  std::string sort = {};
  std::string columns = {};
  std::optional<std::int64_t> limit = {};
};

// In the order of their names. A firm.toml that cannot be read, or a query of another shape, is a Failure with its
// place.
[[nodiscard]] Result<std::vector<SavedQuery>> read_saved_queries(const std::string& book_folder);

}  // namespace lotwright
