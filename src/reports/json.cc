#include <nlohmann/json.hpp>

#include "orders/names.h"
#include "reports/json_number.h"
#include "reports/report.h"

namespace lotwright::reports {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const AccountFacts& facts, const Trade& trade) {
  Json lots = Json::array();
  for (const LotSale& sale : trade.lots) {
    const TaxLot& lot = facts.account().lots[sale.lot];
    lots.push_back({{"lot_id", lot.id.text},
                    {"acquired_on", lot.acquired_on.to_string()},
                    {"quantity", sale.quantity.to_double()},
                    {"proceeds", sale.proceeds.to_double()},
                    {"cost_basis", number(sale.cost_basis)},
                    {"gain", number(sale.gain)},
                    {"term", name_of(sale.term)},
                    {"disallowed", sale.disallowed.to_double()}});
  }
  return lots;
}

Json orders_of(const AccountFacts& facts) {
  Json list = Json::array();
  for (const Order& order : facts.result->orders) {
    const Trade& trade = order.trade;
    list.push_back({{"order_id", order.id},
                    {"security_id", facts.book->security(trade.security).id.text},
                    {"side", name_of(trade.side)},
                    {"quantity", trade.quantity.to_double()},
                    {"price", trade.price.to_double()},
                    {"amount", trade.amount.to_double()},
                    {"commission", trade.commission.to_double()},
                    {"reason", order.reason},
                    {"lots", json_of(facts, trade)}});
  }
  return list;
}

Json reasons_of(const AccountResult& result) {
  Json list = Json::array();
  for (const ReasonRow& row : result.reasons) {
    list.push_back({{"security_id", row.security_id},
                    {"lot_id", row.lot_id},
                    {"decision", name_of(row.decision)},
                    {"rule", row.rule},
                    {"benefit", row.benefit.to_double()},
                    {"tax", row.tax.to_double()},
                    {"cost", row.cost.to_double()},
                    {"funding", row.funding.to_double()},
                    {"net", row.net.to_double()},
                    {"source", row.source}});
    if (row.tracking_error) list.back()["tracking_error"] = *row.tracking_error;
    if (row.share) list.back()["share"] = row.share->to_double();
    if (row.without) list.back()["without"] = row.without->to_double();
  }
  return list;
}

// Drifts with a row of their own have their share there.
Json left_of(const AccountResult& result) {
  Json smaller = Json::array();
  for (const SmallerDrifts& drifts : result.left_smaller) {
    smaller.push_back({{"cause", drifts.cause}, {"lines", drifts.lines}, {"share", drifts.share.to_double()}});
  }
  return {{"dollars", number(result.left)}, {"smaller", std::move(smaller)}};
}

Json harvests_of(const AccountResult& result) {
  Json list = Json::array();
  for (const HarvestRow& row : result.harvests) {
    const bool known = row.status != HarvestStatus::not_scanned;
    const auto amount = [&](Money dollars) { return known ? Json(dollars.to_double()) : Json(); };
    list.push_back({{"security_id", row.security_id},
                    {"status", name_of(row.status)},
                    {"lots", known ? Json(row.lots) : Json()},
                    {"lots_unknown_basis", known ? Json(row.lots_unknown_basis) : Json()},
                    {"loss", amount(row.loss)},
                    {"taken", amount(row.taken)},
                    {"disallowed", amount(row.disallowed)},
                    {"skipped", amount(row.skipped)},
                    {"rule", row.rule},
                    {"value", number(row.value)},
                    {"replacement_tracking_error", number(row.replacement_tracking_error)},
                    {"tracking_error_added", number(row.tracking_error_added)},
                    {"source", row.source}});
  }
  return list;
}

Json lines_of(const AccountFacts& facts) {
  Json list = Json::array();
  for (const LineFacts& line : facts.lines) {
    list.push_back({{"security_id", line.security.exists() ? facts.book->security(line.security).id.text : "cash"},
                    {"target", line.target.to_double()},
                    {"before", line.before.to_double()},
                    {"after", line.after.to_double()}});
  }
  return list;
}

Json requests_of(const AccountFacts& facts) {
  Json list = Json::array();
  for (const RequestFacts& request : facts.requests) {
    list.push_back({{"request_id", request.id},
                    {"kind", request.kind},
                    {"amount", number(request.amount)},
                    {"due_on", request.due_on.to_string()},
                    {"value", request.value}});
  }
  return list;
}

Json exceptions_of(const AccountFacts& facts) {
  Json list = Json::array();
  for (const Finding& finding : facts.exceptions) {
    list.push_back({{"rule", finding.rule},
                    {"severity", name_of(finding.severity)},
                    {"observed", finding.observed},
                    {"limit", finding.limit},
                    {"message", finding.message}});
  }
  return list;
}

Json json_of(const std::optional<BudgetUse>& use) {
  if (!use) return Json();
  return {{"budget", use->budget.to_double()}, {"left", use->left.to_double()}, {"price", use->price}};
}

void add_figures(Json& json, const AccountResult& result) {
  json["value"] = result.value.to_double();
  json["investable_value"] = result.investable.to_double();
  json["cash_before"] = result.cash_before.to_double();
  json["cash_after"] = result.cash_after.to_double();
  json["tracking_error_before"] = result.tracking_error_before;
  json["tracking_error_after"] = result.tracking_error_after;
  json["turnover"] = result.turnover;
  json["gain_short"] = result.gain_short.to_double();
  json["gain_long"] = result.gain_long.to_double();
  json["tax"] = result.tax;
  json["trading_cost"] = result.trading_cost;
  json["waiting"] = result.waiting;
  json["objective_before"] = result.objective_before;
  json["objective_after"] = result.objective_after;
  json["improvement"] = result.improvement.to_double();
  json["bound"] = number(result.bound);
  json["gap"] = number(result.gap);
  json["year_tax_before"] = number(result.year_tax_before);
  json["year_tax_after"] = number(result.year_tax_after);
  json["gain_budget"] = json_of(result.gain_budget);
  json["tax_budget"] = json_of(result.tax_budget);
}

Json sections_of(const Report& report) {
  Json list = Json::array();
  for (const Section& section : report.sections) {
    Json items = Json::array();
    for (const Item& item : section.items) items.push_back({{"sentence", item.sentence}, {"details", item.details}});
    list.push_back({{"heading", section.heading}, {"items", std::move(items)}});
  }
  return list;
}

}  // namespace

std::string json_of(const AccountFacts& facts, const Report& report) {
  const Book& book = *facts.book;
  const Account& account = facts.account();
  Json json;
  json["as_of"] = book.firm.as_of.to_string();
  json["account_id"] = account.id.text;
  json["household_id"] = book.households[account.household.value].id.text;
  json["taxpayer_id"] = account.taxpayer.exists() ? Json(book.taxpayers[account.taxpayer.value].id.text) : Json();
  json["tax_treatment"] = facts.tax_treatment;
  json["model"] = facts.model;
  json["policy"] = account.policy;
  json["mode"] = facts.mode;
  json["status"] = name_of(facts.result->status);
  add_figures(json, *facts.result);
  json["decided_before"] = facts.decided_before;
  json["gates_of_the_run"] = facts.gates;
  json["orders"] = orders_of(facts);
  json["reasons"] = reasons_of(*facts.result);
  json["harvests"] = harvests_of(*facts.result);
  json["lines"] = lines_of(facts);
  json["left"] = left_of(*facts.result);
  json["requests"] = requests_of(facts);
  json["exceptions"] = exceptions_of(facts);
  json["explanation"] = sections_of(report);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright::reports
