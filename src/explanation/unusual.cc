#include <algorithm>

#include "explanation/drivers.h"
#include "explanation/explanation.h"
#include "explanation/unusual_words.h"
#include "orders/cash_line.h"

namespace lotwright {
namespace {

// A fraction of investable value; zero where there is none to compare with.
double of_investable(const AccountResult& result, Money dollars) {
  return result.investable.is_positive() ? dollars.to_double() / result.investable.to_double() : 0.0;
}

Money largest_order(const AccountResult& result) {
  Money largest;
  for (const Order& order : result.orders) largest = std::max(largest, order.trade.amount);
  return largest;
}

Money bought(const AccountResult& result) {
  Money amount;
  for (const Order& order : result.orders) amount += order.trade.side == Side::buy ? order.trade.amount : Money();
  return amount;
}

// Of the orders that sell at a gain, or at a loss, all their lots together.
Money sold_at(const AccountResult& result, bool loss) {
  Money amount;
  for (const Order& order : result.orders) {
    Money gain;
    for (const LotSale& sale : order.trade.lots) gain += sale.gain.value_or(Money());
    if (loss ? gain.is_negative() : gain.is_positive()) amount += order.trade.amount;
  }
  return amount;
}

// What the orders do against one request: it asks for money and they spend it, for losses and they take gains.
Money against(const Book& book, const Account& account, const AccountResult& result, const Request& request) {
  const Date as_of = book.firm.as_of;
  const bool due = request.due_on <= as_of;
  switch (request.kind) {
    case RequestKind::cash_out:
      if (request.due_on > as_of + account.effective_policy.cash_raise_days) return {};
      return std::min(bought(result), request.amount.value_or(Money()));
    case RequestKind::liquidate:
      return due ? bought(result) : Money();
    case RequestKind::harvest:
      return due ? sold_at(result, false) : Money();
    case RequestKind::realize_gains:
      return due ? sold_at(result, true) : Money();
    case RequestKind::preserve_losses:
      return as_of <= request.due_on ? sold_at(result, true) : Money();
    default:
      return {};
  }
}

// Dollars of orders against what is asked for: by due requests, and by a trade that a person ordered the other way.
Money against_requests(const Book& book, const AccountResult& result) {
  const Account& account = book.account(result.account);
  Money amount;
  for (const Request& request : std::ranges::equal_range(book.requests, result.account, {}, &Request::account))
    amount += against(book, account, result, request);
  for (const DirectedTrade& wanted :
       std::ranges::equal_range(book.directed, result.account, {}, &DirectedTrade::account)) {
    for (const Order& order : result.orders) {
      const bool opposed = order.trade.security == wanted.security && order.trade.side != wanted.side;
      if (opposed) amount += order.trade.amount;
    }
  }
  return amount;
}

// Turnover over the account's own average; zero where its history is too short to have one.
double of_usual(const Account& account, const AccountResult& result) {
  constexpr double usual_min = 0.001;  // of an account that hardly ever trades every order would be unusual
  if (!account.turnover_usual) return 0.0;
  return result.turnover / std::max(usual_min, account.turnover_usual->to_double());
}

double measured(ExceptionMeasure measure, const Book& book, const AccountResult& result) {
  switch (measure) {
    case ExceptionMeasure::turnover:
      return result.turnover;
    case ExceptionMeasure::gain:
      return (result.gain_short + result.gain_long).to_double();
    case ExceptionMeasure::tax:
      return result.tax;
    case ExceptionMeasure::orders:
      return static_cast<double>(result.orders.size());
    case ExceptionMeasure::order_weight:
      return of_investable(result, largest_order(result));
    case ExceptionMeasure::tracking_error_rise:
      return result.tracking_error_after - result.tracking_error_before;
    case ExceptionMeasure::cash_left:
      return of_investable(result, cash_line_after(book, result));
    case ExceptionMeasure::against_request:
      return against_requests(book, result).to_double();
    case ExceptionMeasure::turnover_of_usual:
      return of_usual(book.account(result.account), result);
    case ExceptionMeasure::turnover_unexplained:
      return turnover_unexplained(book, result);
    case ExceptionMeasure::tax_weight:
      return result.investable.is_positive() ? result.tax / result.investable.to_double() : 0.0;
    case ExceptionMeasure::tracking_error_of_peers:
      break;  // no account can tell by itself: run/peers.h
  }
  throw Defect("an exception rule has a measure that nobody measures");
}

}  // namespace

bool concerns(const ExceptionRule& rule, const Account& account, const AccountResult& result) {
  return (!rule.value_min || result.value >= *rule.value_min) && (!rule.value_max || result.value <= *rule.value_max) &&
         (rule.policy.empty() || rule.policy == account.policy);
}

Finding unusual_finding(const ExceptionRule& rule, const Account& account, double value, std::string message) {
  return {.rule = "unusual_" + rule.name,
          .severity = rule.severity,
          .subject = {SubjectKind::account, account.id.text},
          .place = {},
          .observed = figure(rule.measure, value),
          .limit = figure(rule.measure, rule.limit),
          .message = std::move(message)};
}

Findings unusual(const Book& book, const AccountResult& result) {
  const Account& account = book.account(result.account);
  Findings findings;
  for (const ExceptionRule& rule : book.firm.exception_rules) {
    if (rule.measure == ExceptionMeasure::tracking_error_of_peers || !concerns(rule, account, result)) continue;
    const double value = measured(rule.measure, book, result);
    if (value <= rule.limit) continue;
    findings.push_back(unusual_finding(rule, account, value, unusual_in_words(book, result, rule, value)));
  }
  return findings;
}

}  // namespace lotwright
