// models.csv: versions chosen by date, nested models unfolded to securities.

#include <fmt/format.h>

#include <algorithm>

#include "inputs/readers.h"
#include "inputs/table.h"

namespace lotwright::inputs {
namespace {

struct ModelRow {
  std::string model;
  ComponentKind kind = ComponentKind::security;
  std::string component;
  Weight weight;
  std::optional<Date> effective_on;  // none: from ever

  auto operator<=>(const ModelRow&) const = default;
};

const Table<ModelRow> models_table{
    required<&ModelRow::model>("model_id"),
    required<&ModelRow::kind>("component_kind"),
    required<&ModelRow::component>("component_id"),
    required<&ModelRow::weight, Range::not_negative>("weight"),
    optional<&ModelRow::effective_on>("effective_on"),
};

struct Part {
  std::uint32_t place = 0;  // among the securities or the models
  Weight weight;
};

// One model while models are put together.
struct Recipe {
  std::vector<Kept<ModelRow>> rows;  // of the version in force
  std::vector<Part> securities;
  std::vector<Part> models;
  std::vector<std::uint32_t> used_by;  // models that have this one as a part
  std::size_t parts_missing = 0;       // models among the parts that are not unfolded yet
};

Subject model_subject(const std::string& id) { return {SubjectKind::model, id}; }

class ModelShelf {
 public:
  ModelShelf(Draft& draft, FileReport& report) : draft_(draft), report_(report) {}

  void add(ModelRow& row, RowFaults& faults);
  void unfold_all();

 private:
  void choose_versions();
  void resolve(std::uint32_t i);
  void check_sum(std::uint32_t i);
  void unfold(std::uint32_t i);
  void reject(std::uint32_t i, const char* rule, std::int64_t line, std::string_view column, std::string_view value,
              const std::string& message);

  Draft& draft_;
  FileReport& report_;
  std::vector<Kept<ModelRow>> rows_;
  std::map<std::string, bool> names_;  // every model named by any row; true: one of its rows is faulty
  std::vector<Recipe> recipes_;        // beside draft_.book.models
};

void ModelShelf::add(ModelRow& row, RowFaults& faults) {
  if (faults.any()) hold_subject(report_, model_subject(row.model), faults);
  if (row.model.empty()) return;
  names_[row.model] |= faults.any();
  if (!faults.any()) rows_.push_back({std::move(row), faults.line()});
}

void ModelShelf::reject(std::uint32_t i, const char* rule, std::int64_t line, std::string_view column,
                        std::string_view value, const std::string& message) {
  Model& model = draft_.book.models[i];
  model.usable = false;
  report_.tell(Severity::hold, model_subject(model.id.text), rule, line, column, value,
               fmt::format("model \"{}\" {}", quotable(model.id.text), message));
}

// Of each model the rows of its newest version not after as_of.
void ModelShelf::choose_versions() {
  std::map<std::string, std::optional<Date>> newest;
  const auto in_force = [&](const ModelRow& row) { return !row.effective_on || *row.effective_on <= draft_.as_of(); };
  for (const auto& [row, line] : rows_) {
    if (!in_force(row)) continue;
    auto& date = newest.try_emplace(row.model, row.effective_on).first->second;
    date = std::max(date, row.effective_on);  // no date is before every date
  }
  for (auto& kept : rows_) {
    const auto version = newest.find(kept.row.model);
    if (version == newest.end() || version->second != kept.row.effective_on) continue;
    recipes_[draft_.models.find(kept.row.model).value].rows.push_back(std::move(kept));
  }
}

// Finds the parts of a model; a part that is nowhere rejects it.
void ModelShelf::resolve(std::uint32_t i) {
  Recipe& recipe = recipes_[i];
  const auto key = [](const ModelRow& row) { return std::pair(row.kind, row.component); };
  sort_unique(recipe.rows, key, [&](const auto&, const auto& extra) {
    reject(i, rule::data_key_duplicate, extra.line, "component_id", extra.row.component,
           fmt::format("has the part \"{}\" twice: add their weights up in one row", quotable(extra.row.component)));
  });
  for (const auto& [row, line] : recipe.rows) {
    const bool nested = row.kind == ComponentKind::model;
    const std::uint32_t place =
        nested ? draft_.models.find(row.component).value : draft_.securities.find(row.component).value;
    if (place == SecurityIndex::nobody) {
      reject(i, rule::model_part_unknown, line, "component_id", row.component,
             fmt::format("has the part \"{}\", which is in no file: correct the name or add it to {}",
                         quotable(row.component), nested ? "models.csv" : "securities.csv"));
      continue;
    }
    (nested ? recipe.models : recipe.securities).push_back({place, row.weight});
    if (nested) recipes_[place].used_by.push_back(i);
    if (nested) ++recipe.parts_missing;
  }
}

void ModelShelf::check_sum(std::uint32_t i) {
  constexpr Int128 tolerance = Weight::scale / 1'000'000;
  Int128 sum = 0;
  for (const auto& [row, line] : recipes_[i].rows) sum += row.weight.count();
  if (recipes_[i].rows.empty()) {
    reject(i, rule::model_not_in_force, 0, "effective_on", {},
           fmt::format("has no version in force on {}: give one an earlier effective_on", draft_.as_of().to_string()));
  } else if (sum < Weight::scale - tolerance || sum > Weight::scale + tolerance) {
    const std::string text = fmt::format("{:.12f}", static_cast<double>(sum) / static_cast<double>(Weight::scale));
    reject(i, rule::model_sum_wrong, recipes_[i].rows.front().line, "weight", text,
           fmt::format("has weights that sum to {} instead of 1 (0.03 is 3 %): correct them", text));
  }
}

// All parts are unfolded: adds them up exactly and rounds each security once, half away from zero.
void ModelShelf::unfold(std::uint32_t i) {
  std::map<std::uint32_t, Int128> sums;  // by security, in units of Weight::scale squared
  for (const Part& part : recipes_[i].securities)
    sums[part.place] += static_cast<Int128>(part.weight.count()) * Weight::scale;
  for (const Part& part : recipes_[i].models) {
    for (const ModelWeight& inner : draft_.book.models[part.place].weights) {
      sums[inner.security.value] += static_cast<Int128>(part.weight.count()) * inner.weight.count();
    }
  }
  for (const auto& [security, sum] : sums) {
    const auto weight = static_cast<std::int64_t>((sum + Weight::scale / 2) / Weight::scale);
    if (weight > 0) draft_.book.models[i].weights.push_back({SecurityIndex{security}, Weight::of_count(weight)});
  }
}

void ModelShelf::unfold_all() {
  std::vector<Model>& models = draft_.book.models;
  for (const auto& [name, faulty] : names_) {
    models.emplace_back().id = ModelId(name);
    models.back().usable = !faulty;
  }
  draft_.models = Names<ModelIndex>(models);
  recipes_.resize(models.size());
  choose_versions();
  for (std::uint32_t i = 0; i < models.size(); ++i) {
    resolve(i);
    if (models[i].usable) check_sum(i);
  }

  // From the models without nested parts upwards; a loop instead of recursion, since models may nest to any depth.
  std::vector<std::uint32_t> ready;
  for (std::uint32_t i = 0; i < models.size(); ++i) {
    if (recipes_[i].parts_missing == 0) ready.push_back(i);
  }
  while (!ready.empty()) {
    const std::uint32_t i = ready.back();
    ready.pop_back();
    if (models[i].usable) unfold(i);
    for (const std::uint32_t user : recipes_[i].used_by) {
      if (!models[i].usable && models[user].usable) {
        reject(user, rule::model_part_unknown, 0, "component_id", models[i].id.text,
               fmt::format("has the part \"{}\", which was rejected: correct that model first",
                           quotable(models[i].id.text)));
      }
      if (--recipes_[user].parts_missing == 0) ready.push_back(user);
    }
  }
  for (std::uint32_t i = 0; i < models.size(); ++i) {
    if (recipes_[i].parts_missing == 0) continue;
    reject(i, rule::model_cycle, recipes_[i].rows.front().line, "component_id", {},
           "contains itself, or a model that does: take the circle out");
  }
}

}  // namespace

void read_models(BookFile& file, Draft& draft) {
  ModelShelf shelf(draft, file.report());
  read_table(file, models_table, [&](ModelRow& row, RowFaults& faults) { shelf.add(row, faults); });
  shelf.unfold_all();
}

}  // namespace lotwright::inputs
