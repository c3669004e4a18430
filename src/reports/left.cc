#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "book/rules.h"
#include "orders/causes.h"
#include "reports/price_of_acting.h"
#include "reports/sections.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

const LineFacts* line_of(const AccountFacts& facts, const std::string& security) {
  for (const LineFacts& line : facts.lines) {
    if (line.security.exists() && facts.book->security(line.security).id.text == security) return &line;
  }
  return nullptr;
}

std::string weights_in_words(const AccountFacts& facts, const LineFacts* line) {
  if (line == nullptr || !facts.result->investable.is_positive()) return {};
  const double held = line->after.to_double() / facts.result->investable.to_double();
  return fmt::format("{} held, {} wanted. ", percent(held), percent(line->target.to_double()));
}

std::string rule_in_words(const ReasonRow& row) {
  const std::string whose = row.source.empty() ? row.rule : row.rule + ", " + row.source;
  const Side closing = row.decision == Decision::not_bought ? Side::buy : Side::sell;
  return fmt::format("{} ({})", meaning_for(closing, row.rule), whose);
}

// The same price as tracking error; nothing where it is too small to be seen.
std::vector<std::string> error_in_words(const ReasonRow& row) {
  constexpr double basis_points = 1e4;
  const double saved = basis_points * row.tracking_error.value_or(0.0);
  if (saved < 0.05) return {};
  return {
      fmt::format("Without it, and at no more tax or cost, its tracking error could be lower by at most {:.1f} "
                  "basis points.",
                  saved)};
}

// "Kept by rule: ...", or what the account's own order in it did.
std::string why(const AccountFacts& facts, const ReasonRow& row, Side closing) {
  for (const Order& order : facts.result->orders) {
    if (facts.book->security(order.trade.security).id.text != row.security_id || order.trade.side == closing) continue;
    const bool bought = order.trade.side == Side::buy;
    return fmt::format("{} today, and not {} again: {}", bought ? "Bought" : "Sold", bought ? "sold" : "bought",
                       rule_in_words(row));
  }
  return fmt::format("{} by rule: {}", closing == Side::buy ? "Not bought" : "Kept", rule_in_words(row));
}

// What closing the drift alone would do to the tracking error, and how much of what stays is in it.
std::string weight_of(const ReasonRow& row) {
  constexpr double basis_points = 1e4;
  const double removed = basis_points * risk_removed(row);
  std::string text = fmt::format("The tracking error would {} by {:.1f} basis points", removed < 0.0 ? "rise" : "fall",
                                 std::abs(removed));
  if (!row.share || row.share->is_zero()) return text + ".";
  return text + (row.share->is_negative()
                     ? fmt::format("; today it offsets {} a year of what the other drifts cost.", usd(row.share->abs()))
                     : fmt::format("; of what stays {} a year are in it.", usd(*row.share)));
}

Item item_of(const AccountFacts& facts, const ReasonRow& row) {
  const Side side = row.decision == Decision::not_bought ? Side::buy : Side::sell;
  const LineFacts* line = line_of(facts, row.security_id);
  const std::string title = line == nullptr ? row.security_id : title_of(facts.book->security(line->security));
  Item item;
  item.sentence = fmt::format("{}: {}{}.", title, weights_in_words(facts, line), why(facts, row, side));
  item.details.push_back(fmt::format("Closing the drift alone {}; in all {} {}.",
                                     price_in_words(facts, row, side, true), usd(row.net.abs()),
                                     row.net.is_negative() ? "worse" : "better"));
  if (row.tracking_error) item.details.push_back(weight_of(row));
  return item;
}

// Dollars that stay, by what stands in the way.
Table table_of_causes(const AccountResult& result) {
  std::map<std::string, std::pair<std::size_t, Money>> causes;
  const auto add = [&](const std::string& cause, std::size_t lines, Money dollars) {
    causes[cause].first += lines;
    causes[cause].second += dollars;
  };
  for (const ReasonRow& row : result.reasons) {
    if (row.share) add(cause_of(row), 1, *row.share);
  }
  for (const SmallerDrifts& smaller : result.left_smaller) add(smaller.cause, smaller.lines, smaller.share);
  Table table;
  if (causes.empty()) return table;
  table.columns = {"what stands in the way", "drifts", "risk and holding costs a year"};
  std::pair<std::size_t, Money> balancing;
  for (const auto& [cause, sum] : causes) {
    if (sum.second.is_negative()) {
      balancing.first += sum.first;
      balancing.second += sum.second;
    } else {
      table.rows.push_back({cause_in_words(cause), std::to_string(sum.first), usd(sum.second)});
    }
  }
  if (balancing.first > 0) {
    table.rows.push_back(
        {"nothing should: they balance the others", std::to_string(balancing.first), usd(balancing.second)});
  }
  if (causes.size() > 1) table.rows.push_back({"together", "", usd(result.left.value_or(Money()))});
  return table;
}

}  // namespace

Section section_of_what_is_left(const AccountFacts& facts) {
  Section section;
  section.heading = "What stays off its target, and why";
  section.table = table_of_causes(*facts.result);
  std::vector<const ReasonRow*> rows;
  for (const ReasonRow& row : facts.result->reasons) {
    const bool left = row.decision == Decision::kept || row.decision == Decision::not_bought;
    if (left && !prices_a_rule(row)) rows.push_back(&row);
  }
  std::ranges::stable_sort(rows, std::greater(), [](const ReasonRow* row) { return row->share.value_or(Money()); });
  for (const ReasonRow* row : rows) section.items.push_back(item_of(facts, *row));
  return section;
}

Section section_of_rules(const AccountFacts& facts) {
  Section section;
  section.heading = "What the rules cost";
  for (const ReasonRow& row : facts.result->reasons) {
    if (!prices_a_rule(row)) continue;
    section.items.push_back({fmt::format("Without this rule the account could be better by at most {} over a year: {}.",
                                         usd(row.net), rule_in_words(row)),
                             error_in_words(row)});
  }
  return section;
}

}  // namespace lotwright::reports
