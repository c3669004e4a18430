#include <fmt/format.h>

#include <array>
#include <utility>

#include "book/rules.h"
#include "cases/book_tables.h"
#include "cases/case.h"
#include "inputs/cell.h"
#include "inputs/file_report.h"

namespace lotwright {
namespace {

using cases::TextRow;
using cases::TextTable;
using cases::TextTables;

constexpr std::string_view format_version = "1";
constexpr std::string_view decided_prefix = "decided_";
constexpr std::string_view refused_prefix = "refused_";
constexpr std::string_view breaches_table = "breaches";

TextTable facts_of(const Case& saved) {
  const Effort& effort = saved.effort;
  return {"case",
          0,
          {"name", "value"},
          {{0, {"format", std::string(format_version)}},
           {0, {"engine_version", saved.engine_version}},
           {0, {"as_of", saved.book.firm.as_of.to_string()}},
           {0, {"newton_iterations_max", std::to_string(effort.newton_iterations_max)}},
           {0, {"search_rounds_max", std::to_string(effort.search_rounds_max)}},
           {0, {"branch_gap_min", fmt::format("{}", effort.branch_gap_min)}},
           {0, {"branch_nodes_max", fmt::format("{}", effort.branch_nodes_max)}},
           {0, {"branch_work_max", fmt::format("{}", effort.branch_work_max)}}}};
}

Failure refusal(const std::string& file, std::int64_t line, const char* rule, const std::string& value,
                const std::string& message) {
  return {rule, message, {file, line, "value", inputs::quotable(value)}};
}

// The facts of [case]. Each must be there, once and in this order, as they are written.
class FactReader {
 public:
  FactReader(const TextTable& table, const std::string& file) : table_(table), file_(file) {}

  const TextRow* next(std::string_view name) {
    if (failure) return nullptr;
    if (place_ < table_.rows.size() && table_.rows[place_].cells[0] == name) return &table_.rows[place_++];
    const std::int64_t line = place_ < table_.rows.size() ? table_.rows[place_].line : table_.line;
    failure = refusal(file_, line, rule::case_unreadable, "", fmt::format("[case] must have its row {} here", name));
    return nullptr;
  }

  template <class Value>
  void read(std::string_view name, Value& value) {
    const TextRow* row = next(name);
    if (row == nullptr) return;
    if (const inputs::Fault fault = inputs::read_cell(row->cells[1], value)) {
      failure = refusal(file_, row->line, fault.rule, row->cells[1],
                        fmt::format("[case] {} \"{}\" {}", name, inputs::quotable(row->cells[1]), fault.message));
    }
  }

  // How much work may be done: a whole number of at most a million, or a double of as much.
  template <class Value>
  void read_effort(std::string_view name, Value& value) {
    constexpr double most = 1e6;
    double number = 0.0;
    const TextRow* row = place_ < table_.rows.size() ? &table_.rows[place_] : nullptr;
    read(name, number);
    if (!failure && !(number >= 0.0 && number <= most)) {
      failure = refusal(file_, row->line, rule::data_number_out_of_range, row->cells[1],
                        fmt::format("[case] {} must lie between 0 and {}", name, most));
    }
    if (!failure) value = static_cast<Value>(number);
  }

  void read_format() {
    const TextRow* row = next("format");
    if (row == nullptr || row->cells[1] == format_version) return;
    failure = refusal(file_, row->line, rule::case_version_unknown, row->cells[1],
                      fmt::format("the case is of format \"{}\", and this version reads format {}: play it with the "
                                  "version that saved it",
                                  inputs::quotable(row->cells[1]), format_version));
  }

  std::optional<Failure> failure;

 private:
  const TextTable& table_;
  const std::string& file_;
  std::size_t place_ = 0;
};

std::optional<Failure> read_facts(const TextTable& table, const std::string& file, Case& saved) {
  FactReader facts(table, file);
  facts.read_format();
  facts.read("engine_version", saved.engine_version);
  facts.read("as_of", saved.book.firm.as_of);
  facts.read_effort("newton_iterations_max", saved.effort.newton_iterations_max);
  facts.read_effort("search_rounds_max", saved.effort.search_rounds_max);
  facts.read_effort("branch_gap_min", saved.effort.branch_gap_min);
  facts.read_effort("branch_nodes_max", saved.effort.branch_nodes_max);
  facts.read_effort("branch_work_max", saved.effort.branch_work_max);
  return facts.failure;
}

// Tables that tell what was decided are kept as text; any other must be one of the book's.
std::optional<Failure> keep_results(const TextTables& tables, const std::string& file, Case& saved) {
  for (const TextTable& table : tables) {
    if (table.name.starts_with(decided_prefix)) {
      saved.decided.push_back(table);
    } else if (table.name.starts_with(refused_prefix) || table.name == breaches_table) {
      saved.breaches.push_back(table);
    } else if (table.name != "case" && !cases::is_book_table(table.name)) {
      return refusal(file, table.line, rule::case_unreadable, table.name,
                     fmt::format("there is no table [{}] in a case: check its spelling", inputs::quotable(table.name)));
    }
  }
  return std::nullopt;
}

}  // namespace

std::string case_text(const Case& saved) {
  std::string text = cases::text_of(facts_of(saved));
  for (const TextTables& tables : {saved.breaches, saved.decided, cases::tables_of(saved.book)}) {
    for (const TextTable& table : tables) text += "\n" + cases::text_of(table);
  }
  return text;
}

Result<Case> read_case(std::string_view text, const std::string& file) {
  auto tables = cases::read_tables(text, file);
  if (!tables) return tables.failure();
  const TextTable* facts = cases::find_table(*tables, "case");
  if (facts == nullptr) {
    return refusal(file, 1, rule::case_unreadable, "",
                   "the file has no table [case]: give a file of lotwright case save");
  }
  Case saved;
  if (const auto failure = read_facts(*facts, file, saved)) return *failure;
  if (const auto failure = keep_results(*tables, file, saved)) return *failure;
  auto book = cases::book_of(*tables, saved.book.firm.as_of, file);
  if (!book) return book.failure();
  saved.book = std::move(book).value();
  if (decision_units(saved.book).size() != 1) {
    return refusal(
        file, 0, rule::case_unreadable, "",
        fmt::format("the case has {} decision units and must have one: accounts of one household or taxpayer",
                    decision_units(saved.book).size()));
  }
  return saved;
}

}  // namespace lotwright
