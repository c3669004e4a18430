// estimation/risk_files.h — the texts of a risk folder: the model as inputs/ reads it, and the report on it.
//
// Promises: the same estimate gives the same text; numbers have a fixed number of decimals.
#pragma once

#include <string>
#include <vector>

#include "estimation/validation.h"

namespace lotwright::estimation {

struct NamedText {
  std::string name;
  std::string text;
};

// exposures.csv, factor_covariance.csv and specific_risk.csv.
[[nodiscard]] std::vector<NamedText> model_files(const ReturnHistory& history, const RiskEstimate& estimate);

// One finding for each security that stands in its group's mean.
[[nodiscard]] Findings stand_in_findings(const ReturnHistory& history, const RiskEstimate& estimate);

struct ReportParts {
  const ReturnHistory& history;
  const EstimateOptions& options;
  const RiskEstimate& estimate;
  const Validation& validation;  // without windows: none was made
  const Findings& findings;
  const std::vector<InputFile>& files;
};

// What was read, chosen and left out, and the validation, for machines.
[[nodiscard]] std::string validation_json(const ReportParts& parts);

}  // namespace lotwright::estimation
