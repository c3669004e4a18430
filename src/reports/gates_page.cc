#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/defect.h"
#include "book/rules.h"
#include "reports/desk_causes.h"
#include "reports/desk_pages.h"
#include "reports/html.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

constexpr std::size_t gates_of_kind_max = 100;  // the same fault in every security says no more

constexpr std::string_view style = R"(
article { border-left: .4rem solid #b42318; padding: .2rem 0 .2rem 1rem; margin: 1.4rem 0; }
article h3 { margin: .3rem 0; font-size: 1.1rem; } .tag { font-weight: 400; color: var(--soft); }
.lead { font-size: 1.1rem; } .step, .hint { margin: .4rem 0; } .hint { color: var(--target); }
)";

std::string contributions(const GateFacts& gate) {
  if (gate.largest.empty()) return {};
  Table table;
  table.columns = gate.columns;
  table.text_columns = gate.text_columns;
  table.rows = gate.largest;
  const std::string coverage =
      gate.coverage.empty() ? std::string() : "<p class=\"tag\">" + escaped(gate.coverage) + "</p>\n";
  return html_of(table, "What contributed most") + coverage;
}

// What a gate's observed and limit are, as a person reads them. Observed begins with what blew it, where that is not
// the run as a whole: "AAPL 9.0000", "sell AAPL 58".
struct InWords {
  std::string subject, measured, allowed;
};

enum class Kind { fraction, move, dollars, accounts, shares, basis_points };

struct KindOfGate {
  std::string_view rule;
  Kind observed, limit;
};

constexpr auto kinds_of_gates = std::to_array<KindOfGate>({
    {rule::gate_price_move, Kind::move, Kind::fraction},
    {rule::gate_accounts_change, Kind::fraction, Kind::fraction},
    {rule::gate_share_breaks, Kind::fraction, Kind::fraction},
    {rule::gate_one_security_notional, Kind::dollars, Kind::dollars},
    {rule::gate_tax_total, Kind::dollars, Kind::dollars},
    {rule::gate_share_of_volume, Kind::shares, Kind::fraction},
    {rule::gate_accounts_in_one_name, Kind::accounts, Kind::accounts},
    {rule::gate_gap_rise, Kind::basis_points, Kind::basis_points},
});

std::string in_words(Kind kind, const std::string& text) {
  const auto number = Money::parse(text);
  if (!number) return text;
  switch (kind) {
    case Kind::fraction:
      return fmt::format("{:.4g} %", 100.0 * number->to_double());
    case Kind::move:
      return fmt::format("{:+.4g} %", 100.0 * number->to_double());
    case Kind::dollars:
      return whole_usd(*number);
    case Kind::accounts:
      return grouped(text) + " accounts";
    case Kind::shares:
      return grouped(text) + " shares";
    case Kind::basis_points:
      return text + " bp";
  }
  return text;
}

InWords in_words(const Finding& gate) {
  const auto kind = std::ranges::find(kinds_of_gates, std::string_view(gate.rule), &KindOfGate::rule);
  require(kind != kinds_of_gates.end(), "a gate's figures have a kind");
  const std::size_t space = gate.observed.rfind(' ');
  const bool of_run = space == std::string::npos;
  return {of_run ? std::string() : gate.observed.substr(0, space),
          in_words(kind->observed, of_run ? gate.observed : gate.observed.substr(space + 1)),
          in_words(kind->limit, gate.limit)};
}

// Of a gate that several securities blew: what each comes to, and what contributed most to it.
std::string one_table(const std::vector<const GateFacts*>& gates) {
  constexpr std::size_t told_max = 3;
  Table table;
  table.columns = {"", "observed", "the largest"};
  table.text_columns = 3;
  for (std::size_t i = 0; i < std::min(gates.size(), gates_of_kind_max); ++i) {
    std::string largest;
    for (std::size_t row = 0; row < std::min(gates[i]->largest.size(), told_max); ++row) {
      const std::vector<std::string>& cells = gates[i]->largest[row];
      largest += fmt::format("{}{} {}", row > 0 ? ", " : "", cells.front(), cells.back());
    }
    const InWords words = in_words(gates[i]->finding);
    table.rows.push_back({words.subject, words.measured, largest});
  }
  return html_of(table, "What blew the gate");
}

std::string article(const std::vector<const GateFacts*>& gates) {
  const GateFacts& first = *gates.front();
  const InWords words = in_words(first.finding);
  const bool alone = gates.size() == 1;
  const std::string seen = alone ? "observed " + words.measured : fmt::format("{} times", gates.size());
  const std::string message = alone ? "<p>" + escaped(first.finding.message) + "</p>\n" : std::string();
  std::string html = fmt::format(
      "<article><h3>{} <span class=\"tag\">{}, limit {}</span></h3>\n{}<p class=\"step\"><label><input "
      "type=\"checkbox\"> <strong>Next:</strong> {}</label></p>\n{}",
      escaped(titled(first.finding.rule)), escaped(seen), escaped(words.allowed), message, escaped(first.next_step),
      alone ? contributions(first) : one_table(gates));
  if (gates.size() > gates_of_kind_max)
    html += fmt::format("<p class=\"tag\">and {} more in exceptions.csv</p>\n", gates.size() - gates_of_kind_max);
  return html + "</article>\n";
}

std::string count_of(std::size_t gates) { return gates == 1 ? "one gate" : fmt::format("{} gates", gates); }

}  // namespace

std::string gates_page(const std::string& firm, Date as_of, const std::vector<GateFacts>& gates,
                       const KeptBack& kept_back, const std::vector<UncheckedGate>& gates_unchecked) {
  std::vector<std::vector<const GateFacts*>> kinds;
  for (const GateFacts& gate : gates) {
    const auto kind = std::ranges::find(kinds, gate.finding.rule, [](const auto& one) { return one[0]->finding.rule; });
    if (kind == kinds.end()) {
      kinds.push_back({&gate});
    } else {
      kind->push_back(&gate);
    }
  }
  std::string body = fmt::format(
      "<p class=\"lead\">{}, {}: {} stopped this run. <strong>No order leaves.</strong> {} orders of {} accounts for "
      "{} are kept back.</p>\n<ol><li>Find the cause below, from the top: one wrong file or row moves many accounts, "
      "and blows the gates after it.</li>\n"
      "<li>Correct it and run again (<code>lotwright run BOOK --out OUT --previous YESTERDAY</code>). accounts.csv, "
      "reasons.csv and exceptions.html say what was proposed.</li>\n<li>Where the day is right as it looks, release it "
      "by name (<code>lotwright release OUT --to SEND --despite-gates --by NAME --why TEXT</code>): the gate stays as "
      "it "
      "is for tomorrow. Raise it in firm.toml only where it is too low for ordinary days.</li></ol>\n",
      escaped(firm), as_of.to_string(), count_of(kinds.size()), kept_back.orders, kept_back.accounts,
      whole_usd(kept_back.amount));
  for (const auto& kind : kinds) body += article(kind);
  return whole_page("Why this run was stopped", style, body + told_of(gates_unchecked));
}

}  // namespace lotwright::reports
