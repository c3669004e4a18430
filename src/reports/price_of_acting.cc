#include "reports/price_of_acting.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "book/rules.h"
#include "reports/words.h"

namespace lotwright::reports {

bool acts_better(const ReasonRow& a, const ReasonRow& b) {
  if (worth_a_thought(a) != worth_a_thought(b)) return worth_a_thought(a);
  return a.net > b.net;
}

const ReasonRow* best_left(const AccountResult& result) {
  const ReasonRow* best = nullptr;
  for (const ReasonRow& row : result.reasons) {
    if (!row.share || !worth_a_thought(row)) continue;
    if (best == nullptr || acts_better(row, *best)) best = &row;
  }
  return best;
}

std::string price_of_acting(const ReasonRow& row) {
  constexpr double basis_points = 1e4;
  std::vector<std::string> costs;
  if (row.tax.is_positive()) costs.push_back(usd(row.tax) + " in tax");
  if (row.cost.is_positive() || costs.empty()) costs.push_back(usd(row.cost) + " to trade");
  std::string text =
      fmt::format("{} {} would ", row.decision == Decision::not_bought ? "buying" : "selling", row.security_id);
  if (row.tax.is_negative()) text += fmt::format("save {} in tax and ", usd(row.tax.abs()));
  const double removed = risk_removed(row);
  return text + fmt::format("cost {}, {} {:.1f} bp {} tracking error", listed(costs),
                            removed < 0.0 ? "and add" : "to remove", basis_points * std::abs(removed),
                            removed < 0.0 ? "to the" : "of");
}

std::string meaning_for(Side closing, const std::string& rule) {
  if (rule != rule::wash_sale_window) return std::string(rule::meaning_of(rule));
  return closing == Side::buy ? "buying it would wash a loss sale of the last 30 days or of this run"
                              : "its loss would be washed by a purchase of the last 30 days or of this run";
}

}  // namespace lotwright::reports
