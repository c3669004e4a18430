#include "checks/requests.h"

#include <fmt/format.h>

#include <algorithm>

#include "book/model_change.h"
#include "book/rules.h"
#include "checks/findings.h"
#include "units/dollars.h"
#include "units/trading_days.h"

namespace lotwright {
namespace {

// A cash_out is due from cash_raise_days before its day, past ones included; preserve_losses is in force to its day,
// that day included; any other request from its day.
bool is_due(const Book& book, const Request& request) {
  if (request.kind == RequestKind::preserve_losses) return book.firm.as_of <= request.due_on;
  const int ahead =
      request.kind == RequestKind::cash_out ? book.account(request.account).effective_policy.cash_raise_days : 0;
  return request.due_on <= book.firm.as_of + ahead;
}

void freeze(const Book& book, CheckedAccount& checked, const char* rule, const std::string& observed) {
  checked.frozen = true;
  add_finding(book, checked, rule, Severity::note, observed, "",
              fmt::format("the account is frozen ({}): nothing is traded in it", observed));
}

void tell_cash_in(const Book& book, CheckedAccount& checked, const Request& request) {
  const std::string amount = request.amount.value_or(Money()).to_string(2);
  add_finding(book, checked, rule::request_cash_in, Severity::note, amount, "",
              fmt::format("request {} announces {} dollars for {}; they are not spent before they are in accounts.cash",
                          request.id, amount, request.due_on.to_string()));
}

void set_aside(const Book& book, CheckedAccount& checked, const Request& request) {
  const Money amount = request.amount.value_or(Money());
  checked.set_aside += amount;
  add_finding(
      book, checked, rule::request_set_aside, Severity::note, amount.to_string(2), "",
      fmt::format("request {} sets {} dollars aside: they stay in cash, as far as they are there, and are neither "
                  "invested nor paid out",
                  request.id, amount.to_string(2)));
}

void follow_model_changes(const BookFacts& facts, CheckedAccount& checked) {
  const auto requests = facts.requests_of(checked.account);
  const Request* newest = due_model_change(requests, facts.book().firm.as_of);
  if (newest != nullptr) checked.model_index = newest->model_index;
}

}  // namespace

void follow_requests(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  const Account& account = book.account(checked.account);
  checked.model_index = account.model_index;
  follow_model_changes(facts, checked);
  if (account.status == AccountStatus::frozen) freeze(book, checked, rule::restriction_account_frozen, "status frozen");

  for (const Request& request : facts.requests_of(checked.account)) {
    if (request.kind == RequestKind::cash_in) tell_cash_in(book, checked, request);
    if (!is_due(book, request)) continue;
    switch (request.kind) {
      case RequestKind::cash_out:
        checked.reserved += request.amount.value_or(Money());
        break;
      case RequestKind::liquidate:
        checked.liquidating = true;
        break;
      case RequestKind::freeze:
        freeze(book, checked, rule::request_freeze, "request " + request.id);
        break;
      case RequestKind::preserve_losses:
        checked.losses_preserved_by = request.id;
        break;
      case RequestKind::set_aside:
        set_aside(book, checked, request);
        break;
      case RequestKind::transfer_out:
        checked.frozen = true;
        add_finding(
            book, checked, rule::request_transfer_out, Severity::note, request.id, "",
            fmt::format("request {} moves the account elsewhere as it is: nothing is traded in it", request.id));
        break;
      case RequestKind::harvest:
      case RequestKind::realize_gains:
        break;  // checks/realizations.h
      case RequestKind::cash_in:
      case RequestKind::model_change:
        break;
    }
  }
  checked.cash_due = checked.reserved.is_positive();
}

namespace {

// Payments that a client waits for: their sum, and "Q1 of 2025-06-28 and Q2 of 2025-06-30".
struct Payments {
  Money amount;
  std::string named;
};

template <class Counts>
Payments payments_of(const BookFacts& facts, const CheckedAccount& checked, Counts counts) {
  Payments due;
  std::vector<std::string> named;
  for (const Request& request : facts.requests_of(checked.account)) {
    if (request.kind != RequestKind::cash_out || !counts(request)) continue;
    due.amount += request.amount.value_or(Money());
    named.push_back(request.id + " of " + request.due_on.to_string());
  }
  due.named = list_of(named);
  return due;
}

}  // namespace

void check_cash_outs(const BookFacts& facts, CheckedAccount& checked) {
  const Book& book = facts.book();
  if (!checked.cash_due || checked.cash_line >= checked.reserved) return;
  const auto add = [&](const char* rule, const Payments& due, const std::string& what_to_do) {
    add_finding(book, checked, rule, Severity::review, checked.cash_line.to_string(2), due.amount.to_string(2),
                fmt::format("{}: {} is due and {} is there, so {} is missing; {}", due.named, usd(due.amount),
                            usd(checked.cash_line), usd(due.amount - checked.cash_line), what_to_do));
  };
  if (checked.frozen) {
    const auto due = [&](const Request& request) { return is_due(book, request); };
    add(rule::request_cash_short, payments_of(facts, checked, due), "the account is frozen: raise it by hand");
    return;
  }
  const Date settled = settle_date(book.firm.as_of);
  const auto before = [&](const Request& request) { return request.due_on < settled; };
  const Payments late = payments_of(facts, checked, before);
  if (late.named.empty() || checked.cash_line >= late.amount) return;
  add(rule::request_too_late, late,
      fmt::format("sales of today settle on {}: advance the money or tell the client", settled.to_string()));
}

void check_request_conflicts(const Book& book, CheckedAccount& checked) {
  const bool harvesting = std::ranges::any_of(checked.realizations, &Realization::losses);
  if (!checked.liquidating && !harvesting) return;
  const auto kept = [](const CheckedLot& lot) {
    return std::ranges::any_of(lot.bars, [](const Bar& bar) { return bar.rule == rule::request_preserve_losses; });
  };
  if (std::ranges::none_of(checked.lots, kept)) return;
  add_finding(book, checked, rule::request_conflict, Severity::hold, checked.losses_preserved_by,
              checked.liquidating ? rule::request_liquidate : rule::request_harvest,
              fmt::format("request {} preserves the account's losses and another sells them; end one of them",
                          checked.losses_preserved_by));
}

Date settle_date(Date trade_date) {
  static const Date two_days_from = Date::of(2017, 9, 5);
  static const Date one_day_from = Date::of(2024, 5, 28);
  const int days = trade_date >= one_day_from ? 1 : trade_date >= two_days_from ? 2 : 3;
  Date settled = trade_date;
  for (int passed = 0; passed < days; ++passed) settled = trading_day_from(settled + 1);
  return settled;
}

}  // namespace lotwright
