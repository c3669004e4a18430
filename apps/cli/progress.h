// apps/cli/progress.h — how far a long command has come, on one line of stderr that is written over.
#pragma once

#include <functional>

#include "run/runner.h"

namespace lotwright::cli {

// Accounts done, rate, time left; empty where stderr is no terminal. The line is gone once all are done.
[[nodiscard]] std::function<void(const Progress&)> progress_line();

}  // namespace lotwright::cli
