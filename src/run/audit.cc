#include "run/audit.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <tuple>

#include "book/rules.h"
#include "inputs/sha256.h"
#include "run/audit_told.h"
#include "run/bytes_of.h"
#include "run/output_tables.h"
#include "units/amounts.h"

namespace lotwright {

namespace audited {

std::string as_text(Millionths count) { return Money::of_count(count).to_string(2); }

double real(Text text) {
  if (text.empty()) return 0.0;
  double value = 0.0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool sound = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return sound ? value : std::numeric_limits<double>::quiet_NaN();
}

std::size_t whole(Text text) {
  if (text.empty()) return 0;
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool sound = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return sound ? value : std::numeric_limits<std::size_t>::max();
}

bool near(double told, double seen, double slack) { return std::abs(told - seen) <= slack; }

bool near(double told, Millionths sum) {
  const double exact = static_cast<double>(sum) / 1e6;
  return near(told, exact, 1e-6 + 1e-12 * std::abs(exact));
}

Millionths RunTold::millionths(Text text) {
  constexpr Millionths most = 100'000'000'000'000'000;  // no account has more (inputs/magnitudes.h)
  if (text.empty()) return 0;
  const auto number = Money::parse(text);
  const bool sound = number && number->count() <= most && number->count() >= -most;
  numbers->that(sound, "\"{}\" is none", text);
  return sound ? number->count() : 0;
}

namespace {

constexpr std::pair<Text, Text> kept_back_tables = {"kept_back/orders", "kept_back/lot_sales"};
constexpr std::array state_files = {"accounts", "positions", "flows", "prices", "actions", "models", "accepted"};

Result<bool> read_run_json(RunTold& run) {
  try {
    run.json = Json::parse(bytes_of(run.folder / "run.json"));
    run.sent = run.json.at("orders_sent").get<bool>();
  } catch (const Json::exception&) {
    return Failure{rule::data_file_missing,
                   "this is no folder of a finished run: it has no sound run.json",
                   {run.folder.string(), 0, {}, {}}};
  }
  if (!run.sent) std::tie(run.orders_table, run.lot_sales_table) = kept_back_tables;
  return true;
}

// Every file that a run writes, whatever becomes of its accounts.
std::vector<std::string> tables_expected() {
  std::vector<std::string> names;
  for (const query::Table& table : output_tables()) names.emplace_back(table.name);
  names.emplace_back("multipliers");
  for (const char* state : state_files) names.push_back(std::string("state/") + state);
  return names;
}

void check_files(RunTold& run) {
  Check check(run.audit, "every file is as the run wrote it: the sha256 of run.json; none is missing there");
  std::set<std::string> listed;
  for (const Json& file : run.json.at("outputs")) {
    const std::string name = file.at("file");
    listed.insert(name);
    const std::string bytes = bytes_of(run.folder / name);
    check.that(sha256_of(bytes) == file.at("sha256") && file.at("bytes") == bytes.size(),
               "{} is missing or was changed", name);
  }
  std::vector<std::string> expected = {"exceptions.html"};
  if (!run.sent) expected.insert(expected.end(), {"gates.html", "kept_back/orders.csv", "kept_back/lot_sales.csv"});
  for (const std::string& name : tables_expected()) expected.push_back(name + ".csv");
  for (const Json& name : run.json.at("cases")) expected.push_back(name);
  for (const std::string& name : expected) check.that(listed.contains(name), "run.json does not list {}", name);
}

bool is_cell_of(const query::Column& column, Text cell) {
  if (!query::read_value(column.kind, cell)) return false;
  return column.may_hold(cell);
}

// Of the file `name`, which has the columns that are declared for its table.
void check_cells(const query::Table& declared, Text name, const Table& table, Check& check) {
  bool same = table.columns.size() == declared.columns.size();
  for (std::size_t i = 0; same && i < declared.columns.size(); ++i) {
    const auto at = table.columns.find(declared.columns[i].name);
    same = at != table.columns.end() && at->second == i;
  }
  if (!check.that(same, "{}.csv has other columns", name)) return;
  for (const TableRow& row : table.rows) {
    bool sound = row.cells.size() == declared.columns.size();
    for (std::size_t i = 0; sound && i < row.cells.size(); ++i) sound = is_cell_of(declared.columns[i], row.cells[i]);
    check.that(sound, "{}.csv, line {}: a cell that is none of its column", name, row.line);
  }
}

void read_tables(RunTold& run) {
  Check check(run.audit, "every row of every file can be read, each cell one of its column");
  std::vector<std::string> names = tables_expected();
  if (!run.sent) names.insert(names.end(), {std::string(run.orders_table), std::string(run.lot_sales_table)});
  for (const std::string& name : names) {
    auto read = read_table((run.folder / (name + ".csv")).string(), {});
    Table& table = run.tables[name];
    if (check.that(read.ok(), "{}.csv cannot be read", name)) table = std::move(read).value();
    check.that(table.findings.empty(), "{}.csv has {} rows that cannot be read", name, table.findings.size());
  }
  for (const query::Table& declared : output_tables()) {
    for (const std::string& name : names) {
      const bool is_its_file = name == declared.name || name == "kept_back/" + std::string(declared.name);
      if (is_its_file) check_cells(declared, name, run.tables[name], check);
    }
  }
  run.numbers.emplace(run.audit, "every amount is a number, of at most 100,000,000,000");
}

Result<Audit> audit(const AuditRequest& request) {
  RunTold run;
  run.folder = request.folder;
  if (auto read = read_run_json(run); !read) return read.failure();
  if (request.replay && request.previous.empty() && !run.json.at("previous_run_sha256").is_null()) {
    return Failure{rule::data_value_missing,
                   "the run was compared with an earlier one: name its folder with --previous to decide again",
                   {request.folder, 0, {}, {}}};
  }
  check_files(run);
  read_tables(run);
  check_accounts(run);
  check_orders(run);
  check_lot_sales(run);
  check_exceptions(run);
  check_statuses(run);
  check_blocks(run);
  check_sums(run);
  check_reasons(run);
  check_left(run);
  check_bounds(run);
  check_harvests(run);
  check_state(run);
  check_totals(run);
  if (!request.previous.empty()) check_previous(run, request.previous);
  if (!request.book.empty()) check_book(run, request);
  return std::move(run.audit);
}

}  // namespace
}  // namespace audited

bool Audit::kept() const { return std::ranges::all_of(claims, &Claim::kept); }

Result<Audit> audit_run(const AuditRequest& request) {
  try {
    return audited::audit(request);
  } catch (const audited::Json::exception& broken) {
    return Failure{rule::data_file_unreadable,
                   std::string("run.json is not as a run writes it: ") + broken.what(),
                   {request.folder + "/run.json", 0, {}, {}}};
  }
}

std::string text_of(const Audit& audit) {
  std::string text;
  for (const Claim& claim : audit.claims) {
    text += fmt::format("{:<7} {} ({} checked)\n", claim.kept ? "ok" : "FAILED", claim.says, claim.checked);
    for (const std::string& breach : claim.breaches) text += "          " + breach + "\n";
    if (claim.breaches_count > claim.breaches.size()) {
      text += fmt::format("          and {} more\n", claim.breaches_count - claim.breaches.size());
    }
  }
  const auto kept = std::ranges::count_if(audit.claims, &Claim::kept);
  return text + fmt::format("{} of {} claims hold", kept, audit.claims.size());
}

std::string json_of(const Audit& audit) {
  nlohmann::ordered_json json;
  json["kept"] = audit.kept();
  json["claims"] = nlohmann::ordered_json::array();
  for (const Claim& claim : audit.claims) {
    json["claims"].push_back({{"claim", claim.says},
                              {"kept", claim.kept},
                              {"checked", claim.checked},
                              {"breaches", claim.breaches},
                              {"breaches_count", claim.breaches_count}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lotwright
