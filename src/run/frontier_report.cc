#include "run/frontier_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/words.h"
#include "run/memory_folder.h"
#include "run/outputs.h"

namespace lotwright {
namespace {

using reports::percent;
using reports::usd;

std::string mark_of(const Frontier& frontier, std::size_t i) {
  if (frontier.knee == i) return "knee";
  return frontier.points[i].dominated ? "dominated" : "";
}

// "0.4 days", "83 days", "2.1 years": after which the risk that is gone has paid for tax and trading.
std::string duration_in_words(double years) {
  constexpr double days_a_year = 365.25;
  const double days = years * days_a_year;
  if (years >= 1.0) return fmt::format("{:.1f} years", years);
  return days < 10.0 ? fmt::format("{:.1f} days", days) : fmt::format("{:.0f} days", days);
}

std::vector<std::string> row_of(const Frontier& frontier, std::size_t i) {
  const FrontierPoint& point = frontier.points[i];
  const AccountResult& result = *point.result;
  return {std::to_string(i + 1),
          mark_of(frontier, i),
          fmt::format("{}", point.tax_weight),
          usd(point.tax),
          percent(point.parts.tracking_error, 3),
          usd(year_tax_added(*point.result)),
          std::to_string(result.orders.size()),
          percent(result.turnover, 1),
          usd(point.parts.trading),
          point.gap_bps ? fmt::format("{:.3f}", *point.gap_bps) : "-",
          point.break_even_years ? duration_in_words(*point.break_even_years) : "-"};
}

std::string told(const FrontierPoint& point) {
  return fmt::format("tax_weight {}: tax as counted {}, tax of these orders {}, tracking error {}", point.tax_weight,
                     usd(point.tax), usd(year_tax_added(*point.result)), percent(point.parts.tracking_error, 3));
}

// How a point becomes the account's orders; its own are those found at `found_at`.
std::string next_in_words(const Frontier& frontier, const FrontierPoint& point) {
  const Policy& policy = frontier.unit.book.account(frontier.unit.account).effective_policy;
  const char* hurdle = policy.improvement_min.is_positive() ? " improvement_min_bps=0" : "";
  return fmt::format(
      "A point's orders again: lotwright what-if BOOK {} --set tax_weight={}{}. Written into account_settings.csv for "
      "the account, run makes them.",
      frontier.account_id, point.found_at, hurdle);
}

reports::Section found(const Frontier& frontier) {
  reports::Section section;
  section.heading = "What was found";
  const auto say = [&](const std::string& sentence) { section.items.push_back({sentence, {}}); };
  say(fmt::format("As it is: tracking error {}. As `run` decides it: tax as counted {}, tracking error {}.",
                  percent(frontier.before.tracking_error, 3), usd(frontier.present_tax),
                  percent(frontier.present_parts.tracking_error, 3)));
  if (frontier.distinct < frontier.points.size()) {
    say(fmt::format(
        "Of {} points {}: between them no other orders were found to be better at any weight of tax. --json "
        "and --out have all.",
        frontier.points.size(),
        frontier.distinct == 1 ? std::string("only one is told, the others are like it")
                               : fmt::format("{} differ and are told", frontier.distinct)));
  }
  if (frontier.knee) {
    say(fmt::format("Knee: point {}. From there on each further dollar of tax buys less.", *frontier.knee + 1));
  } else if (frontier.distinct > 1) {
    say("No knee: no point lies below the straight line between the ends.");
  } else {
    say("No knee: neither tax nor risk can be traded for the other in this account.");
  }
  return section;
}

}  // namespace

reports::Report report_of(const Frontier& frontier) {
  reports::Section section;
  section.heading = "Tax against tracking error";
  section.table.columns = {
      "point",    "",        "tax_weight", "tax as counted", "tracking error", "tax of these orders", "orders",
      "turnover", "trading", "gap",        "break-even"};
  section.table.text_columns = 2;
  for (std::size_t i = 0; i < frontier.points.size(); ++i) {
    if (frontier.points[i].distinct || frontier.knee == i) section.table.rows.push_back(row_of(frontier, i));
  }
  const auto say = [&](const std::string& sentence) { section.items.push_back({sentence, {}}); };
  if (std::ranges::any_of(frontier.points, [](const FrontierPoint& point) { return point.parts.alpha != 0.0; })) {
    say("Expected returns (alpha.csv) count beside risk: what costs more tax need not track better.");
  }
  say("Tax as counted is the objective's, which the points trade against risk: the tax of these orders less what the "
      "higher basis will save later. The tax of these orders is what they add to the tax bill of the year.");
  say("The gap is between a point's orders and its bound, in basis points; break-even is the time after which the risk "
      "that is gone has paid for tax and trading.");
  say(next_in_words(frontier, frontier.points[frontier.knee.value_or(0)]));
  return {fmt::format("Frontier of account {}, as of {}", frontier.account_id, frontier.as_of.to_string()),
          {found(frontier), section}};
}

reports::CurveChart chart_of(const Frontier& frontier) {
  reports::Curve curve{"tax against tracking error", {}, true};
  for (std::size_t i = 0; i < frontier.points.size(); ++i) {
    const FrontierPoint& point = frontier.points[i];
    curve.points.push_back({point.tax, point.parts.tracking_error,
                            fmt::format("{}: {}", i + 1, told(point)) + (frontier.knee == i ? ", the knee" : ""),
                            frontier.knee == i});
  }
  const reports::Curve present{
      "as run decides it",
      {{frontier.present_tax, frontier.present_parts.tracking_error, "as `run` decides it", false}},
      false};
  const reports::Curve before{
      "as it is", {{0.0, frontier.before.tracking_error, "as it is, without orders", false}}, false};
  return {.title = fmt::format("Tax against tracking error, account {}", frontier.account_id),
          .description = "Each point is a full decision at another weight of tax; the circled one is the knee.",
          .x = {"tax as the objective counts it, dollars (the tax of these orders: point at a dot)",
                reports::Unit::dollars},
          .y = {"tracking error a year", reports::Unit::percent},
          .curves = {curve, present, before},
          .mark_label = "the knee"};
}

Result<bool> write_orders_of_points(const Frontier& frontier, OutputFolder& folder) {
  for (std::size_t i = 0; i < frontier.points.size(); ++i) {
    RunResult run;
    run.accounts = frontier.earlier;
    run.accounts.push_back(*frontier.points[i].result);
    MemoryFolder files;
    if (auto written = write_outputs(frontier.unit.book, run, files); !written) return written;
    if (auto published = files.publish(); !published) return published;
    for (const char* name : {"orders.csv", "lot_sales.csv"}) {
      auto written = folder.write(fmt::format("{:02}.{}", i + 1, name), files.files.at(name));
      if (!written) return written;
    }
  }
  return true;
}

}  // namespace lotwright
