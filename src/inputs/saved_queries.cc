#include "inputs/saved_queries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "inputs/firm_toml.h"
#include "inputs/near_names.h"

namespace lotwright {
namespace inputs {
namespace {

constexpr auto keys = std::to_array<std::string_view>({"file", "where", "sort", "columns", "limit"});

Failure refused(const toml::node& node, const std::string& key, const char* rule, const std::string& message) {
  return {rule, message, {"firm.toml", static_cast<std::int64_t>(node.source().begin.line), key, {}}};
}

std::optional<Failure> read_key(SavedQuery& query, std::string_view key, const toml::node& node) {
  const std::string path = fmt::format("queries.{}.{}", query.name, key);
  if (std::ranges::find(keys, key) == keys.end()) {
    const std::string_view meant = nearest(key, keys);
    return refused(node, path, rule::data_key_unknown,
                   fmt::format("\"{}\" is not known: {}", quotable(path),
                               meant.empty() ? fmt::format("write one of {}", fmt::join(keys, ", "))
                                             : fmt::format("write \"{}\"", meant)));
  }
  if (key == "limit") {
    const auto* whole = node.as_integer();
    if (whole == nullptr || whole->get() < 1)
      return refused(node, path, rule::data_number_out_of_range,
                     fmt::format("{} is no number of rows: write a whole number from 1", quotable(path)));
    query.limit = whole->get();
    return std::nullopt;
  }
  const auto* text = node.as_string();
  if (text == nullptr)
    return refused(node, path, rule::data_value_missing,
                   fmt::format("{} is no text: write it between quotes", quotable(path)));
  (key == "file"    ? query.file
   : key == "where" ? query.where
   : key == "sort"  ? query.sort
                    : query.columns) = text->get();
  return std::nullopt;
}

}  // namespace

Result<std::vector<SavedQuery>> saved_queries_in(const toml::table& root) {
  std::vector<SavedQuery> queries;
  const toml::node* node = root.get("queries");
  if (node == nullptr) return queries;
  if (!node->is_table())
    return refused(*node, "queries", rule::data_value_missing, "\"queries\" is not a table: write [queries]");
  for (const auto& [name, said] : *node->as_table()) {
    SavedQuery& query = queries.emplace_back();
    query.name = name.str();
    if (const auto* text = said.as_string()) {
      query.where = text->get();
    } else if (const toml::table* table = said.as_table()) {
      for (const auto& [key, value] : *table) {
        if (auto failure = read_key(query, key.str(), value)) return *failure;
      }
    } else {
      return refused(
          said, "queries." + query.name, rule::data_value_missing,
          fmt::format("queries.{} is neither a filter nor a table: write it between quotes", quotable(query.name)));
    }
  }
  return queries;
}

}  // namespace inputs

Result<std::vector<SavedQuery>> read_saved_queries(const std::string& book_folder) {
  const auto in_folder = [&](Failure failure) {
    failure.place.file = (std::filesystem::path(book_folder) / "firm.toml").string();
    return failure;
  };
  inputs::BookFolder folder(book_folder);
  inputs::FileReport report;
  inputs::BookFile file = folder.open("firm.toml", inputs::Presence::required, report);
  if (report.failure) return in_folder(*report.failure);
  const auto table = inputs::parse_firm(file);
  if (!table) return in_folder(*report.failure);
  auto queries = inputs::saved_queries_in(*table);
  if (!queries) return in_folder(queries.failure());
  return queries;
}

}  // namespace lotwright
