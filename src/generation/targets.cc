#include "generation/targets.h"

#include <algorithm>
#include <functional>
#include <map>

namespace lotwright::generation {
namespace {

// Places of the funds among the securities (securities.cc): the cash fund comes first.
enum FundPlace : std::uint32_t {
  cash_fund,
  total_market,
  large_cap,
  large_cap_fund,
  small_cap,
  value_fund,
  growth_fund,
  developed,
  developed_alternate,
  emerging,
  emerging_alternate,
  aggregate_bond,
  aggregate_bond_alternate,
  treasury,
  municipal,
  real_estate,
};

class Shelf {
 public:
  // Weights in proportion, rounded down to 1e-8, the rest on the largest.
  void add_scaled(std::string id, const std::vector<std::pair<std::uint32_t, double>>& sizes) {
    constexpr std::int64_t steps = 100'000'000, step = Weight::scale / steps;
    double sum = 0.0;
    for (const auto& [security, size] : sizes) sum += size;
    Target target{.id = std::move(id), .kind = TargetKind::direct, .followed = true, .parts = {}, .weights = {}};
    std::int64_t left = steps;
    std::size_t largest = 0;
    for (const auto& [security, size] : sizes) {
      const auto count = static_cast<std::int64_t>(size / sum * static_cast<double>(steps));
      left -= count;
      target.parts.push_back({false, security, Weight::of_count(count * step)});
      if (target.parts[largest].weight < target.parts.back().weight) largest = target.parts.size() - 1;
    }
    target.parts[largest].weight += Weight::of_count(left * step);
    add(std::move(target));
  }

  // Weights in percent, of funds.
  void add_funds(std::string id, const std::vector<std::pair<std::uint32_t, int>>& percents, bool followed = true) {
    Target target{.id = std::move(id), .kind = TargetKind::funds, .followed = followed, .parts = {}, .weights = {}};
    for (const auto& [security, percent] : percents) target.parts.push_back({false, security, percent_of(percent)});
    add(std::move(target));
  }

  // Weights in percent, of models already on the shelf.
  void add_nested(std::string id, const std::vector<std::pair<std::string, int>>& percents) {
    Target target{.id = std::move(id), .kind = TargetKind::nested, .followed = true, .parts = {}, .weights = {}};
    for (const auto& [model, percent] : percents) target.parts.push_back({true, place_of(model), percent_of(percent)});
    add(std::move(target));
  }

  std::vector<Target> take() { return std::move(targets_); }

 private:
  static Weight percent_of(int percent) { return Weight::of_count(Weight::scale / 100 * percent); }

  [[nodiscard]] std::uint32_t place_of(const std::string& id) const {
    const auto found = std::find_if(targets_.begin(), targets_.end(), [&](const Target& one) { return one.id == id; });
    require(found != targets_.end(), "a model names a part that is not on the shelf");
    return static_cast<std::uint32_t>(found - targets_.begin());
  }

  void add(Target target) {
    std::map<std::uint32_t, double> sums;
    for (const TargetPart& part : target.parts) {
      if (!part.model) sums[part.place] += part.weight.to_double();
      if (!part.model) continue;
      for (const auto& [security, weight] : targets_[part.place].weights) {
        sums[security] += part.weight.to_double() * weight;
      }
    }
    target.weights.assign(sums.begin(), sums.end());
    targets_.push_back(std::move(target));
  }

  std::vector<Target> targets_;
};

using Sized = std::vector<std::pair<std::uint32_t, double>>;

// The largest `count` of the indexed stocks that pass, in the order of their ids.
Sized largest(const Market& market, std::size_t count, const std::function<bool(const Stock&)>& passes) {
  Sized sized;
  for (const std::uint32_t i : market.with(Role::indexed)) {
    if (passes(market.securities()[i])) sized.emplace_back(i, market.securities()[i].size);
  }
  std::sort(sized.begin(), sized.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  sized.resize(std::min(sized.size(), count));
  std::sort(sized.begin(), sized.end());
  return sized;
}

void add_indexes(const Market& market, Shelf& shelf) {
  const std::size_t all = market.with(Role::indexed).size();
  const auto any = [](const Stock&) { return true; };
  shelf.add_scaled("direct_500", largest(market, 500, any));
  shelf.add_scaled("direct_250", largest(market, std::min<std::size_t>(250, all * 2 / 3), any));
  shelf.add_scaled("direct_100", largest(market, std::min<std::size_t>(100, all / 2), any));
  shelf.add_scaled("direct_screened", largest(market, 300, [](const Stock& stock) { return stock.tags.empty(); }));
}

}  // namespace

std::vector<Target> invent_targets(const Market& market) {
  Shelf shelf;
  add_indexes(market, shelf);
  shelf.add_funds("part_international", {{developed, 75}, {emerging, 25}}, false);
  shelf.add_funds("part_bonds", {{aggregate_bond, 70}, {treasury, 30}}, false);
  shelf.add_funds("funds_equity", {{total_market, 55}, {small_cap, 10}, {developed, 25}, {emerging, 10}});
  shelf.add_funds("funds_growth",
                  {{large_cap, 35}, {growth_fund, 20}, {small_cap, 10}, {developed, 20}, {aggregate_bond, 15}});
  shelf.add_funds("funds_balanced", {{total_market, 35},
                                     {value_fund, 10},
                                     {developed, 13},
                                     {real_estate, 5},
                                     {aggregate_bond, 25},
                                     {municipal, 10},
                                     {cash_fund, 2}});
  shelf.add_funds("funds_income",
                  {{large_cap_fund, 20}, {aggregate_bond, 45}, {treasury, 15}, {municipal, 15}, {cash_fund, 5}});
  shelf.add_nested("direct_80_20", {{"direct_250", 60}, {"part_international", 20}, {"part_bonds", 20}});
  shelf.add_nested("direct_60_40", {{"direct_100", 45}, {"part_international", 15}, {"part_bonds", 40}});
  shelf.add_nested("core_satellite", {{"funds_equity", 70}, {"direct_100", 30}});
  shelf.add_nested("house_view", {{"direct_80_20", 50}, {"core_satellite", 30}, {"funds_income", 20}});
  return shelf.take();
}

}  // namespace lotwright::generation
