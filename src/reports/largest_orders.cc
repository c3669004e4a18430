#include "reports/largest_orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "reports/sections.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

// Which orders are told: by amount, equal ones in their order.
std::vector<bool> largest(const std::vector<Order>& orders, std::size_t orders_max) {
  std::vector<std::size_t> by_amount(orders.size());
  std::iota(by_amount.begin(), by_amount.end(), std::size_t{0});
  std::ranges::stable_sort(
      by_amount, [&](std::size_t a, std::size_t b) { return orders[a].trade.amount > orders[b].trade.amount; });
  std::vector<bool> told(orders.size(), false);
  for (std::size_t i = 0; i < std::min(orders_max, by_amount.size()); ++i) told[by_amount[i]] = true;
  return told;
}

}  // namespace

Report with_largest_orders(const AccountFacts& facts, Report report, std::size_t orders_max) {
  const std::vector<Order>& orders = facts.result->orders;
  if (orders.size() <= orders_max + 1) return report;  // a line for one order more saves nothing
  const std::vector<bool> told = largest(orders, orders_max);
  const std::string heading = section_of_trades(facts).heading;
  const auto section = std::ranges::find(report.sections, heading, &Section::heading);
  if (section == report.sections.end()) return report;
  std::vector<Item> items;  // of which the first are the orders
  Money left;
  for (std::size_t i = 0; i < section->items.size(); ++i) {
    if (i < orders.size() && !told[i]) {
      left += orders[i].trade.amount;
      continue;
    }
    if (i == orders.size()) {
      items.push_back({fmt::format("And {} smaller orders of {} in all: --all tells them too, as --html and --json do.",
                                   orders.size() - orders_max, usd(left)),
                       {}});
    }
    items.push_back(std::move(section->items[i]));
  }
  section->items = std::move(items);
  return report;
}

}  // namespace lotwright::reports
