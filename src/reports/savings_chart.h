// reports/savings_chart.h — two bars of one length for each baseline: what was saved by its two parts, tax due and
// losses carried forward, and by its pieces. Internal to reports/.
#pragma once

#include <string>
#include <vector>

#include "savings/savings.h"

namespace lotwright::reports {

struct SavingsBar {
  std::string label;
  savings::Figures figures;
};

// An <svg> element with its own legend, for screen and paper. Pieces below zero stand left of the line.
[[nodiscard]] std::string savings_chart(const std::vector<SavingsBar>& bars);

}  // namespace lotwright::reports
