#include "run/match_report.h"

#include <fmt/format.h>

#include "reports/words.h"

namespace lotwright {
namespace {

using reports::percent;
using reports::Section;
using reports::usd;

std::string product_told(const inputs::Fit& fit) {
  return fit.product.empty() ? "" : fmt::format("{} for {}", fit.product, fit.asset_class);
}

std::vector<std::string> row_of(const Matches& matches, const ModelMatch& match) {
  std::string apart = "-";
  if (matches.volatility) apart = fmt::format("{:+.2f} %", 100.0 * (match.volatility - *matches.volatility));
  return {match.fit.model,
          product_told(match.fit),
          match.is_present ? "present" : "",
          usd(match.parts.total()),
          usd(match.parts.tax),
          usd(match.year_tax),
          usd(match.parts.trading),
          percent(match.before.tracking_error),
          percent(match.parts.tracking_error),
          percent(match.overlap, 1),
          percent(match.result.turnover, 1),
          percent(match.volatility),
          apart,
          match.active ? percent(*match.active) : "-",
          std::to_string(match.result.orders.size())};
}

// The matches that `wanted` is true of, as a table.
template <class Wanted>
Section table_of(const Matches& matches, const std::string& heading, std::size_t rows_max, const Wanted& wanted) {
  Section section;
  section.heading = heading;
  section.table.columns = {"model",       "product",   "",         "cost",    "tax as counted", "tax of these orders",
                           "trading",     "TE before", "TE after", "overlap", "turnover",       "volatility",
                           "against now", "active",    "orders"};
  section.table.text_columns = 3;
  std::size_t count = 0;
  for (const ModelMatch& match : matches.matches) {
    if (!match.why_not.empty() || !wanted(match)) continue;
    if (count++ < rows_max) section.table.rows.push_back(row_of(matches, match));
  }
  if (count == 0) section.items.push_back({"None.", {}});
  if (count > rows_max) {
    section.items.push_back(
        {fmt::format("The first {} of {}; --top, --json and --out have more.", rows_max, count), {}});
  }
  return section;
}

std::string least_tax(const Matches& matches) {
  const ModelMatch* least = nullptr;
  for (const ModelMatch& match : matches.matches) {
    if (!match.why_not.empty() || !match.in_band.value_or(true)) continue;
    if (least == nullptr || match.parts.tax < least->parts.tax - 0.005) least = &match;
  }
  if (least == nullptr) return {};
  const std::string product = least->fit.product.empty() ? "" : " with " + product_told(least->fit);
  return fmt::format("Least tax as the objective counts it: {}{}, {}, at a tracking error of {} after the orders.",
                     least->fit.model, product, usd(least->parts.tax), percent(least->parts.tracking_error));
}

Section equal_section(const Matches& matches, std::size_t rows_max) {
  const std::string heading = matches.volatility ? "Of equal risk, by cost" : "By cost";
  Section section =
      table_of(matches, heading, rows_max, [](const ModelMatch& match) { return match.in_band.value_or(true); });
  const auto say = [&](const std::string& sentence) { section.items.push_back({sentence, {}}); };
  if (const std::string least = least_tax(matches); !least.empty()) say(least);
  if (matches.volatility) {
    say(fmt::format("Now it follows {}, whose volatility is {} a year; of equal risk is what lies {}.", matches.present,
                    percent(*matches.volatility), text_of(matches.band)));
  } else {
    say("No model is called of equal risk: with its present one the account is held (" + matches.present_why_not +
        ").");
  }
  say("Cost is the objective after the orders: tax, trading and what the tracking error that is left costs a year, by "
      "the account's own settings. Tax as counted is the objective's, beside it what the orders add to the tax bill of "
      "the year; overlap is what is "
      "held and wanted, of the investable value; active is the tracking error of the target against the present one.");
  return section;
}

Section unusable_section(const Matches& matches) {
  Section section;
  section.heading = "Not decided";
  section.quiet = true;
  for (const ModelMatch& match : matches.matches) {
    if (match.why_not.empty()) continue;
    const std::string product = match.fit.product.empty() ? "" : " with " + product_told(match.fit);
    section.items.push_back({fmt::format("{}{}: {}", match.fit.model, product, match.why_not), {}});
  }
  if (section.items.empty()) section.items.push_back({"None.", {}});
  return section;
}

}  // namespace

reports::Report report_of(const Matches& matches, std::size_t rows_max) {
  reports::Report report;
  report.title = fmt::format("What account {} could be funded in, {} investable, as of {}", matches.account_id,
                             usd(matches.investable), matches.as_of.to_string());
  report.sections.push_back(equal_section(matches, rows_max));
  if (matches.volatility) {
    Section others = table_of(matches, "Of other risk, by cost", rows_max,
                              [](const ModelMatch& match) { return !match.in_band.value_or(true); });
    others.quiet = true;
    report.sections.push_back(std::move(others));
  }
  report.sections.push_back(unusable_section(matches));
  return report;
}

}  // namespace lotwright
