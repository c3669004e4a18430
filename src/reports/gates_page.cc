#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "reports/desk_pages.h"
#include "reports/html.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

constexpr std::size_t gates_of_kind_max = 100;  // the same fault in every security says no more

constexpr std::string_view style = R"(
body { max-width: 70rem; }
article { border-left: .4rem solid #b42318; padding: .2rem 0 .2rem 1rem; margin: 1.4rem 0; }
article h3 { margin: .3rem 0; font-size: 1.1rem; } .tag { font-weight: 400; color: var(--soft); }
.lead { font-size: 1.1rem; } .step { margin: .4rem 0; } summary { cursor: pointer; } details { margin: .3rem 0; }
@media print { body { max-width: none; margin: 0; } .wide { overflow: visible; } }
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

std::string article(const std::vector<const GateFacts*>& gates) {
  const GateFacts& first = *gates.front();
  const Finding& finding = first.finding;
  std::string html = fmt::format(
      "<article><h3>{} <span class=\"tag\">{}limit {}</span></h3>\n<p>{}</p>\n<p class=\"step\"><label><input "
      "type=\"checkbox\"> <strong>Next:</strong> {}</label></p>\n{}",
      escaped(finding.rule), gates.size() == 1 ? "observed " + escaped(finding.observed) + ", " : std::string(),
      escaped(finding.limit), escaped(finding.message), escaped(first.next_step), contributions(first));
  if (gates.size() > 1) html += fmt::format("<p>The same gate, {} times more:</p>\n", gates.size() - 1);
  for (std::size_t i = 1; i < std::min(gates.size(), gates_of_kind_max); ++i) {
    html += fmt::format("<details><summary>{}</summary>\n{}</details>\n", escaped(gates[i]->finding.observed),
                        contributions(*gates[i]));
  }
  if (gates.size() > gates_of_kind_max)
    html += fmt::format("<p class=\"tag\">and {} more in exceptions.csv</p>\n", gates.size() - gates_of_kind_max);
  return html + "</article>\n";
}

}  // namespace

std::string gates_page(const std::string& firm, Date as_of, const std::vector<GateFacts>& gates,
                       const KeptBack& kept_back) {
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
      "{} are kept back.</p>\n<ol><li>Find the cause below: one wrong file or row moves many accounts.</li>\n"
      "<li>Correct it and run again (<code>lotwright run BOOK --out OUT --previous YESTERDAY</code>). accounts.csv, "
      "reasons.csv and exceptions.html say what was proposed.</li>\n<li>Where the day is as it looks, raise the gate "
      "in firm.toml, say there who did and when, and run again.</li></ol>\n",
      escaped(firm), as_of.to_string(), gates.size() == 1 ? "one gate" : fmt::format("{} gates", gates.size()),
      kept_back.orders, kept_back.accounts, whole_usd(kept_back.amount));
  for (const auto& kind : kinds) body += article(kind);
  return whole_page("Why this run was stopped", style, body);
}

}  // namespace lotwright::reports
