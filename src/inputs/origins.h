// inputs/origins.h — where what a book says was said: every layer of settings, every version of the models, and what
// customized models were made of. A decision does not need it; who asks "why is it so?" does.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "inputs/model_library.h"
#include "inputs/words.h"

namespace lotwright::inputs {

// One setting as one place says it.
struct SaidSetting {
  std::string setting;
  std::string value;
  std::string source;
  std::optional<Date> effective_from;  // the first day; none: from ever
  std::optional<Date> effective_to;    // the last day; none: for ever
  Place place;

  [[nodiscard]] bool in_force(Date day) const {
    return (!effective_from || *effective_from <= day) && (!effective_to || day <= *effective_to);
  }
};

// A policy of firm.toml: what it says itself, in the order of the names.
struct PolicyOrigin {
  std::string parent;  // empty: it inherits from none
  std::vector<SaidSetting> says;
};

// Why a product fills an asset class.
enum class ProductChoice {
  none,   // the model's own weights do
  named,  // a setting names it
  fits,   // the first by rank that fits the account
};

// An asset class of a customized model.
struct CustomClass {
  std::string asset_class;
  Weight model_weight;  // in the model of the firm
  Weight weight;        // in the customized model
  bool mixed = false;   // a setting says the weight
  ProductChoice choice = ProductChoice::none;
  std::uint32_t product = SecurityIndex::nobody;  // into Book::products
};

// How a customized model came about.
struct CustomOrigin {
  std::uint32_t house = 0;  // into Origins::library
  std::optional<Date> frozen_on;
  std::vector<CustomClass> classes;  // sorted by asset class; those of weight 0 too
};

// What one account would follow if it chose a model or a product of the firm, its own mix and products kept.
struct Fit {
  std::string model;        // the firm's
  std::string asset_class;  // of the product
  std::string product;      // empty: none but those the account has
  std::string follows;      // the model to follow: `model` itself, or a customized one
  std::string why_not;      // empty: it can be followed
};

struct Origins {
  std::map<std::string, PolicyOrigin, std::less<>> policies;
  // Of account_settings.csv, every sound row, whatever its dates: by scope and owner, in order of setting and date.
  std::map<std::pair<SettingScope, std::string>, std::vector<SaidSetting>> settings;
  ModelLibrary library;                         // ModelPart::place of nested parts is a place in here
  std::map<std::string, CustomOrigin> customs;  // by the id of the customized model
  // ReadOptions::fitted_to: each model by id, then the account's own with each product, by asset class, rank, id.
  std::vector<Fit> fits;
};

}  // namespace lotwright::inputs
