// reports/what_if.h — one account decided in several ways, side by side.
//
// In:       VariantFacts, gathered by run/: the account as it is first, then each variant.
// Out:      a Report (report.h) for people, JSON for programs, a page.
// Promises: every figure is read from the results; variants differ from the first column by what they name and nothing
//           else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/report.h"

namespace lotwright::reports {

struct PartFact {
  std::string name;  // of docs/formulas.md: risk, tax ...
  double before = 0.0;
  double after = 0.0;
};

// Another account of the unit, whose orders may change with the variant.
struct BesideFact {
  std::string account_id;
  std::size_t orders = 0;
  double tax = 0.0;
};

struct VariantFacts {
  std::string name;
  std::string changes;  // as typed; empty: the account as it is
  const Book* book = nullptr;
  const AccountResult* result = nullptr;
  std::string model;
  Findings exceptions;
  std::vector<PartFact> parts;
  // What the orders come to by the settings of the first column; nullopt: another target or another cash to invest.
  std::optional<double> objective_by_present;
  std::vector<BesideFact> beside;
  // Of orders that may be few only: parts of the improvement of the first column. What they keep, and what no so few
  // orders keep more than.
  std::optional<double> kept = {};
  std::optional<double> kept_most = {};
};

struct WhatIfFacts {
  std::string account_id;
  Date as_of;
  std::vector<VariantFacts> variants;
};

[[nodiscard]] Report report_of(const WhatIfFacts& facts);
[[nodiscard]] std::string json_of(const WhatIfFacts& facts);

}  // namespace lotwright::reports
