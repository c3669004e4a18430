#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>
#include <string>

#include "book/rules.h"
#include "commands.h"
#include "inputs/file_report.h"
#include "inputs/near_names.h"
#include "inputs/saved_queries.h"
#include "run/output_tables.h"
#include "run/query_files.h"

namespace lotwright::cli {
namespace {

struct QueryWords {
  std::string out;
  query::Ask ask;
  std::string saved;  // empty: none
  std::string book;
  std::size_t limit = 0;  // 0: all
  bool json = false;
  bool csv = false;
};

Result<SavedQuery> saved_query(const QueryWords& words) {
  if (words.book.empty())
    return Failure{rule::data_value_missing, "--saved needs the book whose firm.toml has it: add --book BOOK", {}};
  const auto queries = read_saved_queries(words.book);
  if (!queries) return queries.failure();
  const auto found = std::ranges::find(*queries, words.saved, &SavedQuery::name);
  if (found != queries->end()) return *found;
  std::vector<std::string_view> names;
  for (const SavedQuery& one : *queries) names.push_back(one.name);
  const std::string_view meant = inputs::nearest(words.saved, names);
  const std::string known =
      names.empty() ? "write it into its table [queries]" : fmt::format("it has {}", fmt::join(names, ", "));
  return Failure{rule::data_reference_unknown,
                 fmt::format("firm.toml has no query {}: {}", inputs::quotable(words.saved),
                             meant.empty() ? known : fmt::format("did you mean {}?", meant)),
                 {}};
}

// What the command line says comes before what is saved; the saved filter is asked besides that of the command line.
std::optional<Failure> add_saved(QueryWords& words) {
  if (words.saved.empty()) return std::nullopt;
  const auto saved = saved_query(words);
  if (!saved) return saved.failure();
  query::Ask& ask = words.ask;
  if (ask.table.empty()) ask.table = saved->file;
  if (ask.sort.empty()) ask.sort = saved->sort;
  if (ask.columns.empty()) ask.columns = saved->columns;
  if (words.limit == 0 && saved->limit) words.limit = static_cast<std::size_t>(*saved->limit);
  if (ask.filter.empty()) {
    ask.filter = saved->where;
  } else if (!saved->where.empty()) {
    ask.filter = fmt::format("({}) and ({})", saved->where, ask.filter);
  }
  return std::nullopt;
}

int refuse_question(const QueryWords& words, const Failure& failure) {
  const auto character = static_cast<std::size_t>(failure.place.line);
  if (character == 0) return refuse(failure);
  fmt::print(stderr, "lotwright: the filter, {} ({})\n{}", failure.message, failure.rule,
             query::pointed_at(words.ask.filter, character));
  return unusable;
}

int ask(QueryWords words) {
  const bool columns_named = !words.ask.columns.empty();
  if (const auto refused = add_saved(words)) return refuse(*refused);
  if (words.limit > 0) words.ask.limit = words.limit;
  if (!words.ask.by.empty() && words.ask.sum.empty()) words.ask.count = true;
  const auto question = query::Question::read(words.ask, output_tables());
  if (!question) return refuse_question(words, question.failure());
  const auto answer = answer_from(*question, words.out);
  if (!answer) return refuse(answer.failure());
  if (words.json) {
    fmt::print("{}\n", json_of(*answer));
  } else if (words.csv) {
    fmt::print("{}", csv_of(*answer));
  } else if (words.ask.count && words.ask.by.empty() && words.ask.sum.empty()) {
    fmt::print("{}\n", answer->matched);
  } else {
    fmt::print("{}", text_of(*answer, !columns_named && words.ask.columns.empty()));
    fmt::print(stderr, "{} of {} rows\n", answer->rows.size(), answer->told);
  }
  return done;
}

}  // namespace

void add_query(CLI::App& app, int& code) {
  CLI::App* command = app.add_subcommand("query", "Which rows of a run's files: a queue, a filter, a count or a sum");
  const auto words = std::make_shared<QueryWords>();
  command->add_option("OUT", words->out, "the folder that `run` wrote")->required();
  command->add_option("FILTER", words->ask.filter, "such as \"severity = review and dollars_at_stake > 1e6\"");
  command->add_option("--file", words->ask.table,
                      "exceptions (default), accounts, orders, lot_sales, reasons, harvests, left, blocks, "
                      "binding_rules or prices");
  command->add_option("--sort", words->ask.sort,
                      "COLUMN,-COLUMN: rising, falling; exceptions come by dollars at stake");
  command->add_option("--columns", words->ask.columns, "COLUMN,COLUMN: those, and no others");
  command->add_option("--limit", words->limit, "at most so many rows")->check(CLI::Range(1, 1000000000));
  command->add_flag("--count", words->ask.count, "how many rows");
  command->add_option("--sum", words->ask.sum, "the sum of a column");
  command->add_option("--by", words->ask.by, "count and sum for each value of this column");
  command->add_option("--saved", words->saved, "a query that firm.toml has in its table [queries]");
  command->add_option("--book", words->book, "the book of that firm.toml");
  command->add_flag("--json", words->json, "as JSON");
  command->add_flag("--csv", words->csv, "as CSV");
  command->footer(
      R"_(A filter compares columns: =, !=, <, <=, >, >=, in (...), contains, = empty; and, or, not, parentheses.
Numbers are 1500.25, 1_500, 1.5e3, 30 %. What is empty is unknown: neither above nor below anything.
FILE.COLUMN asks whether the row's account has such a row in another file, FILE(...) the same of a whole
condition. docs/data.md has the language.

Examples:
  lotwright query OUT                                        the queue: exceptions by dollars at stake
  lotwright query OUT "severity = review and dollars_at_stake > 1e6" --limit 20
  lotwright query OUT "turnover > 30 % and exceptions(severity = review)" --file accounts --sort -turnover
  lotwright query OUT "severity = hold" --sum dollars_at_stake --by rule
  lotwright query OUT --saved large --book BOOK --json)_");
  command->callback([words, &code] { code = called([&] { return ask(*words); }); });
}

}  // namespace lotwright::cli
