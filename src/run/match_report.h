// run/match_report.h — the models that an account could be funded in, as a report of reports/: text and page.
#pragma once

#include "reports/report.h"
#include "run/match.h"

namespace lotwright {

// Of each table the first `rows_max`; what is left out is counted.
[[nodiscard]] reports::Report report_of(const Matches& matches, std::size_t rows_max);

}  // namespace lotwright
