// reports/plain_page.h — any report as an HTML page that needs nothing else, with pictures behind its sections.
#pragma once

#include <string>
#include <vector>

#include "reports/report.h"

namespace lotwright::reports {

struct Picture {
  std::size_t section = 0;  // of the report: the picture stands in front of its table
  std::string svg;
};

// `more_style`: CSS of this page alone.
[[nodiscard]] std::string plain_page(const Report& report, const std::vector<Picture>& pictures = {},
                                     const std::string& more_style = {});

}  // namespace lotwright::reports
