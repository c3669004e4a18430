#include "run/previous.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "book/model_change.h"
#include "book/rules.h"
#include "book/treatment_words.h"
#include "checks/data_tests.h"
#include "checks/doubts.h"
#include "inputs/file_report.h"
#include "inputs/sha256.h"
#include "run/bytes_of.h"
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

constexpr std::array state_files{"accounts.csv", "positions.csv", "flows.csv",   "prices.csv",
                                 "actions.csv",  "models.csv",    "accepted.csv"};

Failure unfit(const std::string& folder, const std::string& rule, const std::string& message) {
  return {rule, "--previous: " + message, {folder, 0, {}, {}}};
}

// Nothing where the folder is one that a run wrote; else what it lacks, and what to do.
std::optional<Failure> no_run(const std::string& folder) {
  namespace fs = std::filesystem;
  const auto missing = [&](const std::string& message) { return unfit(folder, rule::data_file_missing, message); };
  if (!fs::is_directory(folder)) return missing("there is no such folder: name what an earlier `run --out` wrote");
  if (!fs::exists(folder + "/run.json")) {
    return missing(fs::exists(folder + "/firm.toml")
                       ? "this is the folder of a book, not of a run: name what `run --out` wrote"
                       : "it has no run.json, so no run wrote it whole: name what an earlier `run --out` wrote");
  }
  for (const char* name : state_files) {
    if (fs::exists(folder + "/state/" + name)) continue;
    return missing(
        fmt::format("it has no state/{}, with which the next run compares: copy the run's whole folder, or "
                    "run the book of its day again",
                    name));
  }
  return std::nullopt;
}

// The day of the run. One that a gate stopped sent nothing, and is compared with nothing.
Result<Date> day_of(const std::string& folder, Date today) {
  const auto json = nlohmann::json::parse(bytes_of(folder + "/run.json"), nullptr, false);
  const bool has_day = json.is_object() && json.contains("as_of") && json["as_of"].is_string();
  const auto day = has_day ? Date::parse(json["as_of"].get<std::string>()) : Date::parse("");
  if (!day)
    return unfit(folder, rule::data_file_unreadable, "its run.json has no as_of: copy it anew, or name another run");
  if (*day > today) {
    return unfit(folder, rule::data_date_after_as_of,
                 fmt::format("it is of {}, later than this book's as_of {}: name a run of that day or before",
                             day->to_string(), today.to_string()));
  }
  const auto sent = json.find("orders_sent");
  if (sent == json.end() || *sent != false) return *day;
  const auto gates = json.value("stopped_by", nlohmann::json::array());
  const std::string gate = gates.empty() ? "" : gates.front().value("rule", "");
  return unfit(folder, gate.empty() ? rule::data_file_unreadable : gate,
               "a gate stopped it and none of its orders left: name the run before it, or leave --previous out where "
               "there is none");
}

Result<Table> read_state(const std::string& folder, const char* name, const std::vector<std::string>& columns) {
  const std::string path = folder + "/state/" + name;
  auto table = read_own_table(path, columns);
  if (table) return table;
  Failure named = table.failure();
  named.place.file = path;
  return named;
}

// What a run of `then` is too old for, in sentences.
std::vector<std::string> untested_since(Date then, Date now) {
  const std::string run = fmt::format("the run of {} is {} days older than this book", then.to_string(), now - then);
  std::vector<std::string> told;
  if (!PreviousRun::comparable(then, now)) {
    told.push_back(fmt::format(
        "NOT TESTED: {}, more than {}: whether positions, bases and cash changed without a reason, and which accounts "
        "are new, gone or changed; look at them by hand, or name a newer run",
        run, PreviousRun::traded_days));
  }
  if (now - then > PreviousRun::prices_days) {
    told.push_back(fmt::format(
        "NOT TESTED: {}, more than {}: whether prices jumped since; only earlier rows of prices.csv were compared", run,
        PreviousRun::prices_days));
  }
  return told;
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
    if (auto failed = no_run(folder_)) return *failed;
    const auto day = day_of(folder_, book_.firm.as_of);
    if (!day) return day.failure();
    previous_.as_of = *day;
    previous_.untested = untested_since(*day, book_.firm.as_of);
    for (const auto step :
         {&PreviousReader::read_results, &PreviousReader::read_accounts, &PreviousReader::read_positions,
          &PreviousReader::read_flows, &PreviousReader::read_prices, &PreviousReader::read_actions,
          &PreviousReader::read_models, &PreviousReader::read_accepted, &PreviousReader::check_accounts}) {
      if (const auto done = (this->*step)(); !done) return done.failure();
      if (unreadable_) return *unreadable_;
    }
    return std::move(previous_);
  }

 private:
  Result<bool> read_results() {
    const auto accounts = read_table(folder_ + "/accounts.csv", {"account_id"});
    if (!accounts) return accounts.failure();
    previous_.accounts.emplace();
    for (const TableRow& row : accounts->rows) previous_.accounts->emplace_back(accounts->cell(row, "account_id"));
    std::ranges::sort(*previous_.accounts);
    read_gap(*accounts);
    return true;
  }

  // Of one firm on two days most accounts are the same; fewer than a tenth of the smaller list are another firm's.
  Result<bool> check_accounts() {
    for (const std::string& id : previous_.accepting) {
      const bool known = find_account(book_, id) || std::ranges::binary_search(*previous_.accounts, id);
      if (!known) return unknown_account(book_, id);
    }
    const std::size_t then = previous_.accounts->size(), now = book_.accounts.size();
    const auto shared = static_cast<std::size_t>(std::ranges::count_if(
        *previous_.accounts, [&](const std::string& id) { return find_account(book_, id).has_value(); }));
    if (10 * shared >= std::min(then, now)) return true;
    return unfit(folder_, rule::data_reference_unknown,
                 fmt::format("of its {} accounts and the {} of this book {} are the same: it is a run of another book; "
                             "name one of this book, or leave --previous out",
                             then, now, shared));
  }

  // A cell that must be readable: what is silently left out would silently not be compared.
  template <class Value>
  std::optional<Value> needed(const Table& table, const TableRow& row, const std::string& column) {
    auto value = value_in<Value>(table, row, column);
    if (!value && !unreadable_) {
      unreadable_ = Failure{rule::data_file_unreadable,
                            fmt::format("--previous: {} \"{}\" cannot be read: copy the run's whole folder anew, or "
                                        "name another run",
                                        column, inputs::quotable(table.cell(row, column))),
                            {folder_ + "/state/" + table.file, row.line, column, {}}};
    }
    return value;
  }

  void read_gap(const Table& accounts) {
    Money gap, investable;
    for (const TableRow& row : accounts.rows) {
      const auto of_account = value_in<Money>(accounts, row, "gap");
      const auto value = value_in<Money>(accounts, row, "investable_value");
      if (!of_account || !value || !find_account(book_, std::string(accounts.cell(row, "account_id")))) continue;
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
      const std::string id = text("account_id");
      note_account(id);
      if (text("as_of").empty()) continue;  // nothing of it was ever believed
      const auto as_of = needed<Date>(*table, row, "as_of");
      const auto cash = needed<Money>(*table, row, "cash");
      const auto traded = needed<Money>(*table, row, "traded");
      const auto value = needed<Money>(*table, row, "value");
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
                                    .turnover = value_in<Weight>(*table, row, "turnover").value_or(Weight()),
                                    .doubted = text("doubted") == "yes"};
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
    const auto quantity = needed<Quantity>(table, row, "quantity");
    const auto traded = needed<Quantity>(table, row, "traded");
    if (!account || !quantity || !traded) return;
    const auto security = find_security(book_, security_id);
    if (!security) {
      previous_.strangers.push_back({account_id, security_id, *quantity, *traded,
                                     value_in<Money>(table, row, "cost_basis"),
                                     count_in(table, row, "lots_unknown_basis")});
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
      const auto date = needed<Date>(*table, row, "date");
      const auto price = needed<Price>(*table, row, "close");
      if (!date || !price || !price->is_positive()) continue;
      const std::string id(table->cell(row, "security_id"));
      previous_.believed.emplace(id, std::pair(*price, *date));
      previous_.prices.emplace(id, *price);
      if (table->cell(row, "doubted") == "yes") previous_.prices_doubted.insert(id);
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
    const auto table = read_state(folder_, "models.csv", {"model_id", "security_id", "weight"});
    if (!table) return table.failure();
    previous_.models.emplace();
    for (const TableRow& row : table->rows) {
      const auto weight = value_in<Weight>(*table, row, "weight");
      if (!weight) continue;
      PreviousModel& model = (*previous_.models)[std::string(table->cell(row, "model_id"))];
      const auto security = find_security(book_, table->cell(row, "security_id"));
      if (security) {
        model.weights.push_back({*security, *weight});
      } else {
        add(model.gone, *weight);
      }
    }
    for (auto& [id, model] : *previous_.models) std::ranges::sort(model.weights, {}, &ModelWeight::security);
    return true;
  }

  Result<bool> read_accepted() {
    const auto table = read_state(folder_, "accepted.csv", {"account_id", "rule", "observed", "fact", "accepted_on"});
    if (!table) return table.failure();
    for (const TableRow& row : table->rows) {
      const auto text = [&](const char* column) { return std::string(table->cell(row, column)); };
      if (const auto on = value_in<Date>(*table, row, "accepted_on"))
        previous_.accepted.push_back({text("account_id"), text("rule"), text("observed"), text("fact"), *on});
    }
    return true;
  }

  const std::string& folder_;
  const Book& book_;
  PreviousRun previous_;
  std::optional<Failure> unreadable_;  // the first cell that is
};

// ── writing

// An account as today's book has it, or as it was when it was last believed.
struct AccountState {
  PreviousAccount row;
  bool believed = true;                     // false: it never was; the row has its id alone
  std::vector<PreviousPosition> positions;  // sorted by security
  std::vector<StrangerPosition> strangers;
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
  const std::uint32_t followed = model_followed(book, result.account);
  if (followed < book.models.size()) state.row.model = book.models[followed].id.text;
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

// What an account is held for that only a comparison with the day before can see, or that spoils the next one: rows of
// it that could not be read are missing in it. What stands in firm.toml says nothing of its holdings.
bool doubtful(const AccountResult& result) {
  return std::ranges::any_of(result.exceptions, [](const Finding& finding) {
    const bool of_firm = finding.subject.kind == SubjectKind::firm || finding.place.file == "firm.toml";
    return finding.severity == Severity::hold && !of_firm &&
           (finding.rule == rule::data_position_moved || finding.rule == rule::data_account_changed ||
            finding.rule == rule::data_basis_implausible || finding.rule == rule::data_position_break ||
            !finding.place.file.empty());
  });
}

// As the run before left it.
AccountState former_state(const Book& book, const std::string& id, const PreviousRun& previous) {
  AccountState state;
  const auto then = previous.account_rows.find(id);
  state.believed = then != previous.account_rows.end();
  state.row.id = id;
  if (!state.believed) return state;
  state.row = then->second;
  const auto index = find_account(book, id);
  if (!index || !previous.positions) return state;
  const auto rows = std::ranges::equal_range(*previous.positions, *index, {}, &PreviousPosition::account);
  state.positions.assign(rows.begin(), rows.end());
  std::ranges::copy_if(previous.strangers, std::back_inserter(state.strangers),
                       [&](const StrangerPosition& one) { return one.account == id; });
  return state;
}

AccountState believed_state(const Book& book, const AccountResult& result, const PreviousRun& previous) {
  const std::string& id = book.account(result.account).id.text;
  if (doubtful(result)) {
    AccountState former = former_state(book, id, previous);
    former.row.doubted = true;
    return former;
  }
  AccountState state = state_of(book, result);
  const auto then = previous.account_rows.find(id);
  const bool known = then != previous.account_rows.end();
  state.row.runs = known ? then->second.runs : 0;
  state.row.turnover = known ? then->second.turnover : Weight();
  if (known && then->second.as_of == book.firm.as_of) return state;  // the day is counted already
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
  if (run.accounts.size() == book.accounts.size() || !previous.accounts) return states;
  for (const std::string& id : *previous.accounts) {
    const auto index = find_account(book, id);
    if (index && std::ranges::binary_search(run.accounts, *index, {}, &AccountResult::account)) continue;
    states.push_back(former_state(book, id, previous));
  }
  return states;
}

Result<bool> write_accounts_and_positions(const Book& book, const RunResult& run, const PreviousRun& previous,
                                          OutputFolder& folder) {
  CsvWriter accounts(folder, "state/accounts.csv",
                     {"account_id", "as_of", "household_id", "taxpayer_id", "tax_treatment", "model_id", "cash",
                      "traded", "value", "runs", "turnover", "doubted"});
  CsvWriter positions(folder, "state/positions.csv",
                      {"account_id", "security_id", "quantity", "traded", "cost_basis", "lots_unknown_basis"});
  const auto write = [&](const AccountState& state) {
    const PreviousAccount& row = state.row;
    if (!state.believed) return accounts.row({row.id, "", "", "", "", "", "", "", "", "", "", ""});
    accounts.row({row.id, row.as_of.to_string(), row.household, row.taxpayer, row.tax_treatment, row.model,
                  dollars(row.cash), dollars(row.traded), dollars(row.value), std::to_string(row.runs),
                  row.turnover.to_string(), row.doubted ? "yes" : ""});
    const auto position = [&](const std::string& security, const auto& line) {
      positions.row({row.id, security, line.quantity.to_string(), line.traded.to_string(), dollars(line.cost_basis),
                     std::to_string(line.lots_of_unknown_basis)});
    };
    for (const PreviousPosition& line : state.positions) position(book.security(line.security).id.text, line);
    for (const StrangerPosition& line : state.strangers) position(line.security, line);
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
    const auto result = std::ranges::lower_bound(run.accounts, account, {}, &AccountResult::account);
    const bool decided = result != run.accounts.end() && result->account == account;
    return (!decided || doubtful(*result)) && previous.account_rows.contains(book.account(account).id.text);
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
  CsvWriter file(folder, "state/prices.csv", {"date", "security_id", "close", "doubted"});
  for (const Security& security : book.securities) {
    const auto before = previous.believed.find(security.id.text);
    if (questioned.contains(security.id.text)) {
      if (before == previous.believed.end()) continue;
      file.row({before->second.second.to_string(), security.id.text, before->second.first.to_string(2), "yes"});
    } else if (security.price) {
      file.row({security.price_date.to_string(), security.id.text, security.price->to_string(2), ""});
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
  CsvWriter file(folder, "state/models.csv", {"model_id", "security_id", "weight"});
  for (const Model& model : book.models) {
    for (const ModelWeight& part : model.weights)
      file.row({model.id.text, book.security(part.security).id.text, part.weight.to_string()});
  }
  return file.finish();
}

Result<bool> write_accepted(const PreviousRun& previous, OutputFolder& folder) {
  CsvWriter file(folder, "state/accepted.csv", {"account_id", "rule", "observed", "fact", "accepted_on"});
  for (const AcceptedFact& one : previous.accepted)
    file.row({one.account, one.rule, one.observed, one.fact, one.accepted_on.to_string()});
  return file.finish();
}

}  // namespace

Result<PreviousRun> read_previous(const std::string& folder, const Book& book,
                                  const std::vector<std::string>& accepted) {
  return PreviousReader(folder, book, accepted).read();
}

std::string run_json_sha256(const std::string& folder) {
  const std::string bytes = bytes_of(folder + "/run.json");
  return bytes.empty() ? bytes : sha256_of(bytes);
}

Result<ComparedBook> compared(Book untested, const std::string& folder, const std::vector<std::string>& accepted) {
  auto read = folder.empty() ? no_previous(untested, accepted) : read_previous(folder, untested, accepted);
  if (!read) return read.failure();
  ComparedBook both{{}, std::move(read).value()};
  both.book = doubted(std::move(untested), both.previous);
  return both;
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
           [&] { return write_accepted(previous, folder); },
       }) {
    if (auto written = write(); !written) return written;
  }
  return true;
}

}  // namespace lotwright
