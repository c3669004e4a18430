#include "explanation/unusual_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "explanation/cents.h"
#include "explanation/drivers.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

enum class Unit { percent, dollars, count, times };

Unit unit_of(ExceptionMeasure measure) {
  switch (measure) {
    case ExceptionMeasure::gain:
    case ExceptionMeasure::tax:
    case ExceptionMeasure::against_request:
      return Unit::dollars;
    case ExceptionMeasure::orders:
      return Unit::count;
    case ExceptionMeasure::turnover_of_usual:
    case ExceptionMeasure::tracking_error_of_peers:
      return Unit::times;
    default:
      return Unit::percent;
  }
}

std::string with_unit(Unit unit, double value, int digits) {
  switch (unit) {
    case Unit::percent:
      return fmt::format("{:.{}f} %", 100.0 * value, digits);
    case Unit::dollars:
      return digits == 1 ? whole_usd(to_cents(value)) : usd(to_cents(value));
    case Unit::count:
      return fmt::format("{:.0f}", value);
    case Unit::times:
      return fmt::format("{:.{}f} times", value, digits);
  }
  throw Defect("a measure has no unit");
}

std::string largest_order_in_words(const Book& book, const AccountResult& result) {
  const auto largest =
      std::ranges::max_element(result.orders, {}, [](const Order& order) { return order.trade.amount; });
  if (largest == result.orders.end()) return "the largest order";
  return fmt::format("the largest order ({} {} for {})", largest->trade.side == Side::buy ? "buy" : "sell",
                     book.security(largest->trade.security).id.text, whole_usd(largest->trade.amount));
}

// What is measured, in words that the value follows.
std::string subject_of(const Book& book, const AccountResult& result, ExceptionMeasure measure) {
  const auto percent = [](double fraction) { return fmt::format("{:.2f} %", 100.0 * fraction); };
  switch (measure) {
    case ExceptionMeasure::turnover:
      return "turnover";
    case ExceptionMeasure::turnover_unexplained:
      return "turnover that nothing asked for";
    case ExceptionMeasure::turnover_of_usual: {
      const auto& usual = book.account(result.account).turnover_usual;
      return fmt::format("turnover {} beside the account's usual {},", percent(result.turnover),
                         percent(usual ? usual->to_double() : 0.0));
    }
    case ExceptionMeasure::gain:
      return "realized gain";
    case ExceptionMeasure::tax:
      return "tax";
    case ExceptionMeasure::tax_weight:
      return fmt::format("tax {} of {} invested,", usd(to_cents(result.tax)), whole_usd(result.investable));
    case ExceptionMeasure::orders:
      return "number of orders";
    case ExceptionMeasure::order_weight:
      return largest_order_in_words(book, result);
    case ExceptionMeasure::tracking_error_rise:
      return fmt::format("tracking error goes from {} to {}, a rise of", percent(result.tracking_error_before),
                         percent(result.tracking_error_after));
    case ExceptionMeasure::cash_left:
      return "cash after the orders";
    case ExceptionMeasure::against_request:
      return "orders against what is asked for";
    case ExceptionMeasure::tracking_error_of_peers:
      return "tracking error";
  }
  throw Defect("a measure has no words");
}

std::string tax_in_words(const std::vector<Driven>& drivers, bool tax) {
  std::string text;
  for (const Driven& one : drivers) {
    const Money amount = tax ? to_cents(one.tax) : one.gain;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", in_words(one.driver), whole_usd(amount));
  }
  return text.empty() ? "nothing is sold" : text;
}

std::string drivers_in_words(const Book& book, const AccountResult& result, ExceptionMeasure measure) {
  const std::vector<Driven> drivers = drivers_of(book, result);
  const bool tax = measure == ExceptionMeasure::tax || measure == ExceptionMeasure::tax_weight;
  if (tax || measure == ExceptionMeasure::gain) return tax_in_words(drivers, tax);
  return in_words(drivers);
}

}  // namespace

std::string figure(ExceptionMeasure measure, double value) {
  const Unit unit = unit_of(measure);
  if (unit == Unit::dollars) return fmt::format("{:.2f}", value);
  return unit == Unit::count ? fmt::format("{:.0f}", value) : fmt::format("{:.5f}", value);
}

std::pair<std::string, std::string> shown(ExceptionMeasure measure, double value, double limit) {
  constexpr int digits_max = 6;
  const Unit unit = unit_of(measure);
  for (int digits = 1; digits < digits_max; ++digits) {
    std::pair told{with_unit(unit, value, digits), with_unit(unit, limit, digits)};
    if (told.first != told.second) return told;
  }
  return {figure(measure, value), figure(measure, limit)};
}

std::string unusual_in_words(const Book& book, const AccountResult& result, const ExceptionRule& rule, double value) {
  const auto [seen, limit] = shown(rule.measure, value, rule.limit);
  const char* const consequence = rule.severity == Severity::note     ? ""
                                  : rule.severity == Severity::review ? "; a person decides"
                                                                      : "; no orders leave";
  return fmt::format("{} {}, limit {}; {}{}", subject_of(book, result, rule.measure), seen, limit,
                     drivers_in_words(book, result, rule.measure), consequence);
}

}  // namespace lotwright
