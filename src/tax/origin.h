// tax/origin.h — the row of the ledger's folder that did something, and what is said of it.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "book/ledger.h"

namespace lotwright::tax {

inline constexpr const char* events_file = "transactions.csv";
inline constexpr const char* actions_file = "corporate_actions.csv";
inline constexpr const char* opening_file = "opening_lots.csv";

struct Origin {
  const char* file = events_file;
  std::int64_t line = 0;

  [[nodiscard]] std::string text() const { return std::string(file) + " line " + std::to_string(line); }
};

[[nodiscard]] inline Origin origin_of(const OpeningLot& opening) { return {opening_file, opening.row.line}; }
[[nodiscard]] inline Origin origin_of(const LedgerEvent& event) { return {events_file, event.row.line}; }
[[nodiscard]] inline Origin origin_of(const LedgerAction& action) { return {actions_file, action.row.line}; }

// A finding on one cell; `message` goes on behind "COLUMN "VALUE"" and has no full stop.
[[nodiscard]] inline Failure finding_at(const Origin& origin, const char* rule, const char* column,
                                        const std::string& value, const std::string& message) {
  return {rule,
          origin.text() + ": " + column + " \"" + value + "\" " + message + ".",
          {.file = origin.file, .line = origin.line, .column = column, .value = value}};
}

}  // namespace lotwright::tax
