// The models in words and as JSON.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "run/model_sheet.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t securities_shown = 8;  // of a model in the graph
constexpr std::size_t accounts_shown = 10;

using Percent = Fixed<struct PercentKind, 4>;

// To four decimals, half up; weights are not negative.
std::string percent_of(Weight weight) {
  constexpr std::int64_t unit = Weight::scale / 100 / Percent::scale;
  return Percent::of_count((weight.count() + unit / 2) / unit).to_string() + " %";
}

std::string percent_of(double weight) {
  return Percent::of_count(static_cast<std::int64_t>(weight * 100.0 * static_cast<double>(Percent::scale) + 0.5))
             .to_string() +
         " %";
}

// "A, B and 3 more"
std::string some_of(const std::vector<std::string>& words, std::size_t most) {
  const auto end = words.begin() + static_cast<std::ptrdiff_t>(std::min(most, words.size()));
  std::string text = fmt::format("{}", fmt::join(words.begin(), end, ", "));
  if (words.size() > most) text += fmt::format(" and {} more", words.size() - most);
  return text;
}

std::string parts_of(const GraphModel& model) {
  std::string text;
  std::vector<GraphPart> securities;
  for (const GraphPart& part : model.parts) {
    if (part.nested) text += fmt::format("    {}  model {}\n", percent_of(part.weight), part.id);
    if (!part.nested) securities.push_back(part);
  }
  std::ranges::stable_sort(securities, std::greater(), &GraphPart::weight);
  std::vector<std::string> words;
  for (const GraphPart& part : securities) words.push_back(fmt::format("{} {}", part.id, percent_of(part.weight)));
  if (!words.empty()) text += fmt::format("    {}\n", some_of(words, securities_shown));
  return text;
}

Json date_or_null(const std::optional<Date>& day) { return day ? Json(day->to_string()) : Json(); }

Json json_of(const std::optional<SettingLayer>& layer) { return layer ? Json(text_of(*layer)) : Json(); }

}  // namespace

std::string text_of(const ModelGraph& graph) {
  std::string text = fmt::format("Models on {}\n", graph.as_of.to_string());
  const auto put = std::back_inserter(text);
  for (const GraphModel& model : graph.models) {
    fmt::format_to(put, "\n{}", model.id);
    if (!model.house.empty()) fmt::format_to(put, "  follows {}", model.house);
    if (model.effective_on) fmt::format_to(put, "  since {}", model.effective_on->to_string());
    for (const Date day : model.coming) fmt::format_to(put, "  next version {}", day.to_string());
    if (!model.usable) text += "  NOT USABLE";
    text += "\n" + parts_of(model);
    if (!model.accounts.empty()) {
      fmt::format_to(put, "    followed by {}: {}\n", model.accounts.size(), some_of(model.accounts, accounts_shown));
    }
    for (const std::string& problem : model.problems) fmt::format_to(put, "    problem: {}\n", problem);
  }
  return text;
}

std::string json_of(const ModelGraph& graph) {
  Json json = {{"as_of", graph.as_of.to_string()}, {"models", Json::array()}};
  for (const GraphModel& model : graph.models) {
    Json parts = Json::array();
    for (const GraphPart& part : model.parts) {
      parts.push_back(
          {{"kind", part.nested ? "model" : "security"}, {"id", part.id}, {"weight", part.weight.to_string()}});
    }
    Json coming = Json::array();
    for (const Date day : model.coming) coming.push_back(day.to_string());
    json["models"].push_back({{"model", model.id},
                              {"follows", model.house},
                              {"usable", model.usable},
                              {"effective_on", date_or_null(model.effective_on)},
                              {"coming", std::move(coming)},
                              {"parts", std::move(parts)},
                              {"accounts", model.accounts},
                              {"problems", model.problems}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string text_of(const EffectiveModel& model) {
  std::string text = fmt::format("Model of {} on {}: {}\n", model.account, model.as_of.to_string(), model.model);
  const auto put = std::back_inserter(text);
  if (model.house != model.model) fmt::format_to(put, "  follows {}\n", model.house);
  if (!model.request.empty()) fmt::format_to(put, "  by request {}\n", model.request);
  if (model.frozen_on) {
    fmt::format_to(put, "  as of {}{}\n", model.frozen_on->to_string(),
                   model.frozen ? ": " + text_of(*model.frozen) : std::string());
  }
  if (!model.usable) text += "  which cannot be used\n";
  if (!model.classes.empty()) text += "\nAsset classes\n\n";
  for (const EffectiveClass& one : model.classes) {
    fmt::format_to(put, "  {:<16} {:>18}  of the model {}", one.asset_class, percent_of(one.weight),
                   percent_of(one.model_weight));
    if (one.mix) fmt::format_to(put, "; {}", text_of(*one.mix));
    if (!one.product.empty()) fmt::format_to(put, "; product {}, {}", one.product, one.product_why);
    text += "\n";
  }
  if (!model.weights.empty()) text += "\nWeights\n\n";
  for (const EffectiveWeight& row : model.weights) {
    fmt::format_to(put, "  {:<16} {:>18}", row.security, percent_of(row.weight));
    for (std::size_t i = 0; i < row.paths.size(); ++i) {
      fmt::format_to(put, "{}{} > {} {}", i == 0 ? "  " : "; ", fmt::join(row.paths[i].models, " > "), row.security,
                     percent_of(row.paths[i].weight));
    }
    text += "\n";
  }
  if (model.paths_left_out) fmt::format_to(put, "  only the first {} paths are shown\n", EffectiveModel::paths_max);
  for (const Finding& one : model.findings)
    fmt::format_to(put, "\n{} {}: {}\n", name_of(one.severity), one.rule, one.message);
  return text;
}

std::string json_of(const EffectiveModel& model) {
  Json json = {{"account", model.account}, {"as_of", model.as_of.to_string()},
               {"model", model.model},     {"follows", model.house},
               {"request", model.request}, {"model_as_of", date_or_null(model.frozen_on)},
               {"usable", model.usable},   {"classes", Json::array()},
               {"weights", Json::array()}, {"findings", Json::array()}};
  for (const EffectiveClass& one : model.classes) {
    json["classes"].push_back({{"asset_class", one.asset_class},
                               {"weight", one.weight.to_string()},
                               {"in_model", one.model_weight.to_string()},
                               {"mix", json_of(one.mix)},
                               {"product", one.product},
                               {"product_why", one.product_why}});
  }
  for (const EffectiveWeight& row : model.weights) {
    Json paths = Json::array();
    for (const WeightPath& path : row.paths) paths.push_back({{"path", path.models}, {"weight", path.weight}});
    json["weights"].push_back({{"security", row.security},
                               {"asset_class", row.asset_class},
                               {"weight", row.weight.to_string()},
                               {"paths", std::move(paths)}});
  }
  for (const Finding& one : model.findings) {
    json["findings"].push_back({{"rule", one.rule}, {"severity", name_of(one.severity)}, {"message", one.message}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
