// apps/cli/reading_instead.h — the book a command names, with other files in place of some of its own.
#pragma once

#include <map>
#include <string>

#include "book/book.h"

namespace lotwright::cli {

// `instead`: names of the book's files, and the path of what is read in their place. `as_of` as typed; empty:
// firm.toml's.
[[nodiscard]] Result<Book> read_instead(const std::string& folder, const std::string& as_of, int threads,
                                        const std::map<std::string, std::string>& instead);

}  // namespace lotwright::cli
