#include "run/peers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "explanation/explanation.h"
#include "run/left.h"

namespace lotwright {
namespace {

// With so few others nobody can say what is usual.
constexpr std::size_t others_min = 10;
// Where the others lie on their target, ten basis points are not far from it.
constexpr double usual_min = 0.001;

bool decided(const AccountResult& result) {
  const bool known = result.status == ResultStatus::traded || result.status == ResultStatus::no_trade;
  return known && result.investable.is_positive();
}

// What most of the drift that stays is left for: "82 % of it stays for tax; <the dearest drift>".
std::string cause_in_words(const AccountResult& result) {
  const std::map<std::string, LeftByCause> causes = left_by_cause({result});
  Money all;
  for (const auto& [cause, left] : causes) all += std::max(Money(), left.dollars);
  if (!all.is_positive()) return "nothing stands in the way of any trade that would pay: noise";
  const auto most = std::ranges::max_element(causes, {}, [](const auto& cause) { return cause.second.dollars; });
  const std::vector<LeftLine> lines = left_lines(result);
  const auto dearest = std::ranges::max_element(lines, {}, [](const LeftLine& line) { return line.dollars; });
  return fmt::format("{:.0f} % of what could be closed stays for cause '{}'{}",
                     100.0 * most->second.dollars.to_double() / all.to_double(), most->first,
                     dearest->sentence.empty() ? std::string() : "; " + dearest->sentence);
}

struct Peers {
  std::vector<AccountResult*> accounts;
  double median = 0.0;  // of their tracking error after the orders
};

std::map<std::string, Peers> peers_of(const Book& book, std::vector<AccountResult>& results) {
  std::map<std::string, Peers> peers;
  for (AccountResult& result : results) {
    if (decided(result)) peers[book.account(result.account).model].accounts.push_back(&result);
  }
  std::erase_if(peers, [](const auto& model) { return model.second.accounts.size() <= others_min; });
  for (auto& [model, of_model] : peers) {
    std::vector<double> errors;
    for (const AccountResult* result : of_model.accounts) errors.push_back(result->tracking_error_after);
    const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
    std::ranges::nth_element(errors, middle);
    of_model.median = *middle;
  }
  return peers;
}

}  // namespace

bool compare_peers(const Book& book, std::vector<AccountResult>& results) {
  bool any = false;
  for (const ExceptionRule& rule : book.firm.exception_rules) {
    if (rule.measure != ExceptionMeasure::tracking_error_of_peers) continue;
    for (AccountResult& result : results)
      std::erase_if(result.exceptions, [&](const Finding& one) { return one.rule == "unusual_" + rule.name; });
    for (auto& [model, peers] : peers_of(book, results)) {
      for (AccountResult* result : peers.accounts) {
        const double times = result->tracking_error_after / std::max(usual_min, peers.median);
        if (times <= rule.limit || !concerns(rule, book.account(result->account), *result)) continue;
        any = true;
        result->exceptions.push_back(unusual_finding(
            rule, book.account(result->account), times,
            fmt::format("tracking error {:.2f} % after the orders where half of the {} accounts of model {} have at "
                        "most {:.2f} %: {:.1f} times as much, limit {:.1f}; {}",
                        100.0 * result->tracking_error_after, peers.accounts.size(), model, 100.0 * peers.median, times,
                        rule.limit, cause_in_words(*result))));
      }
    }
  }
  return any;
}

}  // namespace lotwright
