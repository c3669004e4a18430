#include "run/left.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "orders/causes.h"
#include "reports/price_of_acting.h"

namespace lotwright {
namespace {

std::string hold_cause(const std::string& rule) {
  constexpr auto data = std::to_array<std::string_view>({"data_", "price_", "corporate_action_", "model_"});
  const auto begins = [&](std::string_view prefix) { return rule.starts_with(prefix); };
  return std::ranges::any_of(data, begins) ? "data_hold" : "other_hold";
}

std::string plural(std::size_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

LeftLine held_line(const AccountResult& result) {
  const auto hold = std::ranges::find(result.exceptions, Severity::hold, &Finding::severity);
  LeftLine line;
  line.rule = hold == result.exceptions.end() ? std::string() : hold->rule;
  line.cause = hold_cause(line.rule);
  line.dollars = result.left;
  line.sentence = fmt::format("held by {}: {}", line.rule,
                              result.left ? "so much risk and holding costs stay until it is decided, by its data of "
                                            "today; tax and cost of removing them are not known"
                                          : "positions, prices or target are in doubt, and nobody knows what stays");
  return line;
}

LeftLine line_of(const ReasonRow& row) {
  return {.cause = cause_of(row),
          .rule = row.rule,
          .lines = 1,
          .dollars = row.share,
          .row = &row,
          .rank = 0,
          .sentence = reports::price_of_acting(row) + ": " + row.rule};
}

void rank(std::vector<LeftLine>& lines) {
  std::vector<LeftLine*> drifts;
  for (LeftLine& line : lines) {
    if (line.row != nullptr) drifts.push_back(&line);
  }
  std::ranges::stable_sort(drifts,
                           [](const LeftLine* a, const LeftLine* b) { return reports::acts_better(*a->row, *b->row); });
  for (std::size_t i = 0; i < drifts.size(); ++i) drifts[i]->rank = i + 1;
}

}  // namespace

std::vector<LeftLine> left_lines(const AccountResult& result) {
  if (result.status == ResultStatus::held || result.status == ResultStatus::failed) return {held_line(result)};
  std::vector<LeftLine> lines;
  for (const SmallerDrifts& smaller : result.left_smaller) {
    lines.push_back({.cause = smaller.cause,
                     .rule = {},
                     .lines = smaller.lines,
                     .dollars = smaller.share,
                     .row = nullptr,
                     .rank = 0,
                     .sentence = plural(smaller.lines, "smaller drift")});
  }
  for (const ReasonRow& row : result.reasons) {
    if (row.share) lines.push_back(line_of(row));
  }
  rank(lines);
  return lines;
}

std::map<std::string, LeftByCause> left_by_cause(const std::vector<AccountResult>& results) {
  std::map<std::string, LeftByCause> causes;
  for (const AccountResult& result : results) {
    std::set<std::string> seen;
    for (const LeftLine& line : left_lines(result)) {
      LeftByCause& cause = causes[line.cause];
      if (seen.insert(line.cause).second) ++cause.accounts;
      if (!line.dollars) ++cause.accounts_unknown;
      cause.lines += line.lines;
      cause.dollars += line.dollars.value_or(Money());
    }
  }
  return causes;
}

}  // namespace lotwright
