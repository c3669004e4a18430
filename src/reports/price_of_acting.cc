#include "reports/price_of_acting.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "reports/words.h"

namespace lotwright::reports {

const ReasonRow* dearest_left(const AccountResult& result) {
  const ReasonRow* dearest = nullptr;
  for (const ReasonRow& row : result.reasons) {
    if (!row.share || risk_removed(row) <= 0.0) continue;
    if (dearest == nullptr || risk_removed(row) > risk_removed(*dearest)) dearest = &row;
  }
  return dearest;
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

}  // namespace lotwright::reports
