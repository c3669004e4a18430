#include "problem/shadow_prices.h"

#include <algorithm>
#include <cmath>

namespace lotwright {

std::vector<std::string> row_names(const Problem& problem) {
  std::vector<std::string> names(problem.program.rows.size());
  const auto name = [&](int row, std::string text) {
    if (row >= 0) names[static_cast<std::size_t>(row)] = std::move(text);
  };
  name(problem.cash_row, "cash");
  name(problem.short_row, "short");
  name(problem.long_row, "long");
  name(problem.net_row, "net");
  name(problem.tax_budget_row, "tax_budget");
  name(problem.buys_row, "buys");
  name(problem.sells_row, "sells");
  name(problem.names_row, "names");
  for (std::size_t b = 0; b < problem.bands.size(); ++b) {
    name(problem.first_band_row + static_cast<int>(b), "band:" + problem.bands[b].source);
  }
  for (const Goal& goal : problem.goals) name(goal.row, "goal:" + goal.realization.requests.front());
  return names;
}

ShadowPrices shadow_prices(const Problem& problem, const numerics::Multipliers& at) {
  ShadowPrices prices;
  prices.factors.assign(at.factor.begin(), at.factor.begin() + problem.program.factors);
  const std::vector<std::string> names = row_names(problem);
  for (std::size_t r = 0; r < names.size(); ++r) {
    if (at.row[r] != 0.0) prices.rows.emplace_back(names[r], at.row[r]);
  }
  std::ranges::sort(prices.rows);
  return prices;
}

std::optional<numerics::Multipliers> multipliers(const Problem& problem, const ShadowPrices& prices) {
  const auto is_finite = [](double price) { return std::isfinite(price); };
  const bool none = prices.factors.empty() && prices.rows.empty();
  if (none || prices.factors.size() != static_cast<std::size_t>(problem.program.factors)) return std::nullopt;
  if (!std::ranges::all_of(prices.factors, is_finite)) return std::nullopt;
  numerics::Multipliers at = numerics::zero_multipliers(problem.program);
  std::ranges::copy(prices.factors, at.factor.begin());
  const std::vector<std::string> names = row_names(problem);
  for (const auto& [name, price] : prices.rows) {
    if (!is_finite(price)) return std::nullopt;
    const auto row = std::ranges::find(names, name);
    if (row != names.end()) at.row[static_cast<std::size_t>(row - names.begin())] = price;
  }
  return at;
}

}  // namespace lotwright
