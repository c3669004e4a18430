#include "reports/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
#include "orders/names.h"
#include "reports/price_of_acting.h"
#include "reports/sections.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

// Where the account as a whole gains too little: how much at most, and how much it would have to be.
std::string too_little_in_words(const AccountFacts& facts, const ReasonRow& step) {
  const AccountResult& result = *facts.result;
  if (step.rule != rule::improvement_below_min || !result.gap) return {};
  const double asked = fraction(facts.account().effective_policy.improvement_min) * result.investable.to_double();
  return fmt::format(": {} at most, and {} are asked for", usd(*result.gap), usd(asked));
}

// The price of acting, for an account where nothing is done.
std::string quiet_line(const AccountFacts& facts) {
  const AccountResult& result = *facts.result;
  const ReasonRow* step = best_left(result);
  if (step != nullptr) {
    const Side closing = step->decision == Decision::not_bought ? Side::buy : Side::sell;
    return fmt::format(
        "Nothing is traded. The price of acting: {}; in all {} {} over a year. It is not done because {} "
        "({}){}.",
        price_of_acting(*step), usd(step->net.abs()), step->net.is_negative() ? "worse" : "better",
        meaning_for(closing, step->rule), step->rule, too_little_in_words(facts, *step));
  }
  const bool off_target =
      std::ranges::any_of(result.reasons, [](const ReasonRow& row) { return row.share.has_value(); });
  return off_target ? "Nothing is traded. Of the largest drifts none, closed alone, would lower the tracking error."
                    : "Nothing is traded: nothing is further from its target than a whole step.";
}

// What the dollars of an improvement are: no cash comes of most of them.
std::string by_whose_measure(const AccountFacts& facts) {
  return fmt::format(" by the account's own measure (risk priced at its risk_aversion of {:g}, after tax and trading)",
                     facts.account().effective_policy.risk_aversion);
}

std::string status_line(const AccountFacts& facts) {
  const AccountResult& result = *facts.result;
  switch (result.status) {
    case ResultStatus::traded:
      return fmt::format("{} {}, and over a year {} {} than leaving it as it is{}.", result.orders.size(),
                         result.orders.size() == 1 ? "order" : "orders", usd(result.improvement.abs()),
                         result.improvement.is_negative() ? "worse" : "better", by_whose_measure(facts));
    case ResultStatus::no_trade:
      return quiet_line(facts);
    case ResultStatus::held:
      return "The account is held: no orders leave it. What holds it, and what to do, stands under Exceptions.";
    case ResultStatus::failed:
      return "The account was left alone because deciding it broke an invariant of the engine; see Exceptions.";
  }
  return {};
}

std::string account_line(const AccountFacts& facts) {
  const Account& account = facts.account();
  std::string text = fmt::format("A {} account", facts.tax_treatment);
  if (account.taxpayer.exists()) text += " of taxpayer " + facts.book->taxpayers[account.taxpayer.value].id.text;
  text += fmt::format(" in household {}, worth {}, of which {} is to be invested.",
                      facts.book->households[account.household.value].id.text, usd(facts.result->value),
                      usd(facts.result->investable));
  text += fmt::format(" It follows model {} under policy {}, mode {}.", facts.model,
                      account.policy.empty() ? "default" : account.policy, facts.mode);
  return text;
}

// A held account, as far as its data can be believed.
Section as_it_stands(const AccountResult& result) {
  Section section;
  section.heading = "As it stands";
  if (!result.left) {
    section.items.push_back(
        {"Positions, prices or the target are in doubt: nobody knows its tracking error, nor what "
         "deciding it would bring.",
         {}});
    return section;
  }
  section.items.push_back(
      {fmt::format(
           "By its data of today its tracking error is {}, and {} a year of risk and holding costs stay until it "
           "is decided. What tax and cost removing them would take is not known.",
           percent(result.tracking_error_before, 3), usd(*result.left)),
       {}});
  return section;
}

}  // namespace

Section section_of_account(const AccountFacts& facts) {
  Section section;
  section.heading = "The account";
  section.items.push_back({account_line(facts), {}});
  section.items.push_back({status_line(facts), {}});
  if (!facts.decided_before.empty()) {
    section.items.push_back(
        {"Decided before it, because they share its household or taxpayer: " + listed(facts.decided_before) + ".", {}});
  }
  if (!facts.gates.empty()) {
    section.items.push_back({"The firm also limits the run as a whole (" + listed(facts.gates) +
                                 "): that is judged when the whole book is run, and not here.",
                             {}});
  }
  return section;
}

void add_budget(Section& section, const char* of, const std::optional<BudgetUse>& use) {
  if (!use) return;
  section.items.push_back(
      {fmt::format("Of the budget for {} that holds today, {}, {} is left; a dollar more of it would save {}.", of,
                   usd(use->budget), usd(use->left), usd(use->price)),
       {}});
}

// What the orders add to the year's bill; empty without a taxpayer.
std::string tax_of_orders(const AccountResult& result) {
  if (!result.year_tax_before || !result.year_tax_after) return {};
  return fmt::format("The tax of these orders is {}. ", usd(*result.year_tax_after - *result.year_tax_before));
}

Section section_of_figures(const AccountFacts& facts) {
  const AccountResult& result = *facts.result;
  Section section;
  section.heading = "Before and after";
  if (result.status == ResultStatus::failed) return section;
  if (result.status == ResultStatus::held) return as_it_stands(result);
  section.table.columns = {"", "before", "after"};
  section.table.rows = {
      {"tracking error", percent(result.tracking_error_before, 3), percent(result.tracking_error_after, 3)},
      {"objective over a year", usd(result.objective_before), usd(result.objective_after)},
      {"cash", usd(result.cash_before), usd(result.cash_after)}};
  if (result.year_tax_before && result.year_tax_after) {
    section.table.rows.push_back({"tax bill of the year", usd(*result.year_tax_before), usd(*result.year_tax_after)});
  }
  if (result.status == ResultStatus::traded) {
    section.items.push_back(
        {fmt::format("The orders cost {} to trade and realize short-term gains of {} and long-term gains of {}. "
                     "{}Tax as the objective counts it is {}. Turnover is {}.",
                     usd(result.trading_cost), usd(result.gain_short), usd(result.gain_long), tax_of_orders(result),
                     usd(result.tax), percent(result.turnover)),
         {}});
  }
  if (result.waiting != 0.0) {
    section.items.push_back({fmt::format("To sell now what could wait counts {}.", usd(result.waiting)), {}});
  }
  if (result.bound && result.gap) {
    section.items.push_back(
        {fmt::format("The proof: given what the taxpayer's accounts before it do, no orders within the rules bring the "
                     "objective below {}, so none could have been better than this by more than {}.",
                     usd(*result.bound), usd(*result.gap)),
         {}});
  }
  add_budget(section, "gains", result.gain_budget);
  add_budget(section, "tax", result.tax_budget);
  return section;
}

Section section_of_requests(const AccountFacts& facts) {
  Section section;
  section.heading = "Requests";
  for (const RequestFacts& request : facts.requests) {
    std::string text = fmt::format("{}: {}", request.id, request.kind);
    if (request.amount) text += " of " + usd(*request.amount);
    if (!request.value.empty()) text += " to " + request.value;
    section.items.push_back({text + fmt::format(", due on {}.", request.due_on.to_string()), {}});
  }
  return section;
}

Section section_of_exceptions(const AccountFacts& facts) {
  Section section;
  section.heading = "Exceptions";
  for (std::size_t i = 0; i < facts.exceptions.size(); ++i) {
    const Finding& finding = facts.exceptions[i];
    Item item{fmt::format("{}: {} ({})", name_of(finding.severity), finding.message, finding.rule), {}};
    if (i < facts.next_steps.size()) item.details.push_back("Next: " + facts.next_steps[i]);
    if (finding.severity == Severity::hold) item.details.push_back("No orders leave the account until then.");
    section.items.push_back(std::move(item));
  }
  return section;
}

Report report_of(const AccountFacts& facts) {
  Report report;
  report.title = fmt::format("{}, {} as of {}", facts.account().id.text, facts.book->firm.name,
                             facts.book->firm.as_of.to_string());
  for (const auto& make : {section_of_account, section_of_figures, section_of_trades, section_of_what_is_left,
                           section_of_rules, section_of_harvests, section_of_requests, section_of_exceptions}) {
    Section section = make(facts);
    if (!section.items.empty() || !section.table.rows.empty()) report.sections.push_back(std::move(section));
  }
  return report;
}

}  // namespace lotwright::reports
