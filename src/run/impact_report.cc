#include "run/impact_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "orders/names.h"
#include "reports/words.h"

namespace lotwright {
namespace {

using reports::percent;
using reports::Section;
using reports::usd;

constexpr std::size_t exceptions_told_max = 100;

std::string number(std::size_t count) { return std::to_string(count); }

std::string state_of(const ModelChange& change) {
  if (change.is_gone) return "gone";
  if (!change.usable) return "rejected";
  return change.is_new ? "new" : "changed";
}

Section models_section(const Impact& impact) {
  Section section;
  section.heading = "What changes in the models";
  section.table.columns = {"model", "", "weight moved", "securities in", "securities out"};
  section.table.text_columns = 2;
  for (const ModelChange& change : impact.changes) {
    section.table.rows.push_back(
        {change.model_id, state_of(change), percent(change.turnover), number(change.added), number(change.dropped)});
  }
  if (impact.changes.empty()) section.items.push_back({"No model has another target.", {}});
  for (const Finding& finding : impact.findings) {
    section.items.push_back({fmt::format("{} {}: {}", name_of(finding.severity), finding.rule, finding.message), {}});
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
    section.table.rows.push_back(
        {name, number(a), number(b), fmt::format("{:+}", static_cast<std::int64_t>(b) - static_cast<std::int64_t>(a))});
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
  dollars("tax", was.tax, is.tax);
  dollars("trading cost", was.trading_cost, is.trading_cost);
  const auto risk = [&](const char* name, double a, double b) {
    section.table.rows.push_back({name, percent(a, 3), percent(b, 3), percent(b - a, 3)});
  };
  risk("tracking error before the orders", was.tracking_error_before, is.tracking_error_before);
  risk("tracking error after them", was.tracking_error_after, is.tracking_error_after);
  count("reviews and holds", was.reviews + was.holds, is.reviews + is.holds);
  section.items.push_back(
      {fmt::format("{} of {} accounts are told something else; {} were decided again with those that share their "
                   "household or taxpayer. Tracking error is against each run's own models, weighted by value.",
                   impact.affected, is.accounts, impact.decided),
       {}});
  for (const Finding& gate : is.gates) section.items.push_back({"The run would stop: " + gate.message + ".", {}});
  return section;
}

Section by_model_section(const Impact& impact) {
  Section section;
  section.heading = "By model";
  section.table.columns = {"model",
                           "accounts",
                           "affected",
                           "orders now",
                           "orders then",
                           "traded",
                           "turnover",
                           "tax now",
                           "tax then",
                           "tracking error before",
                           "tracking error after",
                           "for a person"};
  for (const auto& [id, model] : impact.models) {
    const double turnover = model.investable > 0.0 ? model.turnover / model.investable : 0.0;
    section.table.rows.push_back({id, number(model.accounts), number(model.affected), number(model.orders_present),
                                  number(model.orders), usd(model.traded), percent(turnover, 1), usd(model.tax_present),
                                  usd(model.tax), percent(model.tracking_error_before, 3),
                                  percent(model.tracking_error_after, 3), number(model.people)});
  }
  return section;
}

Section accounts_section(const char* heading, const std::vector<AccountImpact>& accounts) {
  Section section;
  section.heading = heading;
  section.table.columns = {"account",
                           "model",
                           "value",
                           "orders",
                           "traded",
                           "tax now",
                           "tax then",
                           "tracking error before",
                           "tracking error after"};
  section.table.text_columns = 2;
  for (const AccountImpact& one : accounts) {
    section.table.rows.push_back({one.account_id, one.model_id, usd(one.value), number(one.orders), usd(one.traded),
                                  usd(one.tax_present), usd(one.tax), percent(one.tracking_error_before, 3),
                                  percent(one.tracking_error_after, 3)});
  }
  if (accounts.empty()) section.items.push_back({"None that the new files reach would trade.", {}});
  return section;
}

Section exceptions_section(const Impact& impact) {
  Section section;
  section.heading = "Accounts that a person would have to look at, and now need not";
  for (std::size_t i = 0; i < std::min(impact.exceptions.size(), exceptions_told_max); ++i) {
    const AccountImpact& one = impact.exceptions[i];
    section.items.push_back({fmt::format("{} ({}, {}): {} {}: {}", one.account_id, one.model_id, usd(one.value),
                                         name_of(one.severity), one.rule, one.message),
                             {}});
  }
  if (impact.exceptions.empty()) section.items.push_back({"None.", {}});
  if (impact.exceptions.size() > exceptions_told_max) {
    section.items.push_back(
        {fmt::format("The {} largest of {}; --json has all.", exceptions_told_max, impact.exceptions.size()), {}});
  }
  return section;
}

}  // namespace

reports::Report report_of(const Impact& impact) {
  reports::Report report;
  report.title = fmt::format("{}: what the new files would do, as of {}", impact.firm, impact.as_of.to_string());
  report.sections = {totals_section(impact), models_section(impact), by_model_section(impact),
                     accounts_section("The ten accounts that would trade most", impact.largest),
                     exceptions_section(impact)};
  return report;
}

}  // namespace lotwright
