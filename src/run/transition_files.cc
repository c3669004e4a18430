#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "book/rules.h"
#include "inputs/csv_text.h"
#include "reports/json_number.h"
#include "run/csv_writer.h"
#include "run/plan_progress.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

// The quantiles of a row, in the order of the file's columns.
struct Column {
  const char* name;
  Quantiles TransitionRow::*of;
  int decimals;
};

constexpr auto columns = std::to_array<Column>({{"tracking_error", &TransitionRow::tracking_error, 6},
                                                {"distance", &TransitionRow::distance, 6},
                                                {"moved", &TransitionRow::moved, 6},
                                                {"unrealized_gain", &TransitionRow::unrealized_gain, 2},
                                                {"tax", &TransitionRow::tax, 2},
                                                {"gain", &TransitionRow::gain, 2},
                                                {"value", &TransitionRow::value, 2},
                                                {"budget_used", &TransitionRow::budget_used, 2},
                                                {"wanted", &TransitionRow::wanted, 2}});

struct Part {
  const char* name;
  double Quantiles::*of;
};

constexpr auto parts = std::to_array<Part>({{"p10", &Quantiles::p10},
                                            {"p25", &Quantiles::p25},
                                            {"p50", &Quantiles::p50},
                                            {"p75", &Quantiles::p75},
                                            {"p90", &Quantiles::p90}});

std::string column_name(const Column& column, const Part& part) { return fmt::format("{}_{}", column.name, part.name); }

Json json_of(const Quantiles& quantiles) {
  Json json;
  for (const Part& part : parts) json[part.name] = quantiles.*part.of;
  return json;
}

Json json_of(const TransitionRow& row) {
  Json json = {{"year", row.year}, {"ends_year", row.ends_year}, {"decided_on", row.decided_on.to_string()}};
  for (const Column& column : columns) json[column.name] = json_of(row.*column.of);
  json["slow"] = row.slow;
  json["stuck"] = row.stuck;
  json["away"] = row.away;
  json["stuck_cause"] = row.stuck_cause;
  json["rests"] = row.rests;
  json["rests_cause"] = row.rests_cause;
  return json;
}

// A cell of a plan, or the Failure that names it.
class PlanRow {
 public:
  PlanRow(const Table& table, const TableRow& row) : table_(table), row_(row) {}

  template <class Value>
  Value read(std::string_view column, const Result<Value>& value) {
    if (value) return *value;
    refuse(column, value.failure().rule.c_str(), value.failure().message);
    return {};
  }
  Date date(std::string_view column) { return read(column, Date::parse(table_.cell(row_, column))); }
  Money money(std::string_view column) { return read(column, Money::parse(table_.cell(row_, column))); }
  double number(const std::string& column) {
    const auto value = Fixed<struct PlanNumberKind, 6>::parse(table_.cell(row_, column));
    if (value) return value->to_double();
    refuse(column, value.failure().rule.c_str(), value.failure().message);
    return 0.0;
  }
  int whole(std::string_view column) {
    const double value = number(std::string(column));
    if (std::abs(value) <= 9999.0 && value == std::trunc(value)) return static_cast<int>(value);
    refuse(column, rule::data_number_unreadable, "is no whole number of at most four digits");
    return 0;
  }
  bool limits_gains() {
    const std::string limits = text("limits");
    if (limits != "tax" && limits != "gain") refuse("limits", rule::data_word_unknown, "is neither tax nor gain");
    return limits == "gain";
  }
  [[nodiscard]] std::string text(std::string_view column) const { return std::string(table_.cell(row_, column)); }
  [[nodiscard]] const std::optional<Failure>& fault() const { return fault_; }

 private:
  void refuse(std::string_view column, const char* rule, const std::string& message) {
    if (fault_) return;
    fault_ = Failure{rule,
                     message + "; give the file that transition --out wrote",
                     {table_.file, row_.line, std::string(column), std::string(table_.cell(row_, column))}};
  }

  const Table& table_;
  const TableRow& row_;
  std::optional<Failure> fault_;
};

TransitionRow row_of(PlanRow& cells) {
  TransitionRow row;
  row.year = cells.whole("year");
  row.decided_on = cells.date("decided_on");
  for (const Column& column : columns) {
    for (const Part& part : parts) row.*column.of.*part.of = cells.number(column_name(column, part));
  }
  row.stuck_cause = cells.text("stuck_cause");
  return row;
}

Failure no_plan(const Table& table, const std::string& what) {
  return {rule::data_value_missing, what + "; give the file that transition --out wrote", {table.file, 0, {}, {}}};
}

}  // namespace

std::string csv_of(const Transition& transition) {
  std::string text = "account_id,limits,budget,year,ends_year,decided_on";
  for (const Column& column : columns) {
    for (const Part& part : parts) text += "," + column_name(column, part);
  }
  text += ",slow,stuck,away,stuck_cause,rests,rests_cause\n";
  for (const TransitionRow& row : transition.rows) {
    std::vector<std::string> cells = {transition.account_id,
                                      transition.wishes.gains ? "gain" : "tax",
                                      dollars(transition.wishes.budget),
                                      std::to_string(row.year),
                                      row.ends_year ? "yes" : "no",
                                      row.decided_on.to_string()};
    for (const Column& column : columns) {
      for (const Part& part : parts) cells.push_back(decimal(row.*column.of.*part.of, column.decimals));
    }
    for (const double share : {row.slow, row.stuck, row.away}) cells.push_back(decimal(share, 4));
    cells.insert(cells.end(), {row.stuck_cause, decimal(row.rests, 4), row.rests_cause});
    inputs::append_csv_cells(text, cells);
    text += '\n';
  }
  return text;
}

std::string json_of(const Transition& transition) {
  const TransitionWishes& wishes = transition.wishes;
  Json json;
  json["account_id"] = transition.account_id;
  json["budget"] = wishes.budget.to_double();
  json["budget_asked"] = transition.budget_asked.to_double();
  json["limits"] = wishes.gains ? "gain" : "tax";
  json["paths"] = wishes.paths;
  json["seed"] = wishes.seed;
  json["drift"] = wishes.drift;
  json["decisions_a_year"] = wishes.decisions_a_year;
  json["wanted_at_once"] = transition.wanted_at_once;
  json["arrival_years"] = {{"p10", reports::number(transition.arrival.p10)},
                           {"p50", reports::number(transition.arrival.p50)},
                           {"p90", reports::number(transition.arrival.p90)}};
  const std::optional<Money>& enough = transition.budget_to_arrive;
  json["budget_to_arrive"] = reports::number(enough);
  json["budget_to_arrive_paths"] = enough ? Json(transition.budget_paths) : Json();
  json["rows"] = Json::array();
  for (const TransitionRow& row : transition.rows) json["rows"].push_back(json_of(row));
  return json.dump(2);
}

Result<Table> read_plan_table(const std::string& path) {
  std::vector<std::string> required = {"account_id", "limits", "budget", "year", "decided_on"};
  for (const Column& column : columns) {
    for (const Part& part : parts) required.push_back(column_name(column, part));
  }
  return read_own_table(path, required);
}

Result<Plan> plan_of(const Table& table, const std::string& account_id) {
  Plan plan;
  plan.account_id = account_id;
  for (const TableRow& line : table.rows) {
    PlanRow cells(table, line);
    if (cells.text("account_id") != account_id) continue;
    TransitionWishes said;
    said.budget = cells.money("budget");
    said.gains = cells.limits_gains();
    if (!plan.rows.empty() && (said.gains != plan.wishes.gains || said.budget != plan.wishes.budget)) {
      return no_plan(table, "the rows have different budgets: one file holds one plan of an account");
    }
    plan.wishes.gains = said.gains;
    plan.wishes.budget = said.budget;
    plan.rows.push_back(row_of(cells));
    if (cells.fault()) return *cells.fault();
    const std::size_t count = plan.rows.size();
    if (count > 1 && plan.rows[count - 1].decided_on < plan.rows[count - 2].decided_on) {
      return no_plan(table, "the plan's rows are not in the order of their days");
    }
  }
  if (plan.rows.size() < 2) return no_plan(table, "the file has no plan for account " + account_id);
  return plan;
}

}  // namespace lotwright
