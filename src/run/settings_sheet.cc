#include "run/settings_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "cases/policy_rows.h"
#include "run/find_account.h"

namespace lotwright {
namespace {

using inputs::Origins;
using inputs::SaidSetting;
using inputs::SettingScope;
using Json = nlohmann::ordered_json;

// What the layers say, by setting, strongest first.
using Layers = std::map<std::string, std::vector<SettingLayer>>;

const std::vector<SaidSetting>& said_by(const Origins& origins, SettingScope scope, const std::string& owner) {
  static const std::vector<SaidSetting> nothing;
  const auto at = origins.settings.find({scope, owner});
  return at == origins.settings.end() ? nothing : at->second;
}

void add(const std::string& layer, const std::vector<SaidSetting>& says, Date as_of, Layers& layers) {
  for (const SaidSetting& said : says) {
    if (said.in_force(as_of)) layers[said.setting].push_back({layer, said});
  }
}

Layers layers_of(const Book& book, const Origins& origins, const Account& account, const std::string& household) {
  const Date as_of = book.firm.as_of;
  Layers layers;
  add("account " + account.id.text, said_by(origins, SettingScope::account, account.id.text), as_of, layers);
  add("household " + household, said_by(origins, SettingScope::household, household), as_of, layers);
  std::set<std::string> met;
  for (std::string policy = account.policy; met.insert(policy).second;) {
    const auto at = origins.policies.find(policy);
    if (at == origins.policies.end()) break;
    add("policy " + policy, at->second.says, as_of, layers);
    policy = at->second.parent;
  }
  for (auto& [name, value] : cases::settings_of(Policy{}))
    layers[name].push_back({"default", {name, value, {}, {}, {}, {}}});
  return layers;
}

bool means_the_same(const std::string& name, const std::string& one, const std::string& other) {
  Policy first;
  Policy second;
  const bool read = !set_policy(first, name, one) && !set_policy(second, name, other);
  return read && first == second;
}

bool is_own(const SettingLayer& layer) {
  return layer.layer.starts_with("account ") || layer.layer.starts_with("household ");
}

// A family's setting that no policy names has no value there.
bool deviates(const std::string& name, const std::vector<SettingLayer>& layers) {
  if (!is_own(layers.front())) return false;
  const auto policy = std::ranges::find_if_not(layers, is_own);
  return !means_the_same(name, layers.front().said.value, policy == layers.end() ? "none" : policy->said.value);
}

std::vector<EffectiveSetting> in_order(Layers layers) {
  std::vector<EffectiveSetting> settings;
  const auto take = [&](Layers::iterator at) {
    settings.push_back({at->first, std::move(at->second), false});
    settings.back().deviates = deviates(at->first, settings.back().layers);
    layers.erase(at);
  };
  for (const PolicySetting& setting : policy_settings()) {
    if (const auto at = layers.find(std::string(setting.name)); at != layers.end()) take(at);
  }
  while (!layers.empty()) take(layers.begin());
  return settings;
}

void add_changes(const std::string& layer, const std::vector<SaidSetting>& says, Date as_of,
                 std::vector<SettingChange>& changes) {
  const Date last = as_of + SettingChange::days_ahead;
  for (const SaidSetting& said : says) {
    if (said.effective_from && *said.effective_from > as_of && *said.effective_from <= last)
      changes.push_back({*said.effective_from, true, said.setting, {layer, said}});
    if (said.effective_to && *said.effective_to >= as_of && *said.effective_to < last)
      changes.push_back({*said.effective_to + 1, false, said.setting, {layer, said}});
  }
}

Findings findings_about(const Book& book, const Account& account, const std::string& household) {
  Findings findings;
  std::ranges::copy_if(book.findings, std::back_inserter(findings), [&](const Finding& one) {
    const bool own = (one.subject.kind == SubjectKind::account && one.subject.id == account.id.text) ||
                     (one.subject.kind == SubjectKind::household && one.subject.id == household);
    const bool about = one.place.file.starts_with("account_settings.csv") ||
                       one.rule.find("setting") != one.rule.npos || one.rule.starts_with("model_");
    return own && about;
  });
  return findings;
}

std::string days_of(const SaidSetting& said) {
  std::string text;
  if (said.effective_from) text += " from " + said.effective_from->to_string();
  if (said.effective_to) text += " to " + said.effective_to->to_string();
  return text;
}

Json json_of(const SettingLayer& layer) {
  const SaidSetting& said = layer.said;
  const auto day = [](const std::optional<Date>& date) { return date ? Json(date->to_string()) : Json(); };
  return {{"layer", layer.layer},
          {"value", said.value},
          {"file", said.place.file},
          {"line", said.place.line},
          {"source", said.source},
          {"effective_from", day(said.effective_from)},
          {"effective_to", day(said.effective_to)}};
}

}  // namespace

Result<SettingsSheet> settings_of_account(const Book& book, const Origins& origins, const std::string& account_id) {
  const std::optional<AccountIndex> index = find_account(book, account_id);
  if (!index) return unknown_account(book, account_id);
  const Account& account = book.account(*index);
  SettingsSheet sheet;
  sheet.account = account.id.text;
  sheet.household = book.households[account.household.value].id.text;
  sheet.policy = account.policy;
  sheet.as_of = book.firm.as_of;
  sheet.settings = in_order(layers_of(book, origins, account, sheet.household));
  add_changes("account " + sheet.account, said_by(origins, SettingScope::account, sheet.account), sheet.as_of,
              sheet.changes);
  add_changes("household " + sheet.household, said_by(origins, SettingScope::household, sheet.household), sheet.as_of,
              sheet.changes);
  std::ranges::sort(sheet.changes, {}, [](const SettingChange& one) {
    return std::tie(one.day, one.name, one.begins, one.layer.layer, one.layer.said.value);
  });
  sheet.findings = findings_about(book, account, sheet.household);
  return sheet;
}

std::string text_of(const SettingLayer& layer) {
  std::string text = layer.layer;
  if (layer.said.place.line > 0) text += fmt::format(", {} line {}", layer.said.place.file, layer.said.place.line);
  text += days_of(layer.said);
  if (!layer.said.source.empty()) text += ", source " + layer.said.source;
  return text;
}

std::string text_of(const SettingsSheet& sheet) {
  std::string text = fmt::format("Settings of {} (household {}, policy {}) on {}; * is otherwise than the policy\n\n",
                                 sheet.account, sheet.household, sheet.policy, sheet.as_of.to_string());
  const auto put = std::back_inserter(text);
  for (const EffectiveSetting& setting : sheet.settings) {
    const SettingLayer& strongest = setting.strongest();
    fmt::format_to(put, "{} {:<30} {:<12} {}\n", setting.deviates ? "*" : " ", setting.name,
                   strongest.said.value.empty() ? "none" : strongest.said.value, text_of(strongest));
    for (std::size_t i = 1; i < setting.layers.size(); ++i) {
      fmt::format_to(put, "  {:<30} {:<12} {}\n", "", "(" + setting.layers[i].said.value + ")",
                     text_of(setting.layers[i]));
    }
  }
  if (!sheet.changes.empty()) fmt::format_to(put, "\nIn the next {} days\n\n", SettingChange::days_ahead);
  for (const SettingChange& change : sheet.changes) {
    fmt::format_to(put, "  {}  {} {} {}: {}\n", change.day.to_string(), change.name,
                   change.begins ? "becomes" : "is no longer", change.layer.said.value, text_of(change.layer));
  }
  if (!sheet.findings.empty()) text += "\nWrong with them\n\n";
  for (const Finding& one : sheet.findings)
    fmt::format_to(put, "  {} {}: {}\n", name_of(one.severity), one.rule, one.message);
  return text;
}

std::string json_of(const SettingsSheet& sheet) {
  Json json = {{"account", sheet.account},         {"household", sheet.household}, {"policy", sheet.policy},
               {"as_of", sheet.as_of.to_string()}, {"settings", Json::array()},    {"changes", Json::array()},
               {"findings", Json::array()}};
  for (const EffectiveSetting& setting : sheet.settings) {
    Json layers = Json::array();
    for (const SettingLayer& layer : setting.layers) layers.push_back(json_of(layer));
    json["settings"].push_back({{"setting", setting.name},
                                {"value", setting.strongest().said.value},
                                {"deviates", setting.deviates},
                                {"layers", std::move(layers)}});
  }
  for (const SettingChange& change : sheet.changes) {
    json["changes"].push_back({{"day", change.day.to_string()},
                               {"setting", change.name},
                               {"change", change.begins ? "begins" : "ends"},
                               {"said", json_of(change.layer)}});
  }
  for (const Finding& one : sheet.findings) {
    json["findings"].push_back({{"rule", one.rule}, {"severity", name_of(one.severity)}, {"message", one.message}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
