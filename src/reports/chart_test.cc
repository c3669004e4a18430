#include "reports/chart.h"

#include <gtest/gtest.h>

namespace lotwright::reports {
namespace {

BarChart chart(std::vector<ChartBar> bars, bool both = true) {
  return {"id", "What & why", "Two bars a row.", Unit::dollars, std::move(bars), both};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// The drawing is 720 wide, 340 of them for bars: from -100 to 300 a dollar is 0.85, and zero lies at 150 + 85 = 235.
TEST(BarChart, WhatIsBelowZeroStandsLeftOfIt) {
  const std::string svg = svg_of(chart({{"A", std::nullopt, -100.0, 300.0}}));
  EXPECT_TRUE(has(svg, R"(<rect class="before" x="150.0" y="5.0" width="85.0")")) << svg;
  EXPECT_TRUE(has(svg, R"(<rect class="after" x="235.0" y="16.0" width="255.0")")) << svg;
  EXPECT_TRUE(has(svg, ">-$100 → $300</text>")) << svg;
  EXPECT_FALSE(has(svg, "class=\"target\"")) << svg;
}

TEST(BarChart, OneRunHasOneBar) {
  const std::string svg = svg_of(chart({{"A", std::nullopt, 0.0, 1234567.0}}, false));
  EXPECT_FALSE(has(svg, "class=\"before\"")) << svg;
  EXPECT_TRUE(has(svg, ">$1,234,567</text>")) << svg;
}

TEST(BarChart, ALongNameIsCutBetweenCharactersAndStandsWholeInTheTitle) {
  const std::string name = "ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜ<&";  // 21 of two bytes each
  const std::string svg = svg_of(chart({{name, std::nullopt, 0.0, 1.0}}));
  EXPECT_TRUE(has(svg, "ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜ…</text>")) << svg;
  EXPECT_TRUE(has(svg, "ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜ&lt;&amp;: before")) << svg;
}

}  // namespace
}  // namespace lotwright::reports
