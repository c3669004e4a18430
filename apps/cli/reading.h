// apps/cli/reading.h — the book a command names.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "book/book.h"
#include "inputs/inputs.h"
#include "inputs/origins.h"
#include "run/previous.h"

namespace lotwright::cli {

// `as_of` as typed; empty: firm.toml's. `origins`, where given, gets where everything was said. The data are tested by
// themselves (checks/data_tests.h).
[[nodiscard]] Result<Book> read(const std::string& folder, const std::string& as_of, int threads,
                                inputs::Origins* origins = nullptr);
// The same before any test, for who has an earlier run to compare it with.
[[nodiscard]] Result<Book> read_untested(const std::string& folder, const std::string& as_of, int threads,
                                         inputs::Origins* origins = nullptr);

// The run of the day before, as a command's options name it: what changed since is tested.
struct DayBefore {
  std::string folder;                 // its outputs; empty: none, the data are tested by themselves
  std::vector<std::string> accepted;  // accounts whose data a person accepts as they are
};
void add_day_before(CLI::App& command, DayBefore& day);

[[nodiscard]] Result<Book> read(const std::string& folder, const std::string& as_of, int threads, const DayBefore& day);

// The same with the run it was compared with.
[[nodiscard]] Result<ComparedBook> read_compared(const std::string& folder, const std::string& as_of, int threads,
                                                 ReadOptions otherwise, const DayBefore& day,
                                                 inputs::Origins* origins = nullptr);

// On stderr, what of the data could not be compared with the run of the day before.
void tell_untested(const PreviousRun& previous);

// Tested too, and read with other files in place of some of its own, or with settings asked for (ReadOptions).
[[nodiscard]] Result<Book> read_otherwise(const std::string& folder, const std::string& as_of, int threads,
                                          ReadOptions otherwise, const DayBefore& day = {},
                                          inputs::Origins* origins = nullptr);

}  // namespace lotwright::cli
