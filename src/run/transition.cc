#include "run/transition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "inputs/csv_text.h"
#include "run/csv_writer.h"
#include "run/future.h"
#include "run/side_by_side.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

// How one path stands at the end of a year.
struct Standing {
  Date decided_on;
  double tracking_error = 0.0;
  double distance = 0.0;  // half the sum of the active weights
  double moved = 0.0;
  double unrealized_gain = 0.0;
  double tax = 0.0;
  double gain = 0.0;
  double value = 0.0;
  bool budget_used = false;
};

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

void set_budget(UnitBook& unit, const TransitionWishes& wishes) {
  Policy& policy = unit.book.accounts[unit.account.value].effective_policy;
  std::optional<Money>& budget = wishes.gains ? policy.gain_budget : policy.tax_budget;
  budget = budget ? std::min(*budget, wishes.budget) : wishes.budget;
}

// One account on its way: the engine's decision of a day, then the next day's book.
class Path {
 public:
  Path(UnitBook unit, const TransitionWishes& wishes, std::uint64_t number)
      : unit_(std::move(unit)),
        wishes_(wishes),
        risk_(FactorRisk::of(unit_.book.risk, unit_.book.securities.size()).value()),
        chance_(generation::scatter(generation::scatter(wishes.seed) + number)) {}

  std::vector<Standing> run() {
    std::vector<Standing> standings = {as_it_is()};
    const int months = 12 / wishes_.decisions_a_year;
    for (int year = 1; year <= wishes_.years; ++year) {
      for (int part = 0; part < wishes_.decisions_a_year; ++part) {
        if (year > 1 || part > 0) {
          move_prices(unit_, risk_, wishes_.drift, 4 / wishes_.decisions_a_year, chance_);
          move_date(unit_, months_later(first_day_, months * ++parts_gone_));
        }
        decide();
      }
      standings.push_back(now_);
    }
    return standings;
  }

 private:
  Standing as_it_is() {
    first_day_ = unit_.book.firm.as_of;
    const AccountAlone alone(unit_);
    first_distance_ = distance_of(alone.terms(), objective::before(alone.terms()));
    Standing standing;
    standing.decided_on = first_day_;
    standing.tracking_error = alone.before().tracking_error;
    standing.distance = first_distance_;
    standing.unrealized_gain = unrealized_gain_of(unit_);
    standing.value = alone.value().to_double();
    return standing;
  }

  void decide() {
    const AccountAlone alone(unit_);
    const AccountResult result = alone.decide();
    const AccountTrades trades = trades_of(result);
    const objective::Outcome outcome = objective::outcome_of(alone.terms(), unit_.book, trades);
    now_.decided_on = unit_.book.firm.as_of;
    now_.tracking_error = result.tracking_error_after;
    now_.distance = distance_of(alone.terms(), outcome);
    now_.moved = first_distance_ > 0.0 ? 1.0 - now_.distance / first_distance_ : 1.0;
    now_.tax += result.year_tax_after.value_or(0.0) - result.year_tax_before.value_or(0.0);
    now_.gain += (result.gain_short + result.gain_long).to_double();
    now_.value = result.value.to_double();
    const std::optional<BudgetUse>& use = wishes_.gains ? result.gain_budget : result.tax_budget;
    now_.budget_used = use && use->left.to_double() <= 0.02 * std::max(1.0, use->budget.to_double());
    fill(unit_, result);
    unit_.book.accounts[unit_.account.value].shadow_prices = result.shadow_prices;
    now_.unrealized_gain = unrealized_gain_of(unit_);
  }

  UnitBook unit_;
  const TransitionWishes& wishes_;
  FactorRisk risk_;
  generation::Chance chance_;
  Date first_day_;
  int parts_gone_ = 0;
  double first_distance_ = 0.0;
  Standing now_;
};

template <class Of>
Quantiles quantiles_of(const std::vector<std::vector<Standing>>& paths, std::size_t year, Of of) {
  std::vector<double> values;
  for (const std::vector<Standing>& path : paths) values.push_back(of(path[year]));
  std::ranges::sort(values);
  const auto rank = [&](double share) {
    const auto place = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(place, 1) - 1];
  };
  return {rank(0.1), rank(0.5), rank(0.9)};
}

TransitionYear year_of(const std::vector<std::vector<Standing>>& paths, std::size_t year) {
  constexpr double hardly = 0.02;  // of the way, in a year
  constexpr double near = 0.9;     // of the way: no longer far
  TransitionYear told;
  told.year = static_cast<int>(year);
  told.decided_on = paths.front()[year].decided_on;
  told.tracking_error = quantiles_of(paths, year, [](const Standing& one) { return one.tracking_error; });
  told.moved = quantiles_of(paths, year, [](const Standing& one) { return one.moved; });
  told.unrealized_gain = quantiles_of(paths, year, [](const Standing& one) { return one.unrealized_gain; });
  told.tax = quantiles_of(paths, year, [](const Standing& one) { return one.tax; });
  told.gain = quantiles_of(paths, year, [](const Standing& one) { return one.gain; });
  told.value = quantiles_of(paths, year, [](const Standing& one) { return one.value; });
  if (year == 0) return told;
  const double share = 1.0 / static_cast<double>(paths.size());
  for (const std::vector<Standing>& path : paths) {
    const Standing& now = path[year];
    if (now.moved < 0.0) {
      told.away += share;
      continue;
    }
    if (now.moved >= near || now.moved - path[year - 1].moved >= hardly) continue;
    told.stuck += share;
    if (now.budget_used) told.stuck_by_budget += share;
  }
  return told;
}

Json json_of(const Quantiles& one) { return {{"p10", one.p10}, {"p50", one.p50}, {"p90", one.p90}}; }

void add(std::vector<std::string>& cells, const Quantiles& one, int decimals) {
  for (const double value : {one.p10, one.p50, one.p90}) cells.push_back(decimal(value, decimals));
}

}  // namespace

Result<Transition> transition(const Book& book, const std::string& account_id, const TransitionWishes& wishes) {
  auto unit = unit_book(book, account_id);
  if (!unit) return unit.failure();
  UnitBook start = std::move(unit).value();
  set_budget(start, wishes);
  const auto decided = decide_unit_book(start);  // a book that cannot be decided at all says so here
  if (!decided) return decided.failure();
  if (const Finding* hold = held_by(result_of(*decided, start.account))) {
    return Failure{hold->rule, "the account is held, so it has no plan: " + hold->message, {}};
  }
  std::vector<std::vector<Standing>> paths(static_cast<std::size_t>(wishes.paths));
  side_by_side(paths.size(), wishes.threads, [&](std::size_t i) { paths[i] = Path(start, wishes, i).run(); });
  Transition plan{account_id, wishes, {}};
  for (std::size_t year = 0; year <= static_cast<std::size_t>(wishes.years); ++year) {
    plan.years.push_back(year_of(paths, year));
  }
  return plan;
}

std::string csv_of(const Transition& transition) {
  std::string text = "year,decided_on";
  for (const char* name : {"tracking_error", "moved", "unrealized_gain", "tax", "gain", "value"}) {
    text += fmt::format(",{0}_p10,{0}_p50,{0}_p90", name);
  }
  text += ",stuck,stuck_by_budget,away\n";
  for (const TransitionYear& one : transition.years) {
    std::vector<std::string> cells = {std::to_string(one.year), one.decided_on.to_string()};
    add(cells, one.tracking_error, 10);
    add(cells, one.moved, 6);
    for (const Quantiles* dollars : {&one.unrealized_gain, &one.tax, &one.gain, &one.value}) add(cells, *dollars, 2);
    cells.push_back(decimal(one.stuck, 4));
    cells.push_back(decimal(one.stuck_by_budget, 4));
    cells.push_back(decimal(one.away, 4));
    inputs::append_csv_cells(text, cells);
    text += '\n';
  }
  return text;
}

std::string json_of(const Transition& transition) {
  const TransitionWishes& wishes = transition.wishes;
  Json json;
  json["account_id"] = transition.account_id;
  json["budget"] = wishes.budget.to_double();
  json["limits"] = wishes.gains ? "gain" : "tax";
  json["paths"] = wishes.paths;
  json["seed"] = wishes.seed;
  json["drift"] = wishes.drift;
  json["decisions_a_year"] = wishes.decisions_a_year;
  json["years"] = Json::array();
  for (const TransitionYear& one : transition.years) {
    json["years"].push_back({{"year", one.year},
                             {"decided_on", one.decided_on.to_string()},
                             {"tracking_error", json_of(one.tracking_error)},
                             {"moved", json_of(one.moved)},
                             {"unrealized_gain", json_of(one.unrealized_gain)},
                             {"tax", json_of(one.tax)},
                             {"gain", json_of(one.gain)},
                             {"value", json_of(one.value)},
                             {"stuck", one.stuck},
                             {"stuck_by_budget", one.stuck_by_budget},
                             {"away", one.away}});
  }
  return json.dump(2);
}

}  // namespace lotwright
