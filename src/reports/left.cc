#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
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
  return fmt::format("{} ({})", rule::meaning_of(row.rule), whose);
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

Item item_of(const AccountFacts& facts, const ReasonRow& row) {
  const Side side = row.decision == Decision::not_bought ? Side::buy : Side::sell;
  const LineFacts* line = line_of(facts, row.security_id);
  const std::string title = line == nullptr ? row.security_id : title_of(facts.book->security(line->security));
  Item item;
  item.sentence = fmt::format("{}: {}{} by rule: {}.", title, weights_in_words(facts, line),
                              side == Side::buy ? "Not bought" : "Kept", rule_in_words(row));
  item.details.push_back(fmt::format("Closing the drift alone {}; in all {} {}.", price_in_words(row, side, true),
                                     usd(row.net.abs()), row.net.is_negative() ? "worse" : "better"));
  return item;
}

}  // namespace

Section section_of_what_is_left(const AccountFacts& facts) {
  Section section;
  section.heading = "Left as it is, and why";
  for (const ReasonRow& row : facts.result->reasons) {
    const bool left = row.decision == Decision::kept || row.decision == Decision::not_bought;
    if (left && !prices_a_rule(row)) section.items.push_back(item_of(facts, row));
  }
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
