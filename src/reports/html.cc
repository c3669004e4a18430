#include "reports/html.h"

#include <fmt/format.h>

#include <iterator>

namespace lotwright::reports {
namespace {

constexpr const char* style = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1d21; --soft: #5b6470; --rule: #d8dde3;
  --before: #b8c4d2; --after: #2f6fb0; --target: #c2410c; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e6e9ec; --soft: #9aa4af; --rule: #333a41;
  --before: #4a5866; --after: #6aa9e6; --target: #fb923c; } }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #333; --rule: #999; --before: #bbb;
  --after: #333; --target: #000; } }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; max-width: 78rem;
  margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
p, ul, svg { max-width: 60rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid var(--rule); }
li { margin: .3rem 0; } li li { color: var(--soft); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .2rem .7rem .2rem 0; text-align: right; border-bottom: 1px solid var(--rule); }
td { white-space: nowrap; } td.long { white-space: normal; }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; } .word { text-align: left; }
.many { font-size: .85rem; } .many th, .many td { padding-right: .6rem; }
svg { width: 100%; height: auto; } svg text { font-size: 13px; fill: var(--ink); } svg .number { fill: var(--soft); }
.before { fill: var(--before); } .after { fill: var(--after); }
.target { stroke: var(--target); stroke-width: 2.5; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.key { color: var(--soft); } .key b { font-weight: 400; color: var(--target); }
@page { margin: 12mm; }
@media print { body { font-size: 10pt; max-width: none; margin: 0; padding: 0; } tr, svg { break-inside: avoid; }
  h2, h3 { break-after: avoid; } .wide { overflow: visible; } table { font-size: 8pt; }
  .many { font-size: 6.5pt; } .many th, .many td { padding-right: .4em; } thead { display: table-header-group; } }
)";

// Numbers keep their unit, and brackets what is in them, wherever the line breaks.
std::string unbroken(const std::string& text) {
  constexpr std::string_view joint = "\u00a0";
  std::string html;
  bool in_brackets = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == ')') in_brackets = text[i] == '(';
    const bool joined = text[i] == ' ' && (in_brackets || text.substr(i + 1, 1) == "%");
    html += joined ? std::string(joint) : escaped(text.substr(i, 1));
  }
  return html;
}

constexpr std::size_t letters_of_a_line = 24;  // a longer cell may go on in another line
constexpr std::size_t columns_few = 7;         // more are printed smaller

std::string cell(const std::string& text, bool word) {
  const bool is_long = text.size() > letters_of_a_line;
  const char* kind = word && is_long ? " class=\"word long\""
                     : is_long       ? " class=\"long\""
                     : word          ? " class=\"word\""
                                     : "";
  return fmt::format("<td{}>{}</td>", kind, word ? escaped(text) : unbroken(text));
}

}  // namespace

std::string html_of(const Table& table, const std::string& caption) {
  std::string html = fmt::format("<div class=\"wide\"><table{}><caption class=\"unseen\">{}</caption><thead><tr>",
                                 table.columns.size() > columns_few ? " class=\"many\"" : "", escaped(caption));
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    html += fmt::format("<th scope=\"col\"{}>{}</th>", i < table.text_columns ? " class=\"word\"" : "",
                        escaped(table.columns[i]));
  }
  html += "</tr></thead><tbody>\n";
  for (const std::vector<std::string>& row : table.rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) html += cell(row[i], i < table.text_columns);
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string html_of(const Section& section, const std::string& picture) {
  std::string html = std::string(section.quiet ? "<section class=\"quiet\"><h2>" : "<section><h2>") +
                     escaped(section.heading) + "</h2>\n" + picture;
  if (!section.table.rows.empty()) html += html_of(section.table, section.heading);
  html += "<ul>\n";
  for (const Item& item : section.items) {
    html += "<li>" + escaped(item.sentence);
    if (!item.details.empty()) html += "<ul>";
    for (const std::string& detail : item.details) html += "<li>" + escaped(detail) + "</li>";
    if (!item.details.empty()) html += "</ul>";
    html += "</li>\n";
  }
  return html + "</ul></section>\n";
}

std::string escaped(std::string_view text) {
  std::string clean;
  for (const char byte : text) {
    switch (byte) {
      case '&':
        clean += "&amp;";
        break;
      case '<':
        clean += "&lt;";
        break;
      case '>':
        clean += "&gt;";
        break;
      case '"':
        clean += "&quot;";
        break;
      case '\'':
        clean += "&#39;";
        break;
      default:
        clean += static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F ? ' ' : byte;
    }
  }
  return clean;
}

std::string whole_page(const std::string& title, std::string_view more_style, const std::string& body) {
  std::string html;
  fmt::format_to(std::back_inserter(html),
                 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<title>{0}</title>\n<style>{1}{2}</style>\n</head>\n<body>\n<h1>{0}</h1>\n{3}</body>\n</html>\n",
                 escaped(title), style, more_style, body);
  return html;
}

}  // namespace lotwright::reports
