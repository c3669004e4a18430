#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
#include "verification/hard_rules.h"

namespace lotwright::hard_rules {
namespace {

void compare(const char* what, Money stated, Money derived, Money tolerance, const char* rule, Verdict& verdict) {
  if ((stated - derived).abs() <= tolerance) return;
  verdict.refuse(rule, fmt::format("{} is stated as {}, it is {}", what, stated.to_string(2), derived.to_string(2)));
}

}  // namespace

void status_is_told(const AccountSheet& sheet, Verdict& verdict) {
  const bool traded = sheet.result->status == ResultStatus::traded;
  if (traded != sheet.result->orders.empty()) return;
  verdict.refuse(rule::verification_status, traded ? "traded, and without orders" : "orders, and not stated as traded");
}

void cash_is_told(const AccountSheet& sheet, Verdict& verdict) {
  const char* name = rule::verification_cash_stated;
  compare("cash_before", sheet.result->cash_before, sheet.account->cash, Money(), name, verdict);
  compare("cash_after", sheet.result->cash_after, sheet.cash_after, Money(), name, verdict);
}

void value_is_told(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.priced) return;
  const char* name = rule::verification_value_stated;
  compare("value", sheet.result->value, sheet.value, cent, name, verdict);
  compare("investable_value", sheet.result->investable, sheet.investable, cent, name, verdict);
}

void gains_are_told(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.taxable()) return;
  const char* name = rule::verification_gains_stated;
  compare("gain_short", sheet.result->gain_short, sheet.realized(Term::short_term), cent, name, verdict);
  compare("gain_long", sheet.result->gain_long, sheet.realized(Term::long_term), cent, name, verdict);
}

void turnover_is_told(const AccountSheet& sheet, Verdict& verdict) {
  if (!sheet.has_weights()) return;
  const double derived = std::min(sheet.bought(), sheet.sold_for()).to_double() / sheet.investable.to_double();
  constexpr double tolerance = 1e-8;  // accounts.csv has eight decimals
  const double difference = sheet.result->turnover - derived;
  if (difference <= tolerance && difference >= -tolerance) return;
  verdict.refuse(rule::verification_turnover_stated,
                 fmt::format("turnover is stated as {:.8f}, it is {:.8f}", sheet.result->turnover, derived));
}

// A bound that feasible orders beat is a defect of the first rank (docs/formulas.md).
void bound_is_below_the_objective(const AccountSheet& sheet, Verdict& verdict) {
  const auto& bound = sheet.result->bound;
  if (!bound || *bound <= sheet.result->objective_after + cent.to_double()) return;
  verdict.refuse(rule::verification_bound,
                 fmt::format("a bound of {:.4f} above the objective of {:.4f}", *bound, sheet.result->objective_after));
}

}  // namespace lotwright::hard_rules
