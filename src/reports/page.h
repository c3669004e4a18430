// reports/page.h — an account's report as one HTML page that needs nothing else: no scripts, fonts or pictures from
// outside, charts as inline SVG with a title and description, light and dark, fit for paper. All text is escaped.
#pragma once

#include <string>

#include "reports/report.h"

namespace lotwright::reports {

[[nodiscard]] std::string page_of(const AccountFacts& facts, const Report& report);

// Text as it may stand in HTML, between tags and in quoted attributes; control characters become spaces.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace lotwright::reports
