// cases/case.h — a saved case: everything one unit's decision read, what was decided, and the text that carries it.
//
// In:       the part of a book that concerns one unit, the effort, and the rows that the run wrote about it.
// Out:      one text that a person can read and compare line by line (docs/data.md, "A saved case"); and from such a
//           text the same values, to the bit.
// Promises: the same case gives the same text. Whatever bytes are read, the answer is a Case that the engine can decide
//           or one Failure with line, column, value and remedy.
// Refuses:  a text of another format version, unknown tables or columns, rows out of order, a book of several units.
#pragma once

#include <string>
#include <string_view>

#include "book/book.h"
#include "cases/text_tables.h"
#include "solution/solution.h"

namespace lotwright {

struct Case {
  std::string engine_version;  // that decided it
  Effort effort;
  Book book;                   // one unit: cases/part.h
  cases::TextTables decided;   // "decided_orders", "decided_accounts" ...: rows as in the files of a run
  cases::TextTables breaches;  // "breaches", "refused_orders" ...: only after a refusal by the verifier
};

[[nodiscard]] std::string case_text(const Case& saved);

// `file` is for messages.
[[nodiscard]] Result<Case> read_case(std::string_view text, const std::string& file);

}  // namespace lotwright
