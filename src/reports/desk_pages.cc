#include "reports/desk_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>

#include "reports/desk_causes.h"
#include "reports/html.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

constexpr std::size_t lines_of_cause_max = 200;  // the file has all
constexpr std::size_t lines_of_page_max = 2000;  // a longer page nobody works through
constexpr std::size_t causes_of_page_max = 300;

constexpr std::string_view style = R"(
article { border-left: .4rem solid var(--rule); padding: .2rem 0 .2rem 1rem; margin: 1.4rem 0; }
article.hold { border-color: #b42318; } article.review { border-color: var(--target); }
article h3 { margin: .3rem 0; font-size: 1.1rem; } .tag { font-weight: 400; color: var(--soft); }
.sum { float: right; font-variant-numeric: tabular-nums; font-weight: 600; }
.step, .hint { margin: .4rem 0; } .hint { color: var(--target); }
summary { cursor: pointer; color: var(--soft); } .lead { font-size: 1.1rem; }
a { color: inherit; } code { font-size: .85em; } h2 { margin-top: 1.6rem; }
.work td { vertical-align: top; padding-right: .9rem; }
.work td.long { text-align: left; min-width: 9rem; }
.work tr.figures td { border-bottom: 0; } .work tr.more td { padding: 0 .9rem .5rem 0; color: var(--soft);
  font-size: .85rem; white-space: normal; text-align: left; } .work tbody { break-inside: avoid; }
.work input { margin: .2rem .5rem 0 0; }
@media print { article { border-left-width: 2px; padding-left: .5rem; } .work, .work tr.more td { font-size: 7pt; }
  .work td.long { min-width: 5rem; } .work td, .work th, .work tr.more td { padding-right: .5em; }
  .step { break-after: avoid; } }
)";

std::string owner_of(const ExceptionFacts& line) {
  if (!line.account_id.empty()) return line.account_id;
  return line.household_id.empty() ? "the book" : "household " + line.household_id;
}

const char* plural(std::size_t count) { return count == 1 ? "" : "s"; }

const OrderedAccount* ordered(const DeskFacts& facts, const ExceptionFacts& line) {
  const auto found = facts.ordered.find(line.account_id);
  return found == facts.ordered.end() ? nullptr : &found->second;
}

bool is_unusual(const Finding& finding) { return finding.rule.starts_with("unusual_"); }

// Dollars where the text is an amount, else the text.
std::string in_dollars(const std::string& text) {
  const auto amount = Money::parse(text);
  return amount ? usd(*amount) : text;
}

// "63.5 %, limit 30.0 %" of the message that begins so; else observed and limit.
std::string measured(const Finding& finding) {
  const std::size_t end = is_unusual(finding) ? finding.message.find(';') : std::string::npos;
  if (end != std::string::npos) return finding.message.substr(0, end);
  return finding.limit.empty() ? finding.observed : finding.observed + ", limit " + finding.limit;
}

// ── the table of a cause

// Lines that all say the same need it said once.
bool says_the_same(const Cause& cause) {
  return std::ranges::all_of(
      cause.lines, [&](const ExceptionFacts* line) { return line->finding.message == cause.first().finding.message; });
}

std::string drivers_cell(const OrderedAccount& account) {
  Money sold;
  for (const auto& [words, dollars] : account.drivers) sold += dollars;
  std::string text;
  for (const auto& [words, dollars] : account.drivers) {
    text += fmt::format("{}{} {} ({:.0f} %)", text.empty() ? "" : "<br>", escaped(words), whole_usd(dollars),
                        100.0 * dollars.to_double() / sold.to_double());
  }
  return text.empty() ? "purchases only" : text;
}

std::string more_row(std::size_t columns, const std::string& html) {
  return fmt::format("<tr class=\"more\"><td></td><td colspan=\"{}\">{}</td></tr>", columns - 1, html);
}

constexpr const char* box = "<td><input type=\"checkbox\" aria-label=\"done\"></td>";

// An account whose orders wait: what was measured, what drove it, what it brings, its largest orders.
std::string ordered_row(const DeskFacts& facts, const ExceptionFacts& line, bool with_message) {
  const OrderedAccount& account = *ordered(facts, line);
  std::string orders = fmt::format("{} order{}: ", account.orders, plural(account.orders));
  for (std::size_t i = 0; i < account.largest_orders.size(); ++i)
    orders += (i > 0 ? ", " : "") + escaped(account.largest_orders[i]);
  if (account.orders > account.largest_orders.size()) orders += ", &hellip;";
  const std::string message = with_message ? escaped(line.finding.message) + "<br>" : std::string();
  return fmt::format(
      "<tbody><tr class=\"figures\">{}<td class=\"word\"><b>{}</b></td><td>{}</td><td>{}</td><td class=\"long\">{}</td>"
      "<td class=\"long\">{}</td><td>{}</td><td>{}</td><td>{} &rarr; {}</td><td>{}</td></tr>{}</tbody>\n",
      box, escaped(line.account_id), whole_usd(line.dollars_at_stake), whole_usd(account.value),
      escaped(measured(line.finding)), drivers_cell(account), usd(account.tax), usd(account.improvement),
      percent(account.tracking_error_before), percent(account.tracking_error_after),
      account.gap ? usd(*account.gap) : std::string(),
      more_row(10, message + orders + " &middot; <code>lotwright explain BOOK " + escaped(line.account_id) +
                       (facts.compared ? " --previous YESTERDAY" : "") + "</code>"));
}

std::string ordered_table(const DeskFacts& facts, const Cause& cause, std::size_t shown, bool with_message) {
  std::string html =
      "<div class=\"wide\"><table class=\"work\"><thead><tr><th></th><th class=\"word\">account</th><th>orders "
      "wait</th>"
      "<th>value</th><th class=\"word\">measured</th><th class=\"word\">what is sold, and why</th><th>tax as "
      "counted</th>"
      "<th>worth of risk removed, after tax</th><th>tracking error</th><th>gap</th></tr></thead>\n";
  for (std::size_t i = 0; i < shown; ++i) {
    html += ordered_row(facts, *cause.lines[i], with_message);
  }
  return html + "</table></div>\n";
}

// Accounts without orders, households, the book.
std::string plain_table(const Cause& cause, std::size_t shown, bool with_message) {
  const bool missing = is_missing_cash(cause.first().finding);
  const bool limits =
      std::ranges::any_of(cause.lines, [](const ExceptionFacts* line) { return !line->finding.limit.empty(); });
  std::string html = fmt::format(
      "<div class=\"wide\"><table class=\"work\"><thead><tr><th></th><th class=\"word\">account</th>"
      "<th class=\"word\">household</th><th>{}</th><th class=\"word\">{}</th>{}</tr></thead>\n",
      missing ? "missing" : "at stake", missing ? "is there" : "observed",
      !limits   ? ""
      : missing ? "<th class=\"word\">is due</th>"
                : "<th class=\"word\">limit</th>");
  for (std::size_t i = 0; i < shown; ++i) {
    const ExceptionFacts& line = *cause.lines[i];
    const auto cell = [&](const std::string& text) {
      return "<td class=\"long\">" + escaped(missing ? in_dollars(text) : text) + "</td>";
    };
    html += fmt::format(
        "<tbody><tr{}>{}<td class=\"word\"><b>{}</b></td><td class=\"word\">{}</td><td>{}</td>{}{}</tr>{}</tbody>\n",
        with_message ? " class=\"figures\"" : "", box, escaped(owner_of(line)), escaped(line.household_id),
        whole_usd(line.dollars_at_stake), cell(line.finding.observed),
        limits ? cell(line.finding.limit) : std::string(),
        with_message ? more_row(limits ? 6 : 5, escaped(line.finding.message)) : std::string());
  }
  return html + "</table></div>\n";
}

std::string lines_table(const DeskFacts& facts, const Cause& cause, std::size_t shown) {
  const bool with_message = !says_the_same(cause);
  const bool orders =
      !is_missing_cash(cause.first().finding) &&
      std::ranges::all_of(cause.lines, [&](const ExceptionFacts* line) { return ordered(facts, *line) != nullptr; });
  std::string html = orders ? ordered_table(facts, cause, shown, with_message && !is_unusual(cause.first().finding))
                            : plain_table(cause, shown, with_message);
  if (cause.lines.size() > shown)
    html += fmt::format("<p class=\"tag\">and {} more in exceptions.csv, by rank</p>\n", cause.lines.size() - shown);
  return html;
}

// ── a cause

struct Sums {
  std::map<std::string, Money> drivers;
  Money sold, improvement;
  double tax = 0.0;
};

Sums sums_of(const DeskFacts& facts, const Cause& cause) {
  Sums sums;
  for (const ExceptionFacts* line : cause.lines) {
    const OrderedAccount* account = ordered(facts, *line);
    if (account == nullptr) continue;
    for (const auto& [words, dollars] : account->drivers) {
      sums.drivers[words] += dollars;
      sums.sold += dollars;
    }
    sums.improvement += account->improvement;
    sums.tax += account->tax;
  }
  return sums;
}

// Of a firm's own test, all its accounts together: what drove them, what they bring, and whether it asks too often.
std::string together(const DeskFacts& facts, const Cause& cause) {
  const Sums sums = sums_of(facts, cause);
  std::vector<std::pair<std::string, Money>> drivers(sums.drivers.begin(), sums.drivers.end());
  std::ranges::stable_sort(drivers, [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  constexpr double told_min = 0.005;
  for (const auto& [words, dollars] : drivers) {
    if (dollars.to_double() < told_min * sums.sold.to_double()) continue;
    parts.push_back(fmt::format("{:.0f} % {}", 100.0 * dollars.to_double() / sums.sold.to_double(), words));
  }
  std::string html = fmt::format(
      "<p>{} account{}, {} sold{}. Tax as the objective counts it {}. Worth, by each account's own "
      "risk_aversion and after tax and trading: {} over a year.</p>\n",
      cause.lines.size(), plural(cause.lines.size()), whole_usd(sums.sold),
      parts.empty() ? std::string() : ": " + listed(parts), usd(sums.tax), usd(sums.improvement));
  constexpr double usual_share = 0.05;
  const double share =
      static_cast<double>(cause.lines.size()) / static_cast<double>(std::max<std::size_t>(1, facts.accounts));
  constexpr std::size_t few = 10;
  if (share <= usual_share || cause.lines.size() < few) return html;
  const bool drift = !drivers.empty() && drivers.front().first == "correcting drift";
  return html + fmt::format(
                    "<p class=\"hint\">This one test stops {} of {} accounts ({:.0f} %), many for one day. {}</p>\n",
                    cause.lines.size(), facts.accounts, 100.0 * share,
                    drift
                        ? "Look first at what they have in common (a model, a price), then at the limit."
                        : "A test of turnover_unexplained leaves out what harvests, requests, restrictions and changed "
                          "models drive, and asks about the rest.");
}

std::string whom(const Cause& cause) {
  if (cause.lines.size() == 1) return owner_of(cause.first());
  const std::size_t accounts = accounts_of(cause);
  return accounts == cause.lines.size() ? fmt::format("{} accounts", accounts)
                                        : fmt::format("{} lines", cause.lines.size());
}

std::string article(const DeskFacts& facts, std::size_t number, const Cause& cause, std::size_t shown) {
  const ExceptionFacts& first = cause.first();
  const bool together_told = is_unusual(first.finding) && ordered(facts, first) != nullptr;
  std::string what;
  if (together_told) {
    what = together(facts, cause);
  } else if (says_the_same(cause)) {
    what = "<p>" + escaped(first.finding.message) + "</p>\n";
  }
  return fmt::format(
      "<article class=\"{0}\" id=\"c{1}\"><h3><span class=\"sum\">{2}</span>{1}. {3} <span class=\"tag\">{0}, {4}, "
      "about {5}</span></h3>\n{6}<p class=\"step\"><strong>Next:</strong> {7}</p>\n{8}</article>\n",
      name_of(cause.severity()), number, whole_usd(cause.at_stake), escaped(titled(cause.first().finding.rule)),
      escaped(whom(cause)), time_in_words(minutes_of(cause)), what, escaped(first.next_step),
      lines_table(facts, cause, shown));
}

// ── the page

struct Level {
  std::string what;
  std::vector<Cause> causes;
};

// Money that clients wait for before all else, then what holds, then what waits for a release.
std::vector<Level> levels_of(const DeskFacts& facts) {
  Level money{"money is missing that is due", {}}, review{"for review: orders wait for a release", {}};
  for (Cause& cause : causes_of(facts, Severity::review))
    (is_missing_cash(cause.first().finding) ? money : review).causes.push_back(std::move(cause));
  std::vector<Level> levels;
  for (Level& level : std::array{std::move(money), Level{"held: no orders leave", causes_of(facts, Severity::hold)},
                                 std::move(review)}) {
    if (!level.causes.empty()) levels.push_back(std::move(level));
  }
  return levels;
}

// Where gates stopped the run, before all else.
std::string stop_of(const DeskFacts& facts) {
  if (facts.stopped_by.empty()) return {};
  std::string names;
  for (const std::string& gate : facts.stopped_by) names += (names.empty() ? "" : ", ") + escaped(gate);
  return fmt::format(
      "<p class=\"lead\"><strong>Stopped by {} gate{}, see <a href=\"gates.html\">gates.html</a>: no order "
      "leaves.</strong> "
      "<span class=\"tag\">{}</span></p>\n",
      facts.stopped_by.size(), plural(facts.stopped_by.size()), names);
}

std::set<std::string_view> accounts_in(const Level& level) {
  std::set<std::string_view> accounts;
  for (const Cause& cause : level.causes) {
    for (const ExceptionFacts* line : cause.lines) {
      if (!line->account_id.empty()) accounts.insert(line->account_id);
    }
  }
  return accounts;
}

std::string lead_of(const DeskFacts& facts, std::size_t asked, double minutes) {
  const double share =
      100.0 * static_cast<double>(asked) / static_cast<double>(std::max<std::size_t>(1, facts.accounts));
  return fmt::format("<p class=\"lead\">{}, {}: {} of {} accounts ({:.1f} %) need a person, about {} for one. {}</p>\n",
                     escaped(facts.firm), facts.as_of.to_string(), asked, facts.accounts, share, time_in_words(minutes),
                     facts.stopped_by.empty() ? "The others are done."
                                              : "Of the others too no order leaves before the gates are settled.");
}

std::string summary_of(const DeskFacts& facts, const std::vector<Level>& levels) {
  Table table;
  table.columns = {"", "accounts", "lines", "causes", "at stake", "a person's time"};
  table.text_columns = 1;
  double minutes = 0.0;
  std::set<std::string_view> asked;
  for (const Level& level : levels) {
    const std::set<std::string_view> accounts = accounts_in(level);
    std::size_t lines = 0;
    double of_level = 0.0;
    Money dollars;
    for (const Cause& cause : level.causes) {
      lines += cause.lines.size();
      dollars += cause.at_stake;
      of_level += minutes_of(cause);
    }
    minutes += of_level;
    asked.insert(accounts.begin(), accounts.end());
    table.rows.push_back({level.what, std::to_string(accounts.size()), std::to_string(lines),
                          std::to_string(level.causes.size()), whole_usd(dollars), time_in_words(of_level)});
  }
  return lead_of(facts, asked.size(), minutes) + html_of(table, "Summary") + "<p class=\"tag\">" +
         how_time_is_counted() +
         " Work from the top: money that clients wait for comes before what holds, and that before what waits for a "
         "release, in each the most dollars first. "
         "<code>lotwright release OUT --to DIR --account ID ... --by NAME</code> writes what may go: the orders that "
         "wait for nobody and those of the accounts it names.</p>\n";
}

// A day on which nothing waits for a person.
std::string quiet_day(const DeskFacts& facts) {
  return fmt::format(
      "<p class=\"lead\">{}, {}: nothing waits for a person. {}</p>\n", escaped(facts.firm), facts.as_of.to_string(),
      facts.stopped_by.empty() ? fmt::format("All {} accounts are done.", facts.accounts) : "The gates alone do.");
}

std::string list_of_causes(const std::vector<const Cause*>& causes) {
  std::string html =
      "<div class=\"wide\"><table><caption class=\"unseen\">Causes</caption><thead><tr><th></th><th "
      "class=\"word\">cause"
      "</th><th class=\"word\">level</th><th class=\"word\">whom</th><th>at "
      "stake</th><th>time</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < std::min(causes.size(), causes_of_page_max); ++i) {
    const Cause& cause = *causes[i];
    html += fmt::format(
        "<tr><td><input type=\"checkbox\" aria-label=\"done\"></td><td class=\"word\"><a href=\"#c{0}\">{0}. {1}</a> "
        "{2}</td><td class=\"word\">{3}</td><td class=\"word\">{4}</td><td>{5}</td><td>{6}</td></tr>\n",
        i + 1, escaped(titled(cause.first().finding.rule)), escaped(cause.subject), name_of(cause.severity()),
        escaped(whom(cause)), whole_usd(cause.at_stake), time_in_words(minutes_of(cause)));
  }
  return html + "</tbody></table></div>\n";
}

std::string notes_of(const DeskFacts& facts) {
  const std::vector<Cause> notes = causes_of(facts, Severity::note);
  if (notes.empty()) return {};
  std::size_t lines = 0;
  Table table;
  table.columns = {"rule", "whom", "message of the first", "lines"};
  table.text_columns = 3;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    lines += notes[i].lines.size();
    if (i >= causes_of_page_max) continue;
    const ExceptionFacts& first = notes[i].first();
    table.rows.push_back(
        {first.finding.rule, whom(notes[i]), first.finding.message, std::to_string(notes[i].lines.size())});
  }
  return fmt::format("<details><summary>{} notes of {} kinds: told, nothing to do</summary>\n{}</details>\n", lines,
                     notes.size(), html_of(table, "Notes"));
}

}  // namespace

std::string exceptions_page(const DeskFacts& facts) {
  const std::vector<Level> levels = levels_of(facts);
  std::vector<const Cause*> causes;
  for (const Level& level : levels) {
    for (const Cause& cause : level.causes) causes.push_back(&cause);
  }
  std::string body;
  for (const std::string& sentence : facts.untested)
    body += "<p class=\"lead\"><strong>" + escaped(sentence) + "</strong></p>\n";
  body +=
      stop_of(facts) + (causes.empty() ? quiet_day(facts) : summary_of(facts, levels)) + told_of(facts.gates_unchecked);
  if (!causes.empty()) body += "<h2>Causes</h2>\n" + list_of_causes(causes) + "<h2>One by one</h2>\n";
  std::size_t left = lines_of_page_max;
  for (std::size_t i = 0; i < std::min(causes.size(), causes_of_page_max); ++i) {
    const std::size_t shown = std::min({causes[i]->lines.size(), lines_of_cause_max, left});
    left -= shown;
    body += article(facts, i + 1, *causes[i], shown);
  }
  if (causes.size() > causes_of_page_max)
    body +=
        fmt::format("<p>{} more causes stand in exceptions.csv, by rank.</p>\n", causes.size() - causes_of_page_max);
  return whole_page("Exceptions", style, body + notes_of(facts));
}

}  // namespace lotwright::reports
