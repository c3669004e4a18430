#include "reports/curve_chart.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace lotwright::reports {
namespace {

CurveChart two_million() {
  return {.title = "t",
          .description = "d",
          .x = {"tax", Unit::dollars},
          .y = {"tracking error", Unit::percent},
          .curves = {{"a frontier", {{0.0, 0.2, "one", false}, {1.9e6, 0.0, "two", true}}}},
          .band = {{{0.0, 0.1, {}, false}, {0.0, 0.2, {}, false}}},
          .inner_band = {{{0.0, 0.1, {}, false}, {0.0, 0.2, {}, false}}},
          .mark_label = "the knee",
          .band_label = "wide",
          .inner_band_label = "narrow"};
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(CurveChart, no_rule_of_the_sheet_can_fill_the_area_under_a_line) {
  const std::string svg = svg_of(two_million());
  EXPECT_GT(count(svg, "<polyline "), 0U);
  EXPECT_EQ(count(svg, "<polyline "), count(svg, "style=\"fill:none\""));
}

TEST(CurveChart, the_last_label_of_the_axis_stands_within_the_drawing) {
  const std::string svg = svg_of(two_million());
  // Anchored in its middle, 10 letters of 8 pixels at most.
  EXPECT_NE(svg.find("x=\"700.0\" y=\"380.0\" text-anchor=\"middle\">$2,000,000</text>"), std::string::npos) << svg;
  EXPECT_NE(svg.find("viewBox=\"0 0 760 "), std::string::npos) << "700 and half of 80 are 740";
}

TEST(CurveChart, marks_and_bands_stand_in_the_legend_where_there_are_any) {
  CurveChart chart = two_million();
  for (const char* label : {">the knee</text>", ">wide</text>", ">narrow</text>"})
    EXPECT_EQ(count(svg_of(chart), label), 1U) << label;
  chart.band.clear();
  chart.inner_band.clear();
  chart.curves[0].points[1].marked = false;
  for (const char* label : {">the knee</text>", ">wide</text>", ">narrow</text>"})
    EXPECT_EQ(count(svg_of(chart), label), 0U) << label;
}

TEST(CurveChart, a_long_legend_goes_on_in_another_row_and_the_drawing_grows) {
  CurveChart chart = two_million();
  const auto height = [](const std::string& svg) { return svg.substr(svg.find("viewBox"), 24); };
  const std::string one_row = height(svg_of(chart));
  chart.curves[0].label = std::string(80, 'a');
  EXPECT_NE(height(svg_of(chart)), one_row);
}

}  // namespace
}  // namespace lotwright::reports
