// apps/cli/reading.h — the book a command names.
#pragma once

#include <string>

#include "book/book.h"
#include "inputs/inputs.h"
#include "inputs/origins.h"

namespace lotwright::cli {

// `as_of` as typed; empty: firm.toml's. `origins`, where given, gets where everything was said. The data are tested by
// themselves (checks/data_tests.h).
[[nodiscard]] Result<Book> read(const std::string& folder, const std::string& as_of, int threads,
                                inputs::Origins* origins = nullptr);
// The same before any test, for who has an earlier run to compare it with.
[[nodiscard]] Result<Book> read_untested(const std::string& folder, const std::string& as_of, int threads,
                                         inputs::Origins* origins = nullptr);

// Tested too, and read with other files in place of some of its own, or with settings asked for (ReadOptions).
[[nodiscard]] Result<Book> read_otherwise(const std::string& folder, const std::string& as_of, int threads,
                                          ReadOptions otherwise, inputs::Origins* origins = nullptr);

}  // namespace lotwright::cli
