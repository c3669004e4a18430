#include "run/tax_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "book/rules.h"
#include "checks/book_facts.h"
#include "checks/lots.h"
#include "objective/objective.h"
#include "problem/problem.h"
#include "run/evaluate.h"
#include "run/find_account.h"
#include "run/foreign_orders.h"
#include "run/names.h"
#include "tax/lot_relief.h"

namespace lotwright {
namespace {

using savings::Baseline;

// What became of an account in the run that is reported.
struct Decided {
  ResultStatus status = ResultStatus::no_trade;
  std::string held_by;
  AccountTrades trades;

  [[nodiscard]] bool comparable() const { return status == ResultStatus::traded || status == ResultStatus::no_trade; }
};
using AllDecided = std::map<AccountIndex, Decided>;

// ── from the engine

// Of several rules that hold an account, the first by name.
void hold_by(const std::string& rule, std::string& held_by) {
  if (held_by.empty() || rule < held_by) held_by = rule;
}

AllDecided decided_by(const RunResult& run) {
  AllDecided all;
  for (const AccountResult& result : run.accounts) {
    Decided& one = all[result.account] = {result.status, {}, trades_of(result)};
    for (const Finding& finding : result.exceptions) {
      if (finding.severity == Severity::hold) hold_by(finding.rule, one.held_by);
    }
  }
  return all;
}

// ── from a run's folder

Failure unusable(const std::string& file, const std::string& message) {
  return {rule::data_reference_unknown, message, {file, 0, {}, {}}};
}

// A cell of run.json; nullopt: it is not there, or of another type.
template <class Value>
std::optional<Value> cell_of(const nlohmann::json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end()) return std::nullopt;
  if constexpr (std::is_same_v<Value, bool>) {
    return found->is_boolean() ? std::optional(found->template get<bool>()) : std::nullopt;
  } else {
    return found->is_string() ? std::optional(found->template get<std::string>()) : std::nullopt;
  }
}

// The files the run read must be the book's.
std::optional<Failure> other_book(const Book& book, const std::string& folder) {
  const std::string path = folder + "/run.json";
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Failure{
        rule::data_file_missing, "there is no such file: name the folder of a finished run", {path, 0, {}, {}}};
  }
  const auto run = nlohmann::json::parse(file, nullptr, false);
  const auto as_of = cell_of<std::string>(run, "as_of");
  const auto sent = cell_of<bool>(run, "orders_sent");
  const bool has_inputs = run.is_object() && run.contains("inputs") && run["inputs"].is_array();
  if (!as_of || !has_inputs || (!sent && run.contains("orders_sent"))) {
    return unusable(path, "is not what a run writes: name the folder of a finished run");
  }
  if (*as_of != book.firm.as_of.to_string()) {
    return unusable(path, fmt::format("the run is of {} and the book of {}: give --as-of as the run had it", *as_of,
                                      book.firm.as_of.to_string()));
  }
  if (!sent.value_or(true)) {
    return unusable(path, "a gate stopped this run and none of its orders left: there is nothing to report");
  }
  std::map<std::string, std::string> read;
  for (const auto& input : run["inputs"]) {
    read[cell_of<std::string>(input, "file").value_or("")] = cell_of<std::string>(input, "sha256").value_or("");
  }
  for (const InputFile& input : book.files) {
    if (read[input.name] == input.sha256) continue;
    return unusable(
        path, fmt::format("the run read another {} than the book has: report it with the book as it was", input.name));
  }
  return std::nullopt;
}

std::optional<ResultStatus> status_named(std::string_view word) {
  for (const ResultStatus status :
       {ResultStatus::traded, ResultStatus::no_trade, ResultStatus::held, ResultStatus::failed}) {
    if (word == name_of(status)) return status;
  }
  return std::nullopt;
}

// The lots, bases, gains and terms that the folder states are the book's.
std::optional<Failure> untrue_sale(const Book& book, AccountIndex index, const Trade& trade, const std::string& file) {
  const Account& account = book.account(index);
  Quantity sum;
  for (const LotSale& sale : trade.lots) {
    const TaxLot& lot = account.lots[sale.lot];
    sum += sale.quantity;
    if (sale.quantity > lot.quantity) {
      return unusable(file, fmt::format("account {} sells more of lot {} than it has", account.id.text, lot.id.text));
    }
    const LotSale fact =
        tax::sale_of(lot_as_taxed(account, lot), sale.lot, sale.quantity, sale.proceeds, book.firm.as_of);
    if (fact.cost_basis == sale.cost_basis && fact.gain == sale.gain && fact.term == sale.term) continue;
    return unusable(file, fmt::format("account {}, lot {}: basis, gain or term is not what the book says",
                                      account.id.text, lot.id.text));
  }
  if (trade.side == Side::sell && sum != trade.quantity) {
    return unusable(file, fmt::format("account {}: the lots of {} do not add up to what is sold", account.id.text,
                                      book.security(trade.security).id.text));
  }
  return std::nullopt;
}

// accounts.csv and exceptions.csv of the folder: what became of each account.
Result<AllDecided> statuses_in(const Book& book, const std::string& folder) {
  const auto accounts = read_own_table(folder + "/accounts.csv", {"account_id", "status"});
  if (!accounts) return accounts.failure();
  const auto exceptions = read_own_table(folder + "/exceptions.csv", {"account_id", "rule", "severity"});
  if (!exceptions) return exceptions.failure();
  AllDecided all;
  for (const TableRow& row : accounts->rows) {
    const std::string id(accounts->cell(row, "account_id"));
    const auto index = find_account(book, id);
    const auto status = status_named(accounts->cell(row, "status"));
    if (!index || !status) {
      return Failure{rule::data_reference_unknown,
                     "account \"" + id + "\" or its status is unknown: name the folder of a finished run of this book",
                     {accounts->file, row.line, "account_id", id}};
    }
    all[*index] = {*status, {}, {*index, {}}};
  }
  for (const TableRow& row : exceptions->rows) {
    const auto index = find_account(book, exceptions->cell(row, "account_id"));
    if (!index || !all.contains(*index) || exceptions->cell(row, "severity") != name_of(Severity::hold)) continue;
    hold_by(std::string(exceptions->cell(row, "rule")), all.at(*index).held_by);
  }
  return all;
}

Result<AllDecided> decided_in(const Book& book, const std::string& folder) {
  if (auto other = other_book(book, folder)) return *other;
  auto statuses = statuses_in(book, folder);
  if (!statuses) return statuses.failure();
  const auto orders = read_orders_table(folder + "/orders.csv");
  if (!orders) return orders.failure();
  auto lot_sales = read_lot_sales_table(folder + "/lot_sales.csv");
  if (!lot_sales) return lot_sales.failure();
  const ForeignOrders foreign = foreign_orders(book, *orders, std::optional(std::move(lot_sales).value()));
  if (!foreign.findings.empty()) {
    const Finding& first = foreign.findings.front();
    return Failure{first.rule, first.message, first.place};
  }
  AllDecided all = std::move(statuses).value();
  for (const auto& [account, list] : foreign.orders) {
    if (list.empty()) continue;
    const auto decided = all.find(account);
    if (decided == all.end() || !decided->second.comparable()) {
      return unusable(folder + "/orders.csv",
                      "account " + book.account(account).id.text + " has orders and accounts.csv says it has none");
    }
    for (const Order& order : list) {
      if (auto wrong = untrue_sale(book, account, order.trade, folder + "/lot_sales.csv")) return *wrong;
      decided->second.trades.trades.push_back(order.trade);
    }
  }
  return all;
}

// ── what each trader does in a unit

class UnitReport {
 public:
  UnitReport(const Book& book, const CheckedUnit& checked, const AllDecided& all, TaxReport& report)
      : book_(book), checked_(checked), unit_(*checked.unit), all_(all), report_(report) {
    for (const CheckedAccount& account : checked.accounts) run_.push_back(all.at(account.account).trades);
    for (const Baseline baseline : savings::baselines) {
      std::vector<AccountTrades>& trades = baselines_.emplace_back();
      for (const CheckedAccount& account : checked.accounts) {
        const bool comparable = all.at(account.account).comparable();
        trades.push_back(comparable ? baseline_trades(book, account, baseline) : AccountTrades{account.account, {}});
      }
    }
  }

  void add() {
    const savings::Washes washes_of_run = savings::wash(book_, unit_, run_);
    std::vector<savings::Washes> washes;
    for (std::vector<AccountTrades>& trades : baselines_) washes.push_back(savings::wash(book_, unit_, trades));
    for (const TaxpayerIndex taxpayer : unit_.taxpayers) {
      const savings::Payer payer{&book_, &unit_, taxpayer};
      const auto taxed = [&](AccountIndex account) { return payer.owns_taxed(account); };
      if (std::ranges::none_of(unit_.accounts, taxed)) continue;
      compare(payer, washes_of_run, washes);
    }
    for (const CheckedAccount& account : checked_.accounts) {
      const Account& facts = book_.account(account.account);
      if (facts.tax_treatment == TaxTreatment::taxable && facts.taxpayer.exists()) tell(account);
    }
    for (BaselineOrders& orders : report_.orders) {
      std::ranges::copy(baselines_[static_cast<std::size_t>(orders.baseline)], std::back_inserter(orders.accounts));
    }
  }

 private:
  void compare(const savings::Payer& payer, const savings::Washes& washes_of_run,
               const std::vector<savings::Washes>& washes) {
    const tax::NetGains now = tax::net_gains_of(payer.facts());
    const std::vector<savings::LotRow> of_run = savings::rows_of(payer, run_, washes_of_run, true);
    for (const Baseline baseline : savings::baselines) {
      const auto i = static_cast<std::size_t>(baseline);
      std::vector<savings::LotRow> rows = savings::rows_of(payer, baselines_[i], washes[i], false);
      std::ranges::copy(of_run, std::back_inserter(rows));
      report_.comparisons.push_back(savings::compare(payer, savings::Period::run, baseline, now, std::move(rows)));
    }
    tax::NetGains start = now;
    start.short_term -= payer.facts().realized_short_ytd;
    start.long_term -= payer.facts().realized_long_ytd;
    report_.comparisons.push_back(
        savings::compare(payer, savings::Period::year, Baseline::no_trading, start, savings::rows_of_year(payer)));
  }

  void tell(const CheckedAccount& account) {
    const Decided& decided = all_.at(account.account);
    reports::TradedAccount& told = report_.accounts.emplace_back();
    told.account = account.account;
    told.status = decided.status;
    told.held_by = decided.held_by;
    told.value = account.value;
    if (!decided.comparable()) return;
    const objective::Terms terms = terms_of(checked_, account, tax::UnitProgress(book_, unit_));
    told.tracking_error_before = objective::parts_of(terms, objective::before(terms)).tracking_error;
    told.run = facts_of(account, terms, trades_in(run_, account.account));
    for (const std::vector<AccountTrades>& trades : baselines_) {
      told.baselines.push_back(facts_of(account, terms, trades_in(trades, account.account)));
    }
  }

  static const AccountTrades& trades_in(const std::vector<AccountTrades>& all, AccountIndex account) {
    return *std::ranges::find(all, account, &AccountTrades::account);
  }

  reports::TraderFacts facts_of(const CheckedAccount& account, const objective::Terms& terms,
                                const AccountTrades& trades) const {
    const objective::Parts parts = objective::parts_of(terms, objective::outcome_of(terms, book_, trades));
    reports::TraderFacts facts;
    facts.tracking_error = parts.tracking_error;
    facts.trading_cost = parts.trading;
    Money line = account.cash_line;
    for (const Trade& trade : trades.trades) {
      const bool is_cash = book_.security(trade.security).kind == SecurityKind::cash;
      if (!is_cash) (trade.side == Side::buy ? facts.bought : facts.sold) += trade.amount;
      if (!is_cash) line += trade.side == Side::buy ? -trade.amount : trade.amount;
      line -= trade.commission;
    }
    facts.cash_missing = std::max(Money(), account.reserved - line);
    return facts;
  }

  const Book& book_;
  const CheckedUnit& checked_;
  const DecisionUnit& unit_;
  const AllDecided& all_;
  TaxReport& report_;
  std::vector<AccountTrades> run_;
  std::vector<std::vector<AccountTrades>> baselines_;  // by Baseline
};

// The units the run decided whole; those of the accounts named, where some are.
std::vector<DecisionUnit> units_of(const Book& book, const AllDecided& all, const std::vector<std::string>& named) {
  std::vector<DecisionUnit> units = decision_units(book);
  std::erase_if(units, [&](const DecisionUnit& unit) {
    const auto decided = [&](AccountIndex one) { return all.contains(one); };
    const auto is_named = [&](AccountIndex one) {
      return std::ranges::find(named, book.account(one).id.text) != named.end();
    };
    return !std::ranges::all_of(unit.accounts, decided) ||
           (!named.empty() && std::ranges::none_of(unit.accounts, is_named));
  });
  return units;
}

std::optional<Failure> nobody_named(const Book& book, const AllDecided& all, const std::vector<std::string>& named) {
  for (const std::string& id : named) {
    const auto index = find_account(book, id);
    if (!index) {
      return Failure{rule::account_unknown, "the book has no account " + id + "; see account_id in accounts.csv", {}};
    }
    if (!all.contains(*index)) {
      return Failure{rule::account_unknown, "the run did not decide account " + id + ": leave --orders-from out", {}};
    }
  }
  return std::nullopt;
}

Result<TaxReport> report_of(const Book& book, const AllDecided& all, const std::vector<std::string>& named) {
  if (auto nobody = nobody_named(book, all, named)) return *nobody;
  const auto risk = FactorRisk::of(book.risk, book.securities.size());
  if (!risk) return risk.failure();
  TaxReport report;
  for (const Baseline baseline : savings::baselines) {
    if (baseline != Baseline::no_trading) report.orders.push_back({baseline, {}});
  }
  const BookFacts facts(book);
  for (const DecisionUnit& unit : units_of(book, all, named)) {
    const CheckedUnit checked = check(facts, *risk, unit);
    UnitReport(book, checked, all, report).add();
  }
  const auto place = [](const savings::Comparison& one) { return std::tuple(one.taxpayer, one.period, one.baseline); };
  std::ranges::stable_sort(report.comparisons, {}, place);
  std::ranges::sort(report.accounts, {}, &reports::TradedAccount::account);
  for (BaselineOrders& orders : report.orders) std::ranges::sort(orders.accounts, {}, &AccountTrades::account);
  return report;
}

}  // namespace

Result<TaxReport> tax_report(const Book& book, const RunOptions& options, const std::string& orders_from,
                             const Clock& clock, const std::atomic<bool>& stop) {
  if (!orders_from.empty()) {
    auto all = decided_in(book, orders_from);
    if (!all) return all.failure();
    return report_of(book, *all, options.accounts);
  }
  const auto run = run_book(book, options, engine_steps(book), clock, nullptr, stop);
  if (!run) return run.failure();
  if (run->stopped || !run->gates.empty()) {
    TaxReport none;
    none.gates = run->gates;
    none.stopped = run->stopped;
    return none;
  }
  return report_of(book, decided_by(*run), options.accounts);
}

}  // namespace lotwright
