#include "run/transition_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "reports/words.h"

namespace lotwright {
namespace {

using reports::percent;
using reports::usd;

constexpr double told_min = 0.1;         // of the paths
constexpr double years_told_max = 30.0;  // later than that is not said

std::string spread(const Quantiles& one, bool fraction) {
  const auto text = [&](double value) { return fraction ? percent(value, 2) : usd(std::round(value)); };
  return fmt::format("{} ({} to {})", text(one.p50), text(one.p10), text(one.p90));
}

constexpr auto causes = std::to_array<std::pair<std::string_view, const char*>>(
    {{"budget", "the budget is nothing, and what is left costs some"},
     {"restriction", "a restriction keeps what is left"},
     {"request", "a request keeps what is left"},
     {"wash_sale", "what is left waits for wash-sale windows"},
     {"minimum", "what is left is below trade_min or improvement_min_bps"},
     {"tax", "what is left costs more tax than its risk is worth at this risk_aversion"},
     {"trading", "what is left costs more to trade than its risk is worth at this risk_aversion"},
     {"limit", "a limit of the account keeps what is left"},
     {"data_hold", "the account is held for its data"},
     {"other_hold", "the account is held"},
     {"slow_budget", "the budget is used up: it takes more years, or a larger budget"},
     {"not_carried_out", "the plan's orders were not carried out: today's decision has them"}});

std::string cause_in_words(std::string_view cause) {
  const auto found = std::ranges::find(causes, cause, [](const auto& one) { return one.first; });
  return found == causes.end() ? "a setting of the account keeps what is left" : found->second;
}

std::string years_in_words(const std::optional<double>& years) {
  if (!years || *years > years_told_max) return fmt::format("not within {:.0f} years", years_told_max);
  return fmt::format("in year {:.0f}", std::ceil(*years));
}

std::string arrival_in_words(const Transition& plan) {
  const TransitionWishes& wishes = plan.wishes;
  if (plan.arrival.p50 && *plan.arrival.p50 <= wishes.years) {
    return fmt::format(
        "Arrives {} in half of the paths (one in ten {}, nine in ten {}): from then on the engine wants no more than "
        "the budget gives.",
        years_in_words(plan.arrival.p50), years_in_words(plan.arrival.p10), years_in_words(plan.arrival.p90));
  }
  const char* what = wishes.gains ? "gain" : "tax";
  std::string text = fmt::format(
      "Does not arrive within the plan's {} years: without a budget {} more {} would be taken at its end. At this "
      "budget "
      "it arrives {} in half of the paths (one in ten {}, nine in ten {}), extrapolated.",
      wishes.years, usd(std::round(plan.rows.back().wanted.p50)), what, years_in_words(plan.arrival.p50),
      years_in_words(plan.arrival.p10), years_in_words(plan.arrival.p90));
  if (plan.budget_to_arrive) {
    text += fmt::format(" A budget of about {} a year would arrive within {} years.", usd(*plan.budget_to_arrive),
                        wishes.years);
  }
  return text;
}

std::string year_of(const TransitionRow& row) {
  if (row.ends_year) return std::to_string(row.year);
  return row.year == 0 ? "0" : "today";
}

void tell_paces(const TransitionRow& row, reports::Section& section) {
  const auto say = [&](const std::string& sentence) { section.items.push_back({sentence, {}}); };
  if (row.away >= told_min) {
    say(
        fmt::format("Further from the target than today after year {} in {} of the paths: losses were worth more than "
                    "the risk, or the market moved it.",
                    row.year, percent(row.away, 0)));
  }
  if (row.stuck >= told_min) {
    say(fmt::format("Stuck in year {} in {} of the paths, where more time will not help: {}.", row.year,
                    percent(row.stuck, 0), cause_in_words(row.stuck_cause)));
  }
}

// The fans of the account at one of the plan's dates, for a table.
std::vector<std::string> cells_of(const TransitionRow& row) {
  return {year_of(row),
          row.decided_on.to_string(),
          spread(row.tracking_error, true),
          fmt::format("{} ({} to {})", percent(row.moved.p50, 1), percent(row.moved.p10, 1), percent(row.moved.p90, 1)),
          spread(row.unrealized_gain, false),
          spread(row.tax, false),
          usd(std::round(row.value.p50)),
          percent(row.slow, 0),
          percent(row.stuck, 0)};
}

}  // namespace

reports::Report report_of(const Transition& transition) {
  const TransitionWishes& wishes = transition.wishes;
  reports::Section section;
  section.heading = "Year by year: the middle of the paths, and in brackets one in ten to nine in ten";
  section.table.columns = {
      "year", "after the orders of", "tracking error", "moved", "unrealized gain", "tax so far", "value", "slow",
      "stuck"};
  section.table.text_columns = 2;
  section.items.push_back({arrival_in_words(transition), {}});
  for (std::size_t i = 0; i < transition.rows.size(); ++i) {
    const TransitionRow& row = transition.rows[i];
    if (!row.ends_year && i > 1) continue;
    section.table.rows.push_back(cells_of(row));
    if (row.ends_year) tell_paces(row, section);
  }
  section.items.push_back(
      {fmt::format(
           "Today is decided on today's book with a {} budget of {} a calendar year; what comes after it on {} "
           "paths of prices (seed {}, drift {} a year, variance of the risk model), {} decision(s) a year. Slow "
           "are paths that the used-up budget holds up, stuck those that time does not help.",
           wishes.gains ? "gain" : "tax", usd(wishes.budget), wishes.paths, wishes.seed, percent(wishes.drift, 1),
           wishes.decisions_a_year),
       {}});
  return {fmt::format("Transition of account {} over {} years", transition.account_id, wishes.years), {section}};
}

reports::CurveChart chart_of(const Transition& transition) {
  constexpr double days_a_year = 365.25;
  reports::CurveChart chart;
  chart.title = "Tracking error by year, account " + transition.account_id;
  chart.description = "The middle path, and the bands from one path in ten to nine in ten and from a quarter to three.";
  chart.x = {"years from today", reports::Unit::number};
  chart.y = {"tracking error a year", reports::Unit::percent};
  reports::Curve middle{"middle of the paths", {}, true};
  const Date first = transition.rows.front().decided_on;
  for (const TransitionRow& row : transition.rows) {
    const double x = static_cast<double>(row.decided_on - first) / days_a_year;
    middle.points.push_back({x, row.tracking_error.p50,
                             fmt::format("{}: {}, moved {}", row.decided_on.to_string(),
                                         spread(row.tracking_error, true), percent(row.moved.p50, 1)),
                             row.ends_year && row.stuck >= told_min});
    chart.band.push_back({{x, row.tracking_error.p10, {}, false}, {x, row.tracking_error.p90, {}, false}});
    chart.inner_band.push_back({{x, row.tracking_error.p25, {}, false}, {x, row.tracking_error.p75, {}, false}});
  }
  chart.curves = {std::move(middle)};
  return chart;
}

namespace {

std::string standing_in_words(const PlanProgress& progress) {
  switch (progress.standing) {
    case AgainstPlan::beyond_fan:
      return "Ahead, outside the plan's fan: fewer than one path in ten had come so far";
    case AgainstPlan::ahead:
      return "Ahead: further than three quarters of the plan's paths";
    case AgainstPlan::on_track:
      return "On track: within the middle half of the plan's paths";
    case AgainstPlan::behind:
      return "Behind: three quarters of the plan's paths had come further";
    case AgainstPlan::below_fan:
      return "Behind, outside the plan's fan: nine paths in ten had come further";
  }
  return {};
}

}  // namespace

reports::Report report_of(const PlanProgress& progress) {
  const char* what = progress.gains ? "gain of the year" : "tax of the year";
  reports::Section section;
  section.heading = "Today beside the plan of " + progress.planned_on.to_string();
  section.table.columns = {"", "today", "planned", "one in ten", "nine in ten"};
  const auto add = [&](const char* name, const auto& text, double today, const Quantiles& planned) {
    section.table.rows.push_back({name, text(today), text(planned.p50), text(planned.p10), text(planned.p90)});
  };
  const auto fraction = [](double value) { return percent(value, 2); };
  const auto dollars = [](double value) { return usd(std::round(value)); };
  add("moved", fraction, progress.moved, progress.moved_planned);
  add("tracking error", fraction, progress.tracking_error, progress.tracking_error_planned);
  add(what, dollars, progress.budget_used, progress.budget_used_planned);
  const auto say = [&](const std::string& sentence) { section.items.push_back({sentence, {}}); };
  say(standing_in_words(progress) + ".");
  say(fmt::format("{} of the year's budget of {} is used; today's orders would move it by {} of the way.",
                  dollars(progress.budget_used), usd(progress.budget), percent(progress.moved_by_orders, 1)));
  if (!progress.stuck_cause.empty()) {
    const bool slow = progress.stuck_cause == "slow_budget";
    say(fmt::format("{}: it has hardly moved since the plan began, and {}.", slow ? "Slow" : "Stuck",
                    cause_in_words(progress.stuck_cause)));
  }
  if (progress.after_the_end) say("The plan is over: its last day is compared with.");
  return {fmt::format("Account {} against its plan, as of {}", progress.account_id, progress.as_of.to_string()),
          {section}};
}

}  // namespace lotwright
