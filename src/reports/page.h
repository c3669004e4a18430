// reports/page.h — an account's report as one HTML page that needs nothing else: no scripts, fonts or pictures from
// outside, charts as inline SVG with a title and description, light and dark, fit for paper. All text is escaped.
#pragma once

#include <string>

#include "reports/report.h"

namespace lotwright::reports {

[[nodiscard]] std::string page_of(const AccountFacts& facts, const Report& report);

}  // namespace lotwright::reports
