#include "run/model_sheet.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "book/model_change.h"
#include "run/find_account.h"

namespace lotwright {
namespace {

using inputs::CustomClass;
using inputs::CustomOrigin;
using inputs::ModelHistory;
using inputs::ModelLibrary;
using inputs::ModelsOnDay;
using inputs::ProductChoice;

// ── the graph

std::vector<std::string> problems_of(const ModelLibrary& library, const std::set<Date>& days, std::size_t model,
                                     const std::map<Date, ModelsOnDay>& on_days) {
  std::vector<std::string> problems;
  if (library[model].faulty) problems.emplace_back("has a row that cannot be read");
  for (const Date day : days) {
    for (const inputs::Rejection& why : on_days.at(day).rejections[model]) {
      const std::string text = fmt::format("on {} {}", day.to_string(), why.message);
      if (std::ranges::find(problems, text) == problems.end()) problems.push_back(text);
    }
  }
  return problems;
}

GraphPart part_of(const Book& book, const ModelLibrary& library, const ModelPart& part) {
  return {part.nested ? library[part.place].id : book.securities[part.place].id.text, part.nested, part.weight};
}

// The model that a due request for another one says; else the account's own.
std::uint32_t followed_by(const Book& book, AccountIndex index, std::string& request) {
  const auto requests = std::ranges::equal_range(book.requests, index, {}, &Request::account);
  const Request* newest = due_model_change(requests, book.firm.as_of);
  if (newest == nullptr) return book.account(index).model_index;
  request = newest->id;
  return newest->model_index;
}

std::vector<std::vector<std::string>> accounts_by_model(const Book& book) {
  std::vector<std::vector<std::string>> accounts(book.models.size());
  for (std::uint32_t i = 0; i < book.accounts.size(); ++i) {
    std::string request;
    const std::uint32_t model = followed_by(book, {i}, request);
    if (model < accounts.size()) accounts[model].push_back(book.accounts[i].id.text);
  }
  return accounts;
}

// Every version after as_of may bring problems of its own, into the models around it too.
std::map<Date, ModelsOnDay> days_ahead(const ModelLibrary& library, Date as_of) {
  std::map<Date, ModelsOnDay> days;
  days.emplace(as_of, inputs::models_on(library, as_of));
  for (const ModelHistory& history : library) {
    for (const auto& version : history.versions) {
      if (version.effective_on && *version.effective_on > as_of && !days.contains(*version.effective_on))
        days.emplace(*version.effective_on, inputs::models_on(library, *version.effective_on));
    }
  }
  return days;
}

}  // namespace

ModelGraph model_graph(const Book& book, const inputs::Origins& origins) {
  const ModelLibrary& library = origins.library;
  const std::map<Date, ModelsOnDay> days = days_ahead(library, book.firm.as_of);
  std::set<Date> dates;
  for (const auto& [day, models] : days) dates.insert(day);
  const auto accounts = accounts_by_model(book);
  ModelGraph graph{book.firm.as_of, {}};
  std::vector<GraphModel> customs;
  for (std::size_t i = 0; i < book.models.size(); ++i) {
    const Model& model = book.models[i];
    GraphModel& one = (model.house.empty() ? graph.models : customs).emplace_back();
    one.id = model.id.text;
    one.house = model.house;
    one.usable = model.usable;
    one.accounts = accounts[i];
    if (!model.house.empty()) {
      for (const ModelWeight& part : model.weights)
        one.parts.push_back({book.security(part.security).id.text, false, part.weight});
      continue;
    }
    const auto history = std::ranges::find(library, one.id, &ModelHistory::id);
    if (history == library.end()) continue;
    if (const inputs::ModelVersion* version = inputs::version_on(*history, graph.as_of)) {
      one.effective_on = version->effective_on;
      for (const ModelPart& part : version->parts) one.parts.push_back(part_of(book, library, part));
    }
    for (const auto& version : history->versions) {
      if (version.effective_on && *version.effective_on > graph.as_of) one.coming.push_back(*version.effective_on);
    }
    one.problems = problems_of(library, dates, static_cast<std::size_t>(history - library.begin()), days);
  }
  std::ranges::move(customs, std::back_inserter(graph.models));
  return graph;
}

// ── one account

namespace {

// Every way from a model down to its securities, without recursion: models may nest to any depth.
class Paths {
 public:
  Paths(const Book& book, const std::vector<Model>& models) : book_(book), models_(models) {}

  // Adds to `paths` of each security; false where there are more than paths_max.
  bool walk(std::uint32_t from, const std::string& first, double scale,
            std::map<std::string, std::vector<WeightPath>>& paths);

 private:
  struct Step {
    std::uint32_t model = 0;
    std::size_t next = 0;  // part to go on with
    double weight = 1.0;
  };

  const Book& book_;
  const std::vector<Model>& models_;
};

bool Paths::walk(std::uint32_t from, const std::string& first, double scale,
                 std::map<std::string, std::vector<WeightPath>>& paths) {
  std::vector<Step> steps{{from, 0, scale}};
  std::vector<std::string> names;
  if (!first.empty()) names.push_back(first);
  names.push_back(models_[from].id.text);
  std::size_t count = 0;
  while (!steps.empty()) {
    Step& step = steps.back();
    const std::vector<ModelPart>& parts = models_[step.model].parts;
    if (step.next == parts.size()) {
      steps.pop_back();
      names.pop_back();
      continue;
    }
    const ModelPart& part = parts[step.next++];
    const double weight = step.weight * part.weight.to_double();
    if (part.nested) {
      steps.push_back({part.place, 0, weight});
      names.push_back(models_[part.place].id.text);
    } else if (weight > 0.0) {
      if (++count > EffectiveModel::paths_max) return false;
      paths[book_.securities[part.place].id.text].push_back({names, weight});
    }
  }
  return true;
}

std::string why_of(const Product& product, ProductChoice choice, const std::optional<SettingLayer>& layer) {
  if (choice == ProductChoice::named) return layer ? "named by " + text_of(*layer) : "named";
  std::string text = fmt::format("the first that fits: rank {}", product.rank);
  if (product.value_min) text += ", from $" + product.value_min->to_string();
  if (product.value_max) text += ", below $" + product.value_max->to_string();
  if (product.tax_treatment) text += ", " + std::string(inputs::word_of(*product.tax_treatment));
  return text;
}

class EffectiveModelMaker {
 public:
  EffectiveModelMaker(const Book& book, const inputs::Origins& origins, const SettingsSheet& settings)
      : book_(book), origins_(origins), settings_(settings) {}

  EffectiveModel make(AccountIndex index);

 private:
  [[nodiscard]] std::optional<SettingLayer> layer_of(const std::string& setting) const {
    const auto at = std::ranges::find(settings_.settings, setting, &EffectiveSetting::name);
    if (at == settings_.settings.end()) return std::nullopt;
    return at->strongest();
  }
  void tell_classes(const CustomOrigin& origin);
  void tell_weights(const Model& model, const CustomOrigin* origin);
  [[nodiscard]] std::uint32_t in_library(const std::string& id) const {
    const auto at = std::ranges::find(origins_.library, id, &ModelHistory::id);
    return static_cast<std::uint32_t>(at - origins_.library.begin());
  }

  const Book& book_;
  const inputs::Origins& origins_;
  const SettingsSheet& settings_;
  EffectiveModel sheet_;
};

void EffectiveModelMaker::tell_classes(const CustomOrigin& origin) {
  for (const CustomClass& one : origin.classes) {
    EffectiveClass& row = sheet_.classes.emplace_back();
    row.asset_class = one.asset_class;
    row.model_weight = one.model_weight;
    row.weight = one.weight;
    if (one.mixed) row.mix = layer_of("mix_" + one.asset_class);
    if (one.product >= book_.products.size()) continue;
    row.product = book_.products[one.product].id;
    row.product_why = why_of(book_.products[one.product], one.choice, layer_of("product_" + one.asset_class));
  }
}

// The paths of the firm's model, scaled class by class as the customized model is, or those of a product.
void EffectiveModelMaker::tell_weights(const Model& model, const CustomOrigin* origin) {
  const ModelsOnDay day = inputs::models_on(
      origins_.library, origin != nullptr && origin->frozen_on ? *origin->frozen_on : book_.firm.as_of);
  std::map<std::string, std::vector<WeightPath>> house;
  Paths ways(book_, day.models);
  sheet_.paths_left_out = !ways.walk(in_library(sheet_.house), "", 1.0, house);
  std::map<std::string, const CustomClass*> classes;
  std::map<std::string, std::vector<WeightPath>> products;
  for (std::size_t i = 0; origin != nullptr && i < origin->classes.size(); ++i) {
    const CustomClass& one = origin->classes[i];
    classes[one.asset_class] = &one;
    if (one.product >= book_.products.size() || !one.weight.is_positive()) continue;
    const Product& product = book_.products[one.product];
    const std::string name = "product " + product.id;
    if (!product.nested) {
      products[book_.securities[product.place].id.text] = {{{name}, one.weight.to_double()}};
    } else if (!ways.walk(in_library(book_.models[product.place].id.text), name, one.weight.to_double(), products)) {
      sheet_.paths_left_out = true;
    }
  }
  for (const ModelWeight& part : model.weights) {
    const Security& security = book_.security(part.security);
    EffectiveWeight& row = sheet_.weights.emplace_back();
    row.security = security.id.text;
    row.asset_class = security.asset_class;
    row.weight = part.weight;
    const auto at = classes.find(security.asset_class);
    const CustomClass* one = at == classes.end() ? nullptr : at->second;
    const bool filled = one != nullptr && one->product < book_.products.size();
    row.paths = filled ? products[row.security] : house[row.security];
    if (filled || one == nullptr || !one->model_weight.is_positive()) continue;
    for (WeightPath& path : row.paths) path.weight *= one->weight.to_double() / one->model_weight.to_double();
  }
}

EffectiveModel EffectiveModelMaker::make(AccountIndex index) {
  const Account& account = book_.account(index);
  sheet_.account = account.id.text;
  sheet_.as_of = book_.firm.as_of;
  sheet_.findings = settings_.findings;
  const std::uint32_t place = followed_by(book_, index, sheet_.request);
  sheet_.usable = place < book_.models.size() && book_.models[place].usable;
  sheet_.model = place < book_.models.size() ? book_.models[place].id.text : account.model;
  sheet_.house = sheet_.model;
  if (!sheet_.usable) return std::move(sheet_);
  const Model& model = book_.models[place];
  if (!model.house.empty()) sheet_.house = model.house;
  const auto custom = origins_.customs.find(sheet_.model);
  const CustomOrigin* origin = custom == origins_.customs.end() ? nullptr : &custom->second;
  if (origin != nullptr) {
    sheet_.frozen_on = origin->frozen_on;
    if (origin->frozen_on) sheet_.frozen = layer_of("model_as_of");
    tell_classes(*origin);
  }
  tell_weights(model, origin);
  return std::move(sheet_);
}

}  // namespace

Result<EffectiveModel> effective_model(const Book& book, const inputs::Origins& origins,
                                       const std::string& account_id) {
  const auto settings = settings_of_account(book, origins, account_id);
  if (!settings) return settings.failure();
  return EffectiveModelMaker(book, origins, *settings).make(*find_account(book, account_id));
}

}  // namespace lotwright
