#include "checks/holds.h"

#include <fmt/format.h>

#include <algorithm>

#include "book/rules.h"
#include "checks/findings.h"
#include "checks/lines.h"
#include "checks/lots.h"

namespace lotwright {
namespace {

using Securities = std::vector<SecurityIndex>;

template <class Test>
Securities those_with(const Securities& securities, Test test) {
  Securities found;
  std::copy_if(securities.begin(), securities.end(), std::back_inserter(found), test);
  return found;
}

void hold(const Book& book, CheckedAccount& checked, const char* rule, std::string observed, std::string limit,
          std::string message) {
  // Loading may have said the same of the account already, with the file and the line.
  const auto told = std::any_of(checked.findings.begin(), checked.findings.end(), [&](const Finding& finding) {
    return finding.rule == rule && finding.severity == Severity::hold;
  });
  if (told) return;
  add_finding(book, checked, rule, Severity::hold, std::move(observed), std::move(limit), std::move(message));
}

void take_over_findings(const BookFacts& facts, CheckedAccount& checked, const Securities& concerned) {
  const auto take = [&](const Finding& finding) {
    checked.findings.push_back(finding);
    checked.held = checked.held || finding.severity == Severity::hold;
  };
  for (const Finding* finding : facts.findings_of(facts.book().account(checked.account), checked.model_index))
    take(*finding);
  for (const SecurityIndex security : concerned) {
    for (const Finding* finding : facts.holds_of(security)) take(*finding);
  }
}

void check_model(const Book& book, CheckedAccount& checked) {
  if (model_of(book, checked) != nullptr) return;
  const bool known = checked.model_index < book.models.size();
  const std::string named = known ? book.models[checked.model_index].id.text : book.account(checked.account).model;
  hold(book, checked, rule::model_unknown, named, "",
       fmt::format("the account follows model {}, which {}; correct models.csv, accounts.csv or the request", named,
                   known ? "was rejected" : "is not known"));
}

void check_prices(const Book& book, CheckedAccount& checked, const Securities& concerned) {
  const Policy& policy = book.account(checked.account).effective_policy;
  const Securities missing =
      those_with(concerned, [&](SecurityIndex i) { return !book.security(i).price.has_value(); });
  if (!missing.empty()) {
    hold(book, checked, rule::price_missing, list_of(book, missing), "",
         fmt::format("no price on or before {} of {}; add one to prices.csv", book.firm.as_of.to_string(),
                     list_of(book, missing)));
  }
  const Securities old = those_with(
      concerned, [&](SecurityIndex i) { return price_is_too_old(book.security(i), book.firm.as_of, policy); });
  if (old.empty()) return;
  Date oldest = book.firm.as_of;
  for (const SecurityIndex security : old) oldest = std::min(oldest, book.security(security).price_date);
  hold(book, checked, rule::price_too_old, std::to_string(book.firm.as_of - oldest),
       std::to_string(policy.price_age_days_max),
       fmt::format("prices older than {} days: {}, the oldest of {}; add newer ones to prices.csv or raise "
                   "price_age_days_max",
                   policy.price_age_days_max, list_of(book, old), oldest.to_string()));
}

void check_risk(const Book& book, CheckedAccount& checked, const Securities& concerned) {
  const Securities missing = those_with(concerned, [&](SecurityIndex i) {
    return book.security(i).kind != SecurityKind::cash &&
           (i.value >= book.risk.covered.size() || !book.risk.covered[i.value]);
  });
  if (missing.empty()) return;
  hold(book, checked, rule::data_risk_missing, list_of(book, missing), "",
       fmt::format("no risk is known of {}, and absence is not zero; add rows to risk/exposures.csv and "
                   "risk/specific_risk.csv",
                   list_of(book, missing)));
}

void check_corporate_actions(const BookFacts& facts, CheckedAccount& checked, const Securities& concerned) {
  const Securities pending = those_with(concerned, [&](SecurityIndex i) { return facts.pending_action(i) != nullptr; });
  if (pending.empty()) return;
  const CorporateAction& first = *facts.pending_action(pending.front());
  const Book& book = facts.book();
  hold(book, checked, rule::corporate_action_pending, list_of(book, pending), "",
       fmt::format(
           "corporate action {} took effect on {} and is not booked (securities: {}); book it in lots.csv and mark "
           "it applied",
           first.id, first.effective_on.to_string(), list_of(book, pending)));
}

void check_taxpayer(const Book& book, CheckedAccount& checked) {
  const Account& account = book.account(checked.account);
  if (account.tax_treatment != TaxTreatment::taxable) return;
  if (!account.taxpayer.exists()) {
    hold(book, checked, rule::data_taxpayer_missing, "", "",
         "the account is taxable and its taxpayer is not known; name one of taxpayers.csv in accounts.csv");
    return;
  }
  const Taxpayer& taxpayer = book.taxpayers[account.taxpayer.value];
  if (!taxpayer.filing_status.empty() || taxpayer.rate_short >= taxpayer.rate_long) return;
  hold(book, checked, rule::data_tax_rates_reversed, taxpayer.rate_short.to_string(), taxpayer.rate_long.to_string(),
       fmt::format("taxpayer {} has rate_short {} and rate_long {}: no law taxes long-term gains more; correct "
                   "taxpayers.csv",
                   taxpayer.id.text, taxpayer.rate_short.to_string(), taxpayer.rate_long.to_string()));
}

void check_basis(const Book& book, CheckedAccount& checked) {
  const Account& account = book.account(checked.account);
  const bool holds = account.effective_policy.unknown_basis == UnknownBasis::hold;
  if (account.tax_treatment != TaxTreatment::taxable || !holds) return;
  const std::vector<std::string> lots = lots_of_unknown_basis(account);
  if (lots.empty()) return;
  hold(book, checked, rule::data_unknown_basis, std::to_string(lots.size()), "0",
       fmt::format("lots of unknown basis: {}; give their cost_basis in lots.csv or change unknown_basis",
                   list_of(lots)));
}

}  // namespace

void find_holds(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const Securities concerned = held_or_wanted(book, checked);
  take_over_findings(facts, checked, concerned);
  check_taxpayer(book, checked);
  check_model(book, checked);
  check_prices(book, checked, concerned);
  check_risk(book, checked, concerned);
  check_corporate_actions(facts, checked, concerned);
  check_basis(book, checked);
}

}  // namespace lotwright
