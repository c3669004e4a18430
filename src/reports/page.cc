#include "reports/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "orders/names.h"
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

constexpr std::size_t lines_charted_max = 14;

// ── tables

// The dollars of an order's or lot's row of the reasons; empty cells where it has none.
std::vector<std::string> dollars_of(const AccountResult& result, const std::string& security, const std::string& lot) {
  for (const ReasonRow& row : result.reasons) {
    const bool in_sum = row.decision == Decision::bought || row.decision == Decision::sold;
    if (!in_sum || row.security_id != security || row.lot_id != lot) continue;
    return {usd(row.benefit), usd(row.tax), usd(row.cost), usd(row.funding), usd(row.net)};
  }
  return {"", "", "", "", ""};
}

Table table_of_trades(const AccountFacts& facts) {
  Table table;
  table.text_columns = 5;
  table.columns = {"side", "security", "lot", "acquired", "term", "quantity", "proceeds or cost",
                   "gain", "benefit",  "tax", "trading",  "cash", "share"};
  const auto add = [&](std::vector<std::string> cells, const std::vector<std::string>& dollars) {
    cells.insert(cells.end(), dollars.begin(), dollars.end());
    table.rows.push_back(std::move(cells));
  };
  for (const Order& order : facts.result->orders) {
    const Trade& trade = order.trade;
    const std::string& security = facts.book->security(trade.security).id.text;
    if (trade.side == Side::buy) {
      add({"buy", security, "", "", "", trade.quantity.to_string(), usd(trade.amount), ""},
          dollars_of(*facts.result, security, {}));
    }
    for (const LotSale& sale : trade.lots) {
      const TaxLot& lot = facts.account().lots[sale.lot];
      add({"sell", security, lot.id.text, lot.acquired_on.to_string(), term_in_words(sale.term),
           sale.quantity.to_string(), usd(sale.proceeds), sale.gain ? usd(*sale.gain) : "unknown"},
          dollars_of(*facts.result, security, lot.id.text));
    }
  }
  return table;
}

// ── charts

ChartBar bar_of(const AccountFacts& facts, const std::string& label, const LineFacts& line) {
  const double whole = facts.result->investable.to_double();
  return {label, line.target.to_double(), line.before.to_double() / whole, line.after.to_double() / whole};
}

std::vector<ChartBar> largest_lines(const AccountFacts& facts) {
  std::vector<ChartBar> bars;
  for (const LineFacts& line : facts.lines) {
    bars.push_back(bar_of(facts, line.security.exists() ? facts.book->security(line.security).id.text : "cash", line));
  }
  const auto size = [](const ChartBar& bar) {
    return std::max({std::abs(bar.target.value_or(0.0)), std::abs(bar.before), std::abs(bar.after)});
  };
  std::ranges::stable_sort(bars, [&](const ChartBar& a, const ChartBar& b) { return size(a) > size(b); });
  bars.resize(std::min(bars.size(), lines_charted_max));
  return bars;
}

std::vector<ChartBar> asset_classes(const AccountFacts& facts) {
  std::map<std::string, ChartBar> classes;
  for (const LineFacts& line : facts.lines) {
    std::string name = line.security.exists() ? facts.book->security(line.security).asset_class : "cash";
    if (name.empty()) name = "no asset class";
    const ChartBar bar = bar_of(facts, name, line);
    ChartBar& sum = classes[name];
    sum.label = name;
    sum.target = sum.target.value_or(0.0) + bar.target.value_or(0.0);
    sum.before += bar.before;
    sum.after += bar.after;
  }
  std::vector<ChartBar> bars;
  for (const auto& [name, bar] : classes) bars.push_back(bar);
  return bars;
}

std::string charts_of(const AccountFacts& facts) {
  if (!facts.result->investable.is_positive() || facts.lines.empty()) return {};
  return "<section><h2>Weights</h2>\n<p class=\"key\">Pale: before. Full: after. <b>Upright line: target.</b> Of the "
         "value to be invested.</p>\n" +
         drift_chart("classes", "Asset classes against their targets", asset_classes(facts)) +
         drift_chart("lines", "The largest lines against their targets", largest_lines(facts)) + "</section>\n";
}

}  // namespace

// The answer first, then the pictures, the words, and last every row.
std::string page_of(const AccountFacts& facts, const Report& report) {
  const Table trades = table_of_trades(facts);
  std::string html;
  for (std::size_t i = 0; i < report.sections.size(); ++i) {
    if (i == std::min<std::size_t>(2, report.sections.size() - 1)) html += charts_of(facts);
    html += html_of(report.sections[i]);
  }
  if (!trades.rows.empty()) {
    html += "<section><h2>Every lot</h2>\n" + html_of(trades, "Trades by lot") + "</section>\n";
  }
  return whole_page(report.title, "", html);
}

}  // namespace lotwright::reports
