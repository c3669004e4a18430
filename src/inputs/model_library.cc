#include "inputs/model_library.h"

#include <fmt/format.h>

#include <map>

#include "book/rules.h"
#include "inputs/file_report.h"

namespace lotwright::inputs {
namespace {

// Models put together for one day: from those without nested parts upwards, in a loop instead of recursion, since they
// may nest to any depth.
class Unfolding {
 public:
  Unfolding(const ModelLibrary& library, Date day) : library_(library), day_(day) {
    result_.models.resize(library.size());
    result_.rejections.resize(library.size());
    users_.resize(library.size());
    parts_missing_.resize(library.size());
    for (std::uint32_t i = 0; i < library.size(); ++i) choose(i);
  }

  ModelsOnDay unfold_all();

 private:
  void choose(std::uint32_t i);
  void unfold(std::uint32_t i);
  void reject(std::uint32_t i, Rejection why) {
    result_.models[i].usable = false;
    result_.rejections[i].push_back(std::move(why));
  }

  const ModelLibrary& library_;
  Date day_;
  ModelsOnDay result_;
  std::vector<std::vector<std::uint32_t>> users_;  // of each model those that have it as a part
  std::vector<std::size_t> parts_missing_;         // of each its nested parts that are not unfolded yet
};

void Unfolding::choose(std::uint32_t i) {
  const ModelHistory& history = library_[i];
  Model& model = result_.models[i];
  model.id = ModelId(history.id);
  model.usable = !history.faulty;
  const ModelVersion* version = version_on(history, day_);
  if (version == nullptr) {
    if (history.faulty) return;
    return reject(i,
                  {rule::model_not_in_force, 0, "effective_on", "",
                   fmt::format("has no version in force on {}: give one an earlier effective_on", day_.to_string())});
  }
  model.parts = version->parts;
  for (const Rejection& why : version->rejections) reject(i, why);
  for (const ModelPart& part : version->parts) {
    if (!part.nested) continue;
    users_[part.place].push_back(i);
    ++parts_missing_[i];
  }
}

// All parts are unfolded: adds them up exactly and rounds each security once.
void Unfolding::unfold(std::uint32_t i) {
  std::map<std::uint32_t, Int128> sums;  // by security, in units of Weight::scale squared
  for (const ModelPart& part : result_.models[i].parts) {
    if (!part.nested) {
      sums[part.place] += static_cast<Int128>(part.weight.count()) * Weight::scale;
      continue;
    }
    for (const ModelWeight& inner : result_.models[part.place].weights)
      sums[inner.security.value] += static_cast<Int128>(part.weight.count()) * inner.weight.count();
  }
  for (const auto& [security, sum] : sums) {
    const auto weight = static_cast<std::int64_t>((sum + Weight::scale / 2) / Weight::scale);
    if (weight > 0) result_.models[i].weights.push_back({SecurityIndex{security}, Weight::of_count(weight)});
  }
}

ModelsOnDay Unfolding::unfold_all() {
  std::vector<std::uint32_t> ready;
  for (std::uint32_t i = 0; i < library_.size(); ++i) {
    if (parts_missing_[i] == 0) ready.push_back(i);
  }
  while (!ready.empty()) {
    const std::uint32_t i = ready.back();
    ready.pop_back();
    const Model& model = result_.models[i];
    if (model.usable) unfold(i);
    for (const std::uint32_t user : users_[i]) {
      if (!model.usable && result_.models[user].usable) {
        reject(user, {rule::model_part_unknown, 0, "component_id", model.id.text,
                      fmt::format("has the part \"{}\", which was rejected: correct that model first",
                                  quotable(model.id.text))});
      }
      if (--parts_missing_[user] == 0) ready.push_back(user);
    }
  }
  for (std::uint32_t i = 0; i < library_.size(); ++i) {
    if (parts_missing_[i] == 0) continue;
    reject(i, {rule::model_cycle, version_on(library_[i], day_)->line, "component_id", "",
               "contains itself, or a model that does: take the circle out"});
  }
  return std::move(result_);
}

}  // namespace

const ModelVersion* version_on(const ModelHistory& history, Date day) {
  const ModelVersion* newest = nullptr;
  for (const ModelVersion& version : history.versions) {
    if (!version.effective_on || *version.effective_on <= day) newest = &version;
  }
  return newest;
}

ModelsOnDay models_on(const ModelLibrary& library, Date day) { return Unfolding(library, day).unfold_all(); }

}  // namespace lotwright::inputs
