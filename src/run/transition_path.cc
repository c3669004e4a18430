#include "run/transition_path.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "run/left.h"
#include "tax/netting.h"
#include "units/trading_days.h"

namespace lotwright {
namespace {

constexpr double hardly = 0.02;  // of the way
constexpr double near = 0.9;     // of the way: no longer far
constexpr int quiet_steps = 8;   // most days of a plan are quiet, and a few steps prove it: no search is begun

double distance_of(const objective::Terms& terms, const objective::Outcome& outcome) {
  if (terms.investable <= 0.0) return 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < terms.lines.size(); ++i) {
    sum += std::abs(outcome.dollars[i] / terms.investable - terms.lines[i].target);
  }
  return 0.5 * sum;
}

double unrealized_gain_of(const UnitBook& unit) {
  double gain = 0.0;
  for (const TaxLot& lot : unit.book.account(unit.account).lots) {
    const Security& security = unit.book.security(lot.security);
    if (!lot.cost_basis || !security.price || security.kind == SecurityKind::cash) continue;
    gain += (value_of(lot.quantity, *security.price) - *lot.cost_basis).to_double();
  }
  return gain;
}

double gain_of(const AccountResult& result) { return (result.gain_short + result.gain_long).to_double(); }

double used_before(const UnitBook& unit, const objective::Terms& terms, bool gains) {
  const TaxpayerIndex index = unit.book.account(unit.account).taxpayer;
  if (!index.exists()) return 0.0;
  const Taxpayer& taxpayer = unit.book.taxpayers[index.value];
  if (gains) return (taxpayer.realized_short_ytd + taxpayer.realized_long_ytd).to_double();
  return tax::tax_due(tax::net_gains_of(taxpayer), terms.rates).to_double();
}

double used_of(const std::optional<BudgetUse>& use) { return use ? (use->budget - use->left).to_double() : 0.0; }

// What stands in the way of most of the benefit that is left.
std::string dearest_cause(const AccountResult& result) {
  const auto causes = left_by_cause({result});
  // What a held account leaves may have no dollars, and has one cause.
  std::string dearest = causes.size() == 1 ? causes.begin()->first : "setting";
  Money most;
  for (const auto& [cause, left] : causes) {
    if (left.dollars <= most) continue;
    most = left.dollars;
    dearest = cause;
  }
  return dearest;
}

// The day after whose orders the plan looks at the account: each of few decisions; of many the first, and the last of
// each quarter of a year.
bool is_told(const std::vector<Date>& days, std::size_t i, Date begin) {
  if (days.size() <= 4 || i + 1 == days.size()) return true;
  for (int quarter = 1; quarter < 4; ++quarter) {
    const Date end = months_later(begin, 3 * quarter);
    if (days[i] < end && days[i + 1] >= end) return true;
  }
  return false;
}

class Path {
 public:
  Path(const UnitBook& start, const TransitionWishes& wishes, double wanted_at_once, std::uint64_t number,
       std::atomic<std::size_t>* decided)
      : unit_(start),
        wishes_(wishes),
        wanted_at_once_(wanted_at_once),
        risk_(FactorRisk::of(unit_.book.risk, unit_.book.securities.size()).value()),
        chance_(generation::scatter(generation::scatter(wishes.seed) + number)),
        decided_(decided) {}

  std::vector<Standing> run() {
    const Date first = unit_.book.firm.as_of;
    tell_as_it_is();
    const std::vector<std::vector<Date>> years = decision_days(first, wishes_.years, wishes_.decisions_a_year);
    for (std::size_t year = 0; year < years.size(); ++year) {
      const std::vector<Date>& days = years[year];
      const Date begin = months_later(first, 12 * static_cast<int>(year));
      for (std::size_t i = 0; i < days.size(); ++i) {
        now_.year = static_cast<int>(year) + 1;
        now_.ends_year = i + 1 == days.size();
        const bool told = is_told(days, i, begin) || days[i] == first;
        go_to(days[i]);
        decide(told);
      }
    }
    return std::move(standings_);
  }

 private:
  void tell_as_it_is() {
    const AccountAlone alone(unit_);
    first_distance_ = distance_of(alone.terms(), objective::before(alone.terms()));
    now_.decided_on = unit_.book.firm.as_of;
    now_.tracking_error = alone.before().tracking_error;
    now_.distance = first_distance_;
    now_.unrealized_gain = unrealized_gain_of(unit_);
    now_.value = alone.value().to_double();
    now_.budget_used = used_before(unit_, alone.terms(), wishes_.gains);
    standings_.push_back(now_);
  }

  void go_to(Date day) {
    const Date before = unit_.book.firm.as_of;
    if (day == before) return;
    move_prices(unit_, risk_, wishes_.drift, trading_days_between(before, day), chance_);
    move_date(unit_, day);
  }

  void decide(bool told) {
    const DayDecided day = decide_day(unit_, wishes_.gains, now_.ends_year ? Told::everything : Told::orders);
    now_.tax += year_tax_added(day.result);
    now_.gain += gain_of(day.result);
    if (told) tell(day);
    fill(unit_, day.result);
    unit_.book.accounts[unit_.account.value].shadow_prices = day.result.shadow_prices;
    if (told) {
      now_.unrealized_gain = unrealized_gain_of(unit_);
      standings_.push_back(now_);
    }
    if (decided_ != nullptr) ++*decided_;
  }

  void tell(const DayDecided& day) {
    now_.decided_on = unit_.book.firm.as_of;
    now_.tracking_error = day.result.tracking_error_after;
    now_.distance = day.distance_after;
    now_.moved = first_distance_ > 0.0 ? 1.0 - day.distance_after / first_distance_ : 1.0;
    now_.value = day.result.value.to_double();
    now_.budget_used = used_of(wishes_.gains ? day.result.gain_budget : day.result.tax_budget);
    now_.wanted = 0.0;
    now_.pace = Pace::moves;
    now_.cause.clear();
    if (!now_.ends_year) return;
    now_.wanted = std::max(0.0, wanted_without_budget(unit_, wishes_.gains) - day.added);
    judge_pace(wishes_, day.result, now_.moved - moved_a_year_ago_, has_arrived(now_.wanted, wanted_at_once_), now_);
    moved_a_year_ago_ = now_.moved;
  }

  UnitBook unit_;
  const TransitionWishes& wishes_;
  double wanted_at_once_;
  FactorRisk risk_;
  generation::Chance chance_;
  std::atomic<std::size_t>* decided_;
  double first_distance_ = 0.0;
  double moved_a_year_ago_ = 0.0;
  Standing now_;
  std::vector<Standing> standings_;
};

}  // namespace

std::optional<OwnBudget> own_budget(const UnitBook& unit, bool gains) {
  const Account& account = unit.book.account(unit.account);
  const auto of = [gains](const auto& one) { return gains ? one.gain_budget : one.tax_budget; };
  std::optional<OwnBudget> own;
  if (const auto budget = of(account.effective_policy)) own = {*budget, false};
  if (!account.taxpayer.exists()) return own;
  const auto budget = of(unit.book.taxpayers[account.taxpayer.value]);
  return budget && (!own || *budget < own->budget) ? OwnBudget{*budget, true} : own;
}

Money budget_in_force(const UnitBook& unit, const TransitionWishes& wishes) {
  const auto own = own_budget(unit, wishes.gains);
  return own ? std::min(own->budget, wishes.budget) : wishes.budget;
}

void set_budget(UnitBook& unit, const TransitionWishes& wishes) {
  Policy& policy = unit.book.accounts[unit.account.value].effective_policy;
  const Money budget = budget_in_force(unit, wishes);
  (wishes.gains ? policy.gain_budget : policy.tax_budget) = budget;
}

void forget_budget(UnitBook& unit, bool gains) {
  const auto forget = [gains](auto& of) { (gains ? of.gain_budget : of.tax_budget).reset(); };
  Account& account = unit.book.accounts[unit.account.value];
  forget(account.effective_policy);
  if (account.taxpayer.exists()) forget(unit.book.taxpayers[account.taxpayer.value]);
}

DayDecided decide_day(const UnitBook& unit, bool gains, Told told) {
  const AccountAlone alone(unit);
  DayDecided day;
  const Effort effort{
      .quiet_steps_max = quiet_steps, .price_rules = false, .tell_what_is_left = told == Told::everything};
  day.result = alone.decide(effort, 0.0, told);
  const objective::Outcome outcome = objective::outcome_of(alone.terms(), unit.book, trades_of(day.result));
  day.distance_before = distance_of(alone.terms(), objective::before(alone.terms()));
  day.distance_after = distance_of(alone.terms(), outcome);
  day.added = gains ? gain_of(day.result) : year_tax_added(day.result);
  day.used_before = used_before(unit, alone.terms(), gains);
  return day;
}

double wanted_without_budget(const UnitBook& unit, bool gains) {
  UnitBook free = unit;
  forget_budget(free, true);
  forget_budget(free, false);
  return decide_day(free, gains, Told::orders).added;
}

bool has_arrived(double wanted, double wanted_at_once) { return wanted <= std::max(1.0, hardly * wanted_at_once); }

void judge_pace(const TransitionWishes& wishes, const AccountResult& result, double moved_since, bool arrived,
                Standing& standing) {
  if (standing.moved < 0.0 || standing.moved >= near || moved_since >= hardly) return;
  if (!arrived && wishes.budget.is_positive()) {
    standing.pace = Pace::slow;
    return;
  }
  standing.cause = arrived ? dearest_cause(result) : "budget";
  standing.pace = is_an_obstacle(standing.cause) ? Pace::stuck : Pace::rests;
}

bool is_an_obstacle(std::string_view cause) {
  constexpr std::array<std::string_view, 6> obstacles{"budget", "restriction", "request",
                                                      "limit",  "data_hold",   "other_hold"};
  return std::ranges::find(obstacles, cause) != obstacles.end();
}

std::vector<Standing> walk(const UnitBook& start, const TransitionWishes& wishes, double wanted_at_once,
                           std::uint64_t number, std::atomic<std::size_t>* decided) {
  return Path(start, wishes, wanted_at_once, number, decided).run();
}

}  // namespace lotwright
