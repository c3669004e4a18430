// apps/cli/numbers.h — numbers of the command line that must lie within a range; CLI::Range lets `nan` pass.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

namespace lotwright::cli {

[[nodiscard]] inline CLI::Validator between(double least, double most) {
  const std::string range = fmt::format("[{:g} - {:g}]", least, most);
  return CLI::Validator(
      [least, most, range](const std::string& text) {
        double value = 0.0;
        const bool inside = CLI::detail::lexical_cast(text, value) && value >= least && value <= most;
        return inside ? std::string() : fmt::format("Value {} not in range {}", text, range);
      },
      fmt::format("FLOAT in {}", range));
}

}  // namespace lotwright::cli
