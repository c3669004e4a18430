#include "explanation/idle_cash.h"

#include <fmt/format.h>

#include <algorithm>

#include "explanation/cents.h"
#include "explanation/drivers.h"
#include "explanation/explanation.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

bool firm_tests_cash(const DecidedAccount& decided, const AccountResult& result) {
  return std::ranges::any_of(decided.book().firm.exception_rules, [&](const ExceptionRule& rule) {
    return rule.measure == ExceptionMeasure::cash_left && concerns(rule, decided.holder(), result);
  });
}

// What sales for requests brought: whoever asked for them knows what the money is for.
Money asked_for(const AccountResult& result) {
  Money dollars;
  for (const Order& order : result.orders) {
    if (order.trade.side == Side::sell && order.reason.starts_with("request_")) dollars += order.trade.amount;
  }
  return dollars;
}

}  // namespace

Findings left_idle(const DecidedAccount& decided, const AccountResult& result) {
  if (!result.investable.is_positive() || firm_tests_cash(decided, result)) return {};
  const objective::Terms& terms = decided.terms;
  const double most = terms.cash_max * terms.investable + decided.account.set_aside.to_double();
  const double raised = decided.after.cash_line - terms.cash_line_before - asked_for(result).to_double();
  const double dollars = std::min(decided.after.cash_line - most, raised);
  const double idle = dollars / terms.investable;
  if (idle <= idle_cash_max) return {};
  const bool asks = idle > idle_cash_asked && dollars > idle_dollars_asked;
  const double part = decided.after.cash_line / terms.investable;
  const std::string message = fmt::format(
      "cash after the orders {} ({:.1f} % of what is invested), {:.1f} % beyond the most its policy wants, limit "
      "{:.1f} %; {}{}",
      whole_usd(to_cents(decided.after.cash_line)), 100.0 * part, 100.0 * idle, 100.0 * idle_cash_max,
      in_words(drivers_of(decided.book(), result)), asks ? "; a person decides" : "");
  return {{.rule = unusual_cash_left,
           .severity = asks ? Severity::review : Severity::note,
           .subject = {SubjectKind::account, decided.holder().id.text},
           .place = {},
           .observed = fmt::format("{:.5f}", idle),
           .limit = fmt::format("{:.5f}", idle_cash_max),
           .message = message}};
}

}  // namespace lotwright
