#include "reports/chart.h"

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
constexpr double width = 720.0;
constexpr double label_width = 150.0;
constexpr double number_width = 230.0;
constexpr double row_height = 34.0;
constexpr double bar_height = 10.0;
constexpr std::size_t label_max = 21;  // characters that fit

// From the chart's unit to pixels; zero is always in sight.
class Scale {
 public:
  explicit Scale(const std::vector<ChartBar>& bars) {
    for (const ChartBar& bar : bars) {
      low_ = std::min({low_, bar.target.value_or(0.0), bar.before, bar.after});
      high_ = std::max({high_, bar.target.value_or(0.0), bar.before, bar.after});
    }
    if (high_ <= low_) high_ = low_ + 0.01;
  }
  [[nodiscard]] double x(double value) const {
    return label_width + (value - low_) / (high_ - low_) * (width - label_width - number_width);
  }

 private:
  double low_ = 0.0;
  double high_ = 0.0;
};

std::string in_words(Unit unit, double value) {
  if (unit == Unit::percent) return percent(value);
  if (unit == Unit::number) return grouped(fmt::format("{:.0f}", value));
  return std::round(value) < 0.0 ? "-$" + grouped(fmt::format("{:.0f}", -value))
                                 : "$" + grouped(fmt::format("{:.0f}", std::abs(value)));
}

// Cut between characters.
std::string shortened(const std::string& label) {
  std::string text;
  std::size_t characters = 0;
  for (const char byte : label) {
    const bool begins = (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    if (begins && ++characters > label_max) return text + "…";
    text += byte;
  }
  return text;
}

std::string bar_of(const Scale& scale, const char* kind, double value, double y) {
  const double from = std::min(scale.x(0.0), scale.x(value));
  const double to = std::max(scale.x(0.0), scale.x(value));
  return fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)", kind, from, y,
                     std::max(to - from, 0.5), bar_height);
}

// "12.00 % → 10.00 % of 10.00 %"
std::string number_of(const BarChart& chart, const ChartBar& bar) {
  std::string text = chart.both ? in_words(chart.unit, bar.before) + " → " : std::string();
  text += in_words(chart.unit, bar.after);
  return bar.target ? text + " of " + in_words(chart.unit, *bar.target) : text;
}

std::string row_of(const BarChart& chart, const Scale& scale, const ChartBar& bar, double top) {
  std::string svg;
  auto out = std::back_inserter(svg);
  const std::string target = bar.target ? "target " + in_words(chart.unit, *bar.target) + ", " : std::string();
  const std::string before = chart.both ? "before " + in_words(chart.unit, bar.before) + ", after " : std::string();
  fmt::format_to(out, "<g><title>{}: {}{}{}</title>", escaped(bar.label), target, before,
                 in_words(chart.unit, bar.after));
  fmt::format_to(out, R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)", label_width - 8.0, top + 20.0,
                 escaped(shortened(bar.label)));
  if (chart.both) svg += bar_of(scale, "before", bar.before, top + 5.0);
  svg += bar_of(scale, "after", bar.after, chart.both ? top + 6.0 + bar_height : top + 11.0);
  if (bar.target) {
    fmt::format_to(out, R"(<line class="target" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)",
                   scale.x(*bar.target), top + 2.0, top + row_height - 4.0);
  }
  fmt::format_to(out, R"(<text class="number" x="{:.1f}" y="{:.1f}">{}</text></g>)", width - number_width + 8.0,
                 top + 20.0, number_of(chart, bar));
  return svg + "\n";
}

}  // namespace

std::string svg_of(const BarChart& chart) {
  const Scale scale(chart.bars);
  std::string svg;
  fmt::format_to(std::back_inserter(svg),
                 R"(<svg viewBox="0 0 {0:.0f} {1:.0f}" role="img" aria-labelledby="{2}-title {2}-desc">
<title id="{2}-title">{3}</title>
<desc id="{2}-desc">{4}</desc>
)",
                 width, row_height * static_cast<double>(chart.bars.size()) + 4.0, chart.id, escaped(chart.title),
                 escaped(chart.description));
  double top = 0.0;
  for (const ChartBar& bar : chart.bars) {
    svg += row_of(chart, scale, bar, top);
    top += row_height;
  }
  return svg + "</svg>\n";
}

std::string drift_chart(const std::string& id, const std::string& title, std::vector<ChartBar> bars) {
  constexpr const char* description =
      "Each row has a pale bar for the weight before the orders, a full bar for the weight after them, and\n"
      "an upright line for the target; the numbers are before, after and the target.";
  return svg_of(BarChart{id, title, description, Unit::percent, std::move(bars)});
}

}  // namespace lotwright::reports
