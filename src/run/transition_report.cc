#include "run/transition_report.h"

#include <fmt/format.h>

#include "reports/words.h"

namespace lotwright {
namespace {

using reports::percent;
using reports::usd;

constexpr double stuck_told_min = 0.1;  // of the paths

std::string spread(const Quantiles& one, bool fraction) {
  const auto text = [&](double value) { return fraction ? percent(value, 2) : usd(value); };
  return fmt::format("{} ({} to {})", text(one.p50), text(one.p10), text(one.p90));
}

std::string stuck_in_words(const TransitionYear& year) {
  const std::string why = 2.0 * year.stuck_by_budget >= year.stuck
                              ? "the year's budget is used up: a larger one would move it"
                              : "what is left costs more than its risk is worth at this risk_aversion";
  return fmt::format(
      "Stuck in year {} in {} of the paths: moved less than 2 % of the way with more than a tenth left; "
      "{}.",
      year.year, percent(year.stuck, 0), why);
}

}  // namespace

reports::Report report_of(const Transition& transition) {
  const TransitionWishes& wishes = transition.wishes;
  reports::Section section;
  section.heading = "Year by year: the middle of the paths, and in brackets one in ten to nine in ten";
  section.table.columns = {"year",       "decided on", "tracking error", "moved", "unrealized gain",
                           "tax so far", "value",      "stuck"};
  section.table.text_columns = 2;
  for (const TransitionYear& year : transition.years) {
    section.table.rows.push_back({std::to_string(year.year), year.decided_on.to_string(),
                                  spread(year.tracking_error, true), percent(year.moved.p50, 1),
                                  spread(year.unrealized_gain, false), spread(year.tax, false), usd(year.value.p50),
                                  percent(year.stuck, 0)});
    if (year.away >= stuck_told_min) {
      section.items.push_back(
          {fmt::format("Further from the target than today after year {} in {} of the paths: losses "
                       "were worth more than the risk, or the market moved it.",
                       year.year, percent(year.away, 0)),
           {}});
    }
    if (year.stuck >= stuck_told_min) section.items.push_back({stuck_in_words(year), {}});
  }
  section.items.push_back(
      {fmt::format("Year 1 is decided on today's book with a {} budget of {} a year; the years after it on {} paths of "
                   "prices (seed {}, drift {} a year, variance of the risk model), {} decision(s) a year.",
                   wishes.gains ? "gain" : "tax", usd(wishes.budget), wishes.paths, wishes.seed,
                   percent(wishes.drift, 1), wishes.decisions_a_year),
       {}});
  return {fmt::format("Transition of account {} over {} years", transition.account_id, wishes.years), {section}};
}

reports::CurveChart chart_of(const Transition& transition) {
  reports::CurveChart chart;
  chart.title = "Tracking error by year, account " + transition.account_id;
  chart.description = "The middle path, and the band from one path in ten to nine in ten.";
  chart.x = {"year", reports::Unit::number};
  chart.y = {"tracking error a year", reports::Unit::percent};
  reports::Curve middle{"middle of the paths", {}, true};
  for (const TransitionYear& year : transition.years) {
    const double x = year.year;
    middle.points.push_back(
        {x, year.tracking_error.p50,
         fmt::format("year {}: {}, moved {}", year.year, spread(year.tracking_error, true), percent(year.moved.p50, 1)),
         year.stuck >= stuck_told_min});
    chart.band.push_back({{x, year.tracking_error.p10, {}, false}, {x, year.tracking_error.p90, {}, false}});
  }
  chart.curves = {std::move(middle)};
  return chart;
}

}  // namespace lotwright
