// inputs/inputs.h — a firm's book folder (docs/data.md) becomes a Book.
//
// In:       the path of a folder with firm.toml and CSV files, plain or .gz; optionally another as-of date.
// Out:      a Book with every finding of every file, or one Failure where the folder cannot be used at all (no folder,
//           no firm.toml, a required file or column missing).
// Promises: all findings are reported together, each with file, line, column, value, rule and whom it holds; a bad row
//           never stops the book and never guesses; row order changes nothing. Streams: memory follows the values kept,
//           not the bytes read; a line over 1 MiB is refused without being buffered.
// Refuses:  nothing silently: unknown columns and unknown files get one note each.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "book/book.h"
#include "inputs/origins.h"

namespace lotwright {

// What somebody asks an account to be read with.
struct AskedSetting {
  std::string account_id;
  std::string setting;  // or model_id, with a model that there is
  std::string value;    // one that may be written: see set_policy
};

struct ReadOptions {
  std::optional<Date> as_of;                        // replaces firm.toml's
  int threads = 1;                                  // files are read side by side; the result is the same
  std::map<std::string, std::string> instead = {};  // "models.csv" -> the path of the file to read in its place
  std::vector<AskedSetting> asked = {};             // as if they stood last in account_settings.csv
  std::string fitted_to = {};                       // an account's id: Origins::fits is for it; empty: for nobody
};

// `origins`, where given, gets where everything was said.
[[nodiscard]] Result<Book> read_book(const std::string& folder, const ReadOptions& options = {},
                                     inputs::Origins* origins = nullptr);

}  // namespace lotwright
