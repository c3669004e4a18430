#include "reports/what_if.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "orders/cash_line.h"
#include "orders/names.h"
#include "reports/json_number.h"
#include "reports/words.h"

namespace lotwright::reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t lines_told_max = 25;

std::string usd_or_none(const std::optional<double>& amount) { return amount ? usd(*amount) : "-"; }

struct Row {
  const char* name;
  std::function<std::string(const VariantFacts&)> text;
};

std::vector<Row> figures() {
  const auto dollars = [](auto member) {
    return [member](const VariantFacts& one) { return usd(one.result->*member); };
  };
  return {
      {"status", [](const VariantFacts& one) { return std::string(name_of(one.result->status)); }},
      {"model", [](const VariantFacts& one) { return one.model; }},
      {"orders", [](const VariantFacts& one) { return std::to_string(one.result->orders.size()); }},
      {"bought", [](const VariantFacts& one) { return usd(traded(*one.result, Side::buy)); }},
      {"sold", [](const VariantFacts& one) { return usd(traded(*one.result, Side::sell)); }},
      {"turnover", [](const VariantFacts& one) { return percent(one.result->turnover); }},
      {"short-term gain", dollars(&AccountResult::gain_short)},
      {"long-term gain", dollars(&AccountResult::gain_long)},
      {"tax bill of the year before", [](const VariantFacts& one) { return usd_or_none(one.result->year_tax_before); }},
      {"tax bill of the year after", [](const VariantFacts& one) { return usd_or_none(one.result->year_tax_after); }},
      {"tax of these orders",
       [](const VariantFacts& one) {
         const AccountResult& of = *one.result;
         return of.year_tax_after && of.year_tax_before ? usd(*of.year_tax_after - *of.year_tax_before)
                                                        : std::string("-");
       }},
      {"tax as the objective counts it", [](const VariantFacts& one) { return usd(one.result->tax); }},
      {"tracking error before", [](const VariantFacts& one) { return percent(one.result->tracking_error_before, 3); }},
      {"tracking error after", [](const VariantFacts& one) { return percent(one.result->tracking_error_after, 3); }},
      {"cash before", dollars(&AccountResult::cash_before)},
      {"cash after", dollars(&AccountResult::cash_after)},
      {"objective before", dollars(&AccountResult::objective_before)},
      {"objective after", dollars(&AccountResult::objective_after)},
      {"bound", [](const VariantFacts& one) { return usd_or_none(one.result->bound); }},
      {"gap in basis points",
       [](const VariantFacts& one) {
         const auto gap = gap_bps(*one.result);
         return gap ? fmt::format("{:.3f}", *gap) : std::string("-");
       }},
      {"exceptions", [](const VariantFacts& one) { return std::to_string(one.exceptions.size()); }},
  };
}

// Turnover is the smaller of purchases and sales: it does not see that a variant only sells. Empty: no more cash stays
// than the policy wants.
std::string cash_beyond_most(const VariantFacts& one) {
  const AccountResult& result = *one.result;
  if (!result.investable.is_positive()) return {};
  const double most = one.book->account(result.account).effective_policy.cash_max.to_double();
  const Money line = cash_line_after(*one.book, result);
  const double part = line.to_double() / result.investable.to_double();
  if (part <= most || percent(part) == percent(most)) return {};
  return fmt::format("Mind the cash of {}: {} stay in cash after the orders, {} of what is invested; cash_max is {}.",
                     one.name, usd(line), percent(part), percent(most));
}

Section side_by_side(const WhatIfFacts& facts) {
  Section section;
  section.heading = "Side by side";
  section.table.columns = {""};
  for (const VariantFacts& one : facts.variants) section.table.columns.push_back(one.name);
  const auto add = [&](const std::string& name, const auto& text) {
    std::vector<std::string> cells = {name};
    for (const VariantFacts& one : facts.variants) cells.push_back(text(one));
    section.table.rows.push_back(std::move(cells));
  };
  for (const Row& row : figures()) add(row.name, row.text);
  add("objective after, by present settings",
      [](const VariantFacts& one) { return usd_or_none(one.objective_by_present); });
  if (std::ranges::any_of(facts.variants, [](const VariantFacts& one) { return one.kept.has_value(); })) {
    const auto part = [](const std::optional<double>& of) { return of ? percent(*of, 1) : std::string("-"); };
    add("of the improvement kept", [&](const VariantFacts& one) { return part(one.kept); });
    add("no so few orders keep more than", [&](const VariantFacts& one) { return part(one.kept_most); });
  }
  for (const VariantFacts& one : facts.variants) {
    if (!one.changes.empty()) section.items.push_back({one.name + ": " + one.changes + ".", {}});
  }
  for (const VariantFacts& one : facts.variants) {
    if (const std::string warning = cash_beyond_most(one); !warning.empty()) section.items.push_back({warning, {}});
  }
  return section;
}

Section parts_of_the_objective(const WhatIfFacts& facts) {
  Section section;
  section.heading = "The objective after the orders, by part";
  section.table.columns = {""};
  for (const VariantFacts& one : facts.variants) section.table.columns.push_back(one.name);
  for (std::size_t i = 0; i < facts.variants.front().parts.size(); ++i) {
    std::vector<std::string> cells = {facts.variants.front().parts[i].name};
    for (const VariantFacts& one : facts.variants) cells.push_back(usd(one.parts[i].after));
    section.table.rows.push_back(std::move(cells));
  }
  return section;
}

// What each variant trades in one security, sells negative.
using Quantities = std::map<std::string, std::vector<Quantity>>;

Quantities quantities_of(const WhatIfFacts& facts) {
  Quantities quantities;
  for (std::size_t i = 0; i < facts.variants.size(); ++i) {
    const VariantFacts& variant = facts.variants[i];
    for (const Order& order : variant.result->orders) {
      auto& row = quantities[variant.book->security(order.trade.security).id.text];
      row.resize(facts.variants.size());
      row[i] = order.trade.side == Side::sell ? -order.trade.quantity : order.trade.quantity;
    }
  }
  return quantities;
}

Section orders_side_by_side(const WhatIfFacts& facts) {
  std::map<std::string, double> largest;  // dollars of the largest order in the security
  for (const VariantFacts& variant : facts.variants) {
    for (const Order& order : variant.result->orders) {
      double& most = largest[variant.book->security(order.trade.security).id.text];
      most = std::max(most, order.trade.amount.to_double());
    }
  }
  std::vector<std::pair<double, std::string>> ranked;
  for (const auto& [id, dollars] : largest) ranked.emplace_back(-dollars, id);
  std::ranges::sort(ranked);

  Section section;
  section.heading = "Orders: shares bought, sold with a minus";
  section.table.columns = {"security"};
  for (const VariantFacts& one : facts.variants) section.table.columns.push_back(one.name);
  const Quantities quantities = quantities_of(facts);
  for (std::size_t i = 0; i < std::min(ranked.size(), lines_told_max); ++i) {
    std::vector<std::string> cells = {ranked[i].second};
    for (const Quantity& quantity : quantities.at(ranked[i].second)) {
      cells.push_back(quantity.is_zero() ? "" : quantity.to_string());
    }
    section.table.rows.push_back(std::move(cells));
  }
  if (ranked.empty()) section.items.push_back({"No variant trades.", {}});
  if (ranked.size() > lines_told_max) {
    section.items.push_back(
        {fmt::format("The {} largest of {} securities traded; --json has all.", lines_told_max, ranked.size()), {}});
  }
  return section;
}

Section exceptions_of(const WhatIfFacts& facts) {
  Section section;
  section.heading = "Exceptions";
  for (const VariantFacts& one : facts.variants) {
    Item item{one.name + ": " + (one.exceptions.empty() ? "none." : ""), {}};
    for (const Finding& finding : one.exceptions) {
      item.details.push_back(fmt::format("{} {}: {}", name_of(finding.severity), finding.rule, finding.message));
    }
    section.items.push_back(std::move(item));
  }
  return section;
}

// Accounts that are decided together with this one and do otherwise in some variant.
Section beside_section(const WhatIfFacts& facts) {
  Section section;
  const std::vector<BesideFact>& present = facts.variants.front().beside;
  for (const VariantFacts& one : facts.variants) {
    for (std::size_t i = 0; i < one.beside.size() && i < present.size(); ++i) {
      const BesideFact& now = one.beside[i];
      const BesideFact& was = present[i];
      if (now.orders == was.orders && std::abs(now.tax - was.tax) < 0.005) continue;
      section.items.push_back(
          {fmt::format("{}: {} has {} orders and a tax as the objective counts it of {}, as it is {} and {}.", one.name,
                       now.account_id, now.orders, usd(now.tax), was.orders, usd(was.tax)),
           {}});
    }
  }
  if (!section.items.empty()) section.heading = "What changes in accounts decided with it";
  return section;
}

Json json_of(const VariantFacts& facts, const Order& order) {
  Json lots = Json::array();
  for (const LotSale& sale : order.trade.lots) {
    const TaxLot& lot = facts.book->account(facts.result->account).lots[sale.lot];
    lots.push_back({{"lot_id", lot.id.text},
                    {"quantity", sale.quantity.to_double()},
                    {"gain", number(sale.gain)},
                    {"term", name_of(sale.term)}});
  }
  return {{"security_id", facts.book->security(order.trade.security).id.text},
          {"side", name_of(order.trade.side)},
          {"quantity", order.trade.quantity.to_double()},
          {"price", order.trade.price.to_double()},
          {"amount", order.trade.amount.to_double()},
          {"reason", order.reason},
          {"lots", std::move(lots)}};
}

Json json_of(const VariantFacts& one) {
  const AccountResult& result = *one.result;
  Json parts = Json::object();
  for (const PartFact& part : one.parts) parts[part.name] = {{"before", part.before}, {"after", part.after}};
  Json exceptions = Json::array();
  for (const Finding& finding : one.exceptions) {
    exceptions.push_back({{"rule", finding.rule},
                          {"severity", name_of(finding.severity)},
                          {"observed", finding.observed},
                          {"limit", finding.limit},
                          {"message", finding.message}});
  }
  Json orders = Json::array();
  for (const Order& order : result.orders) orders.push_back(json_of(one, order));
  Json beside = Json::array();
  for (const BesideFact& other : one.beside) {
    beside.push_back({{"account_id", other.account_id}, {"orders", other.orders}, {"tax", other.tax}});
  }
  return {{"name", one.name},
          {"changes", one.changes},
          {"model", one.model},
          {"status", name_of(result.status)},
          {"orders_count", result.orders.size()},
          {"bought", traded(result, Side::buy).to_double()},
          {"sold", traded(result, Side::sell).to_double()},
          {"turnover", result.turnover},
          {"gain_short", result.gain_short.to_double()},
          {"gain_long", result.gain_long.to_double()},
          {"tax", result.tax},
          {"year_tax_before", number(result.year_tax_before)},
          {"year_tax_after", number(result.year_tax_after)},
          {"trading_cost", result.trading_cost},
          {"tracking_error_before", result.tracking_error_before},
          {"tracking_error_after", result.tracking_error_after},
          {"cash_before", result.cash_before.to_double()},
          {"cash_after", result.cash_after.to_double()},
          {"objective_before", result.objective_before},
          {"objective_after", result.objective_after},
          {"objective_by_present_settings", number(one.objective_by_present)},
          {"kept", number(one.kept)},
          {"kept_most", number(one.kept_most)},
          {"parts", std::move(parts)},
          {"bound", number(result.bound)},
          {"gap_bps", number(gap_bps(result))},
          {"exceptions", std::move(exceptions)},
          {"orders", std::move(orders)},
          {"beside", std::move(beside)}};
}

}  // namespace

// Figures of a held account are zeros: what holds it is told before them.
Section held_section(const WhatIfFacts& facts) {
  Section section;
  section.heading = "Held";
  for (const VariantFacts& one : facts.variants) {
    if (one.result->status != ResultStatus::held && one.result->status != ResultStatus::failed) continue;
    const auto hold =
        std::ranges::find_if(one.exceptions, [](const Finding& two) { return two.severity == Severity::hold; });
    const std::string why = hold == one.exceptions.end() ? std::string() : ": " + hold->message;
    section.items.push_back({fmt::format("\"{}\" is held and was not decided{}", one.name, why), {}});
  }
  return section;
}

Report report_of(const WhatIfFacts& facts) {
  Report report;
  report.title = fmt::format("What if: account {}, as of {}", facts.account_id, facts.as_of.to_string());
  report.sections = {side_by_side(facts), parts_of_the_objective(facts), orders_side_by_side(facts),
                     exceptions_of(facts), beside_section(facts)};
  if (report.sections.back().items.empty()) report.sections.pop_back();
  if (Section held = held_section(facts); !held.items.empty())
    report.sections.insert(report.sections.begin(), std::move(held));
  return report;
}

std::string json_of(const WhatIfFacts& facts) {
  Json json;
  json["account_id"] = facts.account_id;
  json["as_of"] = facts.as_of.to_string();
  json["variants"] = Json::array();
  for (const VariantFacts& one : facts.variants) json["variants"].push_back(json_of(one));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright::reports
