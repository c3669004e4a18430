#include "run/output_tables.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "book/rules.h"
#include "run/names.h"

namespace lotwright {
namespace {

using query::Column;
using enum query::Kind;

constexpr std::array<std::string_view, 3> severities{name_of(Severity::note), name_of(Severity::review),
                                                     name_of(Severity::hold)};
constexpr std::array<std::string_view, 2> sides{name_of(Side::buy), name_of(Side::sell)};
constexpr std::array<std::string_view, 2> releases{"yes", "review"};
constexpr std::array<std::string_view, 2> terms{name_of(Term::short_term), name_of(Term::long_term)};
constexpr std::array<std::string_view, 4> statuses{name_of(ResultStatus::traded), name_of(ResultStatus::no_trade),
                                                   name_of(ResultStatus::held), name_of(ResultStatus::failed)};
constexpr std::array<std::string_view, 5> decisions{name_of(Decision::bought), name_of(Decision::sold),
                                                    name_of(Decision::kept), name_of(Decision::not_bought),
                                                    name_of(Decision::cash)};
constexpr std::array<std::string_view, 5> harvest_statuses{
    name_of(HarvestStatus::scanned), name_of(HarvestStatus::not_scanned), name_of(HarvestStatus::taken),
    name_of(HarvestStatus::partly), name_of(HarvestStatus::skipped)};

constexpr bool brief = true;

// Every rule, and the reasons of orders that are none.
constexpr auto rules = [] {
  constexpr std::array<std::string_view, 4> reasons{"harvest_loss", "invest_cash", "raise_cash", "rebalance"};
  std::array<std::string_view, rule::all.size() + reasons.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i)
    names[i] = i < reasons.size() ? reasons[i] : rule::all[i - reasons.size()].name;
  return names;
}();
// A firm's own tests, and the bands that it prices, have names of its own.
constexpr std::array<std::string_view, 2> of_firm{"unusual_", "band_"};

constexpr std::array exceptions{Column{"account_id", text, brief},
                                Column{"household_id", text},
                                Column{"rule", text, brief, rules, of_firm},
                                Column{"severity", text, brief, severities},
                                Column{"observed", text},
                                Column{"limit", text},
                                Column{"message", text, brief},
                                Column{"dollars_at_stake", money, brief},
                                Column{"next_step", text},
                                Column{"rank", number, brief}};

constexpr std::array accounts{Column{"account_id", text, brief},
                              Column{"household_id", text},
                              Column{"status", text, brief, statuses},
                              Column{"value", money, brief},
                              Column{"investable_value", money},
                              Column{"cash_before", money},
                              Column{"cash_after", money},
                              Column{"tracking_error_before", percent, brief},
                              Column{"tracking_error_after", percent, brief},
                              Column{"turnover", percent, brief},
                              Column{"gain_short", money},
                              Column{"gain_long", money},
                              Column{"tax", money, brief},
                              Column{"trading_cost", money},
                              Column{"objective_before", money},
                              Column{"objective_after", money},
                              Column{"bound", money},
                              Column{"gap_bps", number},
                              Column{"exceptions", number, brief},
                              Column{"improvement", money, brief},
                              Column{"gap", money},
                              Column{"gain_budget", money},
                              Column{"gain_budget_left", money},
                              Column{"gain_budget_price", number},
                              Column{"tax_budget", money},
                              Column{"tax_budget_left", money},
                              Column{"tax_budget_price", number},
                              Column{"waiting", money},
                              Column{"year_tax_before", money},
                              Column{"year_tax_after", money}};

constexpr std::array orders{Column{"order_id", text, brief},
                            Column{"account_id", text, brief},
                            Column{"security_id", text, brief},
                            Column{"side", text, brief, sides},
                            Column{"quantity", number, brief},
                            Column{"price", number, brief},
                            Column{"amount", money, brief},
                            Column{"commission", money},
                            Column{"reason", text, brief, rules, of_firm},
                            Column{"release", text, brief, releases}};

constexpr std::array lot_sales{Column{"order_id", text},           Column{"account_id", text, brief},
                               Column{"lot_id", text, brief},      Column{"security_id", text, brief},
                               Column{"quantity", number, brief},  Column{"proceeds", money, brief},
                               Column{"cost_basis", money, brief}, Column{"gain", money, brief},
                               Column{"term", text, brief, terms}, Column{"disallowed", money, brief}};

constexpr std::array reasons{Column{"account_id", text, brief},
                             Column{"security_id", text, brief},
                             Column{"lot_id", text, brief},
                             Column{"decision", text, brief, decisions},
                             Column{"rule", text, brief, rules, of_firm},
                             Column{"benefit", money, brief},
                             Column{"tax", money, brief},
                             Column{"cost", money, brief},
                             Column{"funding", money},
                             Column{"net", money, brief},
                             Column{"source", text},
                             Column{"without", money}};

constexpr std::array harvests{Column{"account_id", text, brief},
                              Column{"security_id", text, brief},
                              Column{"status", text, brief, harvest_statuses},
                              Column{"lots", number, brief},
                              Column{"lots_unknown_basis", number},
                              Column{"loss", money, brief},
                              Column{"taken", money, brief},
                              Column{"disallowed", money},
                              Column{"skipped", money, brief},
                              Column{"rule", text, brief, rules, of_firm},
                              Column{"value", money, brief},
                              Column{"replacement_tracking_error", percent},
                              Column{"tracking_error_added", percent},
                              Column{"source", text}};

constexpr std::array left{Column{"account_id", text, brief},
                          Column{"status", text, brief, statuses},
                          Column{"cause", text, brief},
                          Column{"security_id", text, brief},
                          Column{"rule", text, brief, rules, of_firm},
                          Column{"benefit", money, brief},
                          Column{"tax", money, brief},
                          Column{"cost", money},
                          Column{"net", money, brief},
                          Column{"tracking_error", percent, brief},
                          Column{"tracking_error_removed", percent, brief},
                          Column{"sentence", text},
                          Column{"dollars", money, brief},
                          Column{"lines", number},
                          Column{"rank", number, brief}};

constexpr std::array blocks{Column{"block_id", text, brief},    Column{"security_id", text, brief},
                            Column{"side", text, brief, sides}, Column{"quantity", number, brief},
                            Column{"orders", number, brief},    Column{"orders_review", number, brief}};

constexpr std::array binding_rules{
    Column{"rule", text, brief, rules, of_firm}, Column{"source", text, brief},
    Column{"accounts", number, brief},           Column{"dollars_max", money, brief},
    Column{"tracking_error_bps", number, brief}, Column{"tracking_error_bps_max", number, brief}};

constexpr std::array prices{Column{"date", date, brief}, Column{"security_id", text, brief},
                            Column{"close", number, brief}};

constexpr std::array tables{
    query::Table{.name = "exceptions", .columns = exceptions, .sorted_by = "rank"},
    query::Table{.name = "accounts", .columns = accounts, .one_an_account = true},
    query::Table{.name = "orders", .columns = orders},
    query::Table{.name = "lot_sales", .columns = lot_sales},
    query::Table{.name = "reasons", .columns = reasons},
    query::Table{.name = "harvests", .columns = harvests},
    query::Table{.name = "left", .columns = left},
    query::Table{.name = "blocks", .columns = blocks},
    query::Table{.name = "binding_rules", .columns = binding_rules},
    query::Table{.name = "prices", .columns = prices},
};

}  // namespace

std::span<const query::Table> output_tables() { return tables; }

CsvWriter writer_of(OutputFolder& folder, std::string_view table, std::string_view place) {
  const auto found = std::ranges::find(tables, table, &query::Table::name);
  require(found != tables.end(), "a file of a run is written that no table declares");
  std::vector<std::string_view> columns;
  for (const Column& column : found->columns) columns.push_back(column.name);
  return {folder, std::string(place) + std::string(table) + ".csv", std::span<const std::string_view>(columns)};
}

}  // namespace lotwright
