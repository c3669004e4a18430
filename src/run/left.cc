#include "run/left.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "book/rules.h"

namespace lotwright {
namespace {

bool is_left(const ReasonRow& row) {
  const bool kept = row.decision == Decision::kept || row.decision == Decision::not_bought;
  return kept && !row.security_id.empty() && row.benefit.is_positive();
}

constexpr auto families = std::to_array<std::pair<std::string_view, const char*>>({
    {"restriction_", "restriction"},
    {"request_", "request"},
    {"wash_sale_", "wash_sale"},
    {"bought_in_run", "wash_sale"},
    {"trade_min_", "minimum"},
    {"improvement_below_min", "minimum"},
    {"data_", "data_hold"},
    {"price_", "data_hold"},
    {"corporate_action_", "data_hold"},
    {"account_limit_reached", "limit"},
    {"cash_", "limit"},
    {"verification_", "other_hold"},
});

// What weighed more where dollars decided.
const char* cause_by_dollars(const ReasonRow& row) { return row.tax > row.cost ? "tax" : "trading"; }

std::string hold_cause(const AccountResult& result) {
  const auto hold = std::ranges::find(result.exceptions, Severity::hold, &Finding::severity);
  if (hold == result.exceptions.end()) return "other_hold";
  constexpr auto data = std::to_array<std::string_view>({"data_", "price_", "corporate_action_", "model_"});
  const auto begins = [&](std::string_view prefix) { return hold->rule.starts_with(prefix); };
  return std::ranges::any_of(data, begins) ? "data_hold" : "other_hold";
}

double removed_by(const Book& book, const AccountResult& result, const ReasonRow& row) {
  const double aversion = book.account(result.account).effective_policy.risk_aversion;
  const double scale = 0.5 * aversion * result.investable.to_double();
  if (scale <= 0.0) return 0.0;
  const double now = result.tracking_error_after;
  return now - std::sqrt(std::max(0.0, now * now - row.benefit.to_double() / scale));
}

}  // namespace

std::string cause_of(const ReasonRow& row) {
  if (row.rule == rule::benefit_below_cost || row.rule == rule::waiting_worth_more) return cause_by_dollars(row);
  const auto of_rule = [&](const auto& family) { return row.rule.starts_with(family.first); };
  const auto family = std::ranges::find_if(families, of_rule);
  return family == families.end() ? "setting" : family->second;
}

std::map<std::string, LeftByCause> left_by_cause(const std::vector<AccountResult>& results) {
  std::map<std::string, LeftByCause> causes;
  for (const AccountResult& result : results) {
    if (result.status == ResultStatus::held || result.status == ResultStatus::failed) {
      if (!std::isfinite(result.objective_before) || result.objective_before <= 0.0) continue;
      LeftByCause& cause = causes[hold_cause(result)];
      ++cause.accounts;
      cause.benefit += Money::of_count(static_cast<std::int64_t>(result.objective_before * 100.0) * cent.count());
      continue;
    }
    std::map<std::string, bool> seen;
    for (const ReasonRow& row : result.reasons) {
      if (!is_left(row)) continue;
      const std::string name = cause_of(row);
      LeftByCause& cause = causes[name];
      if (!seen[name]) ++cause.accounts;
      seen[name] = true;
      ++cause.lines;
      cause.benefit += row.benefit;
      cause.tax += row.tax;
      cause.cost += row.cost;
    }
  }
  return causes;
}

std::optional<LeftLine> dearest_left(const Book& book, const AccountResult& result) {
  const ReasonRow* dearest = nullptr;
  for (const ReasonRow& row : result.reasons) {
    if (is_left(row) && (dearest == nullptr || dearest->benefit < row.benefit)) dearest = &row;
  }
  if (dearest == nullptr || result.status == ResultStatus::held || result.status == ResultStatus::failed) {
    return std::nullopt;
  }
  LeftLine line{dearest, removed_by(book, result, *dearest), {}};
  const bool saves = dearest->tax.is_negative();
  line.sentence =
      fmt::format("{} {} would {} ${} tax and cost ${} to trade, to remove {:.1f} bp of risk: {}",
                  dearest->decision == Decision::not_bought ? "buying" : "selling", dearest->security_id,
                  saves ? "save" : "cost", round_to_cent(dearest->tax.abs()).to_string(2),
                  round_to_cent(dearest->cost).to_string(2), 1e4 * line.tracking_error_removed, dearest->rule);
  return line;
}

}  // namespace lotwright
