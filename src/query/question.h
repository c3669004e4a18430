// query/question.h — a whole question: which rows of a table, in what order, which columns, or their count and sums.
//
// In:       an Ask as somebody typed it, and all tables.
// Out:      a Question; fed with rows (Answering) it gives an Answer.
// Promises: as query/filter.h: exact, pure, any bytes are a Question or a Failure. Rows of equal order stay in the
//           order in which they came; what is unknown comes last.
// Refuses:  with the part of the ask in front of the message ("--sort: ..."); the filter's with its character.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/filter.h"

namespace lotwright::query {

// As typed. Empty: not asked for.
struct Ask {
  std::string table = {};  // empty: the first of the tables
  std::string filter = {};
  std::string sort = {};     // "-dollars_at_stake,account_id": by falling dollars, then by account
  std::string columns = {};  // "account_id,accounts.value"; empty: all
  std::string sum = {};      // a column
  std::string by = {};       // a column: count and sum for each of its values
  std::optional<std::size_t> limit = {};
  bool count = false;
};

struct SortKey {
  ColumnPlace column;
  bool falling = false;
};

class Question {
 public:
  [[nodiscard]] static Result<Question> read(const Ask& ask, Tables tables);

  [[nodiscard]] std::size_t own() const { return own_; }
  // Other tables whose rows have to be fed, each once and before those of `own`.
  [[nodiscard]] std::vector<std::size_t> others() const;
  [[nodiscard]] const Table& table(std::size_t place) const { return tables_[place]; }
  [[nodiscard]] const Column& column(ColumnPlace place) const { return tables_[place.table].columns[place.column]; }
  // As a heading: the table's name in front where it is another's.
  [[nodiscard]] std::string title_of(ColumnPlace place) const;
  [[nodiscard]] bool is_summed() const { return count_ || sum_ || by_; }

 private:
  friend class Answering;

  std::vector<Table> tables_;
  std::size_t own_ = 0;
  Filter filter_;
  std::vector<SortKey> sort_;
  std::vector<ColumnPlace> columns_;
  std::optional<ColumnPlace> sum_;
  std::optional<ColumnPlace> by_;
  std::optional<std::size_t> limit_;
  bool count_ = false;
};

struct AnswerColumn {
  std::string title;
  Kind kind = Kind::text;
  bool brief = false;
};

struct Answer {
  std::size_t matched = 0;  // rows that the filter is true of
  std::size_t told = 0;     // rows of the whole answer: those, or its sums, before a limit
  std::vector<AnswerColumn> columns;
  std::vector<std::vector<std::string>> rows;  // cells as in the files; sums in plain decimals
};

// Takes the rows of the files one by one and keeps what the answer needs.
class Answering {
 public:
  explicit Answering(const Question& question);

  // A row of one of the other tables.
  void other_row(std::size_t table, Row row);
  // A row of the table asked about, once all of the others are in.
  void own_row(Row row);
  // A sum that does not fit 64 bits is a Failure.
  [[nodiscard]] Result<Answer> finish();

 private:
  struct Kept {
    std::vector<std::string> cells;
    std::vector<Value> keys;  // texts point into key_texts
    std::vector<std::string> key_texts;
  };
  struct Group {
    std::size_t rows = 0;
    std::size_t unknown = 0;
    __extension__ __int128 sum = 0;
  };

  [[nodiscard]] Value value_at(ColumnPlace place, Row row) const;
  void keep(Row row);
  void add_up(Row row);
  [[nodiscard]] Result<Answer> groups() const;

  const Question* question_;
  std::vector<std::map<std::string, Truth, std::less<>>> has_row_;  // by inner filter, then account
  std::map<std::pair<std::size_t, std::size_t>, std::map<std::string, std::string, std::less<>>> cells_of_others_;
  std::vector<Kept> kept_;
  std::map<std::string, Group> groups_;
  std::size_t matched_ = 0;
};

}  // namespace lotwright::query
