#include "run/query_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "inputs/csv_text.h"
#include "inputs/file_report.h"
#include "reports/words.h"
#include "run/table.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;
using query::Answer;
using query::Kind;

// The rows of one file, as the values of its table.
class FileOfTable {
 public:
  FileOfTable(const query::Table& table, const std::string& folder)
      : table_(table), path_(folder + "/" + std::string(table.name) + ".csv"), values_(table.columns.size()) {}

  Result<bool> feed(const std::function<void(query::Row)>& take) {
    std::vector<std::string> required;
    for (const query::Column& column : table_.columns) required.emplace_back(column.name);
    const auto read = read_rows(path_, required, [&](const Table& file, const TableRow& row) {
      if (failure_) return;
      if (places_.empty()) find_places(file);
      if (fill(row)) take(values_);
    });
    if (failure_) return *failure_;
    if (read) return read;
    Failure named = read.failure();
    named.place.file = path_;
    return named;
  }

 private:
  void find_places(const Table& file) {
    for (const query::Column& column : table_.columns) places_.push_back(file.columns.at(std::string(column.name)));
  }

  bool fill(const TableRow& row) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const std::string_view cell = places_[i] < row.cells.size() ? std::string_view(row.cells[places_[i]]) : "";
      const query::Column& column = table_.columns[i];
      const auto value = query::read_value(column.kind, cell);
      if (!value) {
        failure_ = Failure{value.failure().rule,
                           fmt::format("{} \"{}\" {}: no run writes that; take the file that the run wrote",
                                       column.name, inputs::quotable(cell), value.failure().message),
                           {path_, row.line, std::string(column.name), std::string(cell.substr(0, 200))}};
        return false;
      }
      values_[i] = *value;
    }
    return true;
  }

  const query::Table& table_;
  std::string path_;
  std::vector<query::Value> values_;
  std::vector<std::size_t> places_;  // of the table's columns in the file
  std::optional<Failure> failure_;
};

double number_of(const std::string& cell) {
  double value = 0.0;
  std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return value;
}

// Null where it is not known; whole numbers without a point.
Json json_number(const std::string& cell) {
  if (cell.empty()) return {};
  std::int64_t whole = 0;
  const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), whole);
  return read.ec == std::errc{} && read.ptr == cell.data() + cell.size() ? Json(whole) : Json(number_of(cell));
}

std::string told(Kind kind, const std::string& cell) {
  if (cell.empty()) return "-";
  if (kind == Kind::money) return reports::usd(Money::parse(cell).value());
  if (kind == Kind::percent) return reports::percent(number_of(cell));
  return inputs::quotable(cell);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

// Sentences begin with what matters; who asks for a column by its name gets all of it.
std::string shortened(const std::string& cell) {
  constexpr std::size_t bytes_max = 100;
  if (cell.size() <= bytes_max) return cell;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(cell[end]) & 0xC0U) == 0x80U) --end;
  return cell.substr(0, end) + "...";
}

}  // namespace

Result<Answer> answer_from(const query::Question& question, const std::string& folder) {
  query::Answering answering(question);
  for (const std::size_t other : question.others()) {
    const auto fed =
        FileOfTable(question.table(other), folder).feed([&](query::Row row) { answering.other_row(other, row); });
    if (!fed) return fed.failure();
  }
  const auto fed =
      FileOfTable(question.table(question.own()), folder).feed([&](query::Row row) { answering.own_row(row); });
  if (!fed) return fed.failure();
  return answering.finish();
}

std::string text_of(const Answer& answer, bool brief_only) {
  std::string text;
  std::vector<std::vector<std::string>> lines(answer.rows.size() + 1);
  std::vector<bool> words;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < answer.columns.size(); ++i) {
    const query::AnswerColumn& column = answer.columns[i];
    if (brief_only && !column.brief) continue;
    words.push_back(column.kind == Kind::text || column.kind == Kind::date);
    lines[0].push_back(column.title);
    for (std::size_t row = 0; row < answer.rows.size(); ++row) {
      const std::string cell = told(column.kind, answer.rows[row][i]);
      lines[row + 1].push_back(brief_only ? shortened(cell) : cell);
    }
    widths.push_back(0);
    for (const auto& line : lines) widths.back() = std::max(widths.back(), characters(line.back()));
  }
  for (const auto& line : lines) {
    std::string told_line;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string padding(widths[i] - characters(line[i]), ' ');
      told_line += (words[i] ? line[i] + padding : padding + line[i]) + "  ";
    }
    told_line.erase(told_line.find_last_not_of(' ') + 1);
    text += told_line + "\n";
  }
  return text;
}

std::string csv_of(const Answer& answer) {
  std::string text;
  std::vector<std::string> titles;
  for (const query::AnswerColumn& column : answer.columns) titles.push_back(column.title);
  inputs::append_csv_cells(text, titles);
  text += '\n';
  for (const auto& row : answer.rows) {
    inputs::append_csv_cells(text, row);
    text += '\n';
  }
  return text;
}

std::string json_of(const Answer& answer) {
  Json json;
  json["matched"] = answer.matched;
  json["rows"] = Json::array();
  for (const auto& row : answer.rows) {
    Json one = Json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const Kind kind = answer.columns[i].kind;
      if (kind == Kind::text || kind == Kind::date) {
        one[answer.columns[i].title] = row[i];
      } else {
        one[answer.columns[i].title] = json_number(row[i]);
      }
    }
    json["rows"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
