// apps/cli/reading.h — the book a command names.
#pragma once

#include <string>

#include "book/book.h"

namespace lotwright::cli {

// `as_of` as typed; empty: firm.toml's.
[[nodiscard]] Result<Book> read(const std::string& folder, const std::string& as_of, int threads);

}  // namespace lotwright::cli
