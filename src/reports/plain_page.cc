#include "reports/plain_page.h"

#include "reports/html.h"

namespace lotwright::reports {

std::string plain_page(const Report& report, const std::vector<Picture>& pictures) {
  std::string html;
  for (std::size_t i = 0; i < report.sections.size(); ++i) {
    std::string drawn;
    for (const Picture& picture : pictures) {
      if (picture.section == i) drawn += picture.svg;
    }
    html += html_of(report.sections[i], drawn);
  }
  return whole_page(report.title, "", html);
}

}  // namespace lotwright::reports
