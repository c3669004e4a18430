// Claims that need more than the run's own folder: the book it was made of, the run before, and everything once more.
#include <algorithm>
#include <atomic>

#include "book/rules.h"
#include "inputs/byte_source.h"
#include "inputs/inputs.h"
#include "run/audit_told.h"
#include "run/bytes_of.h"
#include "run/evaluate.h"
#include "run/find_account.h"
#include "run/foreign_orders.h"
#include "run/memory_folder.h"
#include "run/names.h"
#include "run/outputs.h"
#include "run/previous.h"
#include "run/runner.h"
#include "verification/verification.h"

namespace lotwright::audited {
namespace {

Result<ComparedBook> read_as_the_run(const RunTold& run, const AuditRequest& request) {
  const auto as_of = Date::parse(run.json.at("as_of").get<std::string>());
  if (!as_of) return as_of.failure();
  ReadOptions options;
  options.as_of = *as_of;
  options.threads = request.threads;
  auto book = read_book(request.book, options);
  if (!book) return book.failure();
  return compared(std::move(book).value(), request.previous,
                  run.json.value("accounts_accepted", std::vector<std::string>()));
}

// Whether all are the same.
bool check_book_files(RunTold& run, const Book& book) {
  Check check(run.audit, "the book's files are the ones that the run read, and it read all of them");
  std::map<std::string, const InputFile*> files;
  for (const InputFile& file : book.files) files[file.name] = &file;
  bool same = true;
  std::set<std::string> told;
  for (const Json& file : run.json.at("inputs")) {
    const std::string name = file.at("file");
    const auto now = files.find(name);
    const bool found = now != files.end() && now->second->sha256 == file.at("sha256") &&
                       now->second->bytes == file.at("bytes") && now->second->rows == file.at("rows");
    same = check.that(found && told.insert(name).second, "{} is missing or another one", name) && same;
  }
  for (const auto& [name, file] : files)
    same = check.that(told.contains(name), "the run did not read {}", name) && same;
  return same;
}

// Ids of the rows of accounts.csv, whatever the engine makes of them.
std::set<std::string> account_ids(const std::string& folder) {
  const std::string path = folder + "/accounts.csv";
  const bool plain = std::filesystem::exists(path);
  inputs::FileSource file(plain ? path : path + ".gz");
  inputs::GunzipSource unpacked(file);
  inputs::ByteSource& source = plain ? static_cast<inputs::ByteSource&>(file) : unpacked;
  std::set<std::string> ids;
  const auto table = read_table(source, "accounts.csv", {"account_id"});
  if (!table) return ids;
  for (const TableRow& row : table->rows) ids.emplace(table->cell(row, "account_id"));
  ids.erase("");
  return ids;
}

void check_accounts_of_book(RunTold& run, const Book& book, const std::string& folder) {
  const auto asked = run.json.value("accounts_asked", std::vector<std::string>());
  Check each_once(run.audit, asked.empty()
                                 ? "every account of the book is in accounts.csv"
                                 : "every account that the run was asked for is in accounts.csv, none but the book's");
  const std::set<std::string> of_book = account_ids(folder);
  for (const std::string& id : asked.empty() ? std::vector(of_book.begin(), of_book.end()) : asked) {
    each_once.that(run.account(id) != nullptr, "account {} is not", id);
  }
  for (const auto& [id, told] : run.accounts) {
    const auto index = find_account(book, id);
    if (!each_once.that(of_book.contains(id) && index, "account {} is none of the book", id)) continue;
    const std::string& household = book.households[book.account(*index).household.value].id.text;
    each_once.that(told.household == household, "account {} belongs to {}", id, household);
  }
}

// Scanned for losses, each of them; and every price and position that the next run's tests compare with.
void check_facts(RunTold& run, const Book& book) {
  Check check(run.audit, "every taxable account of the book is in harvests.csv; prices.csv and state/ are the book's");
  std::set<Text> scanned;
  run.each("harvests", [&](auto cell, auto) { scanned.insert(cell("account_id")); });
  std::map<std::pair<std::string, std::string>, Quantity> positions;
  for (const auto& [id, told] : run.accounts) {
    const auto index = find_account(book, id);
    if (!index) continue;
    const Account& account = book.account(*index);
    check.that(scanned.contains(id) == (account.tax_treatment == TaxTreatment::taxable), "account {} is {}", id,
               name_of(account.tax_treatment));
    if (!told.believed()) continue;  // its state may be what was last believed
    for (const TaxLot& lot : account.lots) positions[{id, book.security(lot.security).id.text}] += lot.quantity;
  }
  run.each("state/positions", [&](auto cell, std::int64_t line) {
    const Told* told = run.account(cell("account_id"));
    if (told == nullptr || !told->believed()) return;
    const auto at = positions.find({std::string(cell("account_id")), std::string(cell("security_id"))});
    const Millionths quantity = at == positions.end() ? 0 : at->second.count();
    check.that(run.millionths(cell("quantity")) == quantity, "state/positions.csv, line {}: the book has {}", line,
               as_text(quantity));
    if (at != positions.end()) positions.erase(at);
  });
  for (const auto& [key, quantity] : positions)
    check.that(quantity.is_zero(), "state/positions.csv lacks {} of {}", key.second, key.first);
  std::map<Text, Millionths> prices;
  run.each("prices", [&](auto cell, auto) { prices[cell("security_id")] = run.millionths(cell("close")); });
  for (const Security& security : book.securities) {
    const auto at = prices.find(security.id.text);
    const bool same = security.price ? at != prices.end() && at->second == security.price->count() : at == prices.end();
    check.that(same, "prices.csv has another price of {}", security.id.text);
  }
}

// What the files state, as the verifier looks at it.
std::vector<AccountResult> stated_results(RunTold& run, const Book& book, ForeignOrders orders) {
  std::map<AccountIndex, Findings> exceptions;
  run.each("exceptions", [&](auto cell, auto) {
    const auto index = find_account(book, std::string(cell("account_id")));
    if (!index) return;
    Finding finding;
    finding.rule = cell("rule");
    finding.severity = cell("severity") == "hold"     ? Severity::hold
                       : cell("severity") == "review" ? Severity::review
                                                      : Severity::note;
    finding.observed = cell("observed");
    finding.limit = cell("limit");
    finding.message = cell("message");
    exceptions[*index].push_back(std::move(finding));
  });
  std::vector<AccountResult> results;
  for (const auto& [id, told] : run.accounts) {
    const auto index = find_account(book, id);
    if (!index) continue;
    AccountResult& result = results.emplace_back();
    result.account = *index;
    result.status = told.status == "traded"     ? ResultStatus::traded
                    : told.status == "no_trade" ? ResultStatus::no_trade
                    : told.status == "held"     ? ResultStatus::held
                                                : ResultStatus::failed;
    result.value = Money::of_count(told.value);
    result.investable = Money::of_count(told.investable);
    result.cash_before = Money::of_count(told.cash_before);
    result.cash_after = Money::of_count(told.cash_after);
    result.turnover = told.turnover;
    result.gain_short = Money::of_count(told.gain_short);
    result.gain_long = Money::of_count(told.gain_long);
    result.objective_after = told.objective_after;
    if (!told.bound.empty()) result.bound = real(told.bound);
    result.orders = std::move(orders.orders[*index]);
    result.exceptions = std::move(exceptions[*index]);
  }
  std::ranges::sort(results, {}, &AccountResult::account);
  return results;
}

void check_rules(RunTold& run, const Book& book, const Table& orders, const Table& lot_sales) {
  Check check(run.audit, "the orders keep every rule, judged from the files by the verifier, and state what they are");
  ForeignOrders foreign = foreign_orders(book, orders, lot_sales);
  for (const Finding& finding : foreign.findings)
    check.that(false, "{}, line {}: {}", finding.place.file, finding.place.line, finding.message);
  const std::vector<AccountResult> results = stated_results(run, book, std::move(foreign));
  const BookIndex rows(book);
  std::vector<Breach> breaches;
  for (const DecisionUnit& unit : decision_units(book)) {
    std::vector<const AccountResult*> of_unit;
    for (const AccountIndex account : unit.accounts) {
      const auto at = std::ranges::lower_bound(results, account, {}, &AccountResult::account);
      if (at != results.end() && at->account == account) of_unit.push_back(&*at);
    }
    if (of_unit.empty()) continue;
    std::ranges::move(verify_unit(rows, unit, of_unit), std::back_inserter(breaches));
    check.that(true, "{}", "");
  }
  for (Breach& breach : verify_book(rows, results, block(book, results))) {
    if (breach.rule != rule::verification_results) breaches.push_back(std::move(breach));  // check_accounts_of_book
  }
  for (const Breach& breach : breaches) {
    check.that(false, "account {}: {}: {} {}", breach.account.exists() ? book.account(breach.account).id.text : "",
               breach.rule, breach.security_id, breach.message);
  }
}

void check_worth(RunTold& run, const Book& book, const Table& orders, const Table& lot_sales) {
  Check check(run.audit, "the orders are worth what accounts.csv says; nobody trades whom the book's data hold");
  std::vector<std::string> ids;
  for (const auto& [id, told] : run.accounts) {
    if (find_account(book, id)) ids.push_back(id);
  }
  const auto judged = evaluate(book, orders, lot_sales, ids);
  if (!check.that(judged.ok(), "{}", judged.ok() ? "" : judged.failure().message)) return;
  const Json json = Json::parse(judged->json);
  for (const Json& one : json.at("accounts")) {
    const std::string id = one.at("account_id");
    const Told* told = run.account(id);
    if (told == nullptr || !told->decided()) continue;
    if (!check.that(one.at("status") != "held" && one.at("status") != "not_valued", "account {} is {}", id,
                    one.at("status").get<std::string>()))
      continue;
    const Json &was = one.at("before"), &is = one.at("after");
    const std::tuple<const char*, double, const Json&> figures[] = {
        {"objective_before", told->objective_before, was.at("objective")},
        {"objective_after", told->objective_after, is.at("objective")},
        {"tax", told->tax, is.at("tax")},
        {"trading_cost", told->trading_cost, is.at("trading")},
        {"waiting", told->waiting, is.at("waiting")},
        {"tracking_error_before", told->tracking_error_before, was.at("tracking_error")},
        {"tracking_error_after", told->tracking_error_after, is.at("tracking_error")}};
    for (const auto& [name, stated, derived] : figures) {
      const double value = derived.get<double>();
      const double slack = std::string_view(name).starts_with("tracking") ? 1e-9 : 2e-6 + 1e-9 * std::abs(value);
      check.that(near(stated, value, slack), "account {}: {} is stated as {}, it is {}", id, name, stated, value);
    }
  }
}

// Decided once more, as the run was asked; name -> bytes.
Result<std::map<std::string, std::string>> decided_again(const RunTold& run, const ComparedBook& given,
                                                         const AuditRequest& request) {
  RunOptions options;
  options.threads = request.threads;
  options.accounts = run.json.at("accounts_asked").get<std::vector<std::string>>();
  options.previous = given.previous;
  const std::atomic<bool> never = false;
  const auto result = run_book(given.book, options, engine_steps(given.book), StillClock(), {}, never);
  if (!result) return result.failure();
  MemoryFolder folder;
  const RunAsked asked{.accounts = options.accounts};
  if (auto written = write_outputs(given.book, *result, folder, given.previous, asked); !written)
    return written.failure();
  if (auto done = folder.publish(); !done) return done.failure();
  return std::move(folder.files);
}

// run.json without what no two runs have in common, and what only its own files can say.
Json timeless(const std::string& text) {
  Json json = Json::parse(text);
  for (const char* key : {"seconds", "accounts_a_second", "threads", "previous_run_sha256"}) json.erase(key);
  return json;
}

void check_replay(RunTold& run, const ComparedBook& given, const AuditRequest& request) {
  Check check(run.audit, "decided again, every file is byte for byte the same");
  const auto again = decided_again(run, given, request);
  if (!check.that(again.ok(), "{}", again.ok() ? "" : again.failure().message)) return;
  const bool same_engine = run.json.value("engine_version", "") == engine_version();
  for (const auto& [name, bytes] : *again) {
    const std::string then = bytes_of(run.folder / name);
    const bool same = name == "run.json" ? timeless(then) == timeless(bytes) : then == bytes;
    check.that(same, "{} is another one{}", name, same_engine ? "" : "; the run is of another version of the engine");
  }
}

}  // namespace

void check_previous(RunTold& run, const std::string& previous) {
  Check check(run.audit, "the run before it is the one that it was compared with, and has the files that it wrote");
  const Json& told = run.json.at("previous_run_sha256");
  if (!check.that(!told.is_null(), "the run was compared with no earlier one")) return;
  const std::string bytes = bytes_of(std::filesystem::path(previous) / "run.json");
  if (!check.that(!bytes.empty() && told == sha256_of(bytes), "{} is another run", previous)) return;
  const Json outputs = Json::parse(bytes).at("outputs");
  for (const Json& file : outputs) {
    const std::string name = file.at("file");
    check.that(sha256_of(bytes_of(std::filesystem::path(previous) / name)) == file.at("sha256"),
               "{} of {} is missing or was changed", name, previous);
  }
}

void check_book(RunTold& run, const AuditRequest& request) {
  const auto given = read_as_the_run(run, request);
  if (!given) {
    Check unreadable(run.audit, "the book's files are the ones that the run read, and it read all of them");
    unreadable.that(false, "{}: {}", given.failure().place.file, given.failure().message);
    return;
  }
  const bool same = check_book_files(run, given->book);
  check_accounts_of_book(run, given->book, request.book);
  if (!same) return;  // of another book nothing else can be said
  check_facts(run, given->book);
  const Table& orders = run.tables.find(run.orders_table)->second;
  const Table& lot_sales = run.tables.find(run.lot_sales_table)->second;
  try {
    check_rules(run, given->book, orders, lot_sales);
    check_worth(run, given->book, orders, lot_sales);
  } catch (const Defect& broken) {
    Check beyond(run.audit, "the orders can be judged");
    beyond.that(false, "{}", broken.what());
  }
  if (request.replay) check_replay(run, *given, request);
}

}  // namespace lotwright::audited
