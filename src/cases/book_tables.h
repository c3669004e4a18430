// cases/book_tables.h — the values of a small book as named tables, and back.
#pragma once

#include <string>

#include "book/book.h"
#include "cases/text_tables.h"

namespace lotwright::cases {

// Every table that has rows.
[[nodiscard]] TextTables tables_of(const Book& book);

[[nodiscard]] bool is_book_table(std::string_view name);

// `file` is for messages. Rows out of order and references to nothing are failures.
[[nodiscard]] Result<Book> book_of(const TextTables& tables, Date as_of, const std::string& file);

}  // namespace lotwright::cases
