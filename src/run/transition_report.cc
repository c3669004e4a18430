#include "run/transition_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "explanation/cents.h"
#include "reports/words.h"

namespace lotwright {
namespace {

using reports::percent;

constexpr double told_min = 0.1;         // of the paths
constexpr double years_told_max = 30.0;  // later than that is not said

std::string dollars(double amount) { return whole_usd(to_cents(amount)); }

// "4.47 % (3.96 % to 4.95 %)"; where all paths are alike, that alone.
template <class Text>
std::string spread(const Quantiles& one, Text text) {
  const std::string middle = text(one.p50), low = text(one.p10), high = text(one.p90);
  return low == high ? middle : fmt::format("{} ({} to {})", middle, low, high);
}

std::string hundredths(double fraction) { return percent(fraction, 2); }
std::string tenths(double fraction) { return percent(fraction, 1); }

constexpr auto causes = std::to_array<std::pair<std::string_view, const char*>>(
    {{"budget", "the budget is nothing, and what is left costs some"},
     {"restriction", "a restriction keeps what is left"},
     {"request", "a request keeps what is left"},
     {"wash_sale", "what is left waits for wash-sale windows"},
     {"bought_in_run", "what is left was bought for what is sold or barred"},
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

const char* budget_name(const Transition& plan) { return plan.wishes.gains ? "gain_budget" : "tax_budget"; }

// Whose budget holds, where it is not the plan's.
bool own_holds(const Transition& plan) { return plan.own_budget && plan.own_budget->budget < plan.budget_asked; }

std::string arrival_in_words(const Transition& plan) {
  const TransitionWishes& wishes = plan.wishes;
  const char* what = wishes.gains ? "gain" : "tax";
  if (plan.wanted_at_once <= 1.0) {
    return fmt::format("The budget holds nothing back: without it too today's orders would add no {}.", what);
  }
  const std::string years =
      fmt::format("{} in half of the paths (one in ten {}, nine in ten {})", years_in_words(plan.arrival.p50),
                  years_in_words(plan.arrival.p10), years_in_words(plan.arrival.p90));
  if (plan.arrival.p50 && *plan.arrival.p50 <= wishes.years) {
    return fmt::format("Arrives {}: from then on the budget holds nothing back.", years);
  }
  std::string text = fmt::format(
      "Does not arrive within the plan's {} years in half of the paths: without a budget {} more {} would be "
      "taken at its end. At this budget it arrives {}, extrapolated.",
      wishes.years, dollars(plan.rows.back().wanted.p50), what, years);
  if (plan.budget_to_arrive) {
    text += fmt::format(
        " With about {} a year half of the paths would arrive within {} years, as far as {} paths of one "
        "decision a year can tell; with more decisions a year less may do.",
        whole_usd(*plan.budget_to_arrive), wishes.years, plan.budget_paths);
    if (plan.own_budget && plan.own_budget->budget < *plan.budget_to_arrive) {
      text += fmt::format(" Its own {} of {} would have to allow that.", budget_name(plan),
                          whole_usd(plan.own_budget->budget));
    }
  }
  return text;
}

std::string year_of(const TransitionRow& row) {
  if (row.ends_year) return std::to_string(row.year);
  return row.year == 0 ? "0" : "today";
}

// How the plan ends, and since when paths are stuck.
void tell_paces(const Transition& plan, reports::Section& section) {
  const auto say = [&](const std::string& sentence) { section.items.push_back({sentence, {}}); };
  const TransitionRow& last = plan.rows.back();
  if (last.away >= told_min) {
    say(
        fmt::format("Further from the target than today after year {} in {} of the paths: losses were worth more than "
                    "the risk, or the market moved it.",
                    last.year, percent(last.away, 0)));
  }
  if (last.rests >= told_min) {
    say(fmt::format("At rest after year {} in {} of the paths, where the account's settings want no more: {}.",
                    last.year, percent(last.rests, 0), cause_in_words(last.rests_cause)));
  }
  if (last.stuck < told_min) return;
  const auto first =
      std::ranges::find_if(plan.rows, [](const TransitionRow& row) { return row.ends_year && row.stuck >= told_min; });
  say(fmt::format(
      "Stuck after year {} in {} of the paths{}, where more time will not help: {}.", last.year, percent(last.stuck, 0),
      first->year < last.year ? fmt::format(" (a tenth or more since year {})", first->year) : std::string(),
      cause_in_words(last.stuck_cause)));
}

// The fans of the account at one of the plan's dates, for a table.
std::vector<std::string> cells_of(const TransitionRow& row) {
  return {year_of(row),
          row.decided_on.to_string(),
          spread(row.tracking_error, hundredths),
          spread(row.moved, tenths),
          spread(row.unrealized_gain, dollars),
          spread(row.tax, dollars),
          dollars(row.value.p50),
          percent(row.slow, 0),
          percent(row.stuck, 0),
          percent(row.rests, 0)};
}

// What of the budget this year has left, and how the plan becomes orders.
std::string next_in_words(const Transition& plan) {
  const std::string used = fmt::format("Of this calendar year's budget of {} {} was used before today.",
                                       whole_usd(plan.wishes.budget), dollars(plan.rows.front().budget_used.p50));
  const std::string follow =
      own_holds(plan) ? fmt::format("That is the {} of {}, tighter than the {} asked for: to follow the plan, run",
                                    budget_name(plan),
                                    plan.own_budget->of_taxpayer ? "its taxpayer (taxpayers.csv)" : "the account",
                                    whole_usd(plan.budget_asked))
                      : fmt::format("To follow the plan, set {} to {} for the account (account_settings.csv) and run",
                                    budget_name(plan), plan.wishes.budget.to_string());
  return fmt::format(
      "{} {}: today's orders are the plan's first. `transition --plan` compares later days with what --out wrote.",
      used, follow);
}

}  // namespace

reports::Report report_of(const Transition& transition) {
  const TransitionWishes& wishes = transition.wishes;
  reports::Section section;
  section.heading = "Year by year: the middle of the paths, and in brackets one in ten to nine in ten";
  section.table.columns = {"year",
                           "after the orders of",
                           "tracking error",
                           "moved",
                           "unrealized gain",
                           "tax so far",
                           "value",
                           "slow",
                           "stuck",
                           "rests"};
  section.table.text_columns = 2;
  section.items.push_back({arrival_in_words(transition), {}});
  for (std::size_t i = 0; i < transition.rows.size(); ++i) {
    if (transition.rows[i].ends_year || i <= 1) section.table.rows.push_back(cells_of(transition.rows[i]));
  }
  tell_paces(transition, section);
  section.items.push_back({next_in_words(transition), {}});
  section.items.push_back(
      {fmt::format(
           "Today is decided on today's book with a {} budget of {} a calendar year; what comes after it on {} "
           "paths of prices (seed {}, drift {} a year, variance of the risk model), {} decision{} a year. Slow are "
           "paths that the used-up budget holds up, stuck those that time does not help, and those that rest want "
           "no more.",
           wishes.gains ? "gain" : "tax", whole_usd(wishes.budget), wishes.paths, wishes.seed, percent(wishes.drift, 1),
           wishes.decisions_a_year, wishes.decisions_a_year == 1 ? "" : "s"),
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
                                         spread(row.tracking_error, hundredths), percent(row.moved.p50, 1)),
                             row.ends_year && row.stuck >= told_min});
    chart.band.push_back({{x, row.tracking_error.p10, {}, false}, {x, row.tracking_error.p90, {}, false}});
    chart.inner_band.push_back({{x, row.tracking_error.p25, {}, false}, {x, row.tracking_error.p75, {}, false}});
  }
  chart.curves = {std::move(middle)};
  chart.mark_label = "a tenth of the paths or more is stuck";
  chart.band_label = "one path in ten to nine in ten";
  chart.inner_band_label = "a quarter to three";
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
  add("moved", hundredths, progress.moved, progress.moved_planned);
  add("tracking error", hundredths, progress.tracking_error, progress.tracking_error_planned);
  add(what, dollars, progress.budget_used, progress.budget_used_planned);
  const auto say = [&](const std::string& sentence) { section.items.push_back({sentence, {}}); };
  say(standing_in_words(progress) + ".");
  say(fmt::format("{} of the year's budget of {} is used; today's orders would move it by {} of the way.",
                  dollars(progress.budget_used), whole_usd(progress.budget), percent(progress.moved_by_orders, 1)));
  if (!progress.stuck_cause.empty()) {
    const std::string& cause = progress.stuck_cause;
    const bool slow = cause == "slow_budget";
    const bool stuck = is_an_obstacle(cause) || cause == "not_carried_out";
    say(fmt::format("{}: it has hardly moved since the plan began, and {}.",
                    slow    ? "Slow"
                    : stuck ? "Stuck"
                            : "At rest",
                    cause_in_words(cause)));
  }
  if (progress.after_the_end) say("The plan is over: its last day is compared with.");
  return {fmt::format("Account {} against its plan, as of {}", progress.account_id, progress.as_of.to_string()),
          {section}};
}

}  // namespace lotwright
