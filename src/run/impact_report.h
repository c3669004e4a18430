// run/impact_report.h — the impact of new models in sentences and tables, for a terminal or a page.
#pragma once

#include <string>

#include "reports/report.h"
#include "run/impact.h"

namespace lotwright {

[[nodiscard]] reports::Report report_of(const Impact& impact);

// The report as a page that needs nothing else, with charts: where they show every number of a table they stand for it.
[[nodiscard]] std::string page_of(const Impact& impact);

}  // namespace lotwright
