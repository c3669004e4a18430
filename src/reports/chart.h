// reports/chart.h — target against before and after, a row of bars for each line or asset class. Internal to reports/.
#pragma once

#include <string>
#include <vector>

namespace lotwright::reports {

struct DriftBar {
  std::string label;
  double target = 0.0;  // fractions of the investable value
  double before = 0.0;
  double after = 0.0;
};

// An <svg> element; `id` makes the ids of its title and description unique in the page.
[[nodiscard]] std::string drift_chart(const std::string& id, const std::string& title,
                                      const std::vector<DriftBar>& bars);

}  // namespace lotwright::reports
