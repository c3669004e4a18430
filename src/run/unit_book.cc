#include "run/unit_book.h"

#include <algorithm>
#include <utility>

#include "cases/part.h"
#include "checks/checks.h"
#include "problem/problem.h"
#include "run/find_account.h"
#include "tax/wash_sale.h"

namespace lotwright {
namespace {

DecisionUnit unit_with(const Book& book, AccountIndex account) {
  std::vector<DecisionUnit> units = decision_units(book);
  const auto found = std::ranges::find_if(
      units, [&](const DecisionUnit& unit) { return std::ranges::binary_search(unit.accounts, account); });
  require(found != units.end(), "an account is in no decision unit");
  return std::move(*found);
}

}  // namespace

Result<UnitBook> unit_book(const Book& book, const std::string& account_id, const std::vector<std::string>& models) {
  const std::optional<AccountIndex> account = find_account(book, account_id);
  if (!account) return unknown_account(book, account_id);
  std::vector<std::uint32_t> more;
  for (std::uint32_t i = 0; i < book.models.size(); ++i) {
    if (std::ranges::find(models, book.models[i].id.text) != models.end()) more.push_back(i);
  }
  Part part = part_of(book, unit_with(book, *account), more);
  return UnitBook{std::move(part.book), AccountIndex{part.accounts[account->value]}};
}

Result<RunResult> decide_unit_book(const UnitBook& unit, const Effort& effort) {
  RunOptions options;
  options.threads = 1;
  options.effort = effort;
  const std::atomic<bool> never = false;
  return run_book(unit.book, options, engine_steps(unit.book), StillClock(), nullptr, never);
}

const AccountResult& result_of(const RunResult& run, AccountIndex account) {
  const auto found = std::ranges::lower_bound(run.accounts, account, {}, &AccountResult::account);
  require(found != run.accounts.end() && found->account == account, "a run has no result for an account of its unit");
  return *found;
}

const Finding* held_by(const AccountResult& result) {
  if (result.status != ResultStatus::held && result.status != ResultStatus::failed) return nullptr;
  const auto worst = std::ranges::find(result.exceptions, Severity::hold, &Finding::severity);
  return worst == result.exceptions.end() ? nullptr : &*worst;
}

struct AccountAlone::State {
  const Book& book;
  FactorRisk risk;
  DecisionUnit unit;  // whole: what its later accounts did before today counts
  std::size_t place = 0;
  std::vector<AccountResult> earlier;  // of the accounts before it
  CheckedUnit checked;
  tax::UnitProgress progress;  // after them
  objective::Terms terms;

  [[nodiscard]] const CheckedAccount& account() const { return checked.accounts[place]; }
};

AccountAlone::AccountAlone(const UnitBook& unit, const RunResult& run) : AccountAlone(unit, &run) {}

AccountAlone::AccountAlone(const UnitBook& unit) : AccountAlone(unit, nullptr) {}

AccountAlone::AccountAlone(const UnitBook& unit, const RunResult* run) {
  const Book& book = unit.book;
  auto risk = FactorRisk::of(book.risk, book.securities.size());
  DecisionUnit whole = unit_with(book, unit.account);
  tax::UnitProgress progress(book, whole);
  state_ = std::make_unique<State>(
      State{book, std::move(risk).value(), std::move(whole), 0, {}, {}, std::move(progress), objective::Terms{}});
  state_->checked = check(book, state_->risk, state_->unit);
  for (; state_->unit.accounts[state_->place] != unit.account; ++state_->place) {
    if (run == nullptr) continue;
    state_->earlier.push_back(result_of(*run, state_->unit.accounts[state_->place]));
    state_->progress.record(book, trades_of(state_->earlier.back()));
  }
  state_->terms = terms_of(state_->checked, state_->account(), state_->progress);
}

AccountAlone::~AccountAlone() = default;

AccountResult AccountAlone::decide(const Effort& effort, double order_price, Told told) const {
  const State& state = *state_;
  const CheckedAccount& account = state.account();
  if (!account.trades()) return explain_untouched(state.checked, account, state.terms, told);
  CheckedAccount priced = account;
  priced.order_price = order_price;
  Solution solution = solve(state.checked, priced, state.progress, effort);
  if (solution.bound) *solution.bound -= order_price * static_cast<double>(solution.trades.trades.size());
  AccountResult result = explain(state.checked, account, state.progress, state.terms, solution, told);
  std::vector<const AccountResult*> results;
  for (const AccountResult& one : state.earlier) results.push_back(&one);
  results.push_back(&result);
  const std::vector<Breach> breaches = verify_unit(BookIndex(state.book), state.unit, results);
  const auto own = [&](const Breach& breach) { return breach.account == account.account; };
  if (std::ranges::none_of(breaches, own)) return result;
  result = explain_untouched(state.checked, account, state.terms, told);
  result.status = ResultStatus::held;
  return result;
}

objective::Parts AccountAlone::before() const {
  return objective::parts_of(state_->terms, objective::before(state_->terms));
}

objective::Parts AccountAlone::after(const AccountTrades& trades) const {
  return objective::parts_of(state_->terms, objective::outcome_of(state_->terms, state_->book, trades));
}

const objective::Terms& AccountAlone::terms() const { return state_->terms; }

Money AccountAlone::value() const { return state_->account().value; }

const std::vector<AccountResult>& AccountAlone::earlier() const { return state_->earlier; }

}  // namespace lotwright
