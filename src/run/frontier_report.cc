#include "run/frontier_report.h"

#include <fmt/format.h>

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

std::vector<std::string> row_of(const Frontier& frontier, std::size_t i) {
  const FrontierPoint& point = frontier.points[i];
  const AccountResult& result = *point.result;
  return {std::to_string(i + 1),
          mark_of(frontier, i),
          fmt::format("{:.4g}", point.tax_weight),
          usd(point.tax),
          percent(point.parts.tracking_error, 3),
          usd(result.year_tax_after.value_or(0.0) - result.year_tax_before.value_or(0.0)),
          std::to_string(result.orders.size()),
          percent(result.turnover, 1),
          usd(point.parts.trading),
          point.gap_bps ? fmt::format("{:.3f}", *point.gap_bps) : "-",
          point.break_even_years ? fmt::format("{:.1f}", *point.break_even_years) : "-"};
}

std::string told(const FrontierPoint& point) {
  return fmt::format("tax_weight {:.4g}: tax {}, tracking error {}", point.tax_weight, usd(point.tax),
                     percent(point.parts.tracking_error, 3));
}

}  // namespace

reports::Report report_of(const Frontier& frontier) {
  reports::Section section;
  section.heading = "Tax against tracking error";
  section.table.columns = {"point",  "",         "tax_weight", "tax", "tracking error", "tax of the year",
                           "orders", "turnover", "trading",    "gap", "break-even"};
  section.table.text_columns = 2;
  for (std::size_t i = 0; i < frontier.points.size(); ++i) section.table.rows.push_back(row_of(frontier, i));
  const auto say = [&](const std::string& sentence) { section.items.push_back({sentence, {}}); };
  say(fmt::format("As it is: tracking error {}. As `run` decides it: tax {}, tracking error {}.",
                  percent(frontier.before.tracking_error, 3), usd(frontier.present_tax),
                  percent(frontier.present_parts.tracking_error, 3)));
  if (frontier.knee) {
    say(fmt::format("Knee: point {}. From there on each further dollar of tax buys less.", *frontier.knee + 1));
  } else {
    say("No knee: neither tax nor risk can be traded for the other in this account.");
  }
  say("The gap is between a point's orders and its bound, in basis points; break-even is the years after which the "
      "risk that is gone has paid for tax and trading.");
  return {fmt::format("Frontier of account {}, as of {}", frontier.account_id, frontier.as_of.to_string()), {section}};
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
          .x = {"tax of the orders, dollars", reports::Unit::dollars},
          .y = {"tracking error a year", reports::Unit::percent},
          .curves = {curve, present, before},
          .band = {}};
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
