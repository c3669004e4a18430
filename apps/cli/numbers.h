// apps/cli/numbers.h — numbers of the command line that must lie within a range; CLI::Range lets `nan` pass, and a
// number without a sign wraps around below zero.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>

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

// A whole number that names one of many: any from 0 on.
[[nodiscard]] inline CLI::Validator seed() {
  return CLI::Validator(
      [](const std::string& text) {
        std::uint64_t value = 0;
        const char* end = text.data() + text.size();
        const auto [at, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc() && at == end) return std::string();
        return fmt::format("Value {} is no whole number from 0 to {}", text, std::numeric_limits<std::uint64_t>::max());
      },
      "UINT");
}

}  // namespace lotwright::cli
