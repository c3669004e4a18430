#include "reports/desk_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "book/rules.h"
#include "reports/html.h"

namespace lotwright::reports {
namespace {

constexpr std::size_t lines_shown_max = 25;    // of a cause; the file has all
constexpr std::size_t causes_shown_max = 500;  // a page longer than this nobody works through

constexpr std::string_view style = R"(
article { border-left: .4rem solid var(--rule); padding: .2rem 1rem; margin: 1rem 0; }
article.hold { border-color: #b42318; } article.review { border-color: var(--target); }
article h3 { margin: .3rem 0; font-size: 1.05rem; } .tag { font-weight: 400; color: var(--soft); }
.step { margin: .4rem 0; } .sum { float: right; font-variant-numeric: tabular-nums; font-weight: 600; }
summary { cursor: pointer; color: var(--soft); } .lead { font-size: 1.05rem; }
)";

std::string dollars(Money amount) {
  const std::string cents = amount.abs().to_string(2);
  const std::size_t digits = cents.find('.');
  std::string text = amount.is_negative() ? "-$" : "$";
  for (std::size_t i = 0; i < digits; ++i) {
    text += cents[i];
    const std::size_t left = digits - i - 1;
    if (left > 0 && left % 3 == 0) text += ',';
  }
  return text;
}

// Lines that one correction would end.
struct Cause {
  std::vector<const ExceptionFacts*> lines;
  Money at_stake;
};

// What is wrong outside the account itself; empty where each account has a fault of its own.
std::string shared_cause(const Finding& finding) {
  constexpr std::array by_security{rule::price_missing, rule::price_too_old, rule::data_risk_missing,
                                   rule::corporate_action_pending, rule::model_unknown};
  if (finding.subject.kind != SubjectKind::account) return finding.subject.id + " " + finding.message;
  const bool shared = std::ranges::any_of(by_security, [&](const char* rule) { return finding.rule == rule; });
  return shared ? finding.observed : std::string();
}

// An account that stands in several lines waits once.
Money at_stake(const std::vector<const ExceptionFacts*>& lines) {
  std::map<std::pair<std::string, std::string>, Money> owners;
  for (const ExceptionFacts* line : lines) {
    Money& most = owners[{line->account_id, line->household_id}];
    most = std::max(most, line->dollars_at_stake);
  }
  Money sum;
  for (const auto& [owner, dollars] : owners) sum += dollars;
  return sum;
}

std::vector<Cause> causes_of(const DeskFacts& facts, bool notes) {
  std::map<std::array<std::string, 3>, Cause> causes;
  for (const ExceptionFacts& line : facts.exceptions) {
    if ((line.finding.severity == Severity::note) != notes) continue;
    const std::string shared = shared_cause(line.finding);
    const std::string own = shared.empty() ? line.account_id + " " + line.household_id : std::string();
    Cause& cause = causes[{line.finding.rule, shared, own}];
    cause.lines.push_back(&line);
  }
  std::vector<Cause> sorted;
  for (auto& [key, cause] : causes) {
    cause.at_stake = at_stake(cause.lines);
    sorted.push_back(std::move(cause));
  }
  std::ranges::stable_sort(sorted, [](const Cause& a, const Cause& b) { return a.at_stake > b.at_stake; });
  for (Cause& cause : sorted) {
    std::ranges::stable_sort(cause.lines,
                             [](const auto* a, const auto* b) { return a->dollars_at_stake > b->dollars_at_stake; });
  }
  return sorted;
}

std::string owner_of(const ExceptionFacts& line) {
  if (!line.account_id.empty()) return line.account_id;
  return line.household_id.empty() ? "the book" : "household " + line.household_id;
}

std::string lines_of(const Cause& cause) {
  Table table;
  table.columns = {"account", "household", "observed", "limit", "at stake"};
  table.text_columns = 4;
  for (const ExceptionFacts* line : cause.lines) {
    if (table.rows.size() == lines_shown_max) break;
    table.rows.push_back({owner_of(*line), line->household_id, line->finding.observed, line->finding.limit,
                          dollars(line->dollars_at_stake)});
  }
  std::string html = html_of(table, "Whom it concerns");
  if (cause.lines.size() > lines_shown_max)
    html += fmt::format("<p class=\"tag\">and {} more in exceptions.csv</p>\n", cause.lines.size() - lines_shown_max);
  return html;
}

std::string article(std::size_t number, const Cause& cause) {
  const ExceptionFacts& first = *cause.lines.front();
  const Finding& finding = first.finding;
  const std::string whom = cause.lines.size() == 1 ? owner_of(first) : fmt::format("{} lines", cause.lines.size());
  return fmt::format(
      "<article class=\"{0}\"><h3><span class=\"sum\">{1}</span>{2}. {3} <span class=\"tag\">{0}, {4}</span></h3>\n"
      "<p>{5}</p>\n<p class=\"step\"><label><input type=\"checkbox\"> <strong>Next:</strong> {6}</label></p>\n{7}"
      "</article>\n",
      name_of(finding.severity), dollars(cause.at_stake), number, escaped(finding.rule), escaped(whom),
      escaped(finding.message), escaped(first.next_step), lines_of(cause));
}

std::string lead(const DeskFacts& facts, std::size_t causes) {
  std::set<std::string> held, reviewed;
  for (const ExceptionFacts& line : facts.exceptions) {
    if (line.account_id.empty()) continue;
    if (line.finding.severity == Severity::hold) held.insert(line.account_id);
    if (line.finding.severity == Severity::review) reviewed.insert(line.account_id);
  }
  return fmt::format(
      "<p class=\"lead\">{}, {}: of {} accounts {} are held and {} await a release, from {} causes. The dearest "
      "comes first; what one correction ends stands together.</p>\n",
      escaped(facts.firm), facts.as_of.to_string(), facts.accounts, held.size(), reviewed.size(), causes);
}

}  // namespace

std::string exceptions_page(const DeskFacts& facts) {
  const std::vector<Cause> causes = causes_of(facts, false);
  std::string body = lead(facts, causes.size());
  if (causes.empty()) body += "<p>Nothing waits for a person today.</p>\n";
  for (std::size_t i = 0; i < std::min(causes.size(), causes_shown_max); ++i) body += article(i + 1, causes[i]);
  if (causes.size() > causes_shown_max)
    body += fmt::format("<p>{} more causes stand in exceptions.csv, by rank.</p>\n", causes.size() - causes_shown_max);
  const std::vector<Cause> notes = causes_of(facts, true);
  if (notes.empty()) return whole_page("Exceptions", style, body);
  Table table;
  table.columns = {"rule", "whom", "message", "lines"};
  table.text_columns = 3;
  for (std::size_t i = 0; i < std::min(notes.size(), causes_shown_max); ++i) {
    const ExceptionFacts& first = *notes[i].lines.front();
    table.rows.push_back(
        {first.finding.rule, owner_of(first), first.finding.message, std::to_string(notes[i].lines.size())});
  }
  body += fmt::format("<details><summary>{} notes: told, nothing to do</summary>\n{}</details>\n", notes.size(),
                      html_of(table, "Notes"));
  return whole_page("Exceptions", style, body);
}

std::string gates_page(const std::string& firm, Date as_of, const std::vector<GateFacts>& gates) {
  std::string body = fmt::format(
      "<p class=\"lead\">{}, {}: {} stopped this run. No order leaves. What was proposed is in accounts.csv and "
      "exceptions.csv; correct the inputs and run again, or raise a gate in firm.toml and say who did.</p>\n",
      escaped(firm), as_of.to_string(), gates.size() == 1 ? "one gate" : fmt::format("{} gates", gates.size()));
  for (const GateFacts& gate : gates) {
    Table table;
    table.columns = gate.columns;
    table.text_columns = gate.columns.size();
    table.rows = gate.largest;
    body += fmt::format(
        "<article class=\"hold\"><h3>{} <span class=\"tag\">observed {}, limit {}</span></h3>\n<p>{}</p>\n"
        "<p class=\"step\"><strong>Next:</strong> {}</p>\n{}</article>\n",
        escaped(gate.finding.rule), escaped(gate.finding.observed), escaped(gate.finding.limit),
        escaped(gate.finding.message), escaped(gate.next_step),
        table.rows.empty() ? std::string() : html_of(table, "What contributed most"));
  }
  return whole_page("Why this run was stopped", style, body);
}

}  // namespace lotwright::reports
