#include "query/question.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "book/rules.h"
#include "inputs/file_report.h"
#include "inputs/near_names.h"
#include "units/fixed.h"

namespace lotwright::query {
namespace {

using inputs::quotable;

constexpr std::string_view blanks = " \t";

struct Part {
  std::string_view text;
  std::size_t at = 0;
};

// The parts between commas, without the blanks around them.
std::vector<Part> parts_of(std::string_view list) {
  std::vector<Part> parts;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t to = std::min(list.find(',', from), list.size());
    Part part{list.substr(from, to - from), from};
    const std::size_t first = std::min(part.text.find_first_not_of(blanks), part.text.size());
    part.text.remove_prefix(first);
    part.at += first;
    part.text = part.text.substr(0, part.text.find_last_not_of(blanks) + 1);
    parts.push_back(part);
    from = to + 1;
  }
  return parts;
}

Failure in_option(const char* option, Failure failure) {
  failure.message = fmt::format("{}: {}", option, failure.message);
  failure.place = {};
  return failure;
}

Result<std::size_t> find_table(const std::string& name, Tables tables) {
  if (name.empty()) return std::size_t{0};
  std::string_view stem = name;
  if (stem.ends_with(".csv")) stem.remove_suffix(4);
  const auto found = std::ranges::find(tables, stem, &Table::name);
  if (found != tables.end()) return static_cast<std::size_t>(found - tables.begin());
  std::vector<std::string_view> names;
  for (const Table& table : tables) names.push_back(table.name);
  const std::string_view meant = inputs::nearest(stem, names);
  return Failure{rule::data_word_unknown,
                 fmt::format("--file: there is no file {}: {}", quotable(name),
                             meant.empty() ? fmt::format("write one of {}", fmt::join(names, ", "))
                                           : fmt::format("did you mean {}?", meant)),
                 {}};
}

// A column that has one cell for each row of `own`: its own, or of a table with one row an account.
Result<ColumnPlace> one_cell(const char* option, const Part& part, std::size_t own, Tables tables) {
  const auto place = find_column(part.text, own, tables, part.at);
  if (!place) return in_option(option, place.failure());
  if (place->table == own || tables[place->table].one_an_account) return place;
  return Failure{rule::data_column_unknown,
                 fmt::format("{}: {} may have several rows of an account, so that {} is not one value: ask --file {}",
                             option, tables[place->table].name, part.text, tables[place->table].name),
                 {}};
}

bool is_amount(Kind kind) { return kind == Kind::money || kind == Kind::number || kind == Kind::percent; }

}  // namespace

Result<Question> Question::read(const Ask& ask, Tables tables) {
  Question question;
  question.tables_.assign(tables.begin(), tables.end());
  const auto own = find_table(ask.table, tables);
  if (!own) return own.failure();
  question.own_ = *own;
  auto filter = Filter::read(ask.filter, *own, tables);
  if (!filter) return filter.failure();
  question.filter_ = std::move(filter).value();
  const std::string sort = ask.sort.empty() ? std::string(tables[*own].sorted_by) : ask.sort;
  for (Part part : sort.empty() ? std::vector<Part>() : parts_of(sort)) {
    const bool falling = part.text.starts_with('-');
    if (falling) part.text.remove_prefix(1);
    const auto place = one_cell("--sort", part, *own, tables);
    if (!place) return place.failure();
    question.sort_.push_back({*place, falling});
  }
  for (const Part& part : ask.columns.empty() ? std::vector<Part>() : parts_of(ask.columns)) {
    const auto place = one_cell("--columns", part, *own, tables);
    if (!place) return place.failure();
    question.columns_.push_back(*place);
  }
  for (std::size_t i = 0; ask.columns.empty() && i < tables[*own].columns.size(); ++i)
    question.columns_.push_back({*own, i});
  if (!ask.sum.empty()) {
    const auto place = one_cell("--sum", {ask.sum, 0}, *own, tables);
    if (!place) return place.failure();
    const Kind kind = tables[place->table].columns[place->column].kind;
    if (!is_amount(kind))
      return Failure{rule::data_column_unknown,
                     fmt::format("--sum: {} is {}, which has no sum: name a column of numbers", ask.sum, name_of(kind)),
                     {}};
    question.sum_ = *place;
  }
  if (!ask.by.empty()) {
    const auto place = one_cell("--by", {ask.by, 0}, *own, tables);
    if (!place) return place.failure();
    question.by_ = *place;
  }
  question.limit_ = ask.limit;
  question.count_ = ask.count;
  return question;
}

std::vector<std::size_t> Question::others() const {
  std::set<std::size_t> tables;
  for (const Filter::Inner& inner : filter_.inner()) tables.insert(inner.table);
  const auto add = [&](const ColumnPlace& place) {
    if (place.table != own_) tables.insert(place.table);
  };
  for (const SortKey& key : sort_) add(key.column);
  for (const ColumnPlace& place : columns_) add(place);
  if (sum_) add(*sum_);
  if (by_) add(*by_);
  return {tables.begin(), tables.end()};
}

std::string Question::title_of(ColumnPlace place) const {
  const std::string name(column(place).name);
  return place.table == own_ ? name : fmt::format("{}.{}", tables_[place.table].name, name);
}

// ── the answer

Answering::Answering(const Question& question) : question_(&question), has_row_(question.filter_.inner().size()) {
  const auto want = [&](const ColumnPlace& place) {
    if (place.table != question.own_) cells_of_others_[{place.table, place.column}];
  };
  for (const SortKey& key : question.sort_) want(key.column);
  for (const ColumnPlace& place : question.columns_) want(place);
  if (question.sum_) want(*question.sum_);
  if (question.by_) want(*question.by_);
}

void Answering::other_row(std::size_t table, Row row) {
  const std::string account(row[question_->tables_[table].find("account_id")].text);
  const auto& inner = question_->filter_.inner();
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i].table != table) continue;
    const Truth truth = question_->filter_.of_inner(i, row);
    if (truth == Truth::no) continue;
    Truth& strongest = has_row_[i].try_emplace(account, Truth::no).first->second;
    strongest = std::max(strongest, truth);
  }
  if (!question_->tables_[table].one_an_account) return;
  for (auto& [place, cells] : cells_of_others_) {
    if (place.first == table) cells[account] = row[place.second].text;
  }
}

Value Answering::value_at(ColumnPlace place, Row row) const {
  if (place.table == question_->own_) return row[place.column];
  const auto& cells = cells_of_others_.at({place.table, place.column});
  const auto at = cells.find(row[question_->tables_[question_->own_].find("account_id")].text);
  if (at == cells.end()) return {};
  return read_value(question_->column(place).kind, at->second).value();
}

void Answering::own_row(Row row) {
  const std::size_t account = question_->tables_[question_->own_].find("account_id");
  const Truth truth = question_->filter_.of(row, [&](std::size_t inner) {
    const auto at = has_row_[inner].find(row[account].text);
    return at == has_row_[inner].end() ? Truth::no : at->second;
  });
  if (truth != Truth::yes) return;
  ++matched_;
  if (question_->is_summed()) {
    add_up(row);
  } else {
    keep(row);
  }
}

void Answering::keep(Row row) {
  Kept& kept = kept_.emplace_back();
  for (const ColumnPlace& place : question_->columns_) kept.cells.emplace_back(value_at(place, row).text);
  for (const SortKey& key : question_->sort_) {
    kept.keys.push_back(value_at(key.column, row));
    kept.key_texts.emplace_back(kept.keys.back().text);
  }
}

void Answering::add_up(Row row) {
  const std::string name = question_->by_ ? std::string(value_at(*question_->by_, row).text) : std::string();
  Group& group = groups_[name];
  ++group.rows;
  if (!question_->sum_) return;
  const Value value = value_at(*question_->sum_, row);
  if (value.known) {
    group.sum += value.count;
  } else {
    ++group.unknown;
  }
}

// The largest sums first, or where none is asked for the largest counts; then by name.
Result<Answer> Answering::groups() const {
  const Question& question = *question_;
  Answer answer;
  answer.matched = matched_;
  if (question.by_) answer.columns.push_back({question.title_of(*question.by_), Kind::text, true});
  answer.columns.push_back({"rows", Kind::number, true});
  if (question.sum_) {
    answer.columns.push_back({question.title_of(*question.sum_), question.column(*question.sum_).kind, true});
    answer.columns.push_back({"unknown", Kind::number, true});
  }
  std::vector<std::pair<std::string, Group>> rows(groups_.begin(), groups_.end());
  if (!question.by_ && rows.empty()) rows.emplace_back();
  std::ranges::stable_sort(rows, [&](const auto& a, const auto& b) {
    return question.sum_ ? a.second.sum > b.second.sum : a.second.rows > b.second.rows;
  });
  for (const auto& [name, group] : rows) {
    std::vector<std::string> cells;
    if (question.by_) cells.push_back(name);
    cells.push_back(std::to_string(group.rows));
    if (question.sum_) {
      const auto sum = static_cast<std::int64_t>(group.sum);
      if (sum != group.sum)
        return Failure{
            rule::data_number_out_of_range, "--sum: the sum is beyond what is kept exactly: ask for less", {}};
      const Kind kind = question.column(*question.sum_).kind;
      cells.push_back(format_decimal(sum, decimals_of(kind), kind == Kind::money ? 2 : 0));
      cells.push_back(std::to_string(group.unknown));
    }
    answer.rows.push_back(std::move(cells));
  }
  answer.told = answer.rows.size();
  if (question.limit_ && answer.rows.size() > *question.limit_) answer.rows.resize(*question.limit_);
  return answer;
}

Result<Answer> Answering::finish() {
  const Question& question = *question_;
  if (question.is_summed()) return groups();
  const auto before = [&](const Kept& a, const Kept& b) {
    for (std::size_t i = 0; i < question.sort_.size(); ++i) {
      if (a.keys[i].known != b.keys[i].known) return a.keys[i].known;
      const bool text = question.column(question.sort_[i].column).kind == Kind::text;
      const auto order = text ? a.key_texts[i] <=> b.key_texts[i] : a.keys[i].count <=> b.keys[i].count;
      if (order != 0) return question.sort_[i].falling ? order > 0 : order < 0;
    }
    return false;
  };
  std::ranges::stable_sort(kept_, before);
  Answer answer;
  answer.matched = matched_;
  for (const ColumnPlace& place : question.columns_)
    answer.columns.push_back({question.title_of(place), question.column(place).kind, question.column(place).brief});
  answer.told = matched_;
  const std::size_t count = std::min(kept_.size(), question.limit_.value_or(kept_.size()));
  for (std::size_t i = 0; i < count; ++i) answer.rows.push_back(std::move(kept_[i].cells));
  return answer;
}

}  // namespace lotwright::query
