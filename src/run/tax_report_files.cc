#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "book/rules.h"
#include "run/case_file.h"
#include "run/csv_writer.h"
#include "run/names.h"
#include "run/outputs.h"
#include "run/tax_report.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;
using reports::TradedAccount;
using savings::Comparison;
using savings::Figures;
using savings::LotRow;

constexpr int rate_decimals = 12;

std::string date_or_empty(const std::optional<Date>& date) { return date ? date->to_string() : std::string(); }

const std::string& account_id(const Book& book, AccountIndex account) {
  static const std::string none;
  return account.exists() ? book.account(account).id.text : none;
}

// Of a header's comparison nobody's.
const Taxpayer& payer_of(const Book& book, const Comparison& comparison) {
  static const Taxpayer none;
  return comparison.taxpayer.exists() ? book.taxpayers[comparison.taxpayer.value] : none;
}

const std::string& security_id(const Book& book, SecurityIndex security) {
  static const std::string none;
  return security.exists() ? book.security(security).id.text : none;
}

// The gains one trader realized, as the netting counts them.
struct Gains {
  Money short_term;
  Money long_term;
  Money disallowed;
};

// Of the rows that `mine` takes.
template <class Mine>
Gains gains_of(const Comparison& comparison, bool of_run, const Mine& mine) {
  Gains gains;
  for (const LotRow& row : comparison.rows) {
    if (row.of_run != of_run || !mine(row)) continue;
    (row.term == Term::long_term ? gains.long_term : gains.short_term) += row.counted;
    gains.disallowed += row.disallowed;
  }
  return gains;
}

// ── rows of text

using Cells = std::vector<std::pair<std::string_view, std::string>>;

void append(Cells& cells, const Figures& figures) {
  cells.insert(cells.end(), {{"saved", dollars(figures.saved)},
                             {"saved_due", dollars(figures.saved_due)},
                             {"saved_carried", dollars(figures.saved_carried)},
                             {"deferral", dollars(figures.deferral)},
                             {"harvest", dollars(figures.harvest)},
                             {"rate_difference", dollars(figures.rate_difference)},
                             {"permanent", dollars(figures.permanent)},
                             {"later_tax", dollars(figures.later_tax)},
                             {"later_tax_today", dollars(figures.later_tax_today)}});
}

void append(Cells& cells, const Gains& of_baseline, const Gains& of_run) {
  cells.insert(cells.end(), {{"gain_short_baseline", dollars(of_baseline.short_term)},
                             {"gain_long_baseline", dollars(of_baseline.long_term)},
                             {"gain_short_run", dollars(of_run.short_term)},
                             {"gain_long_run", dollars(of_run.long_term)},
                             {"disallowed_baseline", dollars(of_baseline.disallowed)},
                             {"disallowed_run", dollars(of_run.disallowed)}});
}

// A file whose header is the columns that its rows' cells name.
class Sheet {
 public:
  Sheet(OutputFolder& folder, const std::string& name, const Cells& cells)
      : file_(folder, name, parts(cells, &Cells::value_type::first)) {}

  void row(const Cells& cells) { file_.row(parts(cells, &Cells::value_type::second)); }
  Result<bool> finish() { return file_.finish(); }

 private:
  template <class Part>
  static std::vector<std::string_view> parts(const Cells& cells, Part Cells::value_type::*part) {
    std::vector<std::string_view> texts;
    for (const auto& cell : cells) texts.push_back(cell.*part);
    return texts;
  }

  CsvWriter file_;
};

Cells cells_of(const Book& book, const Comparison& comparison, const LotRow& row) {
  Cells cells = {{"period", name_of(comparison.period)},
                 {"baseline", name_of(comparison.baseline)},
                 {"trader", row.of_run ? "run" : "baseline"},
                 {"taxpayer_id", payer_of(book, comparison).id.text},
                 {"account_id", account_id(book, row.account)},
                 {"security_id", security_id(book, row.security)},
                 {"lot_id", row.lot_id},
                 {"event", name_of(row.event)},
                 {"acquired_on", date_or_empty(row.acquired_on)},
                 {"held_from", date_or_empty(row.held_from)},
                 {"sold_on", date_or_empty(row.sold_on)},
                 {"quantity", row.quantity ? row.quantity->to_string() : ""},
                 {"proceeds", dollars(row.proceeds)},
                 {"cost_basis", dollars(row.cost_basis)},
                 {"gain", dollars(row.gain)},
                 {"term", name_of(row.term)},
                 {"disallowed", dollars(row.disallowed)},
                 {"lost", dollars(row.lost)},
                 {"counted", dollars(row.counted)},
                 {"basis_change", dollars(row.basis_change)},
                 {"rate", decimal(row.rate, rate_decimals)},
                 {"rate_carried", decimal(comparison.rate_carried, rate_decimals)},
                 {"rate_later", comparison.rate_later.to_string()}};
  append(cells, row.figures);
  return cells;
}

Cells cells_of(const Book& book, const Comparison& comparison, AccountIndex account, const TradedAccount* told) {
  const auto mine = [&](const LotRow& row) { return row.account == account; };
  const bool today = comparison.period == savings::Period::run && told != nullptr && told->decided();
  const auto unknown =
      std::ranges::count_if(comparison.rows, [&](const LotRow& row) { return mine(row) && !row.gain; });
  const auto figure = [&](const std::string& text) { return today ? text : std::string(); };
  const auto percent = [&](double value) { return figure(decimal(value, 10)); };
  static const reports::TraderFacts nothing;
  const reports::TraderFacts& other = today ? told->baselines[static_cast<std::size_t>(comparison.baseline)] : nothing;
  const reports::TraderFacts& run = today ? told->run : nothing;
  const Figures figures = figures_of(comparison, account);

  Cells cells = {{"period", name_of(comparison.period)},
                 {"baseline", name_of(comparison.baseline)},
                 {"taxpayer_id", payer_of(book, comparison).id.text},
                 {"account_id", account_id(book, account)},
                 {"status", told == nullptr ? "" : name_of(told->status)},
                 {"held_by", told == nullptr ? "" : told->held_by},
                 {"value", told == nullptr ? "" : dollars(told->value)}};
  append(cells, gains_of(comparison, false, mine), gains_of(comparison, true, mine));
  append(cells, figures);
  cells.insert(cells.end(), {{"net_today", dollars(figures.net_today())},
                             {"gains_unknown", std::to_string(unknown)},
                             {"tracking_error_before", percent(today ? told->tracking_error_before : 0.0)},
                             {"tracking_error_baseline", percent(other.tracking_error)},
                             {"tracking_error_run", percent(run.tracking_error)},
                             {"bought_baseline", figure(dollars(other.bought))},
                             {"sold_baseline", figure(dollars(other.sold))},
                             {"bought_run", figure(dollars(run.bought))},
                             {"sold_run", figure(dollars(run.sold))},
                             {"trading_cost_baseline", figure(decimal(other.trading_cost, 6))},
                             {"trading_cost_run", figure(decimal(run.trading_cost, 6))},
                             {"cash_missing_baseline", figure(dollars(other.cash_missing))},
                             {"cash_missing_run", figure(dollars(run.cash_missing))}});
  return cells;
}

Cells cells_of(const Book& book, const Comparison& comparison) {
  const auto every = [](const LotRow&) { return true; };
  const Gains of_run = gains_of(comparison, true, every);
  const Taxpayer& payer = payer_of(book, comparison);
  Money realized = of_run.short_term + of_run.long_term;
  if (comparison.period == savings::Period::run) realized += payer.realized_short_ytd + payer.realized_long_ytd;
  const savings::YearTax& other = comparison.of_baseline;
  const savings::YearTax& run = comparison.of_run;
  Cells cells = {{"period", name_of(comparison.period)},
                 {"baseline", name_of(comparison.baseline)},
                 {"taxpayer_id", payer.id.text}};
  append(cells, gains_of(comparison, false, every), of_run);
  append(cells, comparison.total);
  cells.insert(cells.end(), {{"net_today", dollars(comparison.total.net_today())},
                             {"gains_unknown", std::to_string(comparison.unknown)},
                             {"net_short_baseline", dollars(other.gains.short_term)},
                             {"net_long_baseline", dollars(other.gains.long_term)},
                             {"net_short_run", dollars(run.gains.short_term)},
                             {"net_long_run", dollars(run.gains.long_term)},
                             {"tax_baseline", dollars(other.tax)},
                             {"tax_run", dollars(run.tax)},
                             {"due_baseline", dollars(other.due)},
                             {"due_run", dollars(run.due)},
                             {"carried_baseline", dollars(other.carried)},
                             {"carried_run", dollars(run.carried)},
                             {"carried_value_baseline", dollars(other.carried_value)},
                             {"carried_value_run", dollars(run.carried_value)},
                             {"rate_short", decimal(comparison.rate_short, rate_decimals)},
                             {"rate_long", decimal(comparison.rate_long, rate_decimals)},
                             {"rate_carried", decimal(comparison.rate_carried, rate_decimals)},
                             {"rate_later", comparison.rate_later.to_string()},
                             {"gain_budget", dollars(payer.gain_budget)},
                             {"gain_budget_used", payer.gain_budget ? dollars(realized) : ""},
                             {"tax_budget", dollars(payer.tax_budget)},
                             {"tax_budget_used", payer.tax_budget ? dollars(std::max(Money(), run.tax)) : ""}});
  return cells;
}

// ── the book

struct BookFigures {
  savings::Period period = savings::Period::run;
  savings::Baseline baseline = savings::Baseline::no_trading;
  std::size_t taxpayers = 0;
  std::size_t rows = 0;
  std::size_t unknown = 0;
  Figures total;
};

// By period, then baseline.
std::vector<BookFigures> figures_of_book(const TaxReport& report) {
  std::map<std::pair<savings::Period, savings::Baseline>, BookFigures> sums;
  for (const savings::Baseline baseline : savings::baselines) sums[{savings::Period::run, baseline}];
  sums[{savings::Period::year, savings::Baseline::no_trading}];
  for (const Comparison& one : report.comparisons) {
    BookFigures& sum = sums[{one.period, one.baseline}];
    ++sum.taxpayers;
    sum.rows += one.rows.size();
    sum.unknown += one.unknown;
    sum.total.add(one.total);
  }
  std::vector<BookFigures> figures;
  for (auto& [key, sum] : sums) {
    std::tie(sum.period, sum.baseline) = key;
    figures.push_back(sum);
  }
  return figures;
}

Cells cells_of(const BookFigures& sum) {
  Cells cells = {{"period", name_of(sum.period)},
                 {"baseline", name_of(sum.baseline)},
                 {"taxpayers", std::to_string(sum.taxpayers)},
                 {"lot_rows", std::to_string(sum.rows)},
                 {"gains_unknown", std::to_string(sum.unknown)}};
  append(cells, sum.total);
  cells.emplace_back("net_today", dollars(sum.total.net_today()));
  return cells;
}

// ── the files

Result<bool> write_lots(const Book& book, const TaxReport& report, OutputFolder& folder) {
  Sheet sheet(folder, "tax_lots.csv", cells_of(book, Comparison(), LotRow()));
  for (const Comparison& comparison : report.comparisons) {
    for (const LotRow& row : comparison.rows) sheet.row(cells_of(book, comparison, row));
  }
  return sheet.finish();
}

using ByTaxpayer = std::map<TaxpayerIndex, std::vector<const TradedAccount*>>;
ByTaxpayer by_taxpayer(const Book& book, const TaxReport& report) {
  ByTaxpayer accounts;
  for (const TradedAccount& told : report.accounts) accounts[book.account(told.account).taxpayer].push_back(&told);
  return accounts;
}

bool has_rows_of_nobody(const Comparison& comparison) {
  return std::ranges::any_of(comparison.rows, [](const LotRow& row) { return !row.account.exists(); });
}

Result<bool> write_accounts(const Book& book, const TaxReport& report, OutputFolder& folder) {
  Sheet sheet(folder, "tax_accounts.csv", cells_of(book, Comparison(), AccountIndex(), nullptr));
  ByTaxpayer accounts = by_taxpayer(book, report);
  for (const Comparison& comparison : report.comparisons) {
    for (const TradedAccount* told : accounts[comparison.taxpayer]) {
      sheet.row(cells_of(book, comparison, told->account, told));
    }
    if (has_rows_of_nobody(comparison)) sheet.row(cells_of(book, comparison, AccountIndex(), nullptr));
  }
  return sheet.finish();
}

Result<bool> write_taxpayers(const Book& book, const TaxReport& report, OutputFolder& folder) {
  Sheet sheet(folder, "tax_taxpayers.csv", cells_of(book, Comparison()));
  for (const Comparison& comparison : report.comparisons) sheet.row(cells_of(book, comparison));
  return sheet.finish();
}

Result<bool> write_book(const TaxReport& report, OutputFolder& folder) {
  Sheet sheet(folder, "tax_book.csv", cells_of(BookFigures()));
  for (const BookFigures& sum : figures_of_book(report)) sheet.row(cells_of(sum));
  return sheet.finish();
}

// As a run writes them, so that `evaluate` reads them.
Result<bool> write_orders(const Book& book, const BaselineOrders& baseline, OutputFolder& folder) {
  const std::string name = name_of(baseline.baseline);
  CsvWriter orders(
      folder, "tax_orders_" + name + ".csv",
      {"order_id", "account_id", "security_id", "side", "quantity", "price", "amount", "commission", "reason"});
  CsvWriter lots(folder, "tax_lot_sales_" + name + ".csv",
                 {"order_id", "account_id", "lot_id", "security_id", "quantity", "proceeds", "cost_basis", "gain",
                  "term", "disallowed"});
  for (const AccountTrades& one : baseline.accounts) {
    const Account& account = book.account(one.account);
    const std::vector<std::string> reasons(one.trades.size(), name);
    for (const Order& made : order(book, one, reasons)) {
      const Trade& trade = made.trade;
      const std::string& security = book.security(trade.security).id.text;
      orders.row({made.id, account.id.text, security, name_of(trade.side), trade.quantity.to_string(),
                  trade.price.to_string(2), dollars(trade.amount), dollars(trade.commission), made.reason});
      for (const LotSale& sale : trade.lots) {
        lots.row({made.id, account.id.text, account.lots[sale.lot].id.text, security, sale.quantity.to_string(),
                  dollars(sale.proceeds), dollars(sale.cost_basis), dollars(sale.gain), name_of(sale.term),
                  dollars(sale.disallowed)});
      }
    }
  }
  if (auto written = orders.finish(); !written) return written;
  return lots.finish();
}

Result<bool> write_pages(const Book& book, const TaxReport& report, const std::vector<std::string>& pages,
                         OutputFolder& folder) {
  const std::set<std::string> wanted(pages.begin(), pages.end());
  ByTaxpayer of_taxpayer = by_taxpayer(book, report);
  for (const TradedAccount& account : report.accounts) {
    const Account& facts = book.account(account.account);
    if (!wanted.empty() && !wanted.contains(facts.id.text)) continue;
    reports::SavingsFacts told{&book, &account, of_taxpayer[facts.taxpayer], {}};
    const auto [first, last] = std::ranges::equal_range(report.comparisons, facts.taxpayer, {}, &Comparison::taxpayer);
    for (auto one = first; one != last; ++one) told.comparisons.push_back(&*one);
    const std::string name = "tax_pages/" + name_for_file(facts.id.text) + ".html";
    if (auto written = folder.write(name, savings_page(told)); !written) return written;
  }
  return true;
}

}  // namespace

Result<bool> write_tax_report(const Book& book, const TaxReport& report, const std::vector<std::string>& pages,
                              OutputFolder& folder) {
  for (const auto& write : std::initializer_list<std::function<Result<bool>()>>{
           [&] { return write_lots(book, report, folder); },
           [&] { return write_accounts(book, report, folder); },
           [&] { return write_taxpayers(book, report, folder); },
           [&] { return write_book(report, folder); },
           [&] { return write_pages(book, report, pages, folder); },
           [&] { return folder.write("tax_report.json", json_of(book, report) + "\n"); },
       }) {
    if (auto written = write(); !written) return written;
  }
  for (const BaselineOrders& baseline : report.orders) {
    if (auto written = write_orders(book, baseline, folder); !written) return written;
  }
  return true;
}

namespace {

struct Held {
  std::size_t accounts = 0;
  std::map<std::string, std::size_t> by_rule;
};

Held held_in(const TaxReport& report) {
  std::vector<const TradedAccount*> all;
  for (const TradedAccount& one : report.accounts) all.push_back(&one);
  Held held{0, reports::held_by_rule(all)};
  for (const auto& [rule, accounts] : held.by_rule) held.accounts += accounts;
  return held;
}

}  // namespace

std::string json_of(const Book& book, const TaxReport& report) {
  const Held held = held_in(report);
  Json json = {{"firm", book.firm.name},
               {"as_of", book.firm.as_of.to_string()},
               {"engine_version", engine_version()},
               {"accounts", report.accounts.size()},
               {"accounts_held", held.accounts},
               {"held_by", held.by_rule},
               {"band_of_value", savings::band_of_value.to_double()},
               {"band_of_target", savings::band_of_target.to_double()},
               {"figures", Json::array()}};
  for (const BookFigures& sum : figures_of_book(report)) {
    Json one;
    for (const auto& [column, value] : cells_of(sum)) one[std::string(column)] = value;
    json["figures"].push_back(std::move(one));
  }
  Json inputs = Json::array();
  for (const InputFile& file : book.files) inputs.push_back({{"file", file.name}, {"sha256", file.sha256}});
  json["inputs"] = std::move(inputs);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string text_of(const Book& book, const TaxReport& report) {
  const Held held = held_in(report);
  std::string text = fmt::format("{}, {}: {} taxable account{}", book.firm.name, book.firm.as_of.to_string(),
                                 report.accounts.size(), report.accounts.size() == 1 ? "" : "s");
  auto out = std::back_inserter(text);
  if (held.accounts > 0) {
    const bool all = held.accounts == report.accounts.size();
    fmt::format_to(out, ", {}{} of them held: no orders left, and they count nothing here", all ? "all " : "",
                   held.accounts);
  }
  text += "\n";
  for (const auto& [rule, accounts] : held.by_rule) {
    fmt::format_to(out, "{:>6}  {}: {}\n", accounts, rule, rule::meaning_of(rule));
  }
  constexpr const char* line = "{:<20}{:>14}{:>16}{:>14}{:>14}{:>14}{:>16}{:>14}{:>14}\n";
  text += "\n";
  fmt::format_to(out, fmt::runtime(line), "compared with", "less tax due", "losses carried", "together", "deferral",
                 "harvest", "rate difference", "permanent", "net today");
  for (const BookFigures& sum : figures_of_book(report)) {
    const std::string name = sum.period == savings::Period::run ? name_of(sum.baseline) : "no trades this year";
    fmt::format_to(out, fmt::runtime(line), name, dollars(sum.total.saved_due), dollars(sum.total.saved_carried),
                   dollars(sum.total.saved), dollars(sum.total.deferral), dollars(sum.total.harvest),
                   dollars(sum.total.rate_difference), dollars(sum.total.permanent), dollars(sum.total.net_today()));
  }
  text +=
      "\nLess tax due: dollars of this year's tax; negative: more tax. Losses carried: what more losses carried "
      "forward\n"
      "are worth today (setting loss_value), not tax of this year. Together is the sum of these two, and of the four\n"
      "pieces after it. Net today takes off what the lower basis costs in later years, at today's worth "
      "(basis_value).\n"
      "The last line is of the year before these orders. Figures of several runs must not be added: each baseline\n"
      "begins anew from the lots as they are.\n";
  return text;
}

}  // namespace lotwright
