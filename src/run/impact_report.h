// run/impact_report.h — the impact of new models in sentences and tables, for a terminal or a page.
#pragma once

#include "reports/report.h"
#include "run/impact.h"

namespace lotwright {

[[nodiscard]] reports::Report report_of(const Impact& impact);

}  // namespace lotwright
