// The words of a filter become its nodes: one function for each line of the grammar in docs/data.md.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "book/rules.h"
#include "inputs/file_report.h"
#include "inputs/near_names.h"
#include "query/filter.h"
#include "units/date.h"
#include "units/fixed.h"

namespace lotwright::query {
namespace {

using inputs::quotable;

constexpr std::size_t depth_max = 100;  // of parentheses: reading goes down by recursion
constexpr std::size_t text_bytes_max = 65536;

Failure fault(std::size_t at, const char* rule, const std::string& message) {
  return {rule, fmt::format("character {}: {}", at + 1, message), {"", static_cast<std::int64_t>(at + 1), {}, {}}};
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_word_character(char c) {
  const char low = small(c);
  return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("_.-+:/&").find(c) != std::string_view::npos || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

struct Token {
  enum class Kind { word, quoted, sign, end };

  Kind kind = Kind::end;
  std::size_t at = 0;
  std::string text;  // of quoted: what is between the quotes

  [[nodiscard]] bool is_sign(std::string_view sign) const { return kind == Kind::sign && text == sign; }
  // Keywords in any capitals.
  [[nodiscard]] bool is_word(std::string_view word) const {
    return kind == Kind::word && std::ranges::equal(text, word, [](char a, char b) { return small(a) == b; });
  }
};

Result<Token> quoted_at(std::string_view text, std::size_t from) {
  Token token{Token::Kind::quoted, from, {}};
  const char quote = text[from];
  for (std::size_t i = from + 1; i < text.size(); ++i) {
    const bool doubled = text[i] == quote && i + 1 < text.size() && text[i + 1] == quote;
    if (text[i] == quote && !doubled) return token;
    token.text += text[i];
    if (doubled) ++i;
  }
  return fault(from, rule::data_row_malformed, "the quote is not closed: write another one behind the text");
}

// How many characters of the text the token takes, quotes included.
std::size_t length_of(std::string_view text, const Token& token) {
  if (token.kind != Token::Kind::quoted) return token.text.size();
  const auto quotes = std::ranges::count(token.text, text[token.at]);
  return token.text.size() + 2 + static_cast<std::size_t>(quotes);
}

Result<Token> token_at(std::string_view text, std::size_t from) {
  if (text[from] == '\'' || text[from] == '"') return quoted_at(text, from);
  Token token{Token::Kind::word, from, {}};
  std::size_t to = from;
  while (to < text.size() && is_word_character(text[to])) ++to;
  if (to > from) {
    token.text = text.substr(from, to - from);
    return token;
  }
  token.kind = Token::Kind::sign;
  for (const std::string_view sign : {"<=", ">=", "!=", "<>", "==", "<", ">", "=", "(", ")", ",", "%"}) {
    if (!text.substr(from).starts_with(sign)) continue;
    token.text = sign;
    return token;
  }
  return fault(from, rule::data_row_malformed,
               fmt::format("\"{}\" means nothing here: put text with such signs between quotes",
                           quotable(text.substr(from, 1))));
}

Result<std::vector<Token>> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = 0; at < text.size();) {
    if (std::string_view(" \t\r\n").find(text[at]) != std::string_view::npos) {
      ++at;
      continue;
    }
    auto token = token_at(text, at);
    if (!token) return token.failure();
    at += length_of(text, *token);
    tokens.push_back(std::move(token).value());
  }
  tokens.push_back({Token::Kind::end, text.size(), {}});
  return tokens;
}

// ── values

bool begins_a_number(std::string_view text) {
  return !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == '.' || text[0] == '-' || text[0] == '+');
}

// "1.5e6", moved by `shift` digits, as a plain decimal: no rounding. Empty where it is no number.
std::string plain_decimal(std::string_view text, int shift) {
  constexpr int exponent_max = 40;
  std::string digits;
  std::string sign;
  int behind = 0;  // digits behind the point
  bool point = false;
  std::size_t i = 0;
  if (text[0] == '-' || text[0] == '+') sign = text[i++] == '-' ? "-" : "";
  for (; i < text.size() && small(text[i]) != 'e'; ++i) {
    const bool between = i > 0 && i + 1 < text.size();
    if (text[i] == '_' && between) continue;
    if (text[i] == '.' && !std::exchange(point, true)) continue;
    if (text[i] < '0' || text[i] > '9') return {};
    digits += text[i];
    behind += point ? 1 : 0;
  }
  if (i < text.size()) {
    std::string_view power = text.substr(i + 1);
    const bool negative = power.starts_with('-');
    if (negative || power.starts_with('+')) power.remove_prefix(1);
    int exponent = 0;
    if (power.empty() || power.size() > 2) return {};
    for (const char c : power) {
      if (c < '0' || c > '9') return {};
      exponent = 10 * exponent + (c - '0');
    }
    if (exponent > exponent_max) return {};
    behind += negative ? exponent : -exponent;
  }
  if (digits.empty()) return {};
  behind -= shift;
  if (behind <= 0) return sign + digits + std::string(static_cast<std::size_t>(-behind), '0');
  const auto decimals = static_cast<std::size_t>(behind);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  return sign + digits.substr(0, digits.size() - decimals) + "." + digits.substr(digits.size() - decimals);
}

std::string_view nearest_of(std::string_view name, const std::vector<std::string_view>& known) {
  return inputs::nearest(name, known);
}

std::vector<std::string_view> columns_of(const Table& table) {
  std::vector<std::string_view> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

// ── names

Failure no_table(std::string_view name, Tables tables, std::size_t at) {
  std::vector<std::string_view> names;
  for (const Table& table : tables) names.push_back(table.name);
  const std::string_view meant = nearest_of(name, names);
  return fault(at, rule::data_column_unknown,
               meant.empty()
                   ? fmt::format("there is no file {}: write one of {}", quotable(name), fmt::join(names, ", "))
                   : fmt::format("there is no file {}: did you mean {}?", quotable(name), meant));
}

// What is said of a column that the table does not have: the file that has it, the near name, or all names.
Failure no_column(std::string_view name, std::size_t asked, std::size_t own, Tables tables, std::size_t at) {
  const Table& table = tables[asked];
  const std::string told = fmt::format("{} has no column {}", table.name, quotable(name));
  for (std::size_t i = 0; i < tables.size() && asked == own; ++i) {
    if (i == own || tables[i].find(name) == tables[i].columns.size()) continue;
    const bool both = table.has_accounts() && tables[i].has_accounts();
    return fault(at, rule::data_column_unknown,
                 both ? fmt::format("{}, {} has it: write {}.{}, or --file {}", told, tables[i].name, tables[i].name,
                                    name, tables[i].name)
                      : fmt::format("{}, {} has it: ask --file {}", told, tables[i].name, tables[i].name));
  }
  const std::vector<std::string_view> names = columns_of(table);
  if (const std::string_view meant = nearest_of(name, names); !meant.empty())
    return fault(at, rule::data_column_unknown, fmt::format("{}: did you mean {}?", told, meant));
  for (const Table& other : tables) {
    const std::string_view meant = nearest_of(name, columns_of(other));
    if (meant.empty()) continue;
    return fault(at, rule::data_column_unknown, fmt::format("{}: did you mean {}.{}?", told, other.name, meant));
  }
  return fault(at, rule::data_column_unknown, fmt::format("{}: write one of {}", told, fmt::join(names, ", ")));
}

}  // namespace

Result<ColumnPlace> find_column(std::string_view name, std::size_t own, Tables tables, std::size_t at) {
  const std::size_t dot = name.find('.');
  ColumnPlace place{own, 0};
  std::string_view column = name;
  if (dot != std::string_view::npos) {
    const auto table = std::ranges::find(tables, name.substr(0, dot), &Table::name);
    if (table == tables.end()) return no_table(name.substr(0, dot), tables, at);
    place.table = static_cast<std::size_t>(table - tables.begin());
    column = name.substr(dot + 1);
    if (place.table != own && !(table->has_accounts() && tables[own].has_accounts())) {
      return fault(at, rule::data_column_unknown,
                   fmt::format("rows of {} and {} belong to no common account: ask --file {}", tables[own].name,
                               table->name, table->name));
    }
  }
  place.column = tables[place.table].find(column);
  if (place.column == tables[place.table].columns.size()) return no_column(column, place.table, own, tables, at);
  return place;
}

// Reads one filter. Each function takes the tokens of its line of the grammar and gives the node that they make.
class FilterReader {
 public:
  FilterReader(std::vector<Token> tokens, std::size_t own, Tables tables)
      : tokens_(std::move(tokens)), asked_(own), tables_(tables) {}

  Result<Filter> read() {
    if (token().kind == Token::Kind::end) return std::move(filter_);
    const auto root = read_any();
    if (!root) return root.failure();
    if (token().is_sign(",")) return here("a number has a point, and _ between thousands: write 1.5 or 1_500");
    if (token().kind != Token::Kind::end)
      return here(fmt::format("\"{}\" is one word too many: join conditions with and, or", quotable(token().text)));
    filter_.root_ = *root;
    return std::move(filter_);
  }

 private:
  using Op = FilterNode::Op;
  using NodeResult = Result<std::size_t>;

  [[nodiscard]] const Token& token(std::size_t ahead = 0) const {
    return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
  }
  Token take() {
    Token taken = token();
    if (next_ + 1 < tokens_.size()) ++next_;
    return taken;
  }
  bool take_sign(std::string_view sign) {
    const bool there = token().is_sign(sign);
    if (there) take();
    return there;
  }
  bool take_word(std::string_view word) {
    const bool there = token().is_word(word);
    if (there) take();
    return there;
  }
  [[nodiscard]] Failure here(const std::string& message) const {
    return fault(token().at, rule::data_row_malformed, message);
  }
  std::size_t add(FilterNode node) {
    filter_.nodes_.push_back(std::move(node));
    return filter_.nodes_.size() - 1;
  }
  [[nodiscard]] const Table& asked() const { return tables_[asked_]; }

  NodeResult read_any() { return read_joined("or", Op::any_of, &FilterReader::read_all); }
  NodeResult read_all() { return read_joined("and", Op::all_of, &FilterReader::read_one); }
  NodeResult read_joined(std::string_view word, Op op, NodeResult (FilterReader::*part)());
  NodeResult read_one();
  NodeResult read_parentheses();
  NodeResult read_row_of(std::size_t table);
  NodeResult read_condition();
  NodeResult read_test(const Column& column, FilterNode node);
  NodeResult read_comparison(const Column& column, FilterNode node);
  NodeResult read_list(const Column& column, FilterNode node);
  std::optional<Failure> read_value_of(const Column& column, FilterNode& node);
  std::optional<Failure> read_number_of(const Column& column, FilterNode& node);
  std::optional<Failure> refuse_word(const Column& column, const Token& word) const;

  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0;
  std::size_t asked_;    // the table whose columns are meant
  bool inside_ = false;  // of FILE( ... )
  Tables tables_;
  Filter filter_;
};

FilterReader::NodeResult FilterReader::read_joined(std::string_view word, Op op, NodeResult (FilterReader::*part)()) {
  auto first = (this->*part)();
  if (!first || !token().is_word(word)) return first;
  FilterNode node;
  node.op = op;
  node.children.push_back(*first);
  while (take_word(word)) {
    const auto next = (this->*part)();
    if (!next) return next;
    node.children.push_back(*next);
  }
  return add(std::move(node));
}

FilterReader::NodeResult FilterReader::read_one() {
  if (depth_ >= depth_max) return here("the parentheses go too deep: write fewer");
  ++depth_;
  NodeResult read = 0;
  if (take_word("not")) {
    read = read_one();
    if (read) {
      FilterNode node;
      node.op = Op::negation;
      node.children.push_back(*read);
      read = add(std::move(node));
    }
  } else {
    read = take_sign("(") ? read_parentheses() : read_condition();
  }
  --depth_;
  return read;
}

FilterReader::NodeResult FilterReader::read_parentheses() {
  const std::size_t opened = tokens_[next_ - 1].at;
  auto read = read_any();
  if (read && !take_sign(")"))
    return fault(token().at, rule::data_row_malformed,
                 fmt::format("the parenthesis of character {} is not closed: write )", opened + 1));
  return read;
}

// FILE( ... ): the account has a row there of which it holds.
FilterReader::NodeResult FilterReader::read_row_of(std::size_t table) {
  if (inside_) return here("a file inside another file's parentheses cannot be asked: write it outside of them");
  const std::size_t own = std::exchange(asked_, table);
  if (!(tables_[own].has_accounts() && asked().has_accounts())) {
    asked_ = own;
    return here(fmt::format("rows of {} and {} belong to no common account: ask --file {}", tables_[own].name,
                            tables_[table].name, tables_[table].name));
  }
  inside_ = true;
  take();  // the name
  take();  // (
  const auto root = read_parentheses();
  inside_ = false;
  asked_ = own;
  if (!root) return root;
  FilterNode node;
  node.op = Op::has_row;
  node.inner = filter_.inner_.size();
  filter_.inner_.push_back({table, *root});
  return add(std::move(node));
}

FilterReader::NodeResult FilterReader::read_condition() {
  if (token().kind != Token::Kind::word)
    return here(token().kind == Token::Kind::end
                    ? "a condition is missing: write COLUMN = VALUE"
                    : "a condition begins with the name of a column: write COLUMN = VALUE");
  if (token(1).is_sign("(")) {
    const auto table = std::ranges::find(tables_, std::string_view(token().text), &Table::name);
    if (table == tables_.end()) return no_table(token().text, tables_, token().at);
    return read_row_of(static_cast<std::size_t>(table - tables_.begin()));
  }
  const auto place = find_column(token().text, asked_, tables_, token().at);
  if (!place) return place.failure();
  if (place->table != asked_ && inside_)
    return here("inside a file's parentheses only its own columns stand: write the other condition outside of them");
  take();
  FilterNode node;
  node.column = place->column;
  const Column& column = tables_[place->table].columns[place->column];
  node.kind = column.kind;
  if (place->table == asked_) return read_test(column, std::move(node));
  const std::size_t own = std::exchange(asked_, place->table);
  const auto test = read_test(column, std::move(node));
  asked_ = own;
  if (!test) return test;
  FilterNode row;
  row.op = Op::has_row;
  row.inner = filter_.inner_.size();
  filter_.inner_.push_back({place->table, *test});
  return add(std::move(row));
}

FilterReader::NodeResult FilterReader::read_test(const Column& column, FilterNode node) {
  const bool negated = take_word("not");
  NodeResult test = 0;
  if (take_word("in")) {
    test = read_list(column, std::move(node));
  } else if (take_word("contains")) {
    if (column.kind != Kind::text)
      return here(fmt::format("{} is {}, and only text contains something: compare it with =, < or >", column.name,
                              name_of(column.kind)));
    if (token().kind != Token::Kind::word && token().kind != Token::Kind::quoted)
      return here("the text to look for is missing: write contains 'TEXT'");
    node.op = Op::contains;
    node.texts.push_back(take().text);
    test = add(std::move(node));
  } else if (negated) {
    return here(fmt::format("\"{} not\" goes on with in (...) or contains: write one of them, or not before {}",
                            column.name, column.name));
  } else {
    return read_comparison(column, std::move(node));
  }
  if (!test || !negated) return test;
  FilterNode negation;
  negation.op = Op::negation;
  negation.children.push_back(*test);
  return add(std::move(negation));
}

FilterReader::NodeResult FilterReader::read_comparison(const Column& column, FilterNode node) {
  constexpr std::pair<std::string_view, Comparison> signs[] = {
      {"=", Comparison::equal},    {"==", Comparison::equal},
      {"!=", Comparison::unequal}, {"<>", Comparison::unequal},
      {"<", Comparison::less},     {"<=", Comparison::less_or_equal},
      {">", Comparison::greater},  {">=", Comparison::greater_or_equal}};
  const auto sign = std::ranges::find(signs, token().kind == Token::Kind::sign ? std::string_view(token().text) : "",
                                      &std::pair<std::string_view, Comparison>::first);
  if (sign == std::end(signs))
    return here(fmt::format("{} has to be compared: write =, !=, <, <=, >, >=, in (...) or contains", column.name));
  node.op = Op::compare;
  node.comparison = sign->second;
  const bool equality = sign->second == Comparison::equal || sign->second == Comparison::unequal;
  if (!equality && column.kind == Kind::text)
    return here(
        fmt::format("{} is text, which is neither more nor less: write =, !=, in (...) or contains", column.name));
  take();
  if (equality && take_word("empty")) {
    node.op = Op::is_empty;
    return add(std::move(node));
  }
  if (auto refused = read_value_of(column, node)) return *refused;
  return add(std::move(node));
}

FilterReader::NodeResult FilterReader::read_list(const Column& column, FilterNode node) {
  if (!take_sign("(")) return here("a list stands in parentheses: write in (VALUE, VALUE)");
  node.op = Op::one_of;
  do {
    if (auto refused = read_value_of(column, node)) return *refused;
    if (node.other) return here("a list has values and no columns: write them out");
  } while (take_sign(","));
  if (!take_sign(")")) return here("the list is not closed: write a comma and another value, or )");
  return add(std::move(node));
}

// A word that can never stand in the column finds nothing, and nobody would know why.
std::optional<Failure> FilterReader::refuse_word(const Column& column, const Token& word) const {
  if (column.may_hold(word.text)) return std::nullopt;
  const std::string_view meant = inputs::nearest(word.text, column.words);
  constexpr std::size_t listed_max = 12;
  std::string remedy = fmt::format("write one of {}", fmt::join(column.words, ", "));
  if (column.words.size() > listed_max)
    remedy = fmt::format("write one whole, or {} contains \"{}\"", column.name, quotable(word.text));
  if (!meant.empty()) remedy = fmt::format("did you mean {}?", meant);
  return fault(word.at, rule::data_word_unknown,
               fmt::format("{} is never \"{}\": {}", column.name, quotable(word.text), remedy));
}

std::optional<Failure> FilterReader::read_value_of(const Column& column, FilterNode& node) {
  const Token& word = token();
  if (word.kind != Token::Kind::word && word.kind != Token::Kind::quoted)
    return here(fmt::format("a value to compare {} with is missing: write {}", column.name,
                            column.kind == Kind::text ? "a text" : name_of(column.kind)));
  if (column.kind == Kind::text) {
    if (auto refused = refuse_word(column, word)) return refused;
    node.texts.push_back(take().text);
    return std::nullopt;
  }
  if (word.kind == Token::Kind::word && !begins_a_number(word.text)) {
    const auto place = find_column(word.text, asked_, tables_, word.at);
    if (!place) return place.failure();
    const Column& other = tables_[place->table].columns[place->column];
    if (place->table != asked_ || other.kind != column.kind)
      return here(fmt::format("{} is {} of {} and {} {} of {}: only two alike of one file can be compared", column.name,
                              name_of(column.kind), asked().name, word.text, name_of(other.kind),
                              tables_[place->table].name));
    node.other = place->column;
    take();
    return std::nullopt;
  }
  return read_number_of(column, node);
}

// A number or date as it is typed: 1e6, 1_000_000, 30 %, 2025-06-30.
std::optional<Failure> FilterReader::read_number_of(const Column& column, FilterNode& node) {
  const Token word = take();
  if (column.kind == Kind::date) {
    Date date;
    if (const char* why = Date::read(word.text, date))
      return fault(word.at, rule::data_date_unreadable, fmt::format("\"{}\" {}", quotable(word.text), why));
    node.counts.push_back(date.day_number());
    return std::nullopt;
  }
  const std::size_t sign_at = token().at;
  const bool percent = take_sign("%");
  if (percent && column.kind != Kind::percent)
    return fault(sign_at, rule::data_number_unreadable,
                 fmt::format("{} is {} and no percentage: leave out the %", column.name, name_of(column.kind)));
  const std::string plain = plain_decimal(word.text, percent ? -2 : 0);
  std::int64_t count = 0;
  if (plain.empty())
    return fault(
        word.at, rule::data_number_unreadable,
        fmt::format("\"{}\" is no number: write digits, such as 1500.25, 1_500 or 1.5e3", quotable(word.text)));
  if (read_decimal(plain, decimals_of(column.kind), count) != nullptr)
    return fault(word.at, rule::data_number_unreadable,
                 fmt::format("\"{}\" is larger than {} can be, or has more than its {} decimals: write another number",
                             quotable(word.text), column.name, decimals_of(column.kind)));
  if (column.kind == Kind::percent && !percent && (count > power_of_ten(12) || count < -power_of_ten(12))) {
    return fault(word.at, rule::data_number_out_of_range,
                 fmt::format("{} is a fraction, and {} would be {} times the whole: write {} %, or a number up to 1",
                             column.name, word.text, word.text, word.text));
  }
  node.counts.push_back(count);
  return std::nullopt;
}

Result<Filter> Filter::read(std::string_view text, std::size_t own, Tables tables) {
  if (text.size() > text_bytes_max)
    return fault(text_bytes_max, rule::data_row_too_long, "the filter is longer than 64 KiB: shorten it");
  auto tokens = tokens_of(text);
  if (!tokens) return tokens.failure();
  return FilterReader(std::move(tokens).value(), own, tables).read();
}

std::string pointed_at(std::string_view text, std::size_t character) {
  std::string line(text);
  std::ranges::replace_if(
      line, [](char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }, ' ');
  const std::string_view before = std::string_view(line).substr(0, std::min(character - 1, line.size()));
  const auto signs =
      std::ranges::count_if(before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
  return line + "\n" + std::string(static_cast<std::size_t>(signs), ' ') + "^\n";
}

}  // namespace lotwright::query
