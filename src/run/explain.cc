#include "run/explain.h"

#include <algorithm>

#include "book/rules.h"
#include "run/find_account.h"
#include "run/names.h"
#include "run/outputs.h"
#include "run/stakes.h"

namespace lotwright {
namespace {

using reports::AccountFacts;
using reports::LineFacts;
using reports::LotFacts;

Money moved(const Trade& trade, Price price) {
  const Money dollars = value_of(trade.quantity, price);
  return trade.side == Side::buy ? dollars : -dollars;
}

std::vector<LineFacts> lines_of(const Book& book, const CheckedAccount& checked, const AccountResult& result) {
  std::vector<LineFacts> lines;
  for (const CheckedLine& line : checked.lines) {
    const Security& security = book.security(line.security);
    const Money held = security.price ? value_of(line.held, *security.price) : Money();
    lines.push_back({line.security, line.target, held, held});
  }
  LineFacts cash;
  cash.target = book.account(result.account).effective_policy.cash_target;
  cash.before = checked.cash_line - checked.reserved;
  cash.after = cash.before + result.cash_after - result.cash_before;
  for (const Order& order : result.orders) {
    const Security& security = book.security(order.trade.security);
    const auto line = std::ranges::lower_bound(lines, order.trade.security, {}, &LineFacts::security);
    (security.kind == SecurityKind::cash ? cash : *line).after += moved(order.trade, *security.price);
  }
  lines.push_back(cash);
  return lines;
}

// The lots of what is sold, as checked.
std::vector<LotFacts> lots_of(const Book& book, const CheckedAccount& checked, const AccountResult& result) {
  const Account& account = book.account(result.account);
  std::vector<LotFacts> lots;
  for (const Order& order : result.orders) {
    if (order.trade.side == Side::buy) continue;
    for (std::uint32_t i = 0; i < account.lots.size(); ++i) {
      if (account.lots[i].security != order.trade.security) continue;
      const CheckedLot& lot = checked.lots[i];
      lots.push_back({i, lot.term, lot.gain, lot.bars.empty() ? std::string() : lot.bars.front().rule});
    }
  }
  std::ranges::sort(lots, {}, &LotFacts::lot);
  return lots;
}

std::vector<reports::RequestFacts> requests_of(const Book& book, AccountIndex account) {
  std::vector<reports::RequestFacts> requests;
  for (const Request& request : book.requests) {
    if (request.account != account) continue;
    requests.push_back({request.id, std::string(name_of(request.kind)), request.amount, request.due_on, request.value});
  }
  return requests;
}

Findings exceptions_of(const Book& book, const RunResult& run, const Account& account) {
  const std::string& household = book.households[account.household.value].id.text;
  Findings findings;
  for (const ExceptionLine& line : exception_lines(book, run)) {
    const bool shared = line.account_id.empty() && !line.household_id.empty() && line.household_id == household;
    if (line.account_id == account.id.text || shared) findings.push_back(line.finding);
  }
  return findings;
}

std::vector<std::string> gates_set(const Gates& gates) {
  std::vector<std::string> names;
  if (gates.price_move_max) names.emplace_back("price_move_max");
  if (gates.accounts_change_max) names.emplace_back("accounts_change_max");
  if (gates.one_security_notional_max) names.emplace_back("one_security_notional_max");
  if (gates.tax_total_max) names.emplace_back("tax_total_max");
  if (gates.share_breaks_max) names.emplace_back("share_breaks_max");
  if (gates.share_of_volume_max) names.emplace_back("share_of_volume_max");
  if (gates.accounts_in_one_name_max) names.emplace_back("accounts_in_one_name_max");
  if (gates.gap_rise_bps_max) names.emplace_back("gap_rise_bps_max");
  return names;
}

const DecisionUnit& unit_of(const std::vector<DecisionUnit>& units, AccountIndex account) {
  const auto holds = [&](const DecisionUnit& unit) { return std::ranges::binary_search(unit.accounts, account); };
  const auto unit = std::ranges::find_if(units, holds);
  require(unit != units.end(), "an account is in no decision unit");
  return *unit;
}

AccountFacts facts_of(const Book& book, const Steps& steps, const FactorRisk& risk, const RunResult& run,
                      const AccountResult& result) {
  const std::vector<DecisionUnit> units = decision_units(book);
  const DecisionUnit& unit = unit_of(units, result.account);
  const CheckedUnit checked = steps.check(risk, unit);
  const auto own = std::ranges::find(checked.accounts, result.account, &CheckedAccount::account);
  const Account& account = book.account(result.account);

  AccountFacts facts;
  facts.book = &book;
  facts.result = &result;
  facts.tax_treatment = name_of(account.tax_treatment);
  facts.mode = name_of(account.effective_policy.mode);
  facts.model = own->model_index < book.models.size() ? book.models[own->model_index].id.text : account.model;
  for (const AccountIndex one : unit.accounts) {
    if (one < result.account) facts.decided_before.push_back(book.account(one).id.text);
  }
  facts.lines = lines_of(book, *own, result);
  facts.lots = lots_of(book, *own, result);
  facts.requests = requests_of(book, result.account);
  facts.exceptions = exceptions_of(book, run, account);
  for (const Finding& one : facts.exceptions) facts.next_steps.push_back(next_step_of(one, book.firm));
  facts.gates = gates_set(book.firm.gates);
  return facts;
}

}  // namespace

Result<std::unique_ptr<Explained>> explain_account(const Book& book, const std::string& account_id,
                                                   const Steps& steps) {
  const std::optional<AccountIndex> account = find_account(book, account_id);
  if (!account) return unknown_account(book, account_id);
  const auto risk = FactorRisk::of(book.risk, book.securities.size());
  if (!risk) return risk.failure();

  RunOptions options;
  options.threads = 1;
  options.accounts = {account_id};
  const std::atomic<bool> never = false;
  auto run = run_book(book, options, steps, StillClock(), nullptr, never);
  if (!run) return run.failure();
  auto explained = std::make_unique<Explained>();
  explained->run = std::move(run).value();
  const auto result = std::ranges::find(explained->run.accounts, *account, &AccountResult::account);
  explained->facts = facts_of(book, steps, *risk, explained->run, *result);
  return explained;
}

}  // namespace lotwright
