// models.csv: the rows of each version become weights, whether they are written as weights, ranks or scores.

#include <fmt/format.h>

#include <algorithm>

#include "inputs/readers.h"
#include "inputs/table.h"
#include "units/apportion.h"

namespace lotwright::inputs {
namespace {

struct ModelRow {
  std::string model;
  std::optional<Date> effective_on;  // none: from ever
  ComponentKind kind = ComponentKind::security;
  std::string component;
  std::optional<Weight> weight;
  std::optional<std::int64_t> rank;
  std::optional<Weight> score;

  auto operator<=>(const ModelRow&) const = default;
};

const Table<ModelRow> models_table{
    required<&ModelRow::model>("model_id"),
    required<&ModelRow::kind>("component_kind"),
    required<&ModelRow::component>("component_id"),
    optional<&ModelRow::weight, Range::not_negative>("weight"),
    optional<&ModelRow::rank>("rank"),
    optional<&ModelRow::score, Range::not_negative>("score"),
    optional<&ModelRow::effective_on>("effective_on"),
};

using Rows = std::vector<Kept<ModelRow>>;  // of one version

Subject model_subject(const std::string& id) { return {SubjectKind::model, id}; }

void check_row(const ModelRow& row, RowFaults& faults) {
  const int written = (row.weight ? 1 : 0) + (row.rank ? 1 : 0) + (row.score ? 1 : 0);
  const bool unreadable = faults.has("weight") || faults.has("rank") || faults.has("score");
  if (written == 0 && !unreadable) {
    faults.add("weight", {}, rule::data_value_missing, "is empty and must be given, or a rank or a score: fill it in");
  }
  if (written > 1) {
    faults.add("weight", row.weight ? row.weight->to_string() : std::string(), rule::model_sum_wrong,
               "stands beside a rank or a score: write one of the three");
  }
}

// ── one version: its rows as exact weights

class VersionReader {
 public:
  VersionReader(const Draft& draft, const Names<ModelIndex>& models) : draft_(draft), models_(models) {}

  // `rows` are all of one model and one date. `whole`: none of the model's rows is missing for a fault of its own.
  ModelVersion read(Rows rows, bool whole);

 private:
  void reject(const char* rule, std::int64_t line, std::string_view column, std::string_view value,
              std::string message) {
    version_.rejections.push_back({rule, line, std::string(column), std::string(value), std::move(message)});
  }
  void weigh(const Rows& rows);
  void weigh_ranks(const Rows& rows);
  void weigh_scores(const Rows& rows);
  void check_sum(const Rows& rows);
  void apportion_one(const std::vector<Int128>& shares);
  void find_parts(const Rows& rows);

  const Draft& draft_;
  const Names<ModelIndex>& models_;
  ModelVersion version_;
};

ModelVersion VersionReader::read(Rows rows, bool whole) {
  version_ = {};
  version_.effective_on = rows.front().row.effective_on;
  const auto key = [](const ModelRow& row) { return std::pair(row.kind, row.component); };
  sort_unique(rows, key, [&](const auto&, const auto& extra) {
    reject(rule::data_key_duplicate, extra.line, "component_id", extra.row.component,
           fmt::format("has the part \"{}\" twice: add their weights up in one row", quotable(extra.row.component)));
  });
  version_.line = rows.front().line;
  find_parts(rows);
  if (whole && version_.rejections.empty()) weigh(rows);
  return std::move(version_);
}

void VersionReader::weigh(const Rows& rows) {
  const auto all = [&](auto field) {
    return std::ranges::all_of(rows, [&](const auto& kept) { return (kept.row.*field).has_value(); });
  };
  if (all(&ModelRow::weight)) {
    for (std::size_t i = 0; i < rows.size(); ++i) version_.parts[i].weight = *rows[i].row.weight;
    return check_sum(rows);
  }
  if (all(&ModelRow::rank)) return weigh_ranks(rows);
  if (all(&ModelRow::score)) return weigh_scores(rows);
  reject(rule::model_sum_wrong, version_.line, "weight", {},
         "has weights, ranks and scores in one version: write one of the three in all its rows");
}

void VersionReader::check_sum(const Rows& rows) {
  constexpr Int128 tolerance = Weight::scale / 1'000'000;
  Int128 sum = 0;
  for (const ModelPart& part : version_.parts) sum += part.weight.count();
  if (sum >= Weight::scale - tolerance && sum <= Weight::scale + tolerance) return;
  const std::string text = fmt::format("{:.12f}", static_cast<double>(sum) / static_cast<double>(Weight::scale));
  reject(rule::model_sum_wrong, rows.front().line, "weight", text,
         fmt::format("has weights that sum to {} instead of 1 (0.03 is 3 %): correct them", text));
}

// Of N names the one of rank r weighs N + 1 - r parts; the same rank everywhere is a buy list.
void VersionReader::weigh_ranks(const Rows& rows) {
  const auto count = static_cast<std::int64_t>(rows.size());
  std::vector<Int128> shares;
  for (const auto& [row, line] : rows) {
    shares.push_back(count + 1 - *row.rank);
    if (*row.rank >= 1 && *row.rank <= count) continue;
    reject(rule::data_number_out_of_range, line, "rank", std::to_string(*row.rank),
           fmt::format("ranks \"{}\" {}: of {} names the ranks are 1 to {}", quotable(row.component), *row.rank, count,
                       count));
  }
  if (version_.rejections.empty()) apportion_one(shares);
}

void VersionReader::weigh_scores(const Rows& rows) {
  std::vector<Int128> shares;
  for (const auto& kept : rows) shares.push_back(kept.row.score->count());
  if (std::ranges::any_of(shares, [](Int128 share) { return share > 0; })) return apportion_one(shares);
  reject(rule::model_sum_wrong, rows.front().line, "score", "0", "has scores that are all 0: give one of them more");
}

void VersionReader::apportion_one(const std::vector<Int128>& shares) {
  const std::vector<std::int64_t> counts = apportion(Weight::scale, shares);
  for (std::size_t i = 0; i < counts.size(); ++i) version_.parts[i].weight = Weight::of_count(counts[i]);
}

// A part that is nowhere rejects the version.
void VersionReader::find_parts(const Rows& rows) {
  for (const auto& [row, line] : rows) {
    const bool nested = row.kind == ComponentKind::model;
    const std::uint32_t place =
        nested ? models_.find(row.component).value : draft_.securities.find(row.component).value;
    if (place != SecurityIndex::nobody) {
      version_.parts.push_back({nested, place, Weight()});
      continue;
    }
    reject(rule::model_part_unknown, line, "component_id", row.component,
           fmt::format("has the part \"{}\", which is in no file: correct the name or add it to {}",
                       quotable(row.component), nested ? "models.csv" : "securities.csv"));
  }
}

// ── all of them

// `rows` sorted; `named` has every model of any row, true where one of its rows is faulty.
ModelLibrary library_of(Rows rows, const std::map<std::string, bool>& named, Draft& draft) {
  std::vector<Model> models;
  for (const auto& [id, faulty] : named) models.emplace_back().id = ModelId(id);
  draft.models = Names<ModelIndex>(models);
  ModelLibrary library;
  for (const auto& [id, faulty] : named) library.push_back({id, faulty, {}});
  VersionReader reader(draft, draft.models);
  const auto version = [](const ModelRow& row) { return std::tie(row.model, row.effective_on); };
  for (auto begin = rows.begin(); begin != rows.end();) {
    const auto end =
        std::find_if(begin, rows.end(), [&](const auto& kept) { return version(kept.row) != version(begin->row); });
    ModelHistory& history = library[draft.models.find(begin->row.model).value];
    history.versions.push_back(
        reader.read(Rows(std::make_move_iterator(begin), std::make_move_iterator(end)), !history.faulty));
    begin = end;
  }
  return library;
}

}  // namespace

void read_models(BookFile& file, Draft& draft) {
  FileReport& report = file.report();
  Rows rows;
  std::map<std::string, bool> named;
  read_table(file, models_table, [&](ModelRow& row, RowFaults& faults) {
    check_row(row, faults);
    if (faults.any()) hold_subject(report, model_subject(row.model), faults);
    if (row.model.empty()) return;
    named[row.model] |= faults.any();
    if (!faults.any()) rows.push_back({std::move(row), faults.line()});
  });
  std::sort(rows.begin(), rows.end());
  draft.origins.library = library_of(std::move(rows), named, draft);
  ModelsOnDay today = models_on(draft.origins.library, draft.as_of());
  for (std::size_t i = 0; i < today.models.size(); ++i) {
    const std::string& id = today.models[i].id.text;
    for (const Rejection& why : today.rejections[i]) {
      report.tell(Severity::hold, model_subject(id), why.rule, why.line, why.column, why.value,
                  fmt::format("model \"{}\" {}", quotable(id), why.message));
    }
  }
  draft.book.models = std::move(today.models);
}

}  // namespace lotwright::inputs
