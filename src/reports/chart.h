// reports/chart.h — what is before against what is after, a row of two bars for each thing: lines and asset classes
// against their targets, models, ranges.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/curve_chart.h"

namespace lotwright::reports {

struct ChartBar {
  std::string label;
  std::optional<double> target;  // an upright line; in the chart's unit, like the others
  double before = 0.0;
  double after = 0.0;
};

struct BarChart {
  std::string id;  // makes the ids of title and description unique in the page
  std::string title;
  std::string description;  // for those who cannot see the bars
  Unit unit = Unit::percent;
  std::vector<ChartBar> bars;
  bool both = true;  // false: only `after` is drawn
};

// An <svg> element.
[[nodiscard]] std::string svg_of(const BarChart& chart);

// Weights as fractions of the investable value against their targets.
[[nodiscard]] std::string drift_chart(const std::string& id, const std::string& title, std::vector<ChartBar> bars);

}  // namespace lotwright::reports
