// reports/curve_chart.h — one or more curves over two axes, as an SVG that stands by itself or in a page.
#pragma once

#include <string>
#include <vector>

namespace lotwright::reports {

struct CurvePoint {
  double x = 0.0;
  double y = 0.0;
  std::string title;  // shown where a pointer rests on it
  bool marked = false;
};

struct Curve {
  std::string label;
  std::vector<CurvePoint> points;
  bool joined = true;  // by a line; else single points
};

enum class Unit { dollars, percent, number };  // percent: fractions, written as percent

struct Axis {
  std::string label;
  Unit unit = Unit::dollars;
};

struct CurveChart {
  std::string title;
  std::string description;
  Axis x;
  Axis y;
  std::vector<Curve> curves;
  // Points by x between which the chart is shaded: lower and upper of each pair.
  std::vector<std::pair<CurvePoint, CurvePoint>> band = {};
  std::vector<std::pair<CurvePoint, CurvePoint>> inner_band = {};  // shaded darker
  // What the legend says of them, where there are any: marked points, `band`, `inner_band`.
  std::string mark_label = {};
  std::string band_label = {};
  std::string inner_band_label = {};
};

[[nodiscard]] std::string svg_of(const CurveChart& chart);

}  // namespace lotwright::reports
