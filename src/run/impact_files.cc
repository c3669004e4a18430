// The impact of new files for a program: everything as JSON, a row an account as CSV.

#include <initializer_list>
#include <nlohmann/json.hpp>

#include "inputs/csv_text.h"
#include "run/csv_writer.h"
#include "run/impact.h"
#include "run/impact_spread.h"
#include "run/names.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

Json list_of(const std::map<std::string, Severity>& exceptions) {
  Json list = Json::object();
  for (const auto& [rule, severity] : exceptions) list[rule] = name_of(severity);
  return list;
}

Json json_of(const AccountFigures& one) {
  return {{"status", name_of(one.status)},
          {"orders", one.orders},
          {"traded", one.traded.to_double()},
          {"turnover", one.turnover},
          {"tax", one.tax},
          {"tracking_error_before", one.tracking_error_before},
          {"tracking_error_after", one.tracking_error_after},
          {"exceptions", list_of(one.exceptions)}};
}

Json json_of(const AccountImpact& one) {
  Json json{{"account_id", one.account_id},   {"model_id", one.model_id},        {"affected", one.affected},
            {"value", one.value.to_double()}, {"present", json_of(one.present)}, {"coming", json_of(one.coming)}};
  if (!one.why.empty()) json["why"] = one.why;
  if (one.rule.empty()) return json;
  json["rule"] = one.rule;
  json["severity"] = name_of(one.severity);
  json["message"] = one.message;
  return json;
}

Json json_of(const ModelFigures& one) {
  return {{"orders", one.orders}, {"traded", one.traded}, {"turnover", one.turnover}, {"tax", one.tax}};
}

Json json_of(const ModelImpact& one) {
  return {{"accounts", one.accounts},
          {"affected", one.affected},
          {"present", json_of(one.present)},
          {"coming", json_of(one.coming)},
          {"investable_value", one.investable},
          {"tracking_error_before", one.tracking_error_before},
          {"tracking_error_after", one.tracking_error_after},
          {"accounts_with_new_exceptions", one.people}};
}

Json json_of(const DriverFigures& one) {
  return {{"sold", one.sold.to_double()}, {"gain", one.gain.to_double()}, {"tax", one.tax}};
}

Json json_of(const std::vector<DriverImpact>& drivers) {
  Json list = Json::array();
  for (const DriverImpact& one : drivers)
    list.push_back(
        {{"driver", in_words(one.driver)}, {"present", json_of(one.present)}, {"coming", json_of(one.coming)}});
  return list;
}

Json json_of(const std::vector<RuleImpact>& rules) {
  Json list = Json::array();
  for (const RuleImpact& one : rules) {
    list.push_back({{"rule", one.rule},
                    {"accounts_present", one.present},
                    {"accounts_coming", one.coming},
                    {"appeared", one.appeared},
                    {"vanished", one.vanished}});
  }
  return list;
}

Json json_of(const std::vector<Spread>& spreads) {
  Json json = Json::object();
  for (const Spread& spread : spreads) {
    Json list = Json::array();
    for (const Bucket& one : spread.buckets) {
      Json bucket{{"range", one.label}};
      if (spread.both_runs) bucket["accounts_present"] = one.present;
      bucket[spread.both_runs ? "accounts_coming" : "accounts"] = one.coming;
      list.push_back(std::move(bucket));
    }
    json[spread.name] = std::move(list);
  }
  return json;
}

Json json_of(const std::vector<ModelChange>& changes) {
  Json list = Json::array();
  for (const ModelChange& change : changes) {
    Json moves = Json::object();
    for (const auto& [security, weight] : change.moves) moves[security] = weight;
    list.push_back({{"model_id", change.model_id},
                    {"new", change.is_new},
                    {"gone", change.is_gone},
                    {"usable", change.usable},
                    {"turnover", change.turnover},
                    {"securities_added", change.added},
                    {"securities_dropped", change.dropped},
                    {"weights_added", std::move(moves)}});
  }
  return list;
}

Json list_of(const Impact& impact, const std::vector<std::size_t>& places) {
  Json list = Json::array();
  for (const std::size_t place : places) list.push_back(json_of(impact.accounts[place]));
  return list;
}

// Of a run's summary without what its clock says, and without what an impact does not ask for.
Json totals_of(const Summary& summary) {
  Json json = Json::parse(json_of(summary));
  for (const char* key :
       {"harvest", "left", "gap", "gap_above_250000", "seconds", "accounts_a_second", "threads", "firm", "as_of"})
    json.erase(key);
  return json;
}

std::string rules_of(const AccountFigures& account) {
  std::string text;
  for (const auto& [rule, severity] : account.exceptions) text += (text.empty() ? "" : " ") + rule;
  return text;
}

}  // namespace

std::string json_of(const Impact& impact) {
  Json json;
  json["firm"] = impact.firm;
  json["as_of"] = impact.as_of.to_string();
  json["findings"] = Json::array();
  for (const Finding& finding : impact.findings) {
    json["findings"].push_back(
        {{"rule", finding.rule}, {"severity", name_of(finding.severity)}, {"message", finding.message}});
  }
  json["accounts_affected"] = impact.affected;
  json["accounts_decided_again"] = impact.decided;
  json["models_changed"] = json_of(impact.changes);
  json["versions_not_in_force"] = Json::array();
  for (const SleepingVersion& one : impact.sleeping) {
    json["versions_not_in_force"].push_back(
        {{"model_id", one.model_id},
         {"effective_on", one.effective_on ? Json(one.effective_on->to_string()) : Json()},
         {"in_force", one.in_force ? Json(one.in_force->to_string()) : Json()}});
  }
  json["present"] = totals_of(impact.present);
  json["coming"] = totals_of(impact.coming);
  json["by_model"] = Json::object();
  for (const auto& [id, model] : impact.models) json["by_model"][id] = json_of(model);
  json["accounts_by"] = json_of(spreads_of(impact));
  json["sold_for"] = json_of(impact.drivers);
  json["largest"] = list_of(impact, impact.largest);
  json["by_rule"] = json_of(impact.rules);
  json["exceptions"] = list_of(impact, impact.exceptions);
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string csv_of(const Impact& impact) {
  std::string text =
      "account_id,model_id,affected,value,investable_value,status_present,status,orders_present,orders,"
      "traded_present,traded,turnover_present,turnover,tax_present,tax,tracking_error_present,"
      "tracking_error_before,tracking_error_after,exceptions_present,exceptions\n";
  for (const AccountImpact& one : impact.accounts) {
    const AccountFigures& was = one.present;
    const AccountFigures& is = one.coming;
    inputs::append_csv_cells(text, std::initializer_list<std::string>{one.account_id,
                                                                      one.model_id,
                                                                      one.affected ? "yes" : "no",
                                                                      dollars(one.value),
                                                                      decimal(is.investable, 2),
                                                                      std::string(name_of(was.status)),
                                                                      std::string(name_of(is.status)),
                                                                      std::to_string(was.orders),
                                                                      std::to_string(is.orders),
                                                                      dollars(was.traded),
                                                                      dollars(is.traded),
                                                                      decimal(was.turnover, 8),
                                                                      decimal(is.turnover, 8),
                                                                      decimal(was.tax, 6),
                                                                      decimal(is.tax, 6),
                                                                      decimal(was.tracking_error_after, 8),
                                                                      decimal(is.tracking_error_before, 8),
                                                                      decimal(is.tracking_error_after, 8),
                                                                      rules_of(was),
                                                                      rules_of(is)});
    text += '\n';
  }
  return text;
}

}  // namespace lotwright
