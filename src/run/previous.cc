#include "run/previous.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "book/rules.h"
#include "checks/data_tests.h"
#include "inputs/file_report.h"
#include "inputs/sha256.h"
#include "run/bytes_of.h"
#include "run/find_account.h"
#include "run/state_files.h"
#include "run/table.h"

namespace lotwright {
namespace {

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
    if (!value) cannot_read(table, row, column);
    return value;
  }

  // A cell that a run may leave empty, and that must be readable where it does not.
  template <class Value>
  std::optional<Value> if_any(const Table& table, const TableRow& row, const std::string& column,
                              const char* place = "/state/") {
    auto value = value_in<Value>(table, row, column);
    if (!value && !table.cell(row, column).empty()) cannot_read(table, row, column, place);
    return value;
  }

  std::int64_t needed_count(const Table& table, const TableRow& row, const std::string& column) {
    const auto count = value_in<Quantity>(table, row, column);
    const bool is_count = count && count->count() >= 0 && count->count() % Quantity::scale == 0;
    if (!is_count) cannot_read(table, row, column);
    return is_count ? count->count() / Quantity::scale : 0;
  }

  void cannot_read(const Table& table, const TableRow& row, const std::string& column, const char* place = "/state/") {
    if (unreadable_) return;
    unreadable_ = Failure{rule::data_file_unreadable,
                          fmt::format("--previous: {} \"{}\" cannot be read: copy the run's whole folder anew, or "
                                      "name another run",
                                      column, inputs::quotable(table.cell(row, column))),
                          {folder_ + place + table.file, row.line, column, {}}};
  }

  void read_gap(const Table& accounts) {
    Money gap, investable;
    for (const TableRow& row : accounts.rows) {
      const auto of_account = if_any<Money>(accounts, row, "gap", "/");
      const auto value = if_any<Money>(accounts, row, "investable_value", "/");
      if (!of_account || !value || !find_account(book_, std::string(accounts.cell(row, "account_id")))) continue;
      add_unless_overflow(gap, *of_account);
      add_unless_overflow(investable, *value);
    }
    previous_.gap = gap_over(gap, investable);
  }

  Result<bool> read_accounts() {
    const auto table = read_state(folder_, "accounts.csv", {"account_id", "as_of", "cash", "traded", "value"});
    if (!table) return table.failure();
    previous_.asked_as_new.insert(previous_.accounts->begin(), previous_.accounts->end());
    for (const TableRow& row : table->rows) {
      const auto text = [&](const char* column) { return std::string(table->cell(row, column)); };
      const std::string id = text("account_id");
      note_account(id);
      previous_.asked_as_new.erase(id);
      if (text("as_of").empty()) continue;  // nothing of it was ever believed
      const auto as_of = needed<Date>(*table, row, "as_of");
      const auto cash = needed<Money>(*table, row, "cash");
      const auto traded = needed<Money>(*table, row, "traded");
      const auto value = needed<Money>(*table, row, "value");
      const std::int64_t runs = needed_count(*table, row, "runs");
      const auto turnover = needed<Weight>(*table, row, "turnover");
      if (!as_of || !cash || !traded || !value || !turnover) continue;
      previous_.account_rows[id] = {.id = id,
                                    .as_of = *as_of,
                                    .household = text("household_id"),
                                    .taxpayer = text("taxpayer_id"),
                                    .tax_treatment = text("tax_treatment"),
                                    .model = text("model_id"),
                                    .cash = *cash,
                                    .traded = *traded,
                                    .value = *value,
                                    .runs = runs,
                                    .turnover = *turnover,
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
    const auto cost_basis = if_any<Money>(table, row, "cost_basis");
    const std::int64_t lots_of_unknown_basis = needed_count(table, row, "lots_unknown_basis");
    if (!account || !quantity || !traded) return;
    const auto security = find_security(book_, security_id);
    if (!security) {
      previous_.strangers.push_back({account_id, security_id, *quantity, *traded, cost_basis, lots_of_unknown_basis});
      return;
    }
    PreviousPosition& position = previous_.positions->emplace_back();
    position.account = *account;
    position.security = *security;
    position.quantity = *quantity;
    position.traded = *traded;
    position.cost_basis = cost_basis;
    position.lots_of_unknown_basis = lots_of_unknown_basis;
  }

  Result<bool> read_flows() {
    const auto table = read_state(folder_, "flows.csv", {"request_id", "account_id", "kind", "amount", "due_on"});
    if (!table) return table.failure();
    for (const TableRow& row : table->rows) {
      const auto due_on = needed<Date>(*table, row, "due_on");
      const auto amount = if_any<Money>(*table, row, "amount");  // none: of a whole account
      const auto kind = std::ranges::find(flow_kinds, table->cell(row, "kind"),
                                          [](const auto& one) { return std::string_view(one.second); });
      if (kind == flow_kinds.end()) cannot_read(*table, row, "kind");
      if (!due_on || kind == flow_kinds.end()) continue;
      previous_.flows.push_back({.request = std::string(table->cell(row, "request_id")),
                                 .account = std::string(table->cell(row, "account_id")),
                                 .kind = kind->first,
                                 .amount = amount.value_or(Money()),
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
      if (const auto seen = needed<Date>(*table, row, "seen_on"))
        previous_.actions.emplace(table->cell(row, "action_id"), *seen);
    }
    return true;
  }

  Result<bool> read_models() {
    const auto table = read_state(folder_, "models.csv", {"model_id", "security_id", "weight"});
    if (!table) return table.failure();
    previous_.models.emplace();
    for (const TableRow& row : table->rows) {
      const auto weight = needed<Weight>(*table, row, "weight");
      if (!weight) continue;
      PreviousModel& model = (*previous_.models)[std::string(table->cell(row, "model_id"))];
      const auto security = find_security(book_, table->cell(row, "security_id"));
      if (security) {
        model.weights.push_back({*security, *weight});
      } else {
        add_unless_overflow(model.gone, *weight);
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
      if (const auto on = needed<Date>(*table, row, "accepted_on"))
        previous_.accepted.push_back({text("account_id"), text("rule"), text("observed"), text("fact"), *on});
    }
    return true;
  }

  const std::string& folder_;
  const Book& book_;
  PreviousRun previous_;
  std::optional<Failure> unreadable_;  // the first cell that is
};

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

}  // namespace lotwright
