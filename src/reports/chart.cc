#include "reports/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

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

// From fractions to pixels; zero is always in sight.
class Scale {
 public:
  explicit Scale(const std::vector<DriftBar>& bars) {
    for (const DriftBar& bar : bars) {
      low_ = std::min({low_, bar.target, bar.before, bar.after});
      high_ = std::max({high_, bar.target, bar.before, bar.after});
    }
    if (high_ <= low_) high_ = low_ + 0.01;
  }
  [[nodiscard]] double x(double fraction) const {
    return label_width + (fraction - low_) / (high_ - low_) * (width - label_width - number_width);
  }

 private:
  double low_ = 0.0;
  double high_ = 0.0;
};

std::string bar_of(const Scale& scale, const char* kind, double fraction, double y) {
  const double from = std::min(scale.x(0.0), scale.x(fraction));
  const double to = std::max(scale.x(0.0), scale.x(fraction));
  return fmt::format(R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)", kind, from, y,
                     std::max(to - from, 0.5), bar_height);
}

std::string row_of(const Scale& scale, const DriftBar& bar, double top) {
  std::string svg;
  auto out = std::back_inserter(svg);
  fmt::format_to(out, "<g><title>{}: target {}, before {}, after {}</title>", escaped(bar.label), percent(bar.target),
                 percent(bar.before), percent(bar.after));
  fmt::format_to(out, R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)", label_width - 8.0, top + 20.0,
                 escaped(bar.label));
  svg += bar_of(scale, "before", bar.before, top + 5.0);
  svg += bar_of(scale, "after", bar.after, top + 6.0 + bar_height);
  fmt::format_to(out, R"(<line class="target" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)",
                 scale.x(bar.target), top + 2.0, top + row_height - 4.0);
  fmt::format_to(out, R"(<text class="number" x="{:.1f}" y="{:.1f}">{} → {} of {}</text></g>)",
                 width - number_width + 8.0, top + 20.0, percent(bar.before), percent(bar.after), percent(bar.target));
  return svg + "\n";
}

}  // namespace

std::string drift_chart(const std::string& id, const std::string& title, const std::vector<DriftBar>& bars) {
  const Scale scale(bars);
  std::string svg;
  fmt::format_to(std::back_inserter(svg),
                 R"(<svg viewBox="0 0 {0:.0f} {1:.0f}" role="img" aria-labelledby="{2}-title {2}-desc">
<title id="{2}-title">{3}</title>
<desc id="{2}-desc">Each row has a pale bar for the weight before the orders, a full bar for the weight after them, and
an upright line for the target; the numbers are before, after and the target.</desc>
)",
                 width, row_height * static_cast<double>(bars.size()) + 4.0, id, escaped(title));
  double top = 0.0;
  for (const DriftBar& bar : bars) {
    svg += row_of(scale, bar, top);
    top += row_height;
  }
  return svg + "</svg>\n";
}

}  // namespace lotwright::reports
