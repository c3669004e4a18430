// reports/sections.h — the sections of a report, one function each. Internal to reports/.
#pragma once

#include "reports/report.h"

namespace lotwright::reports {

// A row that prices a rule as a whole, not one drift: left out of the sum, and of no security.
[[nodiscard]] inline bool prices_a_rule(const ReasonRow& row) {
  return row.decision == Decision::kept && row.security_id.empty();
}

// What an order, or closing a drift, brings and costs: "lowers risk and holding costs by $75.27 a year, costs $12.18 in
// tax and $1.16 to trade; the cash it raises is worth $2.66". `would`: it was not done.
[[nodiscard]] std::string price_in_words(const AccountFacts& facts, const ReasonRow& row, Side side, bool would);

[[nodiscard]] Section section_of_account(const AccountFacts& facts);
[[nodiscard]] Section section_of_figures(const AccountFacts& facts);
[[nodiscard]] Section section_of_trades(const AccountFacts& facts);
[[nodiscard]] Section section_of_what_is_left(const AccountFacts& facts);
[[nodiscard]] Section section_of_rules(const AccountFacts& facts);
[[nodiscard]] Section section_of_harvests(const AccountFacts& facts);
[[nodiscard]] Section section_of_requests(const AccountFacts& facts);
[[nodiscard]] Section section_of_exceptions(const AccountFacts& facts);

}  // namespace lotwright::reports
