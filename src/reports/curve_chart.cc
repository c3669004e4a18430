#include "reports/curve_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "reports/html.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

// Pixels of the drawing.
constexpr double width = 760.0;
constexpr double height = 434.0;  // the legend's rows after the first come to it
constexpr double left = 90.0;
constexpr double right = 700.0;  // half of "$2,000,000" stands beyond it
constexpr double top = 44.0;
constexpr double bottom = 360.0;
constexpr int ticks_wanted = 5;

constexpr const char* style = R"(<style>
.curve-chart text { font: 13px system-ui, sans-serif; fill: #1a1d21; }
.curve-chart .soft { fill: #5b6470; }
.curve-chart .grid { stroke: #d8dde3; stroke-width: 1; }
.curve-chart .c0 { stroke: #2f6fb0; fill: #2f6fb0; } .curve-chart .c1 { stroke: #c2410c; fill: #c2410c; }
.curve-chart .c2 { stroke: #15803d; fill: #15803d; } .curve-chart .c3 { stroke: #7c3aed; fill: #7c3aed; }
.curve-chart polyline { stroke-width: 2; }
.curve-chart .mark { fill: none; stroke: #c2410c; stroke-width: 2.5; }
.curve-chart .band { fill: #2f6fb0; opacity: .18; stroke: none; }
@media (prefers-color-scheme: dark) { .curve-chart text { fill: #e6e9ec; } .curve-chart .soft { fill: #9aa4af; }
  .curve-chart .grid { stroke: #333a41; } }
</style>
)";

// The values of one axis and their pixels.
class Scale {
 public:
  Scale(double low, double high, double from, double to) : from_(from), to_(to) {
    if (high - low < 1e-12) high = low + std::max(std::abs(low) * 0.1, 1e-6);
    step_ = step_of((high - low) / ticks_wanted);
    low_ = std::floor(low / step_) * step_;
    high_ = std::ceil(high / step_) * step_;
  }
  [[nodiscard]] double at(double value) const { return from_ + (value - low_) / (high_ - low_) * (to_ - from_); }
  [[nodiscard]] std::vector<double> ticks() const {
    std::vector<double> values;
    const int count = static_cast<int>(std::lround((high_ - low_) / step_));
    for (int i = 0; i <= count; ++i) values.push_back(low_ + i * step_);
    return values;
  }

 private:
  // 1, 2 or 5 times a power of ten, not below `least`.
  static double step_of(double least) {
    double step = 1.0;
    while (step > least) step /= 10.0;
    while (step * 10.0 <= least) step *= 10.0;
    for (const double times : {1.0, 2.0, 5.0}) {
      if (step * times >= least) return step * times;
    }
    return step * 10.0;
  }

  double from_;
  double to_;
  double low_ = 0.0;
  double high_ = 0.0;
  double step_ = 1.0;
};

std::string tick_text(const Axis& axis, double value) {
  if (axis.unit == Unit::number) return fmt::format("{:.6g}", value);
  if (axis.unit == Unit::percent) return fmt::format("{:.4g} %", std::abs(value) < 1e-12 ? 0.0 : 100.0 * value);
  std::string text = usd(std::abs(value) < 1e-9 ? 0.0 : value);
  if (text.ends_with(".00")) text.erase(text.size() - 3);
  return text;
}

template <class Visit>
void each_point(const CurveChart& chart, Visit visit) {
  for (const Curve& curve : chart.curves) {
    for (const CurvePoint& point : curve.points) visit(point);
  }
  for (const auto& [low, high] : chart.band) {
    visit(low);
    visit(high);
  }
}

std::pair<Scale, Scale> scales_of(const CurveChart& chart) {
  double x_low = 0.0;
  double x_high = 0.0;
  double y_low = 0.0;
  double y_high = 0.0;
  bool first = true;
  each_point(chart, [&](const CurvePoint& point) {
    x_low = first ? point.x : std::min(x_low, point.x);
    x_high = first ? point.x : std::max(x_high, point.x);
    y_low = std::min(y_low, point.y);
    y_high = std::max(y_high, point.y);
    first = false;
  });
  return {Scale(x_low, x_high, left, right), Scale(y_low, y_high, bottom, top)};
}

std::string axes_of(const CurveChart& chart, const Scale& x, const Scale& y) {
  std::string svg;
  const auto out = std::back_inserter(svg);
  for (const double tick : y.ticks()) {
    fmt::format_to(out, R"(<line class="grid" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)", left, right,
                   y.at(tick), y.at(tick));
    fmt::format_to(out, R"(<text class="soft" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)", left - 8.0,
                   y.at(tick) + 4.0, tick_text(chart.y, tick));
  }
  for (const double tick : x.ticks()) {
    fmt::format_to(out, R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)", x.at(tick),
                   bottom, bottom + 5.0);
    fmt::format_to(out, R"(<text class="soft" x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)", x.at(tick),
                   bottom + 20.0, tick_text(chart.x, tick));
  }
  fmt::format_to(out, R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)", 0.5 * (left + right),
                 bottom + 42.0, escaped(chart.x.label));
  fmt::format_to(out, R"(<text x="{:.1f}" y="{:.1f}">{}</text>)", 8.0, top - 26.0, escaped(chart.y.label));
  return svg + "\n";
}

using Band = std::vector<std::pair<CurvePoint, CurvePoint>>;

std::string band_of(const Band& band, const Scale& x, const Scale& y) {
  if (band.empty()) return {};
  std::string svg = "<polygon class=\"band\" points=\"";
  const auto out = std::back_inserter(svg);
  for (const auto& [low, high] : band) fmt::format_to(out, "{:.1f},{:.1f} ", x.at(low.x), y.at(low.y));
  for (auto pair = band.rbegin(); pair != band.rend(); ++pair) {
    fmt::format_to(out, "{:.1f},{:.1f} ", x.at(pair->second.x), y.at(pair->second.y));
  }
  return svg + "\"/>\n";
}

std::string curve_of(const Curve& curve, std::size_t number, const Scale& x, const Scale& y) {
  std::string svg;
  const auto out = std::back_inserter(svg);
  if (curve.joined) {
    // In the element itself: no rule for a curve's points can fill the area under its line.
    fmt::format_to(out, "<polyline class=\"c{}\" style=\"fill:none\" points=\"", number % 4);
    for (const CurvePoint& point : curve.points) fmt::format_to(out, "{:.1f},{:.1f} ", x.at(point.x), y.at(point.y));
    svg += "\"/>\n";
  }
  for (const CurvePoint& point : curve.points) {
    fmt::format_to(out, "<g><title>{}</title><circle class=\"c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\"/>",
                   escaped(point.title), number % 4, x.at(point.x), y.at(point.y), curve.joined ? 3 : 5);
    if (point.marked) {
      fmt::format_to(out, "<circle class=\"mark\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"8\"/>", x.at(point.x), y.at(point.y));
    }
    svg += "</g>\n";
  }
  return svg;
}

// The legend's entries from left to right, in as many rows as they need.
class Legend {
 public:
  // `sample` draws 24 pixels from `x` on, around the height `y`.
  template <class Sample>
  void add(const std::string& label, Sample sample) {
    constexpr double letter = 7.2;
    constexpr double row = 22.0;
    const double wide = 60.0 + letter * static_cast<double>(label.size());
    if (x_ > left && x_ + wide > width) {
      x_ = left;
      y_ += row;
    }
    svg_ += sample(x_, y_);
    fmt::format_to(std::back_inserter(svg_), "<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x_ + 30.0, y_ + 4.0,
                   escaped(label));
    x_ += wide;
  }
  [[nodiscard]] const std::string& svg() const { return svg_; }
  [[nodiscard]] double bottom() const { return y_ + 12.0; }

 private:
  std::string svg_;
  double x_ = left;
  double y_ = height - 8.0;
};

bool has_marks(const CurveChart& chart) {
  return std::ranges::any_of(chart.curves,
                             [](const Curve& curve) { return std::ranges::any_of(curve.points, &CurvePoint::marked); });
}

std::string swatch(double x, double y) {
  return fmt::format(R"(<rect class="band" x="{:.1f}" y="{:.1f}" width="24" height="12"/>)", x, y - 6.0);
}

Legend legend_of(const CurveChart& chart) {
  Legend legend;
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    legend.add(chart.curves[i].label, [&](double x, double y) {
      const char* line = R"(<polyline class="c{}" style="fill:none" points="{:.1f},{:.1f} {:.1f},{:.1f}"/>)";
      return (chart.curves[i].joined ? fmt::format(fmt::runtime(line), i % 4, x, y, x + 24.0, y) : std::string()) +
             fmt::format(R"(<circle class="c{}" cx="{:.1f}" cy="{:.1f}" r="4"/>)", i % 4, x + 12.0, y);
    });
  }
  if (has_marks(chart)) {
    legend.add(chart.mark_label, [](double x, double y) {
      return fmt::format(R"(<circle class="mark" cx="{:.1f}" cy="{:.1f}" r="8"/>)", x + 12.0, y);
    });
  }
  if (!chart.band.empty()) legend.add(chart.band_label, swatch);
  // It lies upon the wider one.
  if (!chart.inner_band.empty())
    legend.add(chart.inner_band_label, [](double x, double y) { return swatch(x, y) + swatch(x, y); });
  return legend;
}

}  // namespace

std::string svg_of(const CurveChart& chart) {
  const auto [x, y] = scales_of(chart);
  const Legend legend = legend_of(chart);
  std::string svg = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" class="curve-chart" viewBox="0 0 {:.0f} {:.0f}" role="img">
<title>{}</title>
<desc>{}</desc>
)",
      width, legend.bottom(), escaped(chart.title), escaped(chart.description));
  svg += style;
  svg += axes_of(chart, x, y) + band_of(chart.band, x, y) + band_of(chart.inner_band, x, y);
  for (std::size_t i = 0; i < chart.curves.size(); ++i) svg += curve_of(chart.curves[i], i, x, y);
  return svg + legend.svg() + "</svg>\n";
}

}  // namespace lotwright::reports
