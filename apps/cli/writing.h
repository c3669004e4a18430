// apps/cli/writing.h — files and folders that a command's options name.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace lotwright::cli {

// Writes the text, over a file that may be there. `what` it is, for the message: "page", "list".
[[nodiscard]] Result<bool> write_over(const std::string& path, const std::string& text, const std::string& what);

// A page or chart may be written anew; any other file that is there is somebody's. False for an empty path.
[[nodiscard]] bool is_no_page(const std::string& path);
// Says so; returns `unusable`.
int refuse_no_page(const std::string& path);

// Why outputs may not go to this folder: it holds a book, whose accounts.csv and prices.csv they would overwrite.
[[nodiscard]] std::optional<Failure> is_a_book(const std::string& folder);

}  // namespace lotwright::cli
