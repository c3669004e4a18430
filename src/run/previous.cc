#include "run/previous.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "book/rules.h"
#include "book/treatment_words.h"
#include "checks/doubts.h"
#include "inputs/sha256.h"
#include "run/csv_writer.h"
#include "run/find_account.h"
#include "run/table.h"

namespace lotwright {
namespace {

constexpr std::array flow_kinds{std::pair(RequestKind::cash_out, "cash_out"),
                                std::pair(RequestKind::cash_in, "cash_in"),
                                std::pair(RequestKind::transfer_out, "transfer_out")};

// ── reading

std::optional<SecurityIndex> find_security(const Book& book, std::string_view id) {
  const auto at = std::ranges::lower_bound(book.securities, id, {},
                                           [](const Security& one) { return std::string_view(one.id.text); });
  if (at == book.securities.end() || at->id.text != id) return std::nullopt;
  return SecurityIndex{static_cast<std::uint32_t>(at - book.securities.begin())};
}

// The cell as a value of its type; none where it cannot be read.
template <class Value>
std::optional<Value> value_in(const Table& table, const TableRow& row, std::string_view column) {
  const auto value = Value::parse(table.cell(row, column));
  return value ? std::optional(*value) : std::nullopt;
}

std::int64_t count_in(const Table& table, const TableRow& row, std::string_view column) {
  const auto whole = Quantity::parse(table.cell(row, column));
  return whole ? whole->count() / Quantity::scale : 0;
}

// A file of state/; no rows where it is not there.
Result<Table> read_state(const std::string& folder, const char* name, const std::vector<std::string>& columns) {
  const std::string path = folder + "/state/" + name;
  if (!std::filesystem::exists(path)) return Table{};
  return read_table(path, columns);
}

std::optional<Date> date_of(const std::string& folder) {
  std::ifstream file(folder + "/run.json", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("as_of") || !json["as_of"].is_string()) return std::nullopt;
  const auto date = Date::parse(json["as_of"].get<std::string>());
  return date ? std::optional(*date) : std::nullopt;
}

// Sums that overflow would be of no account that can be decided (inputs/magnitudes.h); they are left out.
template <class Number>
void add(Number& sum, Number more) {
  std::int64_t count = 0;
  if (!__builtin_add_overflow(sum.count(), more.count(), &count)) sum = Number::of_count(count);
}

class PreviousReader {
 public:
  PreviousReader(const std::string& folder, const Book& book, const std::vector<std::string>& accepted)
      : folder_(folder), book_(book) {
    previous_.accepting.insert(accepted.begin(), accepted.end());
  }

  Result<PreviousRun> read() {
    previous_.as_of = date_of(folder_);
    for (const auto step :
         {&PreviousReader::read_results, &PreviousReader::read_accounts, &PreviousReader::read_positions,
          &PreviousReader::read_flows, &PreviousReader::read_prices, &PreviousReader::read_actions,
          &PreviousReader::read_models, &PreviousReader::read_accepted}) {
      if (const auto done = (this->*step)(); !done) return done.failure();
    }
    previous_.model_changed = changed_models(book_, previous_);
    return std::move(previous_);
  }

 private:
  Result<bool> read_results() {
    const auto accounts = read_table(folder_ + "/accounts.csv", {"account_id"});
    if (!accounts) return accounts.failure();
    const auto prices = read_table(folder_ + "/prices.csv", {"security_id", "close"});
    if (!prices) return prices.failure();
    previous_.accounts.emplace();
    for (const TableRow& row : accounts->rows) previous_.accounts->emplace_back(accounts->cell(row, "account_id"));
    std::ranges::sort(*previous_.accounts);
    for (const std::string& id : previous_.accepting) {
      const bool known = find_account(book_, id) || std::ranges::binary_search(*previous_.accounts, id);
      if (!known) return unknown_account(book_, id);
    }
    read_gap(*accounts);
    for (const TableRow& row : prices->rows) {
      const auto price = value_in<Price>(*prices, row, "close");
      if (price && price->is_positive()) previous_.prices.emplace(prices->cell(row, "security_id"), *price);
    }
    return true;
  }

  void read_gap(const Table& accounts) {
    Money gap, investable;
    for (const TableRow& row : accounts.rows) {
      const auto of_account = value_in<Money>(accounts, row, "gap");
      const auto value = value_in<Money>(accounts, row, "investable_value");
      if (!of_account || !value) continue;
      add(gap, *of_account);
      add(investable, *value);
    }
    previous_.gap = gap_over(gap, investable);
  }

  Result<bool> read_accounts() {
    const auto table = read_state(folder_, "accounts.csv", {"account_id", "as_of", "cash", "traded", "value"});
    if (!table) return table.failure();
    for (const TableRow& row : table->rows) {
      const auto text = [&](const char* column) { return std::string(table->cell(row, column)); };
      const auto as_of = value_in<Date>(*table, row, "as_of");
      const auto cash = value_in<Money>(*table, row, "cash");
      const auto traded = value_in<Money>(*table, row, "traded");
      const auto value = value_in<Money>(*table, row, "value");
      const std::string id = text("account_id");
      note_account(id);
      if (!as_of || !cash || !traded || !value) continue;
      previous_.account_rows[id] = {.id = id,
                                    .as_of = *as_of,
                                    .household = text("household_id"),
                                    .taxpayer = text("taxpayer_id"),
                                    .tax_treatment = text("tax_treatment"),
                                    .model = text("model_id"),
                                    .cash = *cash,
                                    .traded = *traded,
                                    .value = *value,
                                    .runs = count_in(*table, row, "runs"),
                                    .turnover = value_in<Weight>(*table, row, "turnover").value_or(Weight())};
    }
    return true;
  }

  // A run of some accounts has the others in its state only.
  void note_account(const std::string& id) {
    const auto at = std::ranges::lower_bound(*previous_.accounts, id);
    if (at == previous_.accounts->end() || *at != id) previous_.accounts->insert(at, id);
  }

  Result<bool> read_positions() {
    const std::string path = folder_ + "/state/positions.csv";
    if (!std::filesystem::exists(path)) return true;
    previous_.positions.emplace();
    const auto read = read_rows(path, {"account_id", "security_id", "quantity", "traded"},
                                [this](const Table& table, const TableRow& row) { read_position(table, row); });
    std::ranges::sort(*previous_.positions, {},
                      [](const PreviousPosition& one) { return std::tie(one.account, one.security); });
    return read;
  }

  void read_position(const Table& table, const TableRow& row) {
    const std::string account_id(table.cell(row, "account_id")), security_id(table.cell(row, "security_id"));
    const auto account = find_account(book_, account_id);
    const auto quantity = value_in<Quantity>(table, row, "quantity");
    const auto traded = value_in<Quantity>(table, row, "traded");
    if (!account || !quantity || !traded) return;
    const auto security = find_security(book_, security_id);
    if (!security) {
      if (quantity->is_positive()) previous_.strangers.emplace_back(account_id, security_id);
      return;
    }
    PreviousPosition& position = previous_.positions->emplace_back();
    position.account = *account;
    position.security = *security;
    position.quantity = *quantity;
    position.traded = *traded;
    position.cost_basis = value_in<Money>(table, row, "cost_basis");
    position.lots_of_unknown_basis = count_in(table, row, "lots_unknown_basis");
  }

  Result<bool> read_flows() {
    const auto table = read_state(folder_, "flows.csv", {"request_id", "account_id", "kind", "amount", "due_on"});
    if (!table) return table.failure();
    for (const TableRow& row : table->rows) {
      const auto due_on = value_in<Date>(*table, row, "due_on");
      const auto kind = std::ranges::find(flow_kinds, table->cell(row, "kind"),
                                          [](const auto& one) { return std::string_view(one.second); });
      if (!due_on || kind == flow_kinds.end()) continue;
      previous_.flows.push_back({.request = std::string(table->cell(row, "request_id")),
                                 .account = std::string(table->cell(row, "account_id")),
                                 .kind = kind->first,
                                 .amount = value_in<Money>(*table, row, "amount").value_or(Money()),
                                 .due_on = *due_on});
    }
    std::ranges::sort(previous_.flows, {}, [](const PreviousFlow& one) { return std::tie(one.account, one.request); });
    return true;
  }

  Result<bool> read_prices() {
    const auto table = read_state(folder_, "prices.csv", {"date", "security_id", "close"});
    if (!table) return table.failure();
    for (const TableRow& row : table->rows) {
      const auto date = value_in<Date>(*table, row, "date");
      const auto price = value_in<Price>(*table, row, "close");
      if (date && price && price->is_positive())
        previous_.believed.emplace(table->cell(row, "security_id"), std::pair(*price, *date));
    }
    return true;
  }

  Result<bool> read_actions() {
    const auto table = read_state(folder_, "actions.csv", {"action_id", "seen_on"});
    if (!table) return table.failure();
    for (const TableRow& row : table->rows) {
      if (const auto seen = value_in<Date>(*table, row, "seen_on"))
        previous_.actions.emplace(table->cell(row, "action_id"), *seen);
    }
    return true;
  }

  Result<bool> read_models() {
    const auto table = read_state(folder_, "models.csv", {"model_id", "fingerprint"});
    if (!table) return table.failure();
    if (table->columns.empty()) return true;
    previous_.models.emplace();
    for (const TableRow& row : table->rows)
      previous_.models->emplace(table->cell(row, "model_id"), table->cell(row, "fingerprint"));
    return true;
  }

  Result<bool> read_accepted() {
    const auto table = read_state(folder_, "accepted.csv", {"account_id", "rule", "observed", "accepted_on"});
    if (!table) return table.failure();
    for (const TableRow& row : table->rows) {
      const auto text = [&](const char* column) { return std::string(table->cell(row, column)); };
      if (const auto on = value_in<Date>(*table, row, "accepted_on"))
        previous_.accepted.push_back({text("account_id"), text("rule"), text("observed"), *on});
    }
    return true;
  }

  const std::string& folder_;
  const Book& book_;
  PreviousRun previous_;
};

// ── writing

// An account as today's book has it, or as it was when it was last believed.
struct AccountState {
  PreviousAccount row;
  std::vector<PreviousPosition> positions;  // sorted by security
};

bool leaves(TransactionKind kind) { return kind == TransactionKind::sell || kind == TransactionKind::transfer_out; }

void add_transactions(const Book& book, AccountIndex index, AccountState& state) {
  std::map<SecurityIndex, Quantity> traded;
  const Date since = state.row.as_of - PreviousRun::traded_days;
  for (const Transaction& row : std::ranges::equal_range(book.transactions, index, {}, &Transaction::account)) {
    if (row.trade_date < since || !row.security.exists()) continue;
    add(traded[row.security], leaves(row.kind) ? -row.quantity : row.quantity);
    if (book.security(row.security).kind == SecurityKind::cash) continue;
    if (row.kind == TransactionKind::sell) add(state.row.traded, row.amount);
    if (row.kind == TransactionKind::buy) add(state.row.traded, -row.amount);
  }
  for (const auto& [security, quantity] : traded) {
    const auto at = std::ranges::lower_bound(state.positions, security, {}, &PreviousPosition::security);
    if (at != state.positions.end() && at->security == security) {
      at->traded = quantity;
    } else {
      PreviousPosition gone;
      gone.account = index;
      gone.security = security;
      gone.traded = quantity;
      state.positions.insert(at, gone);
    }
  }
}

AccountState state_of(const Book& book, const AccountResult& result) {
  const Account& account = book.account(result.account);
  AccountState state;
  state.row.id = account.id.text;
  state.row.as_of = book.firm.as_of;
  state.row.household = book.households[account.household.value].id.text;
  if (account.taxpayer.exists()) state.row.taxpayer = book.taxpayers[account.taxpayer.value].id.text;
  state.row.tax_treatment = name_of(account.tax_treatment);
  state.row.model = account.model;
  state.row.cash = account.cash;
  state.row.value = result.value;
  for (const TaxLot& lot : account.lots) {
    if (state.positions.empty() || state.positions.back().security != lot.security) {
      state.positions.emplace_back().account = result.account;
      state.positions.back().security = lot.security;
    }
    PreviousPosition& position = state.positions.back();
    position.quantity += lot.quantity;
    if (lot.cost_basis) {
      position.cost_basis = position.cost_basis.value_or(Money()) + *lot.cost_basis;
    } else {
      ++position.lots_of_unknown_basis;
    }
    const Security& security = book.security(lot.security);
    if (security.kind == SecurityKind::cash && security.price)
      state.row.cash += value_of(lot.quantity, *security.price);
  }
  add_transactions(book, result.account, state);
  return state;
}

// What an account is held for that only a comparison with the day before can see, or that spoils the next one.
bool doubtful(const AccountResult& result) {
  return std::ranges::any_of(result.exceptions, [](const Finding& finding) {
    return finding.severity == Severity::hold &&
           (finding.rule == rule::data_position_moved || finding.rule == rule::data_account_changed ||
            finding.rule == rule::data_basis_implausible || finding.rule == rule::data_position_break ||
            !finding.place.file.empty());
  });
}

AccountState believed_state(const Book& book, const AccountResult& result, const PreviousRun& previous) {
  const std::string& id = book.account(result.account).id.text;
  const auto then = previous.account_rows.find(id);
  AccountState state;
  if (then != previous.account_rows.end() && previous.positions && doubtful(result)) {
    state.row = then->second;
    const auto rows = std::ranges::equal_range(*previous.positions, result.account, {}, &PreviousPosition::account);
    state.positions.assign(rows.begin(), rows.end());
    return state;
  }
  state = state_of(book, result);
  const bool known = then != previous.account_rows.end();
  state.row.runs = known ? then->second.runs : 0;
  state.row.turnover = known ? then->second.turnover : Weight();
  if (result.status == ResultStatus::traded || result.status == ResultStatus::no_trade) {
    ++state.row.runs;
    constexpr double turnover_max = 1000.0;  // of one run: more says nothing
    const double turnover = std::min(result.turnover, turnover_max);
    add(state.row.turnover, Weight::of_count(static_cast<std::int64_t>(turnover * static_cast<double>(Weight::scale))));
  }
  return state;
}

// Accounts that this run did not decide (`run --account`) stay as the run before left them, by id.
std::vector<AccountState> undecided_states(const RunResult& run, const Book& book, const PreviousRun& previous) {
  std::vector<AccountState> states;
  if (run.accounts.size() == book.accounts.size()) return states;
  for (const auto& [id, row] : previous.account_rows) {
    const auto index = find_account(book, id);
    if (index && std::ranges::binary_search(run.accounts, *index, {}, &AccountResult::account)) continue;
    AccountState& state = states.emplace_back();
    state.row = row;
    if (!index || !previous.positions) continue;
    const auto lines = std::ranges::equal_range(*previous.positions, *index, {}, &PreviousPosition::account);
    state.positions.assign(lines.begin(), lines.end());
  }
  return states;
}

Result<bool> write_accounts_and_positions(const Book& book, const RunResult& run, const PreviousRun& previous,
                                          OutputFolder& folder) {
  CsvWriter accounts(folder, "state/accounts.csv",
                     {"account_id", "as_of", "household_id", "taxpayer_id", "tax_treatment", "model_id", "cash",
                      "traded", "value", "runs", "turnover"});
  CsvWriter positions(folder, "state/positions.csv",
                      {"account_id", "security_id", "quantity", "traded", "cost_basis", "lots_unknown_basis"});
  const auto write = [&](const AccountState& state) {
    const auto& [row, lines] = state;
    accounts.row({row.id, row.as_of.to_string(), row.household, row.taxpayer, row.tax_treatment, row.model,
                  dollars(row.cash), dollars(row.traded), dollars(row.value), std::to_string(row.runs),
                  row.turnover.to_string()});
    for (const PreviousPosition& line : lines) {
      positions.row({row.id, book.security(line.security).id.text, line.quantity.to_string(), line.traded.to_string(),
                     dollars(line.cost_basis), std::to_string(line.lots_of_unknown_basis)});
    }
  };
  const std::vector<AccountState> undecided = undecided_states(run, book, previous);
  auto next = undecided.begin();
  for (const AccountResult& result : run.accounts) {
    for (; next != undecided.end() && next->row.id < book.account(result.account).id.text; ++next) write(*next);
    write(believed_state(book, result, previous));
  }
  for (; next != undecided.end(); ++next) write(*next);
  if (auto written = accounts.finish(); !written) return written;
  return positions.finish();
}

// Of an account that keeps its former row, the flows which that row was before.
Result<bool> write_flows(const Book& book, const RunResult& run, const PreviousRun& previous, OutputFolder& folder) {
  CsvWriter file(folder, "state/flows.csv", {"request_id", "account_id", "kind", "amount", "due_on"});
  const auto keeps_its_row = [&](AccountIndex account) {
    return !std::ranges::binary_search(run.accounts, account, {}, &AccountResult::account) &&
           previous.account_rows.contains(book.account(account).id.text);
  };
  for (const Request& request : book.requests) {
    const auto kind = std::ranges::find(flow_kinds, request.kind, [](const auto& one) { return one.first; });
    if (kind == flow_kinds.end() || keeps_its_row(request.account)) continue;
    file.row({request.id, book.account(request.account).id.text, kind->second, dollars(request.amount),
              request.due_on.to_string()});
  }
  for (const PreviousFlow& flow : previous.flows) {
    const auto account = find_account(book, flow.account);
    if (!account || !keeps_its_row(*account)) continue;
    const auto kind = std::ranges::find(flow_kinds, flow.kind, [](const auto& one) { return one.first; });
    file.row({flow.request, flow.account, kind->second, dollars(flow.amount), flow.due_on.to_string()});
  }
  return file.finish();
}

Result<bool> write_prices(const Book& book, const PreviousRun& previous, OutputFolder& folder) {
  std::set<std::string> questioned;
  for (const Finding& finding : book.findings) {
    if (finding.subject.kind == SubjectKind::security && finding.severity == Severity::hold)
      questioned.insert(finding.subject.id);
  }
  CsvWriter file(folder, "state/prices.csv", {"date", "security_id", "close"});
  for (const Security& security : book.securities) {
    const auto before = previous.believed.find(security.id.text);
    if (questioned.contains(security.id.text)) {
      if (before == previous.believed.end()) continue;
      file.row({before->second.second.to_string(), security.id.text, before->second.first.to_string(2)});
    } else if (security.price) {
      file.row({security.price_date.to_string(), security.id.text, security.price->to_string(2)});
    }
  }
  return file.finish();
}

Result<bool> write_actions(const Book& book, const PreviousRun& previous, OutputFolder& folder) {
  CsvWriter file(folder, "state/actions.csv", {"action_id", "seen_on"});
  for (const CorporateAction& action : book.corporate_actions) {
    if (!action.applied || action.effective_on > book.firm.as_of) continue;
    const auto seen = previous.actions.find(action.id);
    const Date seen_on = seen == previous.actions.end() ? book.firm.as_of : seen->second;
    file.row({action.id, seen_on.to_string()});
  }
  return file.finish();
}

Result<bool> write_models(const Book& book, OutputFolder& folder) {
  CsvWriter file(folder, "state/models.csv", {"model_id", "fingerprint"});
  for (const Model& model : book.models) file.row({model.id.text, fingerprint_of(book, model)});
  return file.finish();
}

// What a person accepted, in this run or an earlier one, and the tests still find.
Result<bool> write_accepted(const Book& book, const PreviousRun& previous, OutputFolder& folder) {
  CsvWriter file(folder, "state/accepted.csv", {"account_id", "rule", "observed", "accepted_on"});
  for (const Finding& finding : book.findings) {
    const bool of_account = finding.subject.kind == SubjectKind::account && finding.severity == Severity::note;
    if (!of_account || !may_be_accepted(finding.rule)) continue;
    const std::string& account = finding.subject.id;
    const auto known = std::ranges::find_if(previous.accepted, [&](const AcceptedFact& one) {
      return one.account == account && one.rule == finding.rule && one.observed == finding.observed;
    });
    if (known != previous.accepted.end()) {
      file.row({account, finding.rule, finding.observed, known->accepted_on.to_string()});
    } else if (previous.accepting.contains(account)) {
      file.row({account, finding.rule, finding.observed, book.firm.as_of.to_string()});
    }
  }
  return file.finish();
}

}  // namespace

std::string fingerprint_of(const Book& book, const Model& model) {
  inputs::Sha256 hash;
  for (const ModelWeight& part : model.weights)
    hash.update(book.security(part.security).id.text + "," + part.weight.to_string() + "\n");
  return hash.hex().substr(0, 16);
}

std::vector<AccountIndex> changed_models(const Book& book, const PreviousRun& previous) {
  std::vector<AccountIndex> changed;
  if (!previous.models) return changed;
  std::vector<bool> same;
  for (const Model& model : book.models) {
    const auto before = previous.models->find(model.id.text);
    same.push_back(before != previous.models->end() && before->second == fingerprint_of(book, model));
  }
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    const Account& account = book.accounts[i];
    const auto then = previous.account_rows.find(account.id.text);
    if (then == previous.account_rows.end()) continue;
    const bool known = then->second.model == account.model && account.model_index < same.size();
    if (!known || !same[account.model_index]) changed.push_back({i});
  }
  return changed;
}

Result<PreviousRun> read_previous(const std::string& folder, const Book& book,
                                  const std::vector<std::string>& accepted) {
  return PreviousReader(folder, book, accepted).read();
}

std::optional<BasisPoints> gap_over(Money gap, Money investable) {
  if (!investable.is_positive()) return std::nullopt;
  const double bps = 1e4 * gap.to_double() / investable.to_double();
  return BasisPoints::of_count(static_cast<std::int64_t>(bps * static_cast<double>(BasisPoints::scale) + 0.5));
}

Result<PreviousRun> no_previous(const Book& book, const std::vector<std::string>& accepted) {
  PreviousRun none;
  for (const std::string& id : accepted) {
    if (!find_account(book, id)) return unknown_account(book, id);
    none.accepting.insert(id);
  }
  return none;
}

Result<bool> write_state(const Book& book, const RunResult& run, const PreviousRun& previous, OutputFolder& folder) {
  for (const auto& write : std::initializer_list<std::function<Result<bool>()>>{
           [&] { return write_accounts_and_positions(book, run, previous, folder); },
           [&] { return write_flows(book, run, previous, folder); },
           [&] { return write_prices(book, previous, folder); },
           [&] { return write_actions(book, previous, folder); },
           [&] { return write_models(book, folder); },
           [&] { return write_accepted(book, previous, folder); },
       }) {
    if (auto written = write(); !written) return written;
  }
  return true;
}

}  // namespace lotwright
