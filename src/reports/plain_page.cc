#include "reports/plain_page.h"

#include <algorithm>

#include "reports/html.h"

namespace lotwright::reports {

std::string plain_page(const Report& report, const std::vector<Picture>& pictures, const std::string& more_style) {
  std::string html;
  for (std::size_t i = 0; i < report.sections.size(); ++i) {
    std::string drawn;
    for (const Picture& picture : pictures) {
      if (picture.section == i) drawn += picture.svg;
    }
    html += html_of(report.sections[i], drawn);
  }
  const bool some_quiet = std::ranges::any_of(report.sections, &Section::quiet);
  return whole_page(report.title, (some_quiet ? ".quiet { color: var(--soft); }\n" : "") + more_style, html);
}

}  // namespace lotwright::reports
