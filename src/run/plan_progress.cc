#include "run/plan_progress.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "book/rules.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

Quantiles between(const Quantiles& a, const Quantiles& b, double part) {
  const auto mix = [part](double x, double y) { return x + part * (y - x); };
  return {mix(a.p10, b.p10), mix(a.p25, b.p25), mix(a.p50, b.p50), mix(a.p75, b.p75), mix(a.p90, b.p90)};
}

double part_of_way(Date from, Date day, Date to) {
  return to == from ? 1.0 : static_cast<double>(day - from) / static_cast<double>(to - from);
}

// The rows around a day: the same one twice where it is the day's, or the plan is over. On the plan's first day its
// row before the orders.
std::pair<const TransitionRow*, const TransitionRow*> rows_around(const Plan& plan, Date day) {
  const TransitionRow* first = &plan.rows.front();
  if (day == first->decided_on) return {first, first};
  const auto after = std::ranges::upper_bound(plan.rows, day, {}, &TransitionRow::decided_on);
  const TransitionRow* before = &*std::prev(after);
  if (after == plan.rows.end() || before->decided_on == day) return {before, before};
  return {before, &*after};
}

// What the budget has counted by a day: from the row before where that is of the same calendar year, else from nothing
// on the first of January.
Quantiles used_by(const TransitionRow& before, const TransitionRow& after, Date day) {
  const int year = day.civil().year;
  const Date new_year = Date::of(year, 1, 1);
  const bool same = before.decided_on >= new_year;
  const Quantiles from = same ? before.budget_used : Quantiles{};
  if (&before == &after || after.decided_on.civil().year != year) return from;
  return between(from, after.budget_used, part_of_way(std::max(before.decided_on, new_year), day, after.decided_on));
}

AgainstPlan standing_of(double moved, const Quantiles& planned) {
  constexpr double slack = 0.01;  // of the way
  if (moved > planned.p90 + slack) return AgainstPlan::beyond_fan;
  if (moved > planned.p75 + slack) return AgainstPlan::ahead;
  if (moved < planned.p10 - slack) return AgainstPlan::below_fan;
  if (moved < planned.p25 - slack) return AgainstPlan::behind;
  return AgainstPlan::on_track;
}

// Why an account that began its plan a month ago or earlier has hardly moved; empty: it has.
std::string stuck_cause_of(const Plan& plan, const UnitBook& unit, const DayDecided& today, double moved) {
  constexpr int days_min = 30;
  constexpr double hardly = 0.02;  // of the way
  if (unit.book.firm.as_of - plan.rows.front().decided_on < days_min || moved >= hardly) return {};
  const double first_distance = plan.rows.front().distance.p50;
  const double by_orders = (today.distance_before - today.distance_after) / first_distance;
  if (by_orders >= hardly) return "not_carried_out";
  const double at_once = wanted_without_budget(unit, plan.wishes.gains);
  Standing standing;
  standing.moved = std::max(0.0, moved + by_orders);
  TransitionWishes wishes = plan.wishes;
  wishes.budget = budget_in_force(unit, wishes);
  judge_pace(wishes, today.result, by_orders, has_arrived(at_once - today.added, at_once), standing);
  return standing.pace == Pace::slow ? "slow_budget" : standing.cause;
}

Json json_of(const Quantiles& one) {
  return {{"p10", one.p10}, {"p25", one.p25}, {"p50", one.p50}, {"p75", one.p75}, {"p90", one.p90}};
}

}  // namespace

const char* name_of(AgainstPlan standing) {
  constexpr auto names = std::to_array<const char*>({"beyond_fan", "ahead", "on_track", "behind", "below_fan"});
  return names.at(static_cast<std::size_t>(standing));
}

Result<PlanProgress> progress_of(const Book& book, const Plan& plan) {
  auto unit = unit_book(book, plan.account_id);
  if (!unit) return unit.failure();
  const Date day = book.firm.as_of;
  PlanProgress progress;
  progress.account_id = plan.account_id;
  progress.as_of = day;
  progress.planned_on = plan.rows.front().decided_on;
  if (day < progress.planned_on) {
    return Failure{
        rule::data_dates_reversed,
        "the plan begins on " + progress.planned_on.to_string() + ", after the book's day " + day.to_string(),
        {}};
  }
  UnitBook start = std::move(unit).value();
  progress.budget = budget_in_force(start, plan.wishes);
  set_budget(start, plan.wishes);
  const DayDecided today = decide_day(start, plan.wishes.gains, Told::everything);
  if (const Finding* hold = held_by(today.result)) {
    return Failure{hold->rule, "the account is held, so it moves by no plan: " + hold->message, {}};
  }
  const double first_distance = plan.rows.front().distance.p50;
  progress.after_the_end = day > plan.rows.back().decided_on;
  progress.gains = plan.wishes.gains;
  progress.moved = first_distance > 0.0 ? 1.0 - today.distance_before / first_distance : 1.0;
  progress.tracking_error = today.result.tracking_error_before;
  progress.budget_used = today.used_before;
  const auto [before, after] = rows_around(plan, day);
  const double part = before == after ? 0.0 : part_of_way(before->decided_on, day, after->decided_on);
  progress.moved_planned = between(before->moved, after->moved, part);
  progress.tracking_error_planned = between(before->tracking_error, after->tracking_error, part);
  progress.budget_used_planned = used_by(*before, *after, day);
  progress.standing = standing_of(progress.moved, progress.moved_planned);
  if (first_distance > 0.0) {
    progress.moved_by_orders = (today.distance_before - today.distance_after) / first_distance;
    progress.stuck_cause = stuck_cause_of(plan, start, today, progress.moved);
  }
  return progress;
}

std::string json_of(const PlanProgress& progress) {
  Json json;
  json["account_id"] = progress.account_id;
  json["as_of"] = progress.as_of.to_string();
  json["planned_on"] = progress.planned_on.to_string();
  json["after_the_end"] = progress.after_the_end;
  json["standing"] = name_of(progress.standing);
  json["limits"] = progress.gains ? "gain" : "tax";
  json["budget"] = progress.budget.to_double();
  json["moved"] = progress.moved;
  json["moved_planned"] = json_of(progress.moved_planned);
  json["tracking_error"] = progress.tracking_error;
  json["tracking_error_planned"] = json_of(progress.tracking_error_planned);
  json["budget_used"] = progress.budget_used;
  json["budget_used_planned"] = json_of(progress.budget_used_planned);
  json["moved_by_orders"] = progress.moved_by_orders;
  json["stuck"] = !progress.stuck_cause.empty() && progress.stuck_cause != "slow_budget";
  json["stuck_cause"] = progress.stuck_cause;
  return json.dump(2);
}

}  // namespace lotwright
