#include "explanation/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <string_view>

#include "book/rules.h"
#include "explanation/benefit_split.h"
#include "explanation/cents.h"
#include "explanation/harvests.h"
#include "explanation/idle_cash.h"
#include "explanation/purposes.h"
#include "explanation/reasons.h"
#include "explanation/reinvested.h"

namespace lotwright {
namespace {

// The account as it stands: after = before.
AccountResult as_it_stands(const CheckedUnit& unit, const CheckedAccount& account, const objective::Terms& terms) {
  const objective::Parts parts = objective::parts_of(terms, objective::before(terms));
  AccountResult result;
  result.account = account.account;
  result.value = account.value;
  result.investable = account.investable;
  result.cash_before = result.cash_after = unit.book->account(account.account).cash;
  result.tracking_error_before = result.tracking_error_after = parts.tracking_error;
  result.objective_before = result.objective_after = parts.total();
  if (terms.taxable && !account.held) {
    result.year_tax_before = result.year_tax_after = objective::year_tax(terms, 0.0, 0.0);
  }
  return result;
}

void enter_trades(AccountResult& result, const DecidedAccount& decided) {
  Money bought;
  Money sold;
  for (const Trade& trade : decided.solution.trades.trades) {
    const bool buys = trade.side == Side::buy;
    result.cash_after += (buys ? -trade.amount : trade.amount) - trade.commission;
    if (decided.book().security(trade.security).kind != SecurityKind::cash) (buys ? bought : sold) += trade.amount;
    if (!decided.terms.taxable) continue;
    for (const LotSale& sale : trade.lots) {
      (sale.term == Term::short_term ? result.gain_short : result.gain_long) += counted_gain(sale);
    }
  }
  if (result.investable.is_positive()) result.turnover = std::min(bought, sold).to_double() / decided.terms.investable;
}

void enter_objective(AccountResult& result, const DecidedAccount& decided) {
  result.tracking_error_after = decided.parts_after.tracking_error;
  result.tax = decided.parts_after.tax;
  result.trading_cost = decided.parts_after.trading;
  if (decided.terms.taxable) {
    result.year_tax_after = objective::year_tax(decided.terms, decided.after.gain_short, decided.after.gain_long);
  }
  result.waiting = decided.parts_after.waiting;
  result.objective_after = decided.parts_after.total();
  result.improvement = to_cents(decided.parts_before.total() - decided.parts_after.total());
  if (!decided.solution.bound) return;
  const double rounding = 0.01 + 1e-6 * std::max(0.0, decided.terms.investable);
  require(*decided.solution.bound <= result.objective_after + rounding,
          "the bound is above the objective of the orders");
  result.bound = std::min(*decided.solution.bound, result.objective_after);
  result.gap = up_to_cents(result.objective_after - *result.bound);
}

// What is left of the year's budgets once the orders are done (docs/rules.md, budgets).
void enter_budgets(AccountResult& result, const DecidedAccount& decided) {
  const CheckedAccount& account = decided.account;
  if (account.gain_budget) {
    const Money used =
        realized_so_far(decided.book(), decided.holder(), decided.progress) + result.gain_short + result.gain_long;
    result.gain_budget = {*account.gain_budget, *account.gain_budget - used, decided.solution.gain_budget_price};
  }
  if (account.tax_budget) {
    tax::NetGains gains = net_gains_so_far(decided.book(), decided.holder(), decided.progress);
    gains.short_term += result.gain_short;
    gains.long_term += result.gain_long;
    const Money due = round_to_cent(tax::tax_due(gains, decided.terms.rates));
    result.tax_budget = {*account.tax_budget, *account.tax_budget - due, decided.solution.tax_budget_price};
  }
}

Subject subject_of(const DecidedAccount& decided) { return {SubjectKind::account, decided.holder().id.text}; }

Finding review_of(const DecidedAccount& decided, const Relaxation& relaxed) {
  return {.rule = relaxed.rule,
          .severity = Severity::review,
          .subject = subject_of(decided),
          .place = {},
          .observed = relaxed.observed,
          .limit = relaxed.limit,
          .message = relaxed.observed.empty()
                         ? fmt::format("{}: {}", rule::meaning_of(relaxed.rule), relaxed.stronger)
                         : fmt::format("{}: {}; observed {}, limit {}", rule::meaning_of(relaxed.rule),
                                       relaxed.stronger, relaxed.observed, relaxed.limit)};
}

// One note for each sale of which a wash sale disallows a part of the loss.
void note_disallowed(Findings& findings, const DecidedAccount& decided) {
  for (const Trade& trade : decided.solution.trades.trades) {
    Money disallowed;
    for (const LotSale& sale : trade.lots) disallowed += sale.disallowed;
    if (!decided.terms.taxable || !disallowed.is_positive()) continue;
    const std::string limit = decided.holder().effective_policy.wash_sale_disallowed_max.to_string(2);
    findings.push_back({.rule = rule::wash_sale_partial,
                        .severity = Severity::note,
                        .subject = subject_of(decided),
                        .place = {},
                        .observed = disallowed.to_string(2),
                        .limit = limit,
                        .message = fmt::format("{}: {} of the loss on {} counts as zero, {} is allowed",
                                               rule::meaning_of(rule::wash_sale_partial), disallowed.to_string(2),
                                               decided.book().security(trade.security).id.text, limit)});
  }
}

Findings exceptions_of(const DecidedAccount& decided, const AccountResult& result) {
  Findings findings = decided.account.findings;
  std::ranges::copy(decided.solution.findings, std::back_inserter(findings));
  for (const Relaxation& relaxed : decided.solution.relaxations) findings.push_back(review_of(decided, relaxed));
  note_disallowed(findings, decided);
  std::ranges::move(reinvested_beside_losses(decided), std::back_inserter(findings));
  std::ranges::copy(unusual(decided.book(), result), std::back_inserter(findings));
  std::ranges::move(left_idle(decided, result), std::back_inserter(findings));
  return findings;
}

// The rule of the first hold; empty: none.
std::string hold_of(const Findings& findings) {
  const auto hold = std::ranges::find(findings, Severity::hold, &Finding::severity);
  return hold == findings.end() ? std::string() : hold->rule;
}

// By which rule nothing may be traded; empty: something may.
std::string rule_of_rest(const Book& book, const CheckedAccount& account) {
  if (account.held || !account.frozen) return hold_of(account.findings);
  const bool by_status = book.account(account.account).status == AccountStatus::frozen;
  return by_status ? rule::restriction_account_frozen : rule::request_freeze;
}

void enter_reasons(AccountResult& result, const DecidedAccount& decided, Told told) {
  std::vector<ReasonRow> rows = reasons_done(decided, told);
  result.orders = order(decided.book(), decided.solution.trades, enter_purposes(decided, rows));
  if (told == Told::orders) {
    result.reasons = std::move(rows);
    return;
  }
  std::ranges::move(reasons_rules(decided), std::back_inserter(rows));
  WhatIsLeft left = what_is_left(decided);
  std::ranges::move(left.rows, std::back_inserter(rows));
  std::ranges::stable_sort(rows, {}, [](const ReasonRow& row) { return std::tie(row.security_id, row.lot_id); });
  result.reasons = std::move(rows);
  result.left = left.total;
  result.left_smaller = std::move(left.smaller);
}

// The rules of data that say nothing sure of positions, prices or target, on which the risk of a held account rests.
bool risk_in_doubt(const CheckedAccount& account) {
  constexpr auto doubtful = std::to_array<std::string_view>(
      {"price_", "corporate_action_", "model_", rule::data_position_break, rule::data_position_moved});
  const auto doubts = [&](const Finding& finding) {
    return finding.severity == Severity::hold &&
           std::ranges::any_of(doubtful, [&](std::string_view prefix) { return finding.rule.starts_with(prefix); });
  };
  return !account.lots_doubted_by.empty() || std::ranges::any_of(account.findings, doubts);
}

// Of an account that is held: what stays of risk and holding costs as long as nothing is traded. nullopt: nobody knows.
std::optional<Money> left_untouched(const CheckedAccount& account, const objective::Terms& terms) {
  if (risk_in_doubt(account)) return std::nullopt;
  const objective::Outcome now = objective::before(terms);
  const BenefitSplit split(terms, now, at_target(terms, now));
  double left = 0.0;
  for (std::size_t i = 0; i < terms.lines.size(); ++i) left += split.of_line(i);
  return to_cents_if_sane(left);
}

// No orders leave an account that is held: what was proposed is taken back, the findings stay.
AccountResult taken_back(const DecidedAccount& decided, Findings findings, Told told) {
  AccountResult result = as_it_stands(decided.unit, decided.account, decided.terms);
  result.status = ResultStatus::held;
  result.exceptions = std::move(findings);
  if (told == Told::orders) return result;
  result.harvests = harvests_untouched(decided.unit, decided.account, decided.terms, hold_of(result.exceptions));
  result.left = left_untouched(decided.account, decided.terms);
  return result;
}

DecidedAccount decided_of(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                          const objective::Terms& terms, const Solution& solution) {
  DecidedAccount decided{unit,
                         account,
                         progress,
                         terms,
                         solution,
                         objective::before(terms),
                         objective::outcome_of(terms, *unit.book, solution.trades),
                         {},
                         {}};
  decided.parts_before = objective::parts_of(terms, decided.before);
  decided.parts_after = objective::parts_of(terms, decided.after);
  return decided;
}

}  // namespace

AccountResult explain(const CheckedUnit& unit, const CheckedAccount& account, const tax::UnitProgress& progress,
                      const objective::Terms& terms, const Solution& solution, Told told) {
  const DecidedAccount decided = decided_of(unit, account, progress, terms, solution);
  AccountResult result = as_it_stands(unit, account, terms);
  enter_trades(result, decided);
  enter_objective(result, decided);
  enter_budgets(result, decided);
  enter_reasons(result, decided, told);
  result.exceptions = exceptions_of(decided, result);
  if (!hold_of(result.exceptions).empty()) return taken_back(decided, std::move(result.exceptions), told);

  if (told == Told::everything) result.harvests = harvests_of(decided);
  result.status = result.orders.empty() ? ResultStatus::no_trade : ResultStatus::traded;
  result.shadow_prices = solution.shadow_prices;
  result.proven_quiet = solution.proven_quiet;
  return result;
}

AccountResult explain_untouched(const CheckedUnit& unit, const CheckedAccount& account, const objective::Terms& terms,
                                Told told) {
  AccountResult result = as_it_stands(unit, account, terms);
  result.status = account.held ? ResultStatus::held : ResultStatus::no_trade;
  // Where nothing may trade, doing nothing is the best there is; of a held account nothing is known.
  if (!account.held && account.investable.is_positive()) {
    result.bound = result.objective_after;
    result.gap = Money();
  }
  result.exceptions = account.findings;
  if (told == Told::orders) return result;
  if (account.held) {
    result.left = left_untouched(account, terms);
  } else {
    const Solution nothing;
    enter_reasons(result, decided_of(unit, account, tax::UnitProgress(*unit.book, *unit.unit), terms, nothing), told);
  }
  result.harvests = harvests_untouched(unit, account, terms, rule_of_rest(*unit.book, account));
  return result;
}

}  // namespace lotwright
