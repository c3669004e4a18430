#include "checks/checks.h"

#include "checks/book_facts.h"
#include "checks/budgets.h"
#include "checks/contradictions.h"
#include "checks/directed.h"
#include "checks/expiry.h"
#include "checks/holds.h"
#include "checks/lines.h"
#include "checks/lots.h"
#include "checks/realizations.h"
#include "checks/requests.h"
#include "checks/restrictions.h"

namespace lotwright {
namespace {

// Every step runs for held and frozen accounts too: their value and lines are reported, and all that is wrong is told
// at once.
CheckedAccount check_account(const BookFacts& facts, AccountIndex index) {
  const Book& book = facts.book();
  CheckedAccount checked;
  checked.account = index;
  follow_requests(facts, checked);
  find_holds(facts, checked);

  draw_lines(facts, checked);
  value_positions(book, checked);
  check_cash_outs(facts, checked);

  bar_lines(facts, checked);
  restrict_lines(facts, checked);
  limit_lines_by_policy(book, checked);
  check_conflicts(facts, checked);
  check_limits_together(facts, checked);
  liquidate_lines(checked);

  tell_what_ends_or_begins(facts, checked);

  judge_lots(facts, checked);
  gather_realizations(facts, checked);
  check_request_conflicts(book, checked);
  tell_what_stays(book, checked);
  direct_trades(facts, checked);
  tell_residues(book, checked);

  find_budgets(book, checked);
  count_recent_trades(facts, checked);
  return checked;
}

}  // namespace

CheckedUnit check(const BookFacts& facts, const FactorRisk& risk, const DecisionUnit& unit) {
  CheckedUnit checked;
  checked.book = &facts.book();
  checked.risk = &risk;
  checked.unit = &unit;
  for (const AccountIndex account : unit.accounts) checked.accounts.push_back(check_account(facts, account));
  return checked;
}

CheckedUnit check(const Book& book, const FactorRisk& risk, const DecisionUnit& unit) {
  return check(BookFacts(book), risk, unit);
}

}  // namespace lotwright
