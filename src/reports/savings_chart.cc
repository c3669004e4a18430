#include "reports/savings_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "reports/html.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

// Pixels of the drawing.
constexpr double width = 720.0;
constexpr double label_width = 178.0;
constexpr double number_width = 120.0;
constexpr double row_height = 56.0;
constexpr double bar_height = 18.0;
constexpr double bar_gap = 2.0;
constexpr double legend_height = 56.0;
constexpr double legend_line = 22.0;

struct Piece {
  const char* style;
  const char* words;
  Money savings::Figures::*dollars;
};

constexpr std::array<Piece, 2> parts = {
    {{"due", "tax due for the year", &savings::Figures::saved_due},
     {"carried", "losses carried forward, worth today", &savings::Figures::saved_carried}}};
constexpr std::array<Piece, 4> pieces = {{{"deferral", "gains put off", &savings::Figures::deferral},
                                          {"harvest", "losses taken", &savings::Figures::harvest},
                                          {"difference", "rate difference", &savings::Figures::rate_difference},
                                          {"permanent", "kept for good", &savings::Figures::permanent}}};

// From dollars to pixels; zero is always in sight.
class Scale {
 public:
  explicit Scale(const std::vector<SavingsBar>& bars) {
    for (const SavingsBar& bar : bars) {
      hold(bar, parts);
      hold(bar, pieces);
    }
    if (high_ - low_ < 1.0) high_ = low_ + 1.0;
  }
  [[nodiscard]] double x(double dollars) const {
    return label_width + (dollars - low_) / (high_ - low_) * (width - label_width - number_width);
  }

 private:
  void hold(const SavingsBar& bar, std::span<const Piece> stack) {
    double below = 0.0;
    double above = 0.0;
    for (const Piece& piece : stack) {
      const double dollars = (bar.figures.*piece.dollars).to_double();
      (dollars < 0.0 ? below : above) += dollars;
    }
    low_ = std::min(low_, below);
    high_ = std::max(high_, above);
  }

  double low_ = 0.0;
  double high_ = 0.0;
};

std::string stacked(const Scale& scale, const SavingsBar& bar, std::span<const Piece> stack, double top) {
  std::string svg;
  auto out = std::back_inserter(svg);
  double below = 0.0;
  double above = 0.0;
  for (const Piece& piece : stack) {
    const Money amount = bar.figures.*piece.dollars;
    const double dollars = amount.to_double();
    if (amount.is_zero()) continue;
    double& end = dollars < 0.0 ? below : above;
    const double from = std::min(end, end + dollars);
    fmt::format_to(out, R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">)", piece.style,
                   scale.x(from), top, std::max(scale.x(from + std::abs(dollars)) - scale.x(from), 0.5), bar_height);
    fmt::format_to(out, "<title>{}: {}</title></rect>", piece.words, usd(amount));
    end += dollars;
  }
  return svg;
}

std::string row_of(const Scale& scale, const SavingsBar& bar, double top) {
  const double middle = top + row_height / 2.0;
  return fmt::format(R"(<g><text x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)", label_width - 10.0, middle + 5.0,
                     escaped(bar.label)) +
         stacked(scale, bar, parts, middle - bar_gap / 2.0 - bar_height) +
         stacked(scale, bar, pieces, middle + bar_gap / 2.0) +
         fmt::format(R"(<text class="total" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text></g>)", width - 2.0,
                     middle + 5.0, usd(bar.figures.saved)) +
         "\n";
}

std::string legend(std::span<const Piece> stack, double step, double top) {
  std::string svg;
  double x = label_width - 10.0;
  for (const Piece& piece : stack) {
    fmt::format_to(std::back_inserter(svg),
                   R"(<rect class="{}" x="{:.1f}" y="{:.1f}" width="12" height="12"/>)"
                   R"(<text class="number" x="{:.1f}" y="{:.1f}">{}</text>)",
                   piece.style, x, top + 12.0, x + 17.0, top + 22.5, piece.words);
    x += step;
  }
  return svg + "\n";
}

}  // namespace

std::string savings_chart(const std::vector<SavingsBar>& bars) {
  const Scale scale(bars);
  const double rows = row_height * static_cast<double>(bars.size());
  std::string svg;
  auto out = std::back_inserter(svg);
  fmt::format_to(out,
                 R"(<svg viewBox="0 0 {:.0f} {:.0f}" role="img" aria-labelledby="saved-title saved-desc">
<title id="saved-title">What is saved, by its two parts and by its pieces</title>
<desc id="saved-desc">Two bars for each baseline. The upper one is made of tax due for the year and of losses carried
forward at their worth today, the lower one of the pieces the same sum comes from. What is left of the upright line
counts against these orders. The number is the sum of either bar.</desc>
)",
                 width, rows + legend_height);
  double top = 0.0;
  for (const SavingsBar& bar : bars) {
    svg += row_of(scale, bar, top);
    top += row_height;
  }
  fmt::format_to(out, R"(<line class="zero" x1="{0:.1f}" x2="{0:.1f}" y1="4" y2="{1:.1f}"/>)", scale.x(0.0), rows);
  return svg + legend(parts, 200.0, rows) + legend(pieces, 132.0, rows + legend_line) + "</svg>\n";
}

}  // namespace lotwright::reports
