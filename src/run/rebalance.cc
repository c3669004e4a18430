#include "run/rebalance.h"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "book/rules.h"
#include "explanation/harvests.h"
#include "problem/problem.h"
#include "tax/wash_sale.h"

namespace lotwright {
namespace {

Finding hold(const Book& book, AccountIndex account, const char* rule, const std::string& what,
             const std::string& message) {
  return {rule, Severity::hold, {SubjectKind::account, book.account(account).id.text}, {}, what, {}, message};
}

// The result of an account that a broken invariant stopped; it must not depend on what may be broken.
AccountResult failed(const Book& book, AccountIndex account, const std::string& what) {
  AccountResult result;
  result.account = account;
  result.status = ResultStatus::failed;
  result.cash_before = result.cash_after = book.account(account).cash;
  result.harvests = not_scanned(book.account(account), rule::verification_defect);
  result.exceptions.push_back(hold(book, account, rule::verification_defect, what,
                                   "deciding the account broke an invariant of the engine (" + what +
                                       "): it has no orders; send the saved case to the engine's makers"));
  return result;
}

AccountResult refused_result(const Book& book, AccountResult untouched, const std::string& breaches) {
  untouched.status = ResultStatus::held;
  untouched.bound.reset();  // that nothing is better was proved of a frozen account, not of this one
  untouched.gap.reset();
  take_back(untouched.harvests, rule::verification_refused);
  untouched.exceptions.push_back(hold(book, untouched.account, rule::verification_refused, breaches,
                                      "the verifier refused the proposed orders (" + breaches +
                                          "): none leave; send the saved case to the engine's makers"));
  return untouched;
}

// What one run of the main path needs at every account.
struct Decider {
  const CheckedUnit& checked;
  const Effort& effort;
  const Steps& steps;
  const Refusals& refused;

  AccountResult decide(const CheckedAccount& account, const tax::UnitProgress& progress) const {
    const objective::Terms terms = terms_of(checked, account, progress);
    const Told told = effort.tell_what_is_left ? Told::everything : Told::orders;
    if (!account.trades()) return explain_untouched(checked, account, terms, told);
    if (const auto refusal = refused.find(account.account); refusal != refused.end()) {
      return refused_result(*checked.book, explain_untouched(checked, account, terms, told), refusal->second);
    }
    const Solution solution = steps.solve(checked, account, progress, effort);
    return explain(checked, account, progress, terms, solution, told);
  }

  // One bad account never stops the others.
  AccountResult decide_safely(const CheckedAccount& account, const tax::UnitProgress& progress) const {
    try {
      return decide(account, progress);
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::exception& broken) {
      return failed(*checked.book, account.account, broken.what());
    }
  }

  // The accounts in order: each sees what those before it did.
  std::vector<AccountResult> decide_all() const {
    tax::UnitProgress progress(*checked.book, *checked.unit);
    std::vector<AccountResult> results;
    results.reserve(checked.accounts.size());
    for (const CheckedAccount& account : checked.accounts) {
      results.push_back(decide_safely(account, progress));
      progress.record(*checked.book, trades_of(results.back()));
    }
    return results;
  }
};

std::vector<const AccountResult*> pointers(const std::vector<AccountResult>& results) {
  std::vector<const AccountResult*> pointed;
  for (const AccountResult& result : results) pointed.push_back(&result);
  return pointed;
}

// The accounts whose orders were refused just now. One without orders left cannot be refused again.
Refusals refusals_of(const std::vector<Breach>& breaches, const Refusals& earlier) {
  Refusals fresh;
  for (const Breach& breach : breaches) {
    if (earlier.contains(breach.account)) continue;
    std::string& text = fresh[breach.account];
    if (!text.empty()) text += "; ";
    text += breach.rule + ": " + breach.message;
  }
  return fresh;
}

UnitOutcome decide_unit(const FactorRisk& risk, const DecisionUnit& unit, const Effort& effort, const Steps& steps,
                        Refusals refused) {
  const CheckedUnit checked = steps.check(risk, unit);
  UnitOutcome outcome;
  while (true) {
    outcome.accounts = Decider{checked, effort, steps, refused}.decide_all();
    std::vector<Breach> breaches = steps.verify_unit(unit, pointers(outcome.accounts));
    Refusals fresh = refusals_of(breaches, refused);
    if (!breaches.empty()) outcome.refused.push_back({outcome.accounts, std::move(breaches)});
    if (fresh.empty()) break;
    refused.merge(fresh);
  }
  if (steps.watch_households) steps.watch_households(checked, outcome.accounts);
  return outcome;
}

}  // namespace

UnitOutcome rebalance(const Book& book, const FactorRisk& risk, const DecisionUnit& unit, const Effort& effort,
                      const Steps& steps, Refusals refused) {
  try {
    return decide_unit(risk, unit, effort, steps, std::move(refused));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& broken) {
    UnitOutcome outcome;
    for (const AccountIndex account : unit.accounts) outcome.accounts.push_back(failed(book, account, broken.what()));
    return outcome;
  }
}

}  // namespace lotwright
