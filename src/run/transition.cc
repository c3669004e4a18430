#include "run/transition.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "run/side_by_side.h"
#include "units/trading_days.h"

namespace lotwright {
namespace {

using Paths = std::vector<std::vector<Standing>>;

template <class Value>
Value at_rank(const std::vector<Value>& ascending, double share) {
  const auto place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(ascending.size())));
  return ascending[std::max<std::size_t>(place, 1) - 1];
}

Quantiles quantiles_of(const Paths& paths, std::size_t row, double Standing::*of) {
  std::vector<double> values;
  for (const std::vector<Standing>& path : paths) values.push_back(path[row].*of);
  std::ranges::sort(values);
  return {at_rank(values, 0.1), at_rank(values, 0.25), at_rank(values, 0.5), at_rank(values, 0.75),
          at_rank(values, 0.9)};
}

// The cause of most; empty where there is none.
std::string most_of(const std::map<std::string, std::size_t>& causes) {
  const auto most = std::ranges::max_element(causes, {}, [](const auto& cause) { return cause.second; });
  return most == causes.end() ? std::string() : most->first;
}

// What is told of a year: how many paths are slow, stuck, at rest or further away, and why most of them.
void tell_paces(const Paths& paths, std::size_t row, TransitionRow& told) {
  std::size_t away = 0;
  std::map<Pace, std::size_t> at_pace;
  std::map<std::string, std::size_t> stuck_causes, rests_causes;
  for (const std::vector<Standing>& path : paths) {
    const Standing& standing = path[row];
    away += standing.moved < 0.0 ? 1 : 0;
    ++at_pace[standing.pace];
    if (standing.pace == Pace::stuck) ++stuck_causes[standing.cause];
    if (standing.pace == Pace::rests) ++rests_causes[standing.cause];
  }
  const auto part = [&](std::size_t count) { return static_cast<double>(count) / static_cast<double>(paths.size()); };
  told.away = part(away);
  told.slow = part(at_pace[Pace::slow]);
  told.stuck = part(at_pace[Pace::stuck]);
  told.rests = part(at_pace[Pace::rests]);
  told.stuck_cause = most_of(stuck_causes);
  told.rests_cause = most_of(rests_causes);
}

TransitionRow row_of(const Paths& paths, std::size_t row) {
  TransitionRow told;
  told.year = paths.front()[row].year;
  told.ends_year = paths.front()[row].ends_year;
  told.decided_on = paths.front()[row].decided_on;
  told.tracking_error = quantiles_of(paths, row, &Standing::tracking_error);
  told.distance = quantiles_of(paths, row, &Standing::distance);
  told.moved = quantiles_of(paths, row, &Standing::moved);
  told.unrealized_gain = quantiles_of(paths, row, &Standing::unrealized_gain);
  told.tax = quantiles_of(paths, row, &Standing::tax);
  told.gain = quantiles_of(paths, row, &Standing::gain);
  told.value = quantiles_of(paths, row, &Standing::value);
  told.budget_used = quantiles_of(paths, row, &Standing::budget_used);
  told.wanted = quantiles_of(paths, row, &Standing::wanted);
  if (told.ends_year) tell_paces(paths, row, told);
  return told;
}

constexpr double never = 1e9;  // years

// In which year of the plan a path wants no more than the budget gives; beyond them, at the budget's pace.
double arrival_of(const std::vector<Standing>& path, const TransitionWishes& wishes, double wanted_at_once) {
  for (const Standing& standing : path) {
    if (standing.ends_year && has_arrived(standing.wanted, wanted_at_once)) return standing.year;
  }
  if (!wishes.budget.is_positive()) return never;
  return wishes.years + path.back().wanted / wishes.budget.to_double();
}

Arrival arrival_of(const Paths& paths, const TransitionWishes& wishes, double wanted_at_once) {
  std::vector<double> years;
  for (const std::vector<Standing>& path : paths) years.push_back(arrival_of(path, wishes, wanted_at_once));
  std::ranges::sort(years);
  const auto at = [&](double share) {
    const double year = at_rank(years, share);
    return year < never ? std::optional(year) : std::nullopt;
  };
  return {at(0.1), at(0.5), at(0.9)};
}

Paths walk_all(const UnitBook& start, const TransitionWishes& wishes, double wanted_at_once,
               std::atomic<std::size_t>* decided) {
  Paths paths(static_cast<std::size_t>(wishes.paths));
  side_by_side(paths.size(), wishes.threads,
               [&](std::size_t i) { paths[i] = walk(start, wishes, wanted_at_once, i, decided); });
  return paths;
}

// Two digits, upwards: nobody sets a budget of $137,214.
Money rounded_up(double dollars) {
  double unit = 1.0;
  while (dollars > 100.0 * unit) unit *= 10.0;
  return Money::of_whole(static_cast<std::int64_t>(std::ceil(dollars / unit) * unit));
}

constexpr int budget_paths_max = 10;

// The least of a few budgets with which half of a few paths of one decision a year arrive in time: between the one in
// force, `wishes.budget`, which does not do it, and all that is wanted at once.
std::optional<Money> budget_to_arrive(UnitBook unlimited, TransitionWishes wishes, double wanted_at_once,
                                      double wanted_at_end) {
  constexpr int trials = 4;
  wishes.paths = std::min(wishes.paths, budget_paths_max);
  wishes.decisions_a_year = 1;
  forget_budget(unlimited, wishes.gains);
  double low = wishes.budget.to_double();
  double high = std::max(2.0 * low, 2.0 * wanted_at_once);
  double next = low + wanted_at_end / wishes.years;
  std::optional<Money> found;
  for (int trial = 0; trial < trials && next > low; ++trial) {
    wishes.budget = rounded_up(std::min(next, high));
    UnitBook start = unlimited;
    set_budget(start, wishes);
    const Arrival arrival = arrival_of(walk_all(start, wishes, wanted_at_once, nullptr), wishes, wanted_at_once);
    const bool arrives = arrival.p50 && *arrival.p50 <= wishes.years;
    if (arrives) found = found ? std::min(*found, wishes.budget) : wishes.budget;
    (arrives ? high : low) = wishes.budget.to_double();
    next = found ? 0.5 * (low + high) : 1.5 * low;
  }
  return found;
}

}  // namespace

std::size_t decisions_of(const TransitionWishes& wishes, Date first) {
  std::size_t days = 0;
  for (const auto& year : decision_days(first, wishes.years, wishes.decisions_a_year)) days += year.size();
  return days * static_cast<std::size_t>(wishes.paths);
}

Result<Transition> transition(const Book& book, const std::string& account_id, const TransitionWishes& wishes,
                              std::atomic<std::size_t>* decided) {
  auto unit = unit_book(book, account_id);
  if (!unit) return unit.failure();
  UnitBook start = *unit;
  set_budget(start, wishes);
  const Effort orders_alone{.price_rules = false, .tell_what_is_left = false};
  const auto first = decide_unit_book(start, orders_alone);  // a book that cannot be decided at all says so here
  if (!first) return first.failure();
  if (const Finding* hold = held_by(result_of(*first, start.account))) {
    return Failure{hold->rule, "the account is held, so it has no plan: " + hold->message, {}};
  }
  Transition plan{.account_id = account_id,
                  .wishes = wishes,
                  .budget_asked = wishes.budget,
                  .own_budget = own_budget(*unit, wishes.gains),
                  .rows = {},
                  .arrival = {},
                  .budget_to_arrive = {}};
  plan.wishes.budget = budget_in_force(*unit, wishes);
  plan.budget_paths = std::min(wishes.paths, budget_paths_max);
  plan.wanted_at_once = wanted_without_budget(start, wishes.gains);
  const Paths paths = walk_all(start, plan.wishes, plan.wanted_at_once, decided);
  for (std::size_t row = 0; row < paths.front().size(); ++row) plan.rows.push_back(row_of(paths, row));
  plan.arrival = arrival_of(paths, plan.wishes, plan.wanted_at_once);
  if (!plan.arrival.p50 || *plan.arrival.p50 > wishes.years) {
    plan.budget_to_arrive = budget_to_arrive(*unit, plan.wishes, plan.wanted_at_once, plan.rows.back().wanted.p50);
  }
  return plan;
}

}  // namespace lotwright
