// Customized models: the firm's model with an account's asset mix, its products, or as it was on another day.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "book/model_change.h"
#include "book/sums.h"
#include "inputs/readers.h"
#include "units/apportion.h"

namespace lotwright::inputs {
namespace {

constexpr std::uint32_t nobody = SecurityIndex::nobody;
constexpr std::string_view own_weights = "model";  // as a product: the model's own weights, whatever would fit

// Why a customized model cannot be made, and which setting is to blame.
struct Unsound {
  const char* rule = nullptr;
  std::string setting;  // empty: none
  std::string message;
};

using Problem = std::optional<Unsound>;

// Positions and cash; nothing where a price is missing.
std::optional<Money> value_of_account(const Book& book, const Account& account) {
  Money value = account.cash;
  for (const TaxLot& lot : account.lots) {
    if (!lot.security.exists() || !book.security(lot.security).price) return std::nullopt;
    value += value_of(lot.quantity, *book.security(lot.security).price);
  }
  return value;
}

// An account held for a missing price gets no product by its size.
bool fits(const Product& product, const Account& account, std::optional<Money> value) {
  if (product.rank == 0 || (product.tax_treatment && *product.tax_treatment != account.tax_treatment)) return false;
  if (!product.value_min && !product.value_max) return true;
  return value && (!product.value_min || *value >= *product.value_min) &&
         (!product.value_max || *value < *product.value_max);
}

class Customizer {
 public:
  Customizer(Draft& draft, FileReport& report) : draft_(draft), book_(draft.book), report_(report) {
    for (const Security& security : book_.securities) asset_classes_.insert(security.asset_class);
    some_fit_ = std::ranges::any_of(book_.products, [](const Product& one) { return one.rank > 0; }) ||
                !draft.doubtful_products.empty();
  }

  void customize_all();
  // Tells of every model and product what the account would follow with it; before customize_all.
  void fit_all(AccountIndex account);

 private:
  // A customized model while it is made.
  struct Made {
    CustomOrigin origin;
    std::vector<ModelWeight> weights;
  };

  void customize(AccountIndex account);
  void follow(const Account& account, std::uint32_t& model, bool in_use);
  std::uint32_t place_of_custom(const Policy& policy, Made made);
  void fit(const Account& account, std::uint32_t house, const Product* product);
  [[nodiscard]] std::string why_no_choice(const Account& account, const Product& product,
                                          const std::vector<CustomClass>& classes) const;
  Problem make(const Account& account, Made& made);
  Problem find_house(const Policy& policy, CustomOrigin& origin, const Model*& house);
  Problem mix(const Policy& policy, const Model& house, std::vector<CustomClass>& classes) const;
  Problem choose_product(const Account& account, CustomClass& one) const;
  Problem choose_fitting(const Account& account, CustomClass& one) const;
  Problem fill(const Model& house, const CustomClass& one, Made& made);
  [[nodiscard]] const ModelsOnDay* day_of(const CustomOrigin& origin);
  [[nodiscard]] std::string name_of(const Policy& policy, const CustomOrigin& origin) const;
  [[nodiscard]] Place place_of(const Account& account, const std::string& setting) const;
  void tell(const Account& account, const Unsound& why, bool in_use);
  void put_among_the_others();

  Draft& draft_;
  Book& book_;
  FileReport& report_;
  std::set<std::string> asset_classes_;
  bool some_fit_ = false;
  std::map<Date, ModelsOnDay> frozen_;
  std::vector<Model> customs_;                  // their places follow those of the book's models
  std::map<std::string, std::uint32_t> names_;  // of customs_, to their places
};

// ── what an account wants

const ModelsOnDay* Customizer::day_of(const CustomOrigin& origin) {
  if (!origin.frozen_on) return nullptr;
  const auto [at, fresh] = frozen_.try_emplace(*origin.frozen_on);
  if (fresh) at->second = models_on(draft_.origins.library, *origin.frozen_on);
  return &at->second;
}

Problem Customizer::find_house(const Policy& policy, CustomOrigin& origin, const Model*& house) {
  origin.frozen_on = policy.model_as_of;
  const ModelsOnDay* day = day_of(origin);
  house = day == nullptr ? &book_.models[origin.house] : &day->models[origin.house];
  if (house->usable || day == nullptr) return std::nullopt;
  const std::vector<Rejection>& why = day->rejections[origin.house];
  return Unsound{rule::model_mix_unsound, "model_as_of",
                 fmt::format("model \"{}\" as of {} {}", quotable(house->id.text), policy.model_as_of->to_string(),
                             why.empty() ? "has a row that cannot be read: correct it" : why.front().message)};
}

// The weights of the asset classes: those that settings name, and the others pro rata to what these leave.
Problem Customizer::mix(const Policy& policy, const Model& house, std::vector<CustomClass>& classes) const {
  std::map<std::string, CustomClass> by_name;
  for (const ModelWeight& part : house.weights)
    by_name[book_.security(part.security).asset_class].model_weight += part.weight;
  for (const auto& [asset_class, weight] : policy.mix) {
    by_name[asset_class].mixed = true;
    by_name[asset_class].weight = weight;
    if (asset_classes_.contains(asset_class)) continue;
    return Unsound{rule::model_mix_unsound, "mix_" + asset_class,
                   fmt::format("mix_{} names an asset class that no security has: correct the name", asset_class)};
  }
  Weight named;
  std::vector<CustomClass> mixed;
  std::vector<Int128> shares;
  Int128 others = 0;
  for (auto& [asset_class, one] : by_name) {
    one.asset_class = asset_class;
    if (!one.mixed) one.weight = one.model_weight;
    if (one.mixed) mixed.push_back(one);
    named += one.mixed ? one.weight : Weight();
    shares.push_back(one.mixed ? 0 : one.model_weight.count());
    others += shares.back();
    classes.push_back(one);
  }
  if (policy.mix.empty()) return std::nullopt;
  if (named > Weight::of_whole(1)) {
    NamedWeights weights;
    for (const CustomClass& one : mixed) weights.emplace_back("mix_" + one.asset_class, one.weight);
    const auto largest = std::ranges::max_element(mixed, {}, &CustomClass::weight);
    return Unsound{rule::model_mix_unsound, "mix_" + largest->asset_class,
                   fewest_above_one(std::move(weights)) + ": lower one of them"};
  }
  const Weight left = Weight::of_whole(1) - named;
  if (others == 0 && left.is_zero()) return std::nullopt;
  classes.clear();
  if (others == 0) {
    return Unsound{rule::model_mix_unsound, "mix_" + mixed.front().asset_class,
                   fmt::format("the weights named sum to {} and the model has no other asset class to take the rest: "
                               "make them sum to 1",
                               named.to_string())};
  }
  const std::vector<std::int64_t> rest = apportion(left.count(), shares);
  std::size_t i = 0;
  for (auto& [asset_class, one] : by_name) {
    if (!one.mixed) one.weight = Weight::of_count(rest[i]);
    classes.push_back(one);
    ++i;
  }
  return std::nullopt;
}

// The first by rank of the products that fit.
Problem Customizer::choose_fitting(const Account& account, CustomClass& one) const {
  if (!some_fit_) return std::nullopt;
  for (const std::string& asset_class : {one.asset_class, std::string()}) {
    const auto doubtful = draft_.doubtful_products.find(asset_class);
    if (doubtful == draft_.doubtful_products.end()) continue;
    return Unsound{rule::model_mix_unsound,
                   {},
                   fmt::format("line {} of products.csv cannot be read and might be for \"{}\": correct it",
                               doubtful->second, quotable(one.asset_class))};
  }
  const std::optional<Money> value = value_of_account(book_, account);
  const Product* first = nullptr;
  for (const Product& product : book_.products) {  // by rank within the class
    if (product.asset_class != one.asset_class || !fits(product, account, value)) continue;
    if (first != nullptr && first->rank == product.rank) {
      return Unsound{rule::model_products_tie, "product_" + one.asset_class,
                     fmt::format("products \"{}\" and \"{}\" of rank {} both fit for \"{}\": give one of them another "
                                 "rank",
                                 quotable(first->id), quotable(product.id), product.rank, quotable(one.asset_class))};
    }
    if (first != nullptr) break;
    first = &product;
  }
  if (first == nullptr) return std::nullopt;
  one.choice = ProductChoice::fits;
  one.product = static_cast<std::uint32_t>(first - book_.products.data());
  return std::nullopt;
}

Problem Customizer::choose_product(const Account& account, CustomClass& one) const {
  const auto& named = account.effective_policy.products;
  const auto wanted = named.find(one.asset_class);
  if (wanted == named.end()) return one.weight.is_positive() ? choose_fitting(account, one) : std::nullopt;
  if (wanted->second == own_weights) return std::nullopt;
  const auto found = std::ranges::find_if(book_.products, [&](const Product& product) {
    return product.asset_class == one.asset_class && product.id == wanted->second;
  });
  one.choice = ProductChoice::named;
  one.product = static_cast<std::uint32_t>(found - book_.products.begin());
  return std::nullopt;
}

// ── what it gets

// The weights of one asset class, exactly its share of the whole.
Problem Customizer::fill(const Model& house, const CustomClass& one, Made& made) {
  if (!one.weight.is_positive()) return std::nullopt;
  const auto in_class = [&](const ModelWeight& part) {
    return book_.security(part.security).asset_class == one.asset_class;
  };
  std::vector<ModelWeight> source;
  if (one.product == nobody) {
    std::ranges::copy_if(house.weights, std::back_inserter(source), in_class);
    if (source.empty()) {
      return Unsound{rule::model_mix_unsound, "mix_" + one.asset_class,
                     fmt::format("the model has nothing of \"{}\" and no product fills it: name a product_{}",
                                 quotable(one.asset_class), one.asset_class)};
    }
  } else {
    const Product& product = book_.products[one.product];
    const ModelsOnDay* day = day_of(made.origin);
    const std::vector<Model>& models = day == nullptr ? book_.models : day->models;
    if (product.nested && models[product.place].usable) source = models[product.place].weights;
    if (!product.nested) source.push_back({SecurityIndex{product.place}, Weight::of_whole(1)});
    const auto other = std::ranges::find_if_not(source, in_class);
    if (source.empty() || other != source.end()) {
      return Unsound{rule::model_mix_unsound, "product_" + one.asset_class,
                     source.empty() ? fmt::format("the model of product \"{}\" was rejected: correct it first",
                                                  quotable(product.id))
                                    : fmt::format("product \"{}\" is for \"{}\" and has \"{}\", which is of \"{}\": "
                                                  "correct products.csv or the asset_class",
                                                  quotable(product.id), quotable(one.asset_class),
                                                  quotable(book_.security(other->security).id.text),
                                                  quotable(book_.security(other->security).asset_class))};
    }
  }
  std::vector<Int128> shares;
  for (const ModelWeight& part : source) shares.push_back(part.weight.count());
  const std::vector<std::int64_t> counts = apportion(one.weight.count(), shares);
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (counts[i] > 0) made.weights.push_back({source[i].security, Weight::of_count(counts[i])});
  }
  return std::nullopt;
}

// `made` has the house; without weights afterwards the account follows the house as it is.
Problem Customizer::make(const Account& account, Made& made) {
  const Policy& policy = account.effective_policy;
  const Model* house = nullptr;
  if (auto why = find_house(policy, made.origin, house)) return why;
  if (!house->usable) return std::nullopt;  // its own findings hold the account
  for (const auto& [asset_class, id] : policy.products) {
    const bool known = id == own_weights || std::ranges::any_of(book_.products, [&](const Product& product) {
                         return product.asset_class == asset_class && product.id == id;
                       });
    if (known) continue;
    return Unsound{
        rule::model_product_unknown, "product_" + asset_class,
        fmt::format("product_{} names \"{}\", which products.csv does not have for that asset class: correct "
                    "the name or add the product",
                    asset_class, quotable(id))};
  }
  std::vector<CustomClass>& classes = made.origin.classes;
  if (auto why = mix(policy, *house, classes)) return why;
  for (CustomClass& one : classes) {
    if (auto why = choose_product(account, one)) return why;
  }
  const bool other = made.origin.frozen_on || !policy.mix.empty() ||
                     std::ranges::any_of(classes, [](const CustomClass& one) { return one.product != nobody; });
  if (!other) return std::nullopt;
  for (const CustomClass& one : classes) {
    if (auto why = fill(*house, one, made)) return why;
  }
  std::ranges::sort(made.weights, {}, &ModelWeight::security);
  return std::nullopt;
}

// "GROWTH as of 2025-01-01 + mix_bonds 0.3 + product_bonds MUNI": the same for all who want the same.
std::string Customizer::name_of(const Policy& policy, const CustomOrigin& origin) const {
  std::string name = draft_.origins.library[origin.house].id;
  if (origin.frozen_on) name += " as of " + origin.frozen_on->to_string();
  for (const auto& [asset_class, weight] : policy.mix) name += " + mix_" + asset_class + " " + weight.to_string();
  for (const CustomClass& one : origin.classes) {
    if (one.product != nobody && one.weight.is_positive())
      name += " + product_" + one.asset_class + " " + book_.products[one.product].id;
  }
  while (draft_.models.find(name).exists()) name += " (customized)";  // a firm may name its own so
  return name;
}

// Where the account's word on `setting` stands; nowhere where no one setting is meant.
Place Customizer::place_of(const Account& account, const std::string& setting) const {
  const Origins& origins = draft_.origins;
  const auto find = [&](const std::vector<SaidSetting>& says) -> const SaidSetting* {
    const auto at = std::ranges::find_if(
        says, [&](const SaidSetting& one) { return one.setting == setting && one.in_force(draft_.as_of()); });
    return at == says.end() ? nullptr : &*at;
  };
  const std::pair<SettingScope, std::string> owners[] = {
      {SettingScope::account, account.id.text},
      {SettingScope::household, book_.households[account.household.value].id.text}};
  for (const auto& owner : owners) {
    const auto at = origins.settings.find(owner);
    if (at == origins.settings.end()) continue;
    if (const SaidSetting* said = find(at->second)) return said->place;
  }
  std::set<std::string> met;
  for (std::string policy = account.policy; met.insert(policy).second;) {
    const auto at = origins.policies.find(policy);
    if (at == origins.policies.end()) break;
    if (const SaidSetting* said = find(at->second.says)) return said->place;
    policy = at->second.parent;
  }
  return {};
}

void Customizer::tell(const Account& account, const Unsound& why, bool in_use) {
  const Place place = why.setting.empty() ? Place{} : place_of(account, why.setting);
  const std::string where = place.line > 0 ? fmt::format("{} line {}: ", place.file, place.line) : std::string();
  const Severity severity = in_use ? Severity::hold : Severity::review;
  Finding finding{
      .rule = why.rule,
      .severity = severity,
      .subject = account_subject(account.id.text),
      .place = place,
      .observed = place.value.empty() ? why.setting : place.value,
      .limit = {},
      .message = fmt::format("{}the model of {} cannot be made: {}.", where, quotable(account.id.text), why.message)};
  // A request for another model mostly fails for the same reason: told once, by the stronger severity.
  const bool again = !report_.findings.empty() && report_.findings.back().message == finding.message;
  if (again) {
    report_.findings.back().severity = std::max(report_.findings.back().severity, severity);
  } else {
    report_.findings.push_back(std::move(finding));
  }
}

void Customizer::follow(const Account& account, std::uint32_t& model, bool in_use) {
  if (model >= book_.models.size()) return;  // its row's finding holds the account
  Made made;
  made.origin.house = model;
  if (const auto why = make(account, made)) return tell(account, *why, in_use);
  if (!made.weights.empty()) model = place_of_custom(account.effective_policy, std::move(made));
}

// Where the customized model stands once it is put among the others; the same for all who want the same.
std::uint32_t Customizer::place_of_custom(const Policy& policy, Made made) {
  const std::string name = name_of(policy, made.origin);
  const auto place = static_cast<std::uint32_t>(book_.models.size() + customs_.size());
  const auto [known, fresh] = names_.emplace(name, place);
  if (!fresh) return known->second;
  customs_.push_back({.id = ModelId(name),
                      .usable = true,
                      .weights = std::move(made.weights),
                      .parts = {},
                      .house = draft_.origins.library[made.origin.house].id});
  draft_.origins.customs.emplace(name, std::move(made.origin));
  return place;
}

// ── what it would get

// Why the product is no choice for the account, whose target has these classes; empty: it is one.
std::string Customizer::why_no_choice(const Account& account, const Product& product,
                                      const std::vector<CustomClass>& classes) const {
  const auto one = std::ranges::find(classes, product.asset_class, &CustomClass::asset_class);
  if (one == classes.end() || !one->weight.is_positive())
    return fmt::format("the account's target has nothing of \"{}\"", quotable(product.asset_class));
  if (product.rank == 0 || fits(product, account, value_of_account(book_, account))) return {};
  return "products.csv has it for accounts of another size or tax treatment";
}

void Customizer::fit(const Account& account, std::uint32_t house, const Product* product) {
  Fit fit;
  fit.model = draft_.origins.library[house].id;
  Made made;
  made.origin.house = house;
  if (const auto why = make(account, made)) fit.why_not = why->message;
  if (product != nullptr) {
    fit.asset_class = product->asset_class;
    fit.product = product->id;
    if (fit.why_not.empty()) fit.why_not = why_no_choice(account, *product, made.origin.classes);
  }
  if (fit.why_not.empty()) {
    const bool custom = !made.weights.empty();
    const std::uint32_t place = custom ? place_of_custom(account.effective_policy, std::move(made)) : house;
    fit.follows = custom ? customs_[place - book_.models.size()].id.text : fit.model;
  }
  draft_.origins.fits.push_back(std::move(fit));
}

void Customizer::fit_all(AccountIndex index) {
  const Account& account = book_.accounts[index.value];
  const ModelsOnDay today = models_on(draft_.origins.library, draft_.as_of());
  for (std::uint32_t house = 0; house < book_.models.size(); ++house) {
    if (book_.models[house].usable) {
      fit(account, house, nullptr);
      continue;
    }
    const std::vector<Rejection>& why = today.rejections[house];
    Fit& rejected = draft_.origins.fits.emplace_back();
    rejected.model = draft_.origins.library[house].id;
    rejected.why_not = "the model " + (why.empty() ? "has a row that cannot be read: correct it" : why.front().message);
  }
  const std::uint32_t house = model_followed(book_, index);
  if (house >= book_.models.size() || !book_.models[house].usable) return;
  for (const Product& product : book_.products) {
    Account other = account;
    other.effective_policy.products[product.asset_class] = product.id;
    fit(other, house, &product);
  }
}

void Customizer::customize(AccountIndex index) {
  Account& account = book_.accounts[index.value];
  const Policy& policy = account.effective_policy;
  if (policy.mix.empty() && policy.products.empty() && !policy.model_as_of && !some_fit_) return;
  const auto wishes = std::ranges::equal_range(book_.requests, index, {}, &Request::account);
  const Request* newest = due_model_change(wishes, draft_.as_of());
  follow(account, account.model_index, newest == nullptr);
  for (Request& request : wishes) {
    if (request.kind == RequestKind::model_change) follow(account, request.model_index, &request == newest);
  }
}

// Models are sorted by id: everything that names a place among them moves along.
void Customizer::put_among_the_others() {
  std::vector<Model> all = std::move(book_.models);
  std::ranges::move(customs_, std::back_inserter(all));
  std::vector<std::uint32_t> order(all.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return all[i].id; });
  std::vector<std::uint32_t> places(all.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) places[order[i]] = i;
  const auto move = [&](std::uint32_t& place) {
    if (place < places.size()) place = places[place];
  };
  book_.models.clear();
  for (const std::uint32_t i : order) {
    book_.models.push_back(std::move(all[i]));
    for (ModelPart& part : book_.models.back().parts) {
      if (part.nested) move(part.place);
    }
  }
  for (Account& account : book_.accounts) move(account.model_index);
  for (Request& request : book_.requests) move(request.model_index);
  for (Product& product : book_.products) {
    if (product.nested) move(product.place);
  }
  draft_.models = Names<ModelIndex>(book_.models);
}

void Customizer::customize_all() {
  for (std::uint32_t i = 0; i < book_.accounts.size(); ++i) customize(AccountIndex{i});
  if (!customs_.empty()) put_among_the_others();
}

}  // namespace

void customize_models(Draft& draft, FileReport& report, const std::string& fitted_to) {
  Customizer customizer(draft, report);
  const AccountIndex fitted = draft.accounts.find(fitted_to);
  if (fitted.exists()) customizer.fit_all(fitted);
  customizer.customize_all();
}

}  // namespace lotwright::inputs
