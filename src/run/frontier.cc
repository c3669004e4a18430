#include "run/frontier.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "inputs/csv_text.h"
#include "reports/json_number.h"
#include "run/csv_writer.h"
#include "run/side_by_side.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

// Where the sweep begins; the widest gaps between them are then filled.
constexpr double first_weights[] = {0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0};

// The orders found at one weight, and what they are worth.
struct Solved {
  double weight = 0.0;
  std::shared_ptr<const AccountResult> result;
  objective::Parts parts;  // by the account's own settings
  double tax = 0.0;        // at a weight of one

  // The objective at another weight: only the tax part knows it.
  [[nodiscard]] double total_at(double other) const {
    objective::Parts there = parts;
    there.tax = other * tax;
    return there.total();
  }
};

// A weight between the two in six digits: one that is told is the weight itself, and can be asked for again.
double in_digits(double weight, double low, double high) {
  const std::string digits = fmt::format("{:.5e}", weight);
  double short_one = weight;
  std::from_chars(digits.data(), digits.data() + digits.size(), short_one);
  return low < short_one && short_one < high ? short_one : weight;
}

// The weight at which the orders of both cost the same: whatever lies below the line between them shows there first.
// nullopt: at none, or at one that is hardly between theirs, where nothing but one of them is to be found.
std::optional<double> tie_of(const Solved& low, const Solved& high) {
  constexpr double jump = 1.0005;  // weights nearer than this are not told apart
  const double saved = low.tax - high.tax;
  if (saved <= 0.0) return std::nullopt;
  const double tie = (high.total_at(0.0) - low.total_at(0.0)) / saved;
  if (!(tie > low.weight * jump && tie < high.weight / jump)) return std::nullopt;
  return in_digits(tie, low.weight, high.weight);
}

double tax_at_one(const AccountAlone& account, const AccountResult& result) {
  objective::Terms terms = account.terms();
  terms.tax_weight = 1.0;
  return objective::tax_part(terms, result.gain_short.to_double(), result.gain_long.to_double());
}

// A curve of many points is worth more than the last tenth of a basis point of each: regions are divided only where
// the gap shows in a curve, and not for long. Half of what a run spends on an account goes there.
constexpr Effort effort_of_points{
    .branch_gap_min = 0.5, .branch_nodes_max = 30.0, .branch_work_max = 3000.0, .price_rules = false};

class Sweep {
 public:
  Sweep(const UnitBook& unit, const RunResult& present, const AccountAlone& own, int threads)
      : unit_(unit), present_(present), own_(own), threads_(threads) {}

  void run(std::size_t points) {
    const double own = unit_.book.account(unit_.account).effective_policy.tax_weight;
    std::vector<double> weights(std::begin(first_weights), std::end(first_weights));
    if (own >= weights.front() && own <= weights.back()) weights.push_back(own);
    std::ranges::sort(weights);
    weights.erase(std::unique(weights.begin(), weights.end()), weights.end());
    solve(weights);
    while (solved_.size() < points) add(points - solved_.size());
  }

  // A few weights more, at most `wanted`.
  void add(std::size_t wanted) { solve(next_weights(std::min(wanted, at_once))); }

  // The orders are worth the same at every weight: more weights would find no others.
  [[nodiscard]] bool is_one_place() const {
    return extent([](const Solved& one) { return one.tax; }) <= 0.0 &&
           extent([](const Solved& one) { return one.result->tracking_error_after; }) <= 0.0;
  }

  [[nodiscard]] const std::map<double, Solved>& solved() const { return solved_; }

 private:
  static constexpr std::size_t at_once = 4;

  // The account at other weights of tax, each from the prices of its nearest neighbor.
  void solve(const std::vector<double>& weights) {
    if (solved_.empty() && !is_taxed()) solved_.emplace(weights.front(), solved_at(weights.front()));
    std::vector<Solved> found(weights.size());
    side_by_side(weights.size(), threads_, [&](std::size_t i) { found[i] = solved_at(weights[i]); });
    for (Solved& one : found) solved_.emplace(one.weight, std::move(one));
  }

  [[nodiscard]] Solved solved_at(double weight) const {
    Solved one;
    one.weight = weight;
    // Who pays no tax is asked the same at every weight.
    const bool known = !is_taxed() && !solved_.empty();
    one.result = known ? solved_.begin()->second.result : std::make_shared<const AccountResult>(decided_at(weight));
    one.parts = own_.after(trades_of(*one.result));
    one.tax = tax_at_one(own_, *one.result);
    return one;
  }

  [[nodiscard]] AccountResult decided_at(double weight) const {
    UnitBook unit = unit_;
    Account& account = unit.book.accounts[unit.account.value];
    account.effective_policy.tax_weight = weight;
    account.effective_policy.improvement_min = {};
    account.shadow_prices = nearest(weight).shadow_prices;
    return AccountAlone(unit, present_).decide(effort_of_points, 0.0, Told::orders);
  }

  [[nodiscard]] bool is_taxed() const {
    return unit_.book.account(unit_.account).tax_treatment == TaxTreatment::taxable;
  }

  [[nodiscard]] const AccountResult& nearest(double weight) const {
    if (solved_.empty()) return result_of(present_, unit_.account);
    const auto above = solved_.lower_bound(weight);
    if (above == solved_.end()) return *solved_.rbegin()->second.result;
    if (above == solved_.begin()) return *above->second.result;
    const auto below = std::prev(above);
    return *(weight * weight > above->first * below->first ? above : below)->second.result;
  }

  // In the widest gaps of the curve, both axes counted by their length, where their ends cost the same. A jump from one
  // set of orders to another has no such weight once it was tried; where nothing differs, the widest gaps of weights
  // are divided.
  [[nodiscard]] std::vector<double> next_weights(std::size_t count) const {
    const double taxes = extent([](const Solved& one) { return one.tax; });
    const double risks = extent([](const Solved& one) { return one.result->tracking_error_after; });
    std::vector<std::pair<double, double>> gaps;  // negative width, weight between
    for (auto right = std::next(solved_.begin()); right != solved_.end(); ++right) {
      const Solved& a = std::prev(right)->second;
      const Solved& b = right->second;
      const double ratio = b.weight / a.weight;
      double gap = 1e-6 * (ratio - 1.0) / (1.0 + ratio);
      const std::optional<double> tie = tie_of(a, b);
      if (tie && taxes > 0.0) gap += std::abs(a.tax - b.tax) / taxes;
      if (tie && risks > 0.0) {
        gap += std::abs(a.result->tracking_error_after - b.result->tracking_error_after) / risks;
      }
      gaps.emplace_back(-gap, tie.value_or(in_digits(std::sqrt(a.weight * b.weight), a.weight, b.weight)));
    }
    std::ranges::sort(gaps);
    std::vector<double> weights;
    for (std::size_t i = 0; i < std::min(count, gaps.size()); ++i) weights.push_back(gaps[i].second);
    std::ranges::sort(weights);
    return weights;
  }

  template <class Of>
  [[nodiscard]] double extent(Of of) const {
    double low = of(solved_.begin()->second);
    double high = low;
    for (const auto& [weight, one] : solved_) {
      low = std::min(low, of(one));
      high = std::max(high, of(one));
    }
    return high - low;
  }

  const UnitBook& unit_;
  const RunResult& present_;
  const AccountAlone& own_;
  int threads_;
  std::map<double, Solved> solved_;
};

// The best of all orders at the weight of `one`: ties go to its own. Only what rounding of doubles can make is a tie:
// between weights that are near one another a fraction of a cent is worth dollars of tax.
const Solved& best_at(const Solved& one, const std::map<double, Solved>& all) {
  constexpr double rounding = 1e-12;
  const Solved* best = &one;
  double least = one.total_at(one.weight);
  for (const auto& [weight, other] : all) {
    const double cost = other.total_at(one.weight);
    if (cost >= least - rounding * std::max(1.0, std::abs(least))) continue;
    least = cost;
    best = &other;
  }
  return *best;
}

std::optional<double> break_even(const objective::Parts& before, const FrontierPoint& point) {
  const double paid = point.tax + point.parts.trading;
  const double gone = before.risk - point.parts.risk;
  if (paid <= 0.0 || gone <= 0.0) return std::nullopt;
  return paid / gone;
}

FrontierPoint point_of(const Solved& one, const Solved& orders, const objective::Parts& before) {
  FrontierPoint point;
  point.tax_weight = one.weight;
  point.result = orders.result;
  point.found_at = orders.weight;
  point.parts = orders.parts;
  point.tax = orders.tax;
  point.objective = orders.total_at(one.weight);
  // Amounts rounded to the cent may be cheaper than the bound knows, as everywhere, and at this weight another's are.
  if (one.result->bound) point.bound = std::min(*one.result->bound, point.objective);
  if (point.bound && one.result->investable.is_positive()) {
    point.gap_bps = std::max(0.0, point.objective - *point.bound) / one.result->investable.to_double() * 1e4;
  }
  point.break_even_years = break_even(before, point);
  return point;
}

void mark_dominated(std::vector<FrontierPoint>& points) {
  constexpr double cent = 0.005;
  constexpr double hair = 1e-9;  // of tracking error
  for (FrontierPoint& point : points) {
    point.dominated = std::ranges::any_of(points, [&](const FrontierPoint& other) {
      const double tax = point.tax - other.tax;
      const double risk = point.parts.tracking_error - other.parts.tracking_error;
      return tax >= -hair && risk >= -hair && (tax > cent || risk > hair);
    });
  }
}

bool coincide(const FrontierPoint& a, const FrontierPoint& b) {
  return a.found_at == b.found_at ||
         (std::abs(a.tax - b.tax) < 0.005 && std::abs(a.parts.tracking_error - b.parts.tracking_error) < 1e-9);
}

// Points that are the curve's own: not dominated, and of those that coincide the first.
std::vector<bool> own_points(const std::vector<FrontierPoint>& points) {
  std::vector<bool> own(points.size());
  const FrontierPoint* last = nullptr;
  for (std::size_t i = 0; i < points.size(); ++i) {
    own[i] = !points[i].dominated && (last == nullptr || !coincide(*last, points[i]));
    if (own[i]) last = &points[i];
  }
  return own;
}

std::vector<FrontierPoint> points_of(const Sweep& sweep, const objective::Parts& before) {
  std::vector<FrontierPoint> points;
  for (auto one = sweep.solved().rbegin(); one != sweep.solved().rend(); ++one) {
    points.push_back(point_of(one->second, best_at(one->second, sweep.solved()), before));
  }
  mark_dominated(points);
  return points;
}

// The curve's own points; where they are fewer than wanted, with further weights at which the orders are one of these,
// and last with those that are dominated.
std::vector<FrontierPoint> chosen(std::vector<FrontierPoint> points, std::size_t wanted) {
  std::vector<bool> taken = own_points(points);
  for (std::size_t i = 0; i < points.size(); ++i) points[i].distinct = taken[i];
  std::size_t count = static_cast<std::size_t>(std::ranges::count(taken, true));
  for (const bool dominated : {false, true}) {
    for (std::size_t i = 0; i < points.size() && count < wanted; ++i) {
      if (taken[i] || points[i].dominated != dominated) continue;
      taken[i] = true;
      ++count;
    }
  }
  std::vector<FrontierPoint> left;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (taken[i]) left.push_back(std::move(points[i]));
  }
  return left;
}

// As many points as wanted that differ and are not dominated, as far as some more weights find them.
void fill_curve(Sweep& sweep, std::size_t wanted, Frontier& curve) {
  constexpr int rounds_max = 4;
  std::size_t found_before = 0;
  sweep.run(wanted);
  for (int round = 0;; ++round) {
    std::vector<FrontierPoint> points = points_of(sweep, curve.before);
    const std::vector<bool> mine = own_points(points);
    curve.distinct = static_cast<std::size_t>(std::ranges::count(mine, true));
    const bool in_vain = round > 0 && curve.distinct <= found_before;
    if (curve.distinct >= wanted || round == rounds_max || in_vain || sweep.is_one_place()) {
      curve.points = chosen(std::move(points), wanted);
      return;
    }
    found_before = curve.distinct;
    sweep.add(wanted - curve.distinct);
  }
}

// The point furthest below the straight line from one end to the other, both axes counted by their length.
std::optional<std::size_t> knee_of(const std::vector<FrontierPoint>& points) {
  const FrontierPoint& first = points.front();
  const FrontierPoint& last = points.back();
  const double taxes = last.tax - first.tax;
  const double risks = first.parts.tracking_error - last.parts.tracking_error;
  if (taxes <= 0.0 || risks <= 0.0) return std::nullopt;
  double furthest = 0.0;
  std::optional<std::size_t> knee;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double x = (points[i].tax - first.tax) / taxes;
    const double y = (points[i].parts.tracking_error - last.parts.tracking_error) / risks;
    if (1.0 - x - y <= furthest) continue;
    furthest = 1.0 - x - y;
    knee = i;
  }
  return knee;
}

}  // namespace

Result<Frontier> frontier(const Book& book, const std::string& account_id, std::size_t points, int threads) {
  auto unit = unit_book(book, account_id);
  if (!unit) return unit.failure();
  const Effort orders_alone{.price_rules = false, .tell_what_is_left = false};
  const auto decided = decide_unit_book(*unit, orders_alone);
  if (!decided) return decided.failure();
  Frontier curve;
  curve.account_id = account_id;
  curve.as_of = book.firm.as_of;
  curve.unit = std::move(unit).value();
  curve.present = result_of(*decided, curve.unit.account);
  if (const Finding* hold = held_by(curve.present)) {
    return Failure{hold->rule, "the account is held, so it has no curve: " + hold->message, {}};
  }
  const AccountAlone own(curve.unit, *decided);
  curve.earlier = own.earlier();
  curve.before = own.before();
  curve.present_parts = own.after(trades_of(curve.present));
  curve.present_tax = tax_at_one(own, curve.present);
  Sweep sweep(curve.unit, *decided, own, threads);
  fill_curve(sweep, points, curve);
  curve.knee = knee_of(curve.points);
  return curve;
}

std::string csv_of(const Frontier& frontier) {
  std::string text =
      "point,tax_weight,tax,tracking_error,year_tax,gain_short,gain_long,orders,bought,sold,turnover,trading_cost,"
      "objective,objective_at_weight,bound,gap_bps,break_even_years,found_at,mark\n";
  for (std::size_t i = 0; i < frontier.points.size(); ++i) {
    const FrontierPoint& point = frontier.points[i];
    const AccountResult& result = *point.result;
    const char* mark = frontier.knee == i ? "knee" : point.dominated ? "dominated" : "";
    inputs::append_csv_cells(
        text,
        std::initializer_list<std::string>{
            std::to_string(i + 1), fmt::format("{}", point.tax_weight), decimal(point.tax, 6),
            decimal(point.parts.tracking_error, 10), decimal(year_tax_added(result), 2), dollars(result.gain_short),
            dollars(result.gain_long), std::to_string(result.orders.size()), dollars(traded(result, Side::buy)),
            dollars(traded(result, Side::sell)), decimal(result.turnover, 8), decimal(point.parts.trading, 6),
            decimal(point.parts.total(), 6), decimal(point.objective, 6), decimal(point.bound, 6),
            decimal(point.gap_bps, 6), decimal(point.break_even_years, 6), fmt::format("{}", point.found_at), mark});
    text += '\n';
  }
  return text;
}

namespace {

Json json_of(const FrontierPoint& point) {
  const AccountResult& result = *point.result;
  return {{"tax_weight", point.tax_weight},
          {"tax", point.tax},
          {"tracking_error", point.parts.tracking_error},
          {"year_tax", year_tax_added(result)},
          {"gain_short", result.gain_short.to_double()},
          {"gain_long", result.gain_long.to_double()},
          {"orders", result.orders.size()},
          {"bought", traded(result, Side::buy).to_double()},
          {"sold", traded(result, Side::sell).to_double()},
          {"turnover", result.turnover},
          {"trading_cost", point.parts.trading},
          {"objective", point.parts.total()},
          {"objective_at_weight", point.objective},
          {"bound", reports::number(point.bound)},
          {"gap_bps", reports::number(point.gap_bps)},
          {"break_even_years", reports::number(point.break_even_years)},
          {"found_at", point.found_at},
          {"distinct", point.distinct},
          {"dominated", point.dominated}};
}

}  // namespace

std::string json_of(const Frontier& frontier) {
  Json json;
  json["account_id"] = frontier.account_id;
  json["as_of"] = frontier.as_of.to_string();
  json["distinct"] = frontier.distinct;
  json["as_it_is"] = {
      {"tax", 0.0}, {"tracking_error", frontier.before.tracking_error}, {"objective", frontier.before.total()}};
  json["as_run"] = {{"tax", frontier.present_tax},
                    {"tracking_error", frontier.present_parts.tracking_error},
                    {"objective", frontier.present_parts.total()}};
  json["knee"] = frontier.knee ? Json(*frontier.knee + 1) : Json();
  json["points"] = Json::array();
  for (const FrontierPoint& point : frontier.points) json["points"].push_back(json_of(point));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
