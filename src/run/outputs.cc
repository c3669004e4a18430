#include "run/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>
#include <utility>

#include "explanation/drivers.h"
#include "inputs/multipliers.h"
#include "reports/desk_pages.h"
#include "run/binding_rules.h"
#include "run/csv_writer.h"
#include "run/find_account.h"
#include "run/hashing_folder.h"
#include "run/names.h"
#include "run/output_tables.h"
#include "run/previous.h"
#include "run/stakes.h"
#include "run/state_files.h"
#include "run/summary.h"
#include "units/dollars.h"

namespace lotwright {
namespace {

using Lines = std::vector<ExceptionLine>;

const std::string& household_of(const Book& book, AccountIndex account) {
  return book.households[book.account(account).household.value].id.text;
}

// A finding of loading is repeated by every account it concerns; this tells that it is the same one.
auto identity(const Finding& one) {
  return std::tie(one.rule, one.place.file, one.place.line, one.place.column, one.message);
}

auto order_of(const ExceptionLine& one) {
  const Finding& finding = one.finding;
  return std::tuple(std::string_view(one.account_id), std::string_view(one.household_id),
                    -static_cast<int>(finding.severity), std::string_view(finding.rule),
                    std::string_view(finding.place.file), finding.place.line, std::string_view(finding.place.column),
                    std::string_view(finding.observed), std::string_view(finding.limit),
                    std::string_view(finding.message));
}

// A finding of loading that no account repeats: a note, or one whose subject no account depends on.
ExceptionLine line_of_book(const Book& book, const Finding& finding) {
  if (finding.subject.kind == SubjectKind::household) return {{}, finding.subject.id, finding};
  if (finding.subject.kind != SubjectKind::account) return {{}, {}, finding};
  const std::optional<AccountIndex> account = find_account(book, finding.subject.id);
  const std::string household = account ? book.households[book.account(*account).household.value].id.text : "";
  return {finding.subject.id, household, finding};
}

// What a gate stopped is kept apart, so that nobody sends it by mistake: `release --despite-gates` may.
Result<CsvWriter> writer_of_orders(const RunResult& run, OutputFolder& folder, std::string_view table) {
  if (run.gates.empty()) return writer_of(folder, table);
  CsvWriter head = writer_of(folder, table);
  if (auto written = head.finish(); !written) return written.failure();
  return writer_of(folder, table, "kept_back/");
}

Result<bool> write_orders(const Book& book, const RunResult& run, OutputFolder& folder) {
  auto writer = writer_of_orders(run, folder, "orders");
  if (!writer) return writer.failure();
  CsvWriter file = std::move(writer).value();
  for (const AccountResult& result : run.accounts) {
    const char* const release = awaits_release(result) ? "review" : "yes";
    for (const Order& order : result.orders) {
      const Trade& trade = order.trade;
      file.row({order.id, book.account(result.account).id.text, book.security(trade.security).id.text,
                name_of(trade.side), trade.quantity.to_string(), trade.price.to_string(2), dollars(trade.amount),
                dollars(trade.commission), order.reason, release});
    }
  }
  return file.finish();
}

Result<bool> write_lot_sales(const Book& book, const RunResult& run, OutputFolder& folder) {
  auto writer = writer_of_orders(run, folder, "lot_sales");
  if (!writer) return writer.failure();
  CsvWriter file = std::move(writer).value();
  for (const AccountResult& result : run.accounts) {
    const Account& account = book.account(result.account);
    for (const Order& order : result.orders) {
      for (const LotSale& sale : order.trade.lots) {
        file.row({order.id, account.id.text, account.lots[sale.lot].id.text,
                  book.security(order.trade.security).id.text, sale.quantity.to_string(), dollars(sale.proceeds),
                  dollars(sale.cost_basis), dollars(sale.gain), name_of(sale.term), dollars(sale.disallowed)});
      }
    }
  }
  return file.finish();
}

// Lines by account: its own, and its household's.
std::map<std::string_view, std::size_t> exceptions_by_account(const Book& book, const Lines& lines) {
  std::map<std::string_view, std::size_t> own;
  std::map<std::string_view, std::size_t> shared;
  for (const ExceptionLine& line : lines)
    ++(line.account_id.empty() ? shared[line.household_id] : own[line.account_id]);
  for (const Account& account : book.accounts) {
    const auto at = shared.find(book.households[account.household.value].id.text);
    if (at != shared.end()) own[account.id.text] += at->second;
  }
  return own;
}

// Budget, what is left of it and its shadow price; empty where there is none.
std::array<std::string, 3> budget_cells(const std::optional<BudgetUse>& use) {
  if (!use) return {};
  return {dollars(use->budget), dollars(use->left), decimal(use->price, 6)};
}

Result<bool> write_accounts(const Book& book, const RunResult& run, const Lines& lines, OutputFolder& folder) {
  CsvWriter file = writer_of(folder, "accounts");
  const auto counts = exceptions_by_account(book, lines);
  for (const AccountResult& one : run.accounts) {
    const std::string& id = book.account(one.account).id.text;
    const auto count = counts.find(id);
    const auto [gain_budget, gain_left, gain_price] = budget_cells(one.gain_budget);
    const auto [tax_budget, tax_left, tax_price] = budget_cells(one.tax_budget);
    file.row({id,
              household_of(book, one.account),
              name_of(one.status),
              dollars(one.value),
              dollars(one.investable),
              dollars(one.cash_before),
              dollars(one.cash_after),
              decimal(one.tracking_error_before, 10),
              decimal(one.tracking_error_after, 10),
              decimal(one.turnover, 8),
              dollars(one.gain_short),
              dollars(one.gain_long),
              decimal(one.tax, 6),
              decimal(one.trading_cost, 6),
              decimal(one.objective_before, 6),
              decimal(one.objective_after, 6),
              decimal(one.bound, 6),
              decimal(gap_bps(one), 6),
              std::to_string(count == counts.end() ? 0 : count->second),
              dollars(one.improvement),
              dollars(one.gap),
              gain_budget,
              gain_left,
              gain_price,
              tax_budget,
              tax_left,
              tax_price,
              decimal(one.waiting, 6),
              decimal(one.year_tax_before, 2),
              decimal(one.year_tax_after, 2)});
  }
  return file.finish();
}

Result<bool> write_exceptions(const Lines& lines, const std::vector<Stake>& stakes, OutputFolder& folder) {
  CsvWriter file = writer_of(folder, "exceptions");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Finding& finding = lines[i].finding;
    file.row({lines[i].account_id, lines[i].household_id, finding.rule, name_of(finding.severity), finding.observed,
              finding.limit, finding.message, dollars(stakes[i].dollars), stakes[i].next_step,
              std::to_string(stakes[i].rank)});
  }
  return file.finish();
}

constexpr std::size_t orders_told_max = 4;

reports::OrderedAccount ordered_account(const Book& book, const AccountResult& result) {
  reports::OrderedAccount account{.value = result.value,
                                  .turnover = result.turnover,
                                  .tax = result.tax,
                                  .improvement = result.improvement,
                                  .tracking_error_before = result.tracking_error_before,
                                  .tracking_error_after = result.tracking_error_after,
                                  .gap = result.gap,
                                  .drivers = {},
                                  .largest_orders = {},
                                  .orders = result.orders.size()};
  for (const Driven& one : drivers_of(book, result)) account.drivers.emplace_back(in_words(one.driver), one.sold);
  std::vector<const Order*> largest;
  for (const Order& order : result.orders) largest.push_back(&order);
  std::ranges::stable_sort(largest, [](auto* a, auto* b) { return a->trade.amount > b->trade.amount; });
  largest.resize(std::min(largest.size(), orders_told_max));
  for (const Order* order : largest) {
    account.largest_orders.push_back(fmt::format("{} {} {} ({})", name_of(order->trade.side),
                                                 book.security(order->trade.security).id.text,
                                                 whole_usd(order->trade.amount), order->reason));
  }
  return account;
}

Result<bool> write_exceptions_page(const Book& book, const RunResult& run, const Lines& lines,
                                   const std::vector<Stake>& stakes, const PreviousRun& previous,
                                   OutputFolder& folder) {
  reports::DeskFacts facts{.firm = book.firm.name,
                           .as_of = book.firm.as_of,
                           .accounts = run.accounts.size(),
                           .untested = run.untested,
                           .exceptions = {},
                           .ordered = {},
                           .gates_unchecked = run.gates_unchecked,
                           .compared = previous.accounts.has_value()};
  for (const Finding& gate : run.gates) {
    if (std::ranges::find(facts.stopped_by, gate.rule) == facts.stopped_by.end()) facts.stopped_by.push_back(gate.rule);
  }
  for (const AccountResult& result : run.accounts) {
    if (awaits_release(result) && !result.orders.empty())
      facts.ordered.emplace(book.account(result.account).id.text, ordered_account(book, result));
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    facts.exceptions.push_back(
        {lines[i].account_id, lines[i].household_id, lines[i].finding, stakes[i].dollars, stakes[i].next_step});
  }
  return folder.write("exceptions.html", reports::exceptions_page(facts));
}

Result<bool> write_gates_page(const Book& book, const RunResult& run, const PreviousRun& previous,
                              OutputFolder& folder) {
  if (run.gates.empty()) return true;
  std::vector<reports::GateFacts> gates;
  for (BlownGate& gate : blown_gates(book, run.accounts, previous)) {
    gates.push_back({std::move(gate.finding), std::move(gate.columns), gate.text_columns, std::move(gate.largest),
                     std::move(gate.coverage), std::move(gate.next_step)});
  }
  reports::KeptBack kept_back;
  for (const AccountResult& result : run.accounts) {
    kept_back.accounts += result.orders.empty() ? 0 : 1;
    kept_back.orders += result.orders.size();
    for (const Order& order : result.orders) kept_back.amount += order.trade.amount;
  }
  return folder.write("gates.html",
                      reports::gates_page(book.firm.name, book.firm.as_of, gates, kept_back, run.gates_unchecked));
}

Result<bool> write_reasons(const Book& book, const RunResult& run, OutputFolder& folder) {
  CsvWriter file = writer_of(folder, "reasons");
  for (const AccountResult& result : run.accounts) {
    const std::string& id = book.account(result.account).id.text;
    for (const ReasonRow& row : result.reasons) {
      file.row({id, row.security_id, row.lot_id, name_of(row.decision), row.rule, dollars(row.benefit),
                dollars(row.tax), dollars(row.cost), dollars(row.funding), dollars(row.net), row.source,
                dollars(row.without)});
    }
  }
  return file.finish();
}

// What is not known of an account that was not scanned is empty, not zero.
Result<bool> write_harvests(const Book& book, const RunResult& run, OutputFolder& folder) {
  CsvWriter file = writer_of(folder, "harvests");
  for (const AccountResult& result : run.accounts) {
    const std::string& id = book.account(result.account).id.text;
    for (const HarvestRow& row : result.harvests) {
      const bool known = row.status != HarvestStatus::not_scanned;
      const auto cell = [&](const std::string& text) { return known ? text : std::string(); };
      file.row({id, row.security_id, name_of(row.status), cell(std::to_string(row.lots)),
                cell(std::to_string(row.lots_unknown_basis)), cell(dollars(row.loss)), cell(dollars(row.taken)),
                cell(dollars(row.disallowed)), cell(dollars(row.skipped)), row.rule, dollars(row.value),
                decimal(row.replacement_tracking_error, 10), decimal(row.tracking_error_added, 10), row.source});
    }
  }
  return file.finish();
}

// What stays on the table and why, account by account; of a drift the price of closing it alone.
Result<bool> write_left(const Book& book, const RunResult& run, OutputFolder& folder) {
  CsvWriter file = writer_of(folder, "left");
  for (const AccountResult& result : run.accounts) {
    const bool decided = result.status == ResultStatus::traded || result.status == ResultStatus::no_trade;
    const std::string error = decided ? decimal(result.tracking_error_after, 10) : std::string();
    for (const LeftLine& line : left_lines(result)) {
      std::vector<std::string> cells = {book.account(result.account).id.text, name_of(result.status), line.cause};
      if (line.row == nullptr) {
        cells.insert(cells.end(), {"", line.rule, "", "", "", "", error, ""});
      } else {
        const ReasonRow& row = *line.row;
        cells.insert(cells.end(), {row.security_id, row.rule, dollars(row.benefit), dollars(row.tax), dollars(row.cost),
                                   dollars(row.net), error, decimal(row.tracking_error, 10)});
      }
      cells.insert(cells.end(), {line.sentence, dollars(line.dollars), std::to_string(line.lines),
                                 line.rank == 0 ? std::string() : std::to_string(line.rank)});
      const std::vector<std::string_view> fields(cells.begin(), cells.end());
      file.row(fields);
    }
  }
  return file.finish();
}

Result<bool> write_blocks(const Book& book, const RunResult& run, OutputFolder& folder) {
  CsvWriter file = writer_of(folder, "blocks");
  if (!run.gates.empty()) return file.finish();
  for (const Block& block : run.blocks) {
    file.row({block.id, book.security(block.security).id.text, name_of(block.side), block.quantity.to_string(),
              std::to_string(block.orders), std::to_string(block.orders_review)});
  }
  return file.finish();
}

// Every digit: the next run starts where this one ended.
Result<bool> write_multipliers(const Book& book, const RunResult& run, OutputFolder& folder) {
  CsvWriter file(folder, "multipliers.csv", {"account_id", "name", "price"});
  for (const AccountResult& result : run.accounts) {
    const std::string& id = book.account(result.account).id.text;
    for (const auto& [name, price] : inputs::named(result.shadow_prices))
      file.row({id, name, fmt::format("{}", price)});
  }
  return file.finish();
}

Result<bool> write_prices(const Book& book, OutputFolder& folder) {
  CsvWriter file = writer_of(folder, "prices");
  for (const Security& security : book.securities) {
    if (!security.price) continue;
    file.row({security.price_date.to_string(), security.id.text, security.price->to_string(2)});
  }
  return file.finish();
}

// `written` are the other files.
Result<bool> write_run_json(const Book& book, const RunResult& run, const HashingFolder& written,
                            const PreviousRun& previous, const RunAsked& asked, OutputFolder& folder) {
  using Json = nlohmann::ordered_json;
  Json json = Json::parse(json_of(summarize(book, run)));
  json["engine_version"] = engine_version();
  json["accounts_asked"] = asked.accounts;
  json["accounts_accepted"] = previous.accepting;
  json["previous_run_sha256"] = asked.previous_run_sha256 ? Json(*asked.previous_run_sha256) : Json();
  Json inputs = Json::array();
  for (const InputFile& file : book.files) {
    inputs.push_back({{"file", file.name}, {"sha256", file.sha256}, {"bytes", file.bytes}, {"rows", file.rows}});
  }
  json["inputs"] = std::move(inputs);
  Json outputs = Json::array();
  for (const auto& [name, file] : written.files()) {
    outputs.push_back({{"file", name}, {"sha256", file.sha256.hex()}, {"bytes", file.bytes}});
  }
  json["outputs"] = std::move(outputs);
  Json cases = Json::array();
  for (const SavedCase& saved : run.cases) cases.push_back(saved.name);
  json["cases"] = std::move(cases);
  return folder.write("run.json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<bool> write_cases(const RunResult& run, OutputFolder& folder) {
  for (const SavedCase& saved : run.cases) {
    if (auto written = folder.write(saved.name, saved.text); !written) return written;
  }
  return true;
}

}  // namespace

std::vector<ExceptionLine> exception_lines(const Book& book, const RunResult& run) {
  Lines lines;
  for (const Finding& finding : run.gates) lines.push_back({{}, {}, finding});
  std::set<decltype(identity(std::declval<const Finding&>()))> repeated;
  for (const AccountResult& result : run.accounts) {
    for (const Finding& finding : result.exceptions) {
      repeated.insert(identity(finding));
      lines.push_back({book.account(result.account).id.text, household_of(book, result.account), finding});
    }
  }
  for (const Finding& finding : book.findings) {
    if (!repeated.contains(identity(finding))) lines.push_back(line_of_book(book, finding));
  }
  std::ranges::stable_sort(lines,
                           [](const ExceptionLine& a, const ExceptionLine& b) { return order_of(a) < order_of(b); });
  return lines;
}

Result<bool> write_outputs(const Book& book, const RunResult& run, OutputFolder& given, const PreviousRun& previous,
                           const RunAsked& asked) {
  HashingFolder folder(given);
  const Lines lines = exception_lines(book, run);
  const std::vector<Stake> stakes = stakes_of(book, run, lines);
  for (const auto& write : std::initializer_list<std::function<Result<bool>()>>{
           [&] { return write_orders(book, run, folder); },
           [&] { return write_lot_sales(book, run, folder); },
           [&] { return write_accounts(book, run, lines, folder); },
           [&] { return write_exceptions(lines, stakes, folder); },
           [&] { return write_exceptions_page(book, run, lines, stakes, previous, folder); },
           [&] { return write_gates_page(book, run, previous, folder); },
           [&] { return write_state(book, run, previous, folder); },
           [&] { return write_reasons(book, run, folder); },
           [&] { return write_harvests(book, run, folder); },
           [&] { return write_binding_rules(run, folder); },
           [&] { return write_left(book, run, folder); },
           [&] { return write_blocks(book, run, folder); },
           [&] { return write_prices(book, folder); },
           [&] { return write_multipliers(book, run, folder); },
           [&] { return write_cases(run, folder); },
           [&] { return write_run_json(book, run, folder, previous, asked, given); },
       }) {
    if (auto written = write(); !written) return written;
  }
  return true;
}

const char* engine_version() { return LOTWRIGHT_VERSION; }

}  // namespace lotwright
