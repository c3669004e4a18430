// apps/cli/writing.h — a file that a command's option names.
#pragma once

#include <string>

#include "base/result.h"

namespace lotwright::cli {

// Writes the text, over a file that may be there. `what` it is, for the message: "page", "list".
[[nodiscard]] Result<bool> write_over(const std::string& path, const std::string& text, const std::string& what);

}  // namespace lotwright::cli
