#include "run/evaluate.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "checks/book_facts.h"
#include "checks/checks.h"
#include "objective/objective.h"
#include "problem/problem.h"
#include "run/find_account.h"
#include "run/foreign_orders.h"
#include "run/names.h"
#include "tax/wash_sale.h"
#include "verification/verification.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const objective::Parts& parts) {
  return {{"objective", parts.total()},
          {"risk", parts.risk},
          {"tax", parts.tax},
          {"trading", parts.trading},
          {"waiting", parts.waiting},
          {"hurdle", parts.hurdle},
          {"cash", parts.cash},
          {"alpha", parts.alpha},
          {"location", parts.location},
          {"band", parts.band},
          {"tracking_error", parts.tracking_error}};
}

Json json_of(const Book& book, const Breach& breach) {
  return {{"account_id", book.account(breach.account).id.text},
          {"rule", breach.rule},
          {"security_id", breach.security_id},
          {"lot_id", breach.lot_id},
          {"message", breach.message}};
}

Json json_of(const Finding& finding) {
  return {{"file", finding.place.file},   {"line", finding.place.line}, {"column", finding.place.column},
          {"value", finding.place.value}, {"rule", finding.rule},       {"message", finding.message}};
}

// A security the account neither holds nor wants, which its orders buy all the same.
objective::Line foreign_line(const Book& book, const Policy& policy, const FactorRisk& risk, SecurityIndex index,
                             const std::vector<objective::Line>& lines) {
  const Security& security = book.security(index);
  objective::Line line;
  line.security = index;
  line.half_spread = fraction(security.half_spread);
  line.alpha = security.alpha;
  const auto location = policy.location.find(security.asset_class);
  if (location != policy.location.end()) line.location = fraction(location->second);
  const auto of_its_class = std::ranges::find_if(lines, [&](const objective::Line& other) {
    return other.band >= 0 && book.security(other.security).asset_class == security.asset_class;
  });
  if (of_its_class != lines.end()) line.band = of_its_class->band;
  line.loadings = risk.loadings(index);
  line.specific_variance = risk.specific_variance(index);
  return line;
}

// The formula's terms with a line for every security the orders trade.
objective::Terms with_lines_for(const Book& book, const Policy& policy, const FactorRisk& risk, objective::Terms terms,
                                const AccountTrades& trades) {
  for (const Trade& trade : trades.trades) {
    if (book.security(trade.security).kind == SecurityKind::cash) continue;
    const auto at = std::ranges::lower_bound(terms.lines, trade.security, {}, &objective::Line::security);
    if (at != terms.lines.end() && at->security == trade.security) continue;
    terms.lines.insert(at, foreign_line(book, policy, risk, trade.security, terms.lines));
  }
  return terms;
}

Money cash_after(const Account& account, const std::vector<Order>& orders) {
  Money cash = account.cash;
  for (const Order& order : orders) cash += cash_effect(order.trade);
  return cash;
}

struct Evaluation {
  AccountResult claimed;  // for the verifier
  Json json;
};

Evaluation evaluate_account(const CheckedUnit& unit, const CheckedAccount& checked, const tax::UnitProgress& progress,
                            const std::vector<Order>& orders, const AccountTrades& trades) {
  const Book& book = *unit.book;
  const Account& account = book.account(checked.account);
  const objective::Terms terms =
      with_lines_for(book, account.effective_policy, *unit.risk, terms_of(unit, checked, progress), trades);
  const objective::Parts was = objective::parts_of(terms, objective::before(terms));
  const objective::Outcome outcome = objective::outcome_of(terms, book, trades);
  const objective::Parts is = objective::parts_of(terms, outcome);

  Evaluation evaluation;
  AccountResult& result = evaluation.claimed;
  result.account = checked.account;
  result.status = checked.held ? ResultStatus::held : orders.empty() ? ResultStatus::no_trade : ResultStatus::traded;
  result.value = checked.value;
  result.investable = checked.investable;
  result.cash_before = account.cash;
  result.cash_after = cash_after(account, orders);
  result.tracking_error_before = was.tracking_error;
  result.tracking_error_after = is.tracking_error;
  result.objective_before = was.total();
  result.objective_after = is.total();
  result.tax = is.tax;
  result.trading_cost = is.trading;
  result.waiting = is.waiting;
  result.orders = orders;

  evaluation.json = {{"account_id", account.id.text},
                     {"status", name_of(result.status)},
                     {"orders", orders.size()},
                     {"value", checked.value.to_double()},
                     {"investable_value", checked.investable.to_double()},
                     {"cash_after", result.cash_after.to_double()},
                     {"gain_short", outcome.gain_short},
                     {"gain_long", outcome.gain_long},
                     {"before", json_of(was)},
                     {"after", json_of(is)}};
  return evaluation;
}

// An account whose orders cannot even be valued.
Evaluation not_valued(const Book& book, AccountIndex account, const std::vector<Order>& orders, const char* why) {
  Evaluation evaluation;
  evaluation.claimed.account = account;
  evaluation.claimed.status = orders.empty() ? ResultStatus::no_trade : ResultStatus::traded;
  evaluation.claimed.cash_before = book.account(account).cash;
  evaluation.claimed.cash_after = cash_after(book.account(account), orders);
  evaluation.claimed.orders = orders;
  evaluation.json = {{"account_id", book.account(account).id.text}, {"status", "not_valued"}, {"message", why}};
  return evaluation;
}

// The accounts of one unit in order, each after what those before it did.
std::vector<Evaluation> evaluate_unit(const BookFacts& facts, const FactorRisk& risk, const DecisionUnit& unit,
                                      const ForeignOrders& foreign) {
  const CheckedUnit checked = check(facts, risk, unit);
  const Book& book = *checked.book;
  tax::UnitProgress progress(book, unit);
  std::vector<Evaluation> evaluations;
  for (const CheckedAccount& account : checked.accounts) {
    const auto at = foreign.orders.find(account.account);
    const std::vector<Order> orders = at == foreign.orders.end() ? std::vector<Order>() : at->second;
    try {
      AccountTrades trades = true_trades(book, account.account, orders);
      tax::mark_disallowed(book, progress.wash, trades);
      evaluations.push_back(evaluate_account(checked, account, progress, orders, trades));
      progress.record(book, trades);
    } catch (const Defect& broken) {
      evaluations.push_back(not_valued(book, account.account, orders, broken.what()));
    }
  }
  return evaluations;
}

}  // namespace

Result<Table> read_orders_table(const std::string& path) {
  return read_table(path, {"account_id", "security_id", "side", "quantity"});
}

Result<Table> read_lot_sales_table(const std::string& path) {
  return read_table(path, {"account_id", "lot_id", "quantity"});
}

namespace {

// Everything that is judged of a book's orders.
struct Judged {
  std::vector<Breach> breaches;
  std::vector<AccountResult> results;  // sorted by account
  std::map<AccountIndex, Json> accounts;
  double before = 0.0;
  double after = 0.0;
};

// The units that one of `wanted` belongs to; all where nobody is named.
std::vector<DecisionUnit> units_of(const Book& book, const std::vector<AccountIndex>& wanted) {
  std::vector<DecisionUnit> units = decision_units(book);
  if (wanted.empty()) return units;
  std::erase_if(units, [&](const DecisionUnit& unit) {
    return std::ranges::none_of(wanted,
                                [&](AccountIndex one) { return std::ranges::binary_search(unit.accounts, one); });
  });
  return units;
}

Judged judge(const Book& book, const FactorRisk& risk, const BookFacts& facts, const BookIndex& rows,
             const ForeignOrders& foreign, const std::vector<AccountIndex>& wanted) {
  Judged judged;
  const auto is_judged = [&](AccountIndex one) { return wanted.empty() || std::ranges::binary_search(wanted, one); };
  for (const DecisionUnit& unit : units_of(book, wanted)) {
    std::vector<Evaluation> evaluations = evaluate_unit(facts, risk, unit, foreign);
    std::vector<const AccountResult*> claimed;
    for (const Evaluation& one : evaluations) claimed.push_back(&one.claimed);
    std::ranges::move(verify_orders(rows, unit, claimed), std::back_inserter(judged.breaches));
    for (Evaluation& one : evaluations) {
      if (is_judged(one.claimed.account)) {
        if (one.claimed.status != ResultStatus::held) {
          judged.before += one.claimed.objective_before;
          judged.after += one.claimed.objective_after;
        }
        judged.accounts[one.claimed.account] = std::move(one.json);
      }
      judged.results.push_back(std::move(one.claimed));
    }
  }
  std::ranges::sort(judged.results, {}, &AccountResult::account);
  if (wanted.empty()) {
    std::ranges::move(verify_book(rows, judged.results, block(book, judged.results)),
                      std::back_inserter(judged.breaches));
  }
  return judged;
}

// Leaves the breaches of the accounts meant, and of others those that are there only for the orders of these.
void leave_those_of(const std::vector<AccountIndex>& wanted, const std::vector<Breach>& without, Judged& judged) {
  std::erase_if(judged.breaches, [&](const Breach& breach) {
    return !std::ranges::binary_search(wanted, breach.account) && std::ranges::find(without, breach) != without.end();
  });
}

Result<std::vector<AccountIndex>> indices_of(const Book& book, const std::vector<std::string>& ids) {
  std::vector<AccountIndex> indices;
  for (const std::string& id : ids) {
    const std::optional<AccountIndex> index = find_account(book, id);
    if (!index) return unknown_account(book, id);
    indices.push_back(*index);
  }
  std::ranges::sort(indices);
  return indices;
}

}  // namespace

Result<Judgement> evaluate(const Book& book, const Table& orders, const std::optional<Table>& lot_sales,
                           const std::vector<std::string>& accounts) {
  const auto risk = FactorRisk::of(book.risk, book.securities.size());
  if (!risk) return risk.failure();
  const auto wanted = indices_of(book, accounts);
  if (!wanted) return wanted.failure();
  ForeignOrders foreign = foreign_orders(book, orders, lot_sales);
  const BookFacts facts(book);
  const BookIndex rows(book);
  Judged judged = judge(book, *risk, facts, rows, foreign, *wanted);

  Json json;
  json["as_of"] = book.firm.as_of.to_string();
  json["objective_before"] = judged.before;
  json["objective_after"] = judged.after;
  json["findings"] = Json::array();
  for (const Finding& finding : foreign.findings) json["findings"].push_back(json_of(finding));
  if (!wanted->empty()) {
    for (const AccountIndex one : *wanted) foreign.orders.erase(one);
    leave_those_of(*wanted, judge(book, *risk, facts, rows, foreign, *wanted).breaches, judged);
  }
  json["broken_rules"] = Json::array();
  for (const Breach& breach : judged.breaches) json["broken_rules"].push_back(json_of(book, breach));
  json["accounts"] = Json::array();
  for (auto& [index, account] : judged.accounts) json["accounts"].push_back(std::move(account));
  return Judgement{json.dump(2, ' ', false, Json::error_handler_t::replace), judged.breaches.size()};
}

}  // namespace lotwright
