#include "run/impact_spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <utility>

#include "reports/words.h"

namespace lotwright {
namespace {

// Buckets between neighbours of `ends` (ascending), one below the first and one from the last on; then those undecided.
Spread spread_over(const std::vector<double>& ends, const std::function<std::string(double)>& text) {
  Spread spread;
  spread.buckets.push_back({"under " + text(ends.front()), 0, 0});
  for (std::size_t i = 0; i + 1 < ends.size(); ++i)
    spread.buckets.push_back({text(ends[i]) + " to " + text(ends[i + 1]), 0, 0});
  spread.buckets.push_back({text(ends.back()) + " and more", 0, 0});
  spread.buckets.push_back({"held or failed", 0, 0});
  return spread;
}

Bucket& bucket_of(Spread& spread, const std::vector<double>& ends, const std::optional<double>& value) {
  if (!value) return spread.buckets.back();
  const auto place = std::ranges::upper_bound(ends, *value) - ends.begin();
  return spread.buckets[static_cast<std::size_t>(place)];
}

std::string of_percent(double fraction) { return fmt::format("{:.4g} %", 100.0 * fraction); }

Spread of_runs(const Impact& impact, const char* name, const char* heading, const std::vector<double>& ends,
               double AccountFigures::*figure) {
  Spread spread = spread_over(ends, of_percent);
  spread.name = name;
  spread.heading = heading;
  const auto value_of = [&](const AccountFigures& account) {
    return is_decided(account) ? std::optional(account.*figure) : std::nullopt;
  };
  for (const AccountImpact& one : impact.accounts) {
    ++bucket_of(spread, ends, value_of(one.present)).present;
    ++bucket_of(spread, ends, value_of(one.coming)).coming;
  }
  return spread;
}

Spread of_tax(const Impact& impact) {
  const std::vector<double> ends = {-100'000.0, -10'000.0, -1'000.0, -100.0, 100.0, 1'000.0, 10'000.0, 100'000.0};
  Spread spread = spread_over(ends, [](double dollars) { return whole_usd(Money::of_whole(std::lround(dollars))); });
  spread.name = "tax_added";
  spread.heading = "Accounts by what the new files add to their tax";
  spread.both_runs = false;
  for (const AccountImpact& one : impact.accounts) {
    const bool known = is_decided(one.present) && is_decided(one.coming);
    ++bucket_of(spread, ends, known ? std::optional(one.coming.tax - one.present.tax) : std::nullopt).coming;
  }
  return spread;
}

}  // namespace

std::vector<Spread> spreads_of(const Impact& impact) {
  Spread turnover = of_runs(impact, "turnover", "Accounts by turnover", {1e-9, 0.01, 0.02, 0.05, 0.10, 0.20, 0.50},
                            &AccountFigures::turnover);
  turnover.buckets[0].label = "none";
  turnover.buckets[1].label = "under 1 %";
  return {std::move(turnover),
          of_runs(impact, "tracking_error_after", "Accounts by tracking error after the orders",
                  {0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.10}, &AccountFigures::tracking_error_after),
          of_tax(impact)};
}

}  // namespace lotwright
