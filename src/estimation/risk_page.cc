#include "estimation/risk_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

namespace lotwright::estimation {
namespace {

constexpr double bias_low = 0.85;
constexpr double bias_high = 1.15;

template <class... Values>
void add(std::string& text, fmt::format_string<Values...> format, Values&&... values) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
}

// A chart's field: what lies between `low` and `high` is drawn between bottom and top.
struct Scale {
  double low;
  double high;
  double from;  // pixels
  double to;

  [[nodiscard]] double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

std::string bias_chart(const Validation& validation) {
  double high = 1.5;
  for (const WindowResult& window : validation.windows) high = std::max(high, 1.05 * window.bias);
  const Scale y{0.0, high, 240.0, 10.0};
  const Scale x{0.0, static_cast<double>(std::max<std::size_t>(validation.windows.size(), 2) - 1), 50.0, 740.0};
  std::string text = "<svg viewBox=\"0 0 760 270\" role=\"img\" aria-label=\"bias of each window\">\n";
  add(text, "<rect x=\"50\" y=\"{:.1f}\" width=\"690\" height=\"{:.1f}\" class=\"band\"/>\n", y(bias_high),
      y(bias_low) - y(bias_high));
  for (const double tick : {0.0, 0.5, 1.0, 1.5}) {
    add(text,
        "<line x1=\"50\" x2=\"740\" y1=\"{0:.1f}\" y2=\"{0:.1f}\" class=\"grid\"/><text x=\"42\" y=\"{1:.1f}\" "
        "class=\"end\">{2:.1f}</text>\n",
        y(tick), y(tick) + 4.0, tick);
  }
  std::string path;
  for (std::size_t w = 0; w < validation.windows.size(); ++w) {
    const WindowResult& window = validation.windows[w];
    const double across = x(static_cast<double>(w));
    add(path, "{:.1f},{:.1f} ", across, y(window.bias));
    add(text, "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{} to {}: {:.2f}</title></circle>\n", across,
        y(window.bias), window.first.to_string(), window.last.to_string(), window.bias);
  }
  add(text, "<polyline points=\"{}\"/>\n", path);
  add(text, "<text x=\"50\" y=\"262\">{}</text><text x=\"740\" y=\"262\" class=\"end\">{}</text>\n</svg>\n",
      validation.windows.front().first.to_string(), validation.windows.back().last.to_string());
  return text;
}

std::string decile_chart(const Validation& validation) {
  double high = 0.01;
  for (const DecileResult& decile : validation.deciles) high = std::max({high, decile.forecast, decile.realized});
  const Scale along{0.0, 1.05 * high, 50.0, 300.0};
  const Scale up{0.0, 1.05 * high, 260.0, 10.0};
  std::string text = "<svg viewBox=\"0 0 320 300\" role=\"img\" aria-label=\"realized over forecast\">\n";
  add(text, "<line x1=\"50\" y1=\"260\" x2=\"300\" y2=\"10\" class=\"grid\"/>\n");
  for (const DecileResult& decile : validation.deciles) {
    add(text,
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"><title>{:.2f} % forecast, {:.2f} % realized</title></circle>\n",
        along(decile.forecast), up(decile.realized), 100.0 * decile.forecast, 100.0 * decile.realized);
  }
  add(text, "<text x=\"50\" y=\"285\">forecast, to {0:.1f} %</text><text x=\"50\" y=\"20\">realized</text>\n</svg>\n",
      100.0 * high);
  return text;
}

std::string row_of(const std::string& name, const WindowResult& result) {
  const bool outside = result.bias < bias_low || result.bias > bias_high;
  return fmt::format("<tr><td>{}</td><td{}>{:.2f}</td><td>{:.2f} %</td><td>{:.2f} %</td><td>{:.3f}</td></tr>\n", name,
                     outside ? " class=\"outside\"" : "", result.bias, 100.0 * result.forecast, 100.0 * result.realized,
                     result.q_like);
}

constexpr const char* opening = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Risk model: validation</title><style>
body{font:15px/1.45 system-ui,sans-serif;max-width:800px;margin:2em auto;padding:0 1em;color:#222}
svg{width:100%;height:auto;font-size:12px}svg.half{max-width:420px}circle,polyline{stroke:#1b5e91;fill:#1b5e91}
polyline{fill:none;stroke-width:1.5}.band{fill:#e3eef6}.grid{stroke:#bbb}.end{text-anchor:end}
table{border-collapse:collapse}td,th{padding:.15em .8em;text-align:right}td:first-child{text-align:left}
.outside{color:#a02020;font-weight:bold}</style></head><body>
)";

std::string measured(const Validation& validation) {
  std::string text =
      "<h2>Bias</h2>\n<p>Return of random active portfolios over the volatility forecast before the "
      "window, root mean square: 1 is right, above it risk was larger than forecast. The band is 0.85 "
      "to 1.15. Every forecast was made from earlier days only.</p>\n";
  text += bias_chart(validation);
  text += "<table><tr><th>year</th><th>bias</th><th>forecast</th><th>realized</th><th>Q-like</th></tr>\n";
  for (const WindowResult& year : validation.years) text += row_of(std::to_string(year.first.civil().year), year);
  text += row_of("all", validation.whole) + "</table>\n";
  text +=
      "<h2>Tracking error, realized over forecast</h2>\n<p>Portfolios in ten groups by forecast; on the line the "
      "two agree.</p>\n";
  return text + decile_chart(validation);
}

}  // namespace

std::string validation_page(const ReportParts& parts) {
  std::string text = opening;
  const auto own = std::count(parts.estimate.origins.begin(), parts.estimate.origins.end(), Origin::own);
  add(text,
      "<h1>Risk model as of {}</h1>\n<p>{} securities, {} of them with a row from their own returns; {} factors; {} "
      "trading days from {}; {} findings (validation.json).</p>\n",
      parts.history.days.back().to_string(), parts.history.ids.size(), own, parts.estimate.exposures.cols(),
      parts.history.days.size(), parts.history.days.front().to_string(), parts.findings.size());
  text += parts.validation.windows.empty()
              ? "<p>The history is too short for a validation, or none was asked for.</p>\n"
              : measured(parts.validation);
  return text + "</body></html>\n";
}

}  // namespace lotwright::estimation
