// reports/html.h — what pages have in common: one look on screen and paper, tables, safe text. Internal to reports/.
#pragma once

#include <string>
#include <string_view>

#include "reports/report.h"

namespace lotwright::reports {

// Text as it may stand in HTML, between tags and in quoted attributes; control characters become spaces.
[[nodiscard]] std::string escaped(std::string_view text);

// The caption is for those who cannot see the table.
[[nodiscard]] std::string html_of(const Table& table, const std::string& caption);

// Heading, table, sentences; `picture` is HTML that stands in front of the table.
[[nodiscard]] std::string html_of(const Section& section, const std::string& picture = {});

// A page that needs nothing else, light and dark, fit for paper; `title` is its heading too, `body` is HTML.
[[nodiscard]] std::string whole_page(const std::string& title, std::string_view more_style, const std::string& body);

}  // namespace lotwright::reports
