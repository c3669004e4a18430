#include "checks/account_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "book/rules.h"
#include "book/treatment_words.h"
#include "checks/account_rows.h"

namespace lotwright {
namespace {

void test_new(const PreviousRun& previous, const Account& account, Doubts& doubts) {
  constexpr int recent_days = 10;  // an account opened lately may be new
  const std::string opened = account.opened_on ? account.opened_on->to_string() : "";
  const bool expected = account.opened_on && *previous.as_of - *account.opened_on <= recent_days;
  doubts.tell(rule::data_account_new, expected ? Severity::note : Severity::review, account, opened,
              previous.as_of->to_string(),
              expected ? fmt::format("the account was opened on {} and was not in the run of {}", opened,
                                     previous.as_of->to_string())
                       : fmt::format("the account was not in the run of {}, and opened_on does not say that it is new: "
                                     "check whose it is, and whether it stands under another id too; accept it then "
                                     "(run --accept {})",
                                     previous.as_of->to_string(), account.id.text));
}

void test_changed(const Book& book, const PreviousAccount& then, const Account& account, const Unread& unread,
                  Doubts& doubts) {
  const std::string taxpayer = account.taxpayer.exists() ? book.taxpayers[account.taxpayer.value].id.text : "";
  const std::string treatment = name_of(account.tax_treatment);
  const std::string& household = book.households[account.household.value].id.text;
  const auto tell = [&](Severity severity, const char* what, const std::string& now, const std::string& before) {
    unread.tell(doubts, rule::data_account_changed, severity, account,
                {now, fmt::format("{} {}, not {}", what, now, before)}, before,
                fmt::format("{} is {} and was {} in the run before: correct accounts.csv, or accept "
                            "it (run --accept {}) where it is right",
                            what, now.empty() ? "empty" : now, before.empty() ? "empty" : before, account.id.text));
  };
  if (treatment != then.tax_treatment) tell(Severity::hold, "tax_treatment", treatment, then.tax_treatment);
  if (taxpayer != then.taxpayer) tell(Severity::hold, "taxpayer_id", taxpayer, then.taxpayer);
  if (household != then.household) tell(Severity::review, "household_id", household, then.household);
}

bool leaves(const PreviousRun& previous, const PreviousAccount& account) {
  const bool believed = previous.account_rows.contains(account.id);
  const auto transfers = [](const PreviousFlow& flow) { return flow.kind == RequestKind::transfer_out; };
  return (believed && account.value.is_zero()) || std::ranges::any_of(flows_of(previous, account.id), transfers);
}

// What tells of an account that is gone: to the book, and to the other accounts of its taxpayer.
void test_gone(const Book& book, const PreviousRun& previous, const std::vector<const PreviousAccount*>& gone,
               Doubts& doubts) {
  const std::string was = previous.as_of->to_string();
  std::map<std::string, std::string> by_taxpayer;
  for (const PreviousAccount* then : gone) {
    const bool accepted = previous.accepting.contains(then->id);
    const bool expected = accepted || leaves(previous, *then);
    if (!expected && !then->taxpayer.empty()) by_taxpayer.emplace(then->taxpayer, then->id);
    const char* remedy = accepted   ? "a person accepts that"
                         : expected ? "it was to leave"
                                    : "ask for it, or close it with a transfer_out";
    doubts.tell(rule::data_account_vanished, expected ? Severity::note : Severity::review,
                Subject{SubjectKind::account, then->id}, then->id, "",
                fmt::format("account {} was in the run of {} and is not in accounts.csv: {}", then->id, was, remedy));
  }
  for (const Account& account : book.accounts) {
    if (by_taxpayer.empty() || !account.taxpayer.exists()) continue;
    const auto missing = by_taxpayer.find(book.taxpayers[account.taxpayer.value].id.text);
    if (missing == by_taxpayer.end()) continue;
    doubts.tell(rule::data_account_vanished, Severity::review, account, missing->second, "",
                fmt::format("account {} of the same taxpayer was in the run of {} and is gone: what it buys and sells "
                            "is not known, and may wash this account's losses",
                            missing->second, was));
  }
}

// Of accounts that are gone, those of which nothing was ever believed but that they were there.
std::vector<PreviousAccount> gone_unbelieved(const Book& book, const PreviousRun& previous) {
  std::vector<PreviousAccount> gone;
  for (const std::string& id : previous.accounts.value_or(std::vector<std::string>())) {
    const auto of_id = [](const Account& account) { return std::string_view(account.id.text); };
    if (previous.account_rows.contains(id) ||
        std::ranges::binary_search(book.accounts, std::string_view(id), {}, of_id))
      continue;
    gone.emplace_back().id = id;
  }
  return gone;
}

}  // namespace

void test_accounts(const Book& book, const PreviousRun& previous, Doubts& doubts) {
  if (!previous.as_of || !PreviousRun::comparable(*previous.as_of, book.firm.as_of)) return;
  const Unread unread(book);
  std::set<std::string> met;
  for (const Account& account : book.accounts) {
    const auto then = previous.account_rows.find(account.id.text);
    if (then == previous.account_rows.end()) {
      const bool known = previous.accounts && std::ranges::binary_search(*previous.accounts, account.id.text) &&
                         !previous.asked_as_new.contains(account.id.text);
      if (!known) test_new(previous, account, doubts);
    } else {
      test_changed(book, then->second, account, unread, doubts);
      met.insert(account.id.text);
    }
  }
  std::vector<const PreviousAccount*> gone;
  for (const auto& [id, then] : previous.account_rows) {
    if (!met.contains(id)) gone.push_back(&then);
  }
  const std::vector<PreviousAccount> never_believed = gone_unbelieved(book, previous);
  for (const PreviousAccount& then : never_believed) gone.push_back(&then);
  test_gone(book, previous, gone, doubts);
}

}  // namespace lotwright
