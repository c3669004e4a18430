#include "orders/causes.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "book/rules.h"

namespace lotwright {
namespace {

constexpr auto families = std::to_array<std::pair<std::string_view, const char*>>({
    {"restriction_", "restriction"},
    {"request_", "request"},
    {"wash_sale_", "wash_sale"},
    {"bought_in_run", "bought_in_run"},
    {"trade_min_", "minimum"},
    {"improvement_below_min", "minimum"},
    {"data_", "data"},
    {"price_", "data"},
    {"corporate_action_", "data"},
    {"account_limit_reached", "limit"},
    {"cash_", "limit"},
});

constexpr auto words = std::to_array<std::pair<std::string_view, const char*>>({
    {"restriction", "a restriction"},
    {"request", "a request of the client"},
    {"wash_sale", "wash sales"},
    {"bought_in_run", "what the run buys itself, for what is sold or barred"},
    {"minimum", "too small a trade or improvement"},
    {"tax", "tax: more than it brings"},
    {"trading", "trading costs: more than it brings"},
    {"setting", "a setting of the account"},
    {"limit", "no room in a budget, turnover, band or cash"},
    {"data", "a basis that is not known"},
});

// What weighed more where dollars decided.
const char* cause_by_dollars(const ReasonRow& row) { return row.tax > row.cost ? "tax" : "trading"; }

}  // namespace

std::string cause_of(const ReasonRow& row) {
  if (row.rule == rule::benefit_below_cost || row.rule == rule::waiting_worth_more) return cause_by_dollars(row);
  const auto of_rule = [&](const auto& family) { return row.rule.starts_with(family.first); };
  const auto family = std::ranges::find_if(families, of_rule);
  return family == families.end() ? "setting" : family->second;
}

std::string cause_in_words(const std::string& cause) {
  const auto found = std::ranges::find(words, cause, [](const auto& one) { return one.first; });
  return found == words.end() ? cause : found->second;
}

}  // namespace lotwright
