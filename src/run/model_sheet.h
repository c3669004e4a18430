// run/model_sheet.h — `lotwright models`: the firm's models as a graph, and what one account's weights are made of.
//
// In:       a book and where everything in it was said (inputs/origins.h).
// Out:      a ModelGraph of all models; or the EffectiveModel of one account, each weight with the paths it comes by.
// Promises: the weights shown are those a run uses. Paths of one security add up to its weight, but for the rounding of
//           models and where `paths_left_out` is set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "book/book.h"
#include "inputs/origins.h"
#include "run/settings_sheet.h"

namespace lotwright {

struct GraphPart {
  std::string id;
  bool nested = false;
  Weight weight;
};

struct GraphModel {
  std::string id;
  std::string house;  // of a customized model: whom it follows; empty: one of the firm's
  bool usable = true;
  std::optional<Date> effective_on;   // of the version in force; none: from ever, or none is
  std::vector<Date> coming;           // versions after as_of
  std::vector<GraphPart> parts;       // of the version in force; of a customized model its weights
  std::vector<std::string> accounts;  // that follow it
  std::vector<std::string> problems;  // of the version in force and of those coming
};

struct ModelGraph {
  Date as_of;
  std::vector<GraphModel> models;  // the firm's by id, then the customized ones by id
};

[[nodiscard]] ModelGraph model_graph(const Book& book, const inputs::Origins& origins);
[[nodiscard]] std::string text_of(const ModelGraph& graph);
[[nodiscard]] std::string json_of(const ModelGraph& graph);

// How a security comes into the model: GROWTH > US_LARGE > AAPL, and what it weighs that way.
struct WeightPath {
  std::vector<std::string> models;  // outermost first
  double weight = 0.0;
};

struct EffectiveWeight {
  std::string security;
  std::string asset_class;
  Weight weight;
  std::vector<WeightPath> paths;
};

struct EffectiveClass {
  std::string asset_class;
  Weight model_weight;  // in the firm's model
  Weight weight;
  std::optional<SettingLayer> mix;  // who named the weight
  std::string product;              // empty: the model's own weights
  std::string product_why;          // why that one
};

struct EffectiveModel {
  static constexpr std::size_t paths_max = 10'000;

  std::string account;
  Date as_of;
  std::string model;    // as followed
  std::string house;    // the firm's model
  std::string request;  // a due model_change that set it; empty: accounts.csv
  std::optional<Date> frozen_on;
  std::optional<SettingLayer> frozen;  // who froze it
  bool usable = true;
  bool paths_left_out = false;  // more than paths_max of them
  std::vector<EffectiveClass> classes;
  std::vector<EffectiveWeight> weights;
  Findings findings;  // of the account and the models it follows
};

// An unknown account is a Failure that names ids like it.
[[nodiscard]] Result<EffectiveModel> effective_model(const Book& book, const inputs::Origins& origins,
                                                     const std::string& account_id);
[[nodiscard]] std::string text_of(const EffectiveModel& model);
[[nodiscard]] std::string json_of(const EffectiveModel& model);

}  // namespace lotwright
