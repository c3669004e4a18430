// run/what_if.h — "what if": one account as it is, and beside it variants of its settings, model and requests.
//
// In:       a book, an account's id, variants in words, how few orders there may be.
// Out:      WhatIf: the account decided for each, the facts of reports/what_if.h.
// Promises: the first column is what `run` decides; the book is read again only for a variant with settings that are
//           the reader's (variant.h), and never copied.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reports/what_if.h"
#include "run/fewest.h"
#include "run/variant.h"

namespace lotwright {

inline constexpr std::size_t variants_max = 5;

struct WhatIf {
  std::vector<std::unique_ptr<UnitBook>> books;  // the account as it is, then one for each variant
  std::vector<std::unique_ptr<RunResult>> runs;
  std::vector<FewOrders> few;  // beside the variants: the account as it is with few orders
  reports::WhatIfFacts facts;  // refers to both
};

// The book once more, with settings of one account as if they stood last in account_settings.csv.
using ReadAgain = std::function<Result<Book>(const std::vector<std::pair<std::string, std::string>>& settings)>;

[[nodiscard]] Result<WhatIf> what_if(const Book& book, const std::string& account_id,
                                     const std::vector<Variant>& variants, const ReadAgain& read_again,
                                     const std::vector<std::size_t>& few = {});

}  // namespace lotwright
