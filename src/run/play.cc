#include "run/play.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "inputs/csv_text.h"
#include "run/case_file.h"
#include "run/outputs.h"
#include "run/runner.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

// How long it takes is nobody's question.
class StoppedClock final : public Clock {
 public:
  [[nodiscard]] double seconds() const override { return 0.0; }
};

// The header stands among the rows: another header is a difference too.
Rows rows_of(const cases::TextTables& tables, const std::string& name) {
  Rows rows;
  const cases::TextTable* table = cases::find_table(tables, name);
  if (table == nullptr) return rows;
  rows.push_back(table->columns);
  for (const cases::TextRow& row : table->rows) rows.push_back(row.cells);
  return rows;
}

// The rows of `one` that `other` lacks, as often as it lacks them.
void add_missing(const std::string& table, bool saved, Rows one, Rows other, std::vector<Difference>& differences) {
  std::ranges::sort(one);
  std::ranges::sort(other);
  Rows missing;
  std::ranges::set_difference(one, other, std::back_inserter(missing));
  for (auto& cells : missing) differences.push_back({table, saved, std::move(cells)});
}

std::vector<Difference> differences_of(const cases::TextTables& saved, const cases::TextTables& now) {
  std::vector<std::string> names;
  for (const auto* tables : {&now, &saved}) {
    for (const cases::TextTable& table : *tables) {
      if (std::ranges::find(names, table.name) == names.end()) names.push_back(table.name);
    }
  }
  std::vector<Difference> differences;
  for (const std::string& name : names) {
    const Rows before = rows_of(saved, name);
    const Rows after = rows_of(now, name);
    if (before == after) continue;
    const std::size_t told = differences.size();
    add_missing(name, true, before, after, differences);
    add_missing(name, false, after, before, differences);
    if (differences.size() == told) differences.push_back({name, false, {"the same rows in another order"}});
  }
  return differences;
}

std::string line_of(const std::vector<std::string>& cells) {
  std::string text;
  inputs::append_csv_cells(text, cells);
  return text;
}

Json json_of(const cases::TextTables& tables) {
  Json json = Json::object();
  for (const cases::TextTable& table : tables) {
    Json rows = Json::array();
    for (const cases::TextRow& row : table.rows) {
      Json one = Json::object();
      for (std::size_t i = 0; i < table.columns.size(); ++i) one[table.columns[i]] = row.cells[i];
      rows.push_back(std::move(one));
    }
    json[table.name] = std::move(rows);
  }
  return json;
}

}  // namespace

Result<Played> play(const Case& saved, const Steps& steps) {
  const std::atomic<bool> stop = false;
  RunOptions options;
  options.threads = 1;
  options.effort = saved.effort;
  const auto run = run_book(saved.book, options, steps, StoppedClock(), nullptr, stop);
  if (!run) return run.failure();
  Played played;
  played.saved_by = saved.engine_version;
  played.played_by = engine_version();
  played.as_of = saved.book.firm.as_of;
  played.decided = decided_tables(saved.book, *run);
  played.breaches = saved.breaches;
  played.differences = differences_of(saved.decided, played.decided);
  return played;
}

std::string text_of(const Played& played) {
  std::string text;
  for (const cases::TextTable& table : played.breaches) text += cases::text_of(table) + "\n";
  for (const cases::TextTable& table : played.decided) {
    if (table.name == "decided_orders" || table.name == "decided_lot_sales") text += cases::text_of(table) + "\n";
  }
  if (played.same()) return text + "the same orders, accounts, exceptions and reasons as saved\n";
  text += "not as saved; - was saved, + is decided now\n";
  for (const Difference& one : played.differences) {
    text += fmt::format("{} [{}] {}\n", one.saved ? '-' : '+', one.table, line_of(one.cells));
  }
  return text;
}

std::string json_of(const Played& played) {
  Json json;
  json["same"] = played.same();
  json["as_of"] = played.as_of.to_string();
  json["saved_by"] = played.saved_by;
  json["played_by"] = played.played_by;
  json["decided"] = json_of(played.decided);
  json["refused"] = json_of(played.breaches);
  json["differences"] = Json::array();
  for (const Difference& one : played.differences) {
    json["differences"].push_back({{"table", one.table}, {"side", one.saved ? "saved" : "now"}, {"row", one.cells}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
