#include "reports/desk_causes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "book/rules.h"
#include "reports/html.h"

namespace lotwright::reports {
namespace {

// Guesses, named on the page: nobody has measured them.
constexpr double minutes_a_cause = 3.0;
constexpr double minutes_a_line = 0.5;

// What is wrong outside the account itself, and ends for all of them with one correction; empty where each account has
// a fault of its own.
std::string shared_cause(const Finding& finding) {
  constexpr std::array by_security{rule::price_missing, rule::price_too_old, rule::data_risk_missing,
                                   rule::corporate_action_pending, rule::model_unknown};
  const bool shared = std::ranges::any_of(by_security, [&](const char* rule) { return finding.rule == rule; });
  if (finding.subject.kind == SubjectKind::account || finding.subject.kind == SubjectKind::household)
    return !shared ? std::string() : finding.rule == rule::price_too_old ? finding.message : finding.observed;
  return finding.subject.id + " " + finding.message;
}

// Its name, where that says what it is.
std::string subject_of(const Finding& finding) {
  if (finding.subject.kind == SubjectKind::account || finding.subject.kind == SubjectKind::household)
    return finding.rule == rule::price_too_old ? std::string() : shared_cause(finding);  // observed are its days
  return finding.subject.id;
}

Money at_stake_of(const std::vector<const ExceptionFacts*>& lines) {
  std::map<std::pair<std::string, std::string>, Money> owners;
  for (const ExceptionFacts* line : lines) {
    Money& most = owners[{line->account_id, line->household_id}];
    most = std::max(most, line->dollars_at_stake);
  }
  Money sum;
  for (const auto& [owner, dollars] : owners) sum += dollars;
  return sum;
}

}  // namespace

std::vector<Cause> causes_of(const DeskFacts& facts, Severity severity) {
  std::map<std::pair<std::string, std::string>, Cause> causes;
  for (const ExceptionFacts& line : facts.exceptions) {
    if (line.finding.severity != severity || line.finding.rule.starts_with("gate_")) continue;
    const std::string shared = shared_cause(line.finding);
    Cause& cause = causes[{line.finding.rule, shared}];
    cause.one_correction = !shared.empty();
    cause.subject = subject_of(line.finding);
    cause.lines.push_back(&line);
  }
  std::vector<Cause> sorted;
  for (auto& [key, cause] : causes) {
    cause.at_stake = at_stake_of(cause.lines);
    std::ranges::stable_sort(cause.lines,
                             [](const auto* a, const auto* b) { return a->dollars_at_stake > b->dollars_at_stake; });
    sorted.push_back(std::move(cause));
  }
  std::ranges::stable_sort(sorted, [](const Cause& a, const Cause& b) { return a.at_stake > b.at_stake; });
  return sorted;
}

bool is_missing_cash(const Finding& finding) {
  constexpr std::array rules{rule::request_too_late, rule::request_cash_short, rule::cash_nothing_to_sell};
  return finding.severity == Severity::review &&
         std::ranges::any_of(rules, [&](const char* one) { return finding.rule == one; });
}

std::string titled(const std::string& name) {
  constexpr std::string_view own_test = "unusual_";
  std::string words(rule::meaning_of(name));
  words.resize(std::min(words.find_first_of(";:,"), words.size()));  // what to do about it stands behind
  if (name.starts_with(own_test)) words = "unusual: " + name.substr(own_test.size());
  if (words == name) return name;
  if (words.front() >= 'a' && words.front() <= 'z') words.front() = static_cast<char>(words.front() - 'a' + 'A');
  return words + " (" + name + ")";
}

std::string told_of(const std::vector<UncheckedGate>& gates_unchecked) {
  std::string html;
  for (const UncheckedGate& gate : gates_unchecked) {
    html += fmt::format("<p class=\"hint\">The gate {} was not checked: {}.</p>\n", escaped(gate.setting),
                        escaped(gate.lacks));
  }
  return html;
}

std::size_t accounts_of(const Cause& cause) {
  std::set<std::string_view> ids;
  for (const ExceptionFacts* line : cause.lines) {
    if (!line->account_id.empty()) ids.insert(line->account_id);
  }
  return ids.size();
}

double minutes_of(const Cause& cause) {
  const double further = cause.one_correction ? 0.0 : static_cast<double>(cause.lines.size() - 1);
  return minutes_a_cause + minutes_a_line * further;
}

std::string time_in_words(double minutes) {
  const auto whole = static_cast<long>(std::ceil(minutes - 1e-9));
  return whole < 60 ? fmt::format("{} min", whole) : fmt::format("{} h {} min", whole / 60, whole % 60);
}

std::string how_time_is_counted() {
  return fmt::format(
      "Time is counted as {:g} minutes for a cause and {:g} for each further line that needs a look of its own.",
      minutes_a_cause, minutes_a_line);
}

}  // namespace lotwright::reports
