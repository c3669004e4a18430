#include "run/impact_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "book/rules.h"
#include "orders/names.h"
#include "reports/chart.h"
#include "reports/plain_page.h"
#include "reports/words.h"
#include "run/impact_spread.h"

namespace lotwright {
namespace {

using reports::ChartBar;
using reports::percent;
using reports::Section;
using reports::usd;

constexpr std::size_t exceptions_told_max = 100;
constexpr std::size_t findings_told_max = 5;  // of one rule
constexpr std::size_t models_drawn_max = 20;
constexpr std::size_t moves_told_max = 6;

std::string number(std::size_t count) { return grouped(std::to_string(count)); }

std::string count_of(std::size_t count, const char* one) {
  return fmt::format("{} {}{}", number(count), one, count == 1 ? "" : "s");
}

// "$1,235": for sentences and wide tables; to the cent it stands in the table of the whole book.
std::string whole(double dollars) {
  const std::string digits = grouped(fmt::format("{:.0f}", std::abs(dollars)));
  return (std::round(dollars) < 0.0 ? "-$" : "$") + digits;
}

std::string signed_whole(double dollars) { return (std::round(dollars) > 0.0 ? "+" : "") + whole(dollars); }

std::string change_of(std::size_t was, std::size_t is) {
  const auto difference = static_cast<std::int64_t>(is) - static_cast<std::int64_t>(was);
  const std::string digits = grouped(std::to_string(std::abs(difference)));
  return (difference > 0 ? "+" : difference < 0 ? "-" : "") + digits;
}

double share(double part, double whole_of) { return whole_of > 0.0 ? part / whole_of : 0.0; }

std::string state_of(const ModelChange& change) {
  if (change.is_gone) return "gone";
  if (!change.usable) return "rejected";
  return change.is_new ? "new" : "changed";
}

// "growth: +5.00 % EEM, -5.00 % VTI and 3 others"
std::string moves_of(const ModelChange& change) {
  std::string text = change.model_id + ":";
  const std::size_t told = std::min(change.moves.size(), moves_told_max);
  for (std::size_t i = 0; i < told; ++i) {
    const auto& [security, added] = change.moves[i];
    text += fmt::format("{} {:+.2f} % {}", i == 0 ? "" : ",", 100.0 * added, security);
  }
  const std::size_t others = change.moves.size() - told;
  return others == 0 ? text : text + fmt::format(" and {}", count_of(others, "other"));
}

// ── what stands in it

Section short_section(const Impact& impact) {
  const Summary& was = impact.present;
  const Summary& is = impact.coming;
  Section section;
  section.heading = "In short";
  const auto say = [&](std::string sentence) { section.items.push_back({std::move(sentence), {}}); };
  if (has_faults(impact)) {
    const auto holds = std::ranges::count(impact.findings, Severity::hold, &Finding::severity);
    const auto first = std::ranges::find(impact.findings, Severity::hold, &Finding::severity);
    say(fmt::format("The new files have faults that hold accounts, {}, and what follows is with them held: {}{}",
                    count_of(static_cast<std::size_t>(holds), "finding"), first->message,
                    holds > 1 ? " (more below)" : ""));
  }
  if (impact.affected == 0) say("The new files tell no account anything else: nothing changes.");
  say(fmt::format(
      "{} of {} are told something else; {} would trade ({}), {} would be held ({}). In brackets: the "
      "difference from the book as it is.",
      number(impact.affected), count_of(is.accounts, "account"), number(is.traded), change_of(was.traded, is.traded),
      number(is.held + is.failed), change_of(was.held + was.failed, is.held + is.failed)));
  say(fmt::format("{} ({}), turnover {} or {} of what is invested ({}).", count_of(is.orders, "order"),
                  change_of(was.orders, is.orders), whole(is.turnover),
                  percent(share(is.turnover, is.investable.to_double()), 1), signed_whole(is.turnover - was.turnover)));
  say(fmt::format("Tax {} ({}), trading cost {} ({}).", whole(is.tax), signed_whole(is.tax - was.tax),
                  whole(is.trading_cost), signed_whole(is.trading_cost - was.trading_cost)));
  say(fmt::format("Tracking error against the new targets: {} if nothing were traded, {} after the orders.",
                  percent(is.tracking_error_before), percent(is.tracking_error_after)));
  if (!impact.sleeping.empty()) {
    say(fmt::format("{} of the new models.csv {} not in force on {}: see below.",
                    count_of(impact.sleeping.size(), "changed version"), impact.sleeping.size() == 1 ? "is" : "are",
                    impact.as_of.to_string()));
  }
  say(fmt::format("{} would have a hold or review that they do not have today.",
                  count_of(impact.exceptions.size(), "account")));
  for (const Finding& gate : is.gates) say("The run would stop: " + gate.message + ".");
  return section;
}

Section models_section(const Impact& impact) {
  Section section;
  section.heading = "What changes in the models";
  section.table.columns = {"model", "", "weight moved", "securities in", "securities out"};
  section.table.text_columns = 2;
  for (const ModelChange& change : impact.changes) {
    const bool both = !change.is_new && !change.is_gone && change.usable;
    section.table.rows.push_back({change.model_id, state_of(change), both ? percent(change.turnover) : std::string(),
                                  number(change.added), number(change.dropped)});
  }
  for (const ModelChange& change : impact.changes) {
    if (!change.moves.empty()) section.items.push_back({moves_of(change), {}});
  }
  if (impact.changes.empty()) section.items.push_back({"No model has another target.", {}});
  if (!impact.sleeping.empty()) {
    reports::Item item{"Rows of the new models.csv that change nothing today", {}};
    for (const SleepingVersion& one : impact.sleeping) item.details.push_back(in_words(one, impact.as_of) + ".");
    section.items.push_back(std::move(item));
  }
  std::map<std::string, std::vector<const Finding*>> by_rule;
  for (const Finding& finding : impact.findings) by_rule[finding.rule].push_back(&finding);
  for (const auto& [rule, findings] : by_rule) {
    reports::Item item{fmt::format("Reading the new files: {} of {}, {}", count_of(findings.size(), "finding"), rule,
                                   rule::meaning_of(rule)),
                       {}};
    for (std::size_t i = 0; i < std::min(findings.size(), findings_told_max); ++i)
      item.details.push_back(fmt::format("{}: {}", name_of(findings[i]->severity), findings[i]->message));
    if (findings.size() > findings_told_max) item.details.push_back("… --json has all.");
    section.items.push_back(std::move(item));
  }
  return section;
}

Section totals_section(const Impact& impact) {
  const Summary& was = impact.present;
  const Summary& is = impact.coming;
  Section section;
  section.heading = "The whole book";
  section.table.columns = {"", "as it is", "with the new files", "difference"};
  const auto count = [&](const char* name, std::size_t a, std::size_t b) {
    section.table.rows.push_back({name, number(a), number(b), change_of(a, b)});
  };
  const auto dollars = [&](const char* name, double a, double b) {
    section.table.rows.push_back({name, usd(a), usd(b), usd(b - a)});
  };
  count("accounts that trade", was.traded, is.traded);
  count("accounts held", was.held + was.failed, is.held + is.failed);
  count("orders", was.orders, is.orders);
  dollars("bought", was.bought.to_double(), is.bought.to_double());
  dollars("sold", was.sold.to_double(), is.sold.to_double());
  dollars("turnover", was.turnover, is.turnover);
  dollars("short-term gains", was.gain_short.to_double(), is.gain_short.to_double());
  dollars("long-term gains", was.gain_long.to_double(), is.gain_long.to_double());
  dollars("tax as the objective counts it", was.tax, is.tax);
  dollars("trading cost", was.trading_cost, is.trading_cost);
  const auto risk = [&](const char* name, double a, double b) {
    section.table.rows.push_back({name, percent(a, 3), percent(b, 3), percent(b - a, 3)});
  };
  risk("tracking error before the orders", was.tracking_error_before, is.tracking_error_before);
  risk("tracking error after them", was.tracking_error_after, is.tracking_error_after);
  count("reviews and holds", was.reviews + was.holds, is.reviews + is.holds);
  section.items.push_back(
      {fmt::format("{} of {} accounts are told something else; {} were decided again with those that share their "
                   "household or taxpayer. Tracking error is against each run's own models, weighted by value; tax is "
                   "as the objective counts it. Held are "
                   "accounts that do not trade until a person has decided.",
                   number(impact.affected), number(is.accounts), number(impact.decided)),
       {}});
  return section;
}

Section by_model_section(const Impact& impact) {
  Section section;
  section.heading = "By model";
  section.table.columns = {"model", "accounts", "reached", "orders now", "then",     "turnover now",
                           "then",  "tax now",  "then",    "TE before",  "TE after", "for a person"};
  for (const auto& [id, model] : impact.models) {
    section.table.rows.push_back(
        {id, number(model.accounts), number(model.affected), number(model.present.orders), number(model.coming.orders),
         whole(model.present.turnover), whole(model.coming.turnover), whole(model.present.tax), whole(model.coming.tax),
         percent(model.tracking_error_before), percent(model.tracking_error_after), number(model.people)});
  }
  section.items.push_back(
      {"TE is the tracking error against the new target, before the orders and after them; reached are accounts "
       "that are told something else, for a person those with a hold or review that they do not have now.",
       {}});
  return section;
}

Section spread_section(const Spread& spread) {
  Section section;
  section.heading = spread.heading;
  section.table.columns = {"", "accounts now", "then"};
  if (!spread.both_runs) section.table.columns = {"", "accounts"};
  for (const Bucket& one : spread.buckets) {
    std::vector<std::string> row{one.label};
    if (spread.both_runs) row.push_back(number(one.present));
    row.push_back(number(one.coming));
    section.table.rows.push_back(std::move(row));
  }
  return section;
}

Section drivers_section(const Impact& impact) {
  Section section;
  section.heading = "What the sales are for";
  section.table.columns = {"", "sold now", "then", "gains now", "then", "tax now", "then", "tax added"};
  for (const DriverImpact& one : impact.drivers) {
    section.table.rows.push_back({in_words(one.driver), usd(one.present.sold), usd(one.coming.sold),
                                  usd(one.present.gain), usd(one.coming.gain), usd(one.present.tax),
                                  usd(one.coming.tax), usd(one.coming.tax - one.present.tax)});
  }
  section.items.push_back({impact.drivers.empty()
                               ? "Nothing is sold."
                               : "Following the new targets is correcting drift. Gains are those of all lots sold, in "
                                 "untaxed accounts too; the taxes add up to that of the whole book.",
                           {}});
  return section;
}

Section largest_section(const Impact& impact) {
  Section section;
  section.heading = "The ten accounts that would trade most";
  section.table.columns = {"account", "model",   "value", "orders",    "traded now",
                           "then",    "tax now", "then",  "TE before", "TE after"};
  section.table.text_columns = 2;
  for (const std::size_t place : impact.largest) {
    const AccountImpact& one = impact.accounts[place];
    section.table.rows.push_back({one.account_id, one.model_id, usd(one.value), number(one.coming.orders),
                                  usd(one.present.traded), usd(one.coming.traded), usd(one.present.tax),
                                  usd(one.coming.tax), percent(one.coming.tracking_error_before),
                                  percent(one.coming.tracking_error_after)});
    section.items.push_back({one.account_id + " " + one.why + ".", {}});
  }
  if (impact.largest.empty()) section.items.push_back({"None that the new files reach would trade.", {}});
  return section;
}

Section rules_section(const Impact& impact) {
  Section section;
  section.heading = "What a person would have to look at, by cause";
  section.table.columns = {"rule", "what it says", "accounts now", "then", "come", "go"};
  section.table.text_columns = 2;
  for (const RuleImpact& one : impact.rules) {
    const std::string meaning(rule::meaning_of(one.rule));
    section.table.rows.push_back({one.rule, meaning == one.rule ? "the firm's own test" : meaning, number(one.present),
                                  number(one.coming), number(one.appeared), number(one.vanished)});
  }
  if (impact.rules.empty()) section.items.push_back({"Nothing, now or then.", {}});
  return section;
}

Section exceptions_section(const Impact& impact) {
  Section section;
  section.heading = "Accounts with a hold or review that they do not have today";
  for (std::size_t i = 0; i < std::min(impact.exceptions.size(), exceptions_told_max); ++i) {
    const AccountImpact& one = impact.accounts[impact.exceptions[i]];
    section.items.push_back({fmt::format("{} ({}, {}): {} {}: {}", one.account_id, one.model_id, usd(one.value),
                                         name_of(one.severity), one.rule, one.message),
                             {}});
  }
  if (impact.exceptions.empty()) section.items.push_back({"None.", {}});
  if (impact.exceptions.size() > exceptions_told_max) {
    section.items.push_back({fmt::format("The {} largest of {}; --json and --out have all.", exceptions_told_max,
                                         number(impact.exceptions.size())),
                             {}});
  }
  return section;
}

// ── charts

// Its tables have twelve columns: wider than a page of sentences, and on paper across it.
constexpr const char* wide_style = R"(
body { max-width: 92rem; } li, svg, .key { max-width: 60rem; } table { font-size: .85rem; }
th, td { padding-right: .8rem; } th { white-space: normal; vertical-align: bottom; }
@media print { @page { size: landscape; margin: 1cm; } table { font-size: 7.5pt; } })";

constexpr const char* key =
    "<p class=\"key\">Pale: the book as it is. Full: with the new files. The numbers are both.</p>\n";

reports::BarChart chart_of(const char* id, const std::string& title, reports::Unit unit, std::vector<ChartBar> bars,
                           bool both = true) {
  const char* description = both ? "Each row has a pale bar for the book as it is and a full bar for the new files; "
                                   "the numbers are both."
                                 : "Each row has one bar; the number is its length.";
  return {id, title, description, unit, std::move(bars), both};
}

// The models that change most, in the order of the table.
std::vector<ChartBar> bars_of_models(const Impact& impact, double ModelFigures::*figure) {
  std::vector<ChartBar> bars;
  for (const auto& [id, model] : impact.models)
    bars.push_back({id, std::nullopt, model.present.*figure, model.coming.*figure});
  if (bars.size() <= models_drawn_max) return bars;
  std::ranges::stable_sort(bars, [](const ChartBar& a, const ChartBar& b) {
    return std::abs(a.after - a.before) > std::abs(b.after - b.before);
  });
  bars.resize(models_drawn_max);
  return bars;
}

std::string chart_of_models(const Impact& impact, const char* id, const char* what, double ModelFigures::*figure) {
  const std::string heading =
      fmt::format("{} by model{}", what,
                  impact.models.size() > models_drawn_max ? fmt::format(", the {} that change most", models_drawn_max)
                                                          : std::string());
  return "<h3>" + heading + "</h3>\n" +
         reports::svg_of(chart_of(id, heading, reports::Unit::dollars, bars_of_models(impact, figure)));
}

std::string chart_of_spread(const Spread& spread) {
  std::vector<ChartBar> bars;
  for (const Bucket& one : spread.buckets)
    bars.push_back({one.label, std::nullopt, static_cast<double>(one.present), static_cast<double>(one.coming)});
  return (spread.both_runs ? key : "") +
         reports::svg_of(
             chart_of(spread.name.c_str(), spread.heading, reports::Unit::number, std::move(bars), spread.both_runs));
}

std::string chart_of_drivers(const Impact& impact) {
  std::vector<ChartBar> bars;
  for (const DriverImpact& one : impact.drivers)
    bars.push_back({in_words(one.driver), std::nullopt, one.present.sold.to_double(), one.coming.sold.to_double()});
  if (bars.empty()) return {};
  return key +
         reports::svg_of(chart_of("drivers", "Sales by what they are for", reports::Unit::dollars, std::move(bars)));
}

}  // namespace

reports::Report report_of(const Impact& impact) {
  reports::Report report;
  report.title = fmt::format("{}: what the new files would do, as of {}", impact.firm, impact.as_of.to_string());
  report.sections = {short_section(impact), totals_section(impact), models_section(impact), by_model_section(impact)};
  for (const Spread& spread : spreads_of(impact)) report.sections.push_back(spread_section(spread));
  for (Section section :
       {drivers_section(impact), largest_section(impact), rules_section(impact), exceptions_section(impact)})
    report.sections.push_back(std::move(section));
  return report;
}

std::string page_of(const Impact& impact) {
  reports::Report report = report_of(impact);
  std::vector<reports::Picture> pictures;
  const auto place_of = [&](const std::string& heading) {
    return static_cast<std::size_t>(std::ranges::find(report.sections, heading, &Section::heading) -
                                    report.sections.begin());
  };
  pictures.push_back(
      {place_of("By model"), key + chart_of_models(impact, "turnover-of-models", "Turnover", &ModelFigures::turnover) +
                                 chart_of_models(impact, "tax-of-models", "Tax", &ModelFigures::tax)});
  for (const Spread& spread : spreads_of(impact)) {
    const std::size_t place = place_of(spread.heading);
    report.sections[place].table.rows.clear();
    pictures.push_back({place, chart_of_spread(spread)});
  }
  pictures.push_back({place_of("What the sales are for"), chart_of_drivers(impact)});
  return reports::plain_page(report, pictures, wide_style);
}

}  // namespace lotwright
