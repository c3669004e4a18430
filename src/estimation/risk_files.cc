#include "estimation/risk_files.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "inputs/draft.h"

namespace lotwright::estimation {
namespace {

using Json = nlohmann::ordered_json;

constexpr int factor_decimals = 8;

std::string factor_name(Eigen::Index f) { return fmt::format("f{:02}", f + 1); }

// Quoted as RFC 4180 says.
std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + '"';
}

// Never "-0.000".
std::string decimal(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  if (text[0] == '-' && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string header_of(const std::string& key, Eigen::Index factors) {
  std::string text = key;
  for (Eigen::Index f = 0; f < factors; ++f) text += ',' + factor_name(f);
  return text + '\n';
}

const char* name_of(Origin origin) {
  switch (origin) {
    case Origin::own:
      return "its own returns";
    case Origin::no_risk:
      return "cash: no risk";
    case Origin::sector:
      return "the mean of its kind, asset class and sector";
    case Origin::asset_class:
      return "the mean of its kind and asset class";
    case Origin::kind:
      return "the mean of its kind";
    case Origin::everybody:
      break;
  }
  return "the mean of all securities";
}

double rounded(double value) { return std::round(value * 1e6) / 1e6; }

Json json_of(const WindowResult& result) {
  return {{"returns", result.returns},
          {"bias", rounded(result.bias)},
          {"q_like", rounded(result.q_like)},
          {"tracking_error_forecast", rounded(result.forecast)},
          {"tracking_error_realized", rounded(result.realized)}};
}

Json json_of(const Validation& validation) {
  Json json = {{"whole", json_of(validation.whole)}};
  for (const WindowResult& year : validation.years) {
    json["years"].push_back({{"year", year.first.civil().year}});
    json["years"].back().update(json_of(year));
  }
  for (const WindowResult& window : validation.windows) {
    json["windows"].push_back({{"first", window.first.to_string()},
                               {"last", window.last.to_string()},
                               {"securities", window.securities},
                               {"factors", window.factors}});
    json["windows"].back().update(json_of(window));
  }
  for (const DecileResult& decile : validation.deciles) {
    json["deciles"].push_back(
        {{"tracking_error_forecast", rounded(decile.forecast)}, {"tracking_error_realized", rounded(decile.realized)}});
  }
  return json;
}

Json json_of(const Finding& finding) {
  return {{"severity", name_of(finding.severity)},
          {"rule", finding.rule},
          {"security_id", finding.subject.id},
          {"file", finding.place.file},
          {"line", finding.place.line},
          {"column", finding.place.column},
          {"value", finding.place.value},
          {"message", finding.message}};
}

}  // namespace

std::vector<NamedText> model_files(const ReturnHistory& history, const RiskEstimate& estimate) {
  const Eigen::Index factors = estimate.exposures.cols();
  NamedText exposures{"exposures.csv", header_of("security_id", factors)};
  NamedText specific{"specific_risk.csv", "security_id,volatility\n"};
  for (std::size_t i = 0; i < history.ids.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    const std::string id = cell(history.ids[i]);
    exposures.text += id;
    for (Eigen::Index f = 0; f < factors; ++f)
      exposures.text += ',' + decimal(estimate.exposures(row, f), factor_decimals);
    exposures.text += '\n';
    specific.text += id + ',' + decimal(estimate.specific_volatility[row], 6) + '\n';
  }
  NamedText covariance{"factor_covariance.csv", header_of("factor", factors)};
  for (Eigen::Index f = 0; f < factors; ++f) {
    covariance.text += factor_name(f);
    for (Eigen::Index g = 0; g < factors; ++g)
      covariance.text += ',' + (f == g ? decimal(estimate.factor_variances[f], factor_decimals) : std::string("0"));
    covariance.text += '\n';
  }
  return {std::move(exposures), std::move(covariance), std::move(specific)};
}

Findings stand_in_findings(const ReturnHistory& history, const RiskEstimate& estimate) {
  Findings findings;
  for (std::size_t i = 0; i < history.ids.size(); ++i) {
    if (estimate.origins[i] == Origin::own || estimate.origins[i] == Origin::no_risk) continue;
    findings.push_back({.rule = rule::data_history_short,
                        .severity = Severity::review,
                        .subject = inputs::security_subject(history.ids[i]),
                        .place = {},
                        .observed = {},
                        .limit = {},
                        .message = fmt::format("{} has fewer than {} recent returns: its row is {}; check that its "
                                               "prices are in the file",
                                               history.ids[i], history_days_min, name_of(estimate.origins[i]))});
  }
  return findings;
}

std::string validation_json(const ReportParts& parts) {
  Json json = {{"as_of", parts.history.days.back().to_string()},
               {"history_from", parts.history.days.front().to_string()},
               {"days", parts.history.days.size()},
               {"securities", parts.history.ids.size()},
               {"factors", parts.estimate.exposures.cols()},
               {"half_life_correlation", parts.options.half_life_correlation},
               {"half_life_volatility", parts.options.half_life_volatility},
               {"half_life_regime", parts.options.half_life_regime},
               {"specific_regime", rounded(parts.estimate.specific_regime)}};
  for (const InputFile& file : parts.files)
    json["files"].push_back({{"name", file.name}, {"sha256", file.sha256}, {"bytes", file.bytes}, {"rows", file.rows}});
  json["validation"] = parts.validation.windows.empty() ? Json() : json_of(parts.validation);
  json["findings"] = Json::array();
  for (const Finding& finding : parts.findings) json["findings"].push_back(json_of(finding));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace lotwright::estimation
