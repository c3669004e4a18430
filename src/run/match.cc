#include "run/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <tuple>

#include "book/model_change.h"
#include "book/rules.h"
#include "inputs/csv_text.h"
#include "inputs/file_report.h"
#include "reports/json_number.h"
#include "run/csv_writer.h"
#include "run/find_account.h"
#include "run/side_by_side.h"
#include "run/summary.h"
#include "run/variant.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

std::vector<ActiveWeight> target_of(const objective::Terms& terms) {
  std::vector<ActiveWeight> target;
  for (const objective::Line& line : terms.lines) {
    if (line.target > 0.0) target.push_back({line.security, line.target});
  }
  return target;
}

// Both sorted by security.
std::vector<ActiveWeight> difference_of(const std::vector<ActiveWeight>& a, const std::vector<ActiveWeight>& b) {
  std::vector<ActiveWeight> active;
  auto at = b.begin();
  for (const ActiveWeight& one : a) {
    for (; at != b.end() && at->security < one.security; ++at) active.push_back({at->security, -at->weight});
    const bool both = at != b.end() && at->security == one.security;
    active.push_back({one.security, one.weight - (both ? at->weight : 0.0)});
    if (both) ++at;
  }
  for (; at != b.end(); ++at) active.push_back({at->security, -at->weight});
  return active;
}

double overlap_of(const objective::Terms& terms) {
  if (terms.investable <= 0.0) return 0.0;
  double shared = 0.0;
  for (const objective::Line& line : terms.lines) {
    shared += std::clamp(line.dollars_before / terms.investable, 0.0, std::max(line.target, 0.0));
  }
  return shared;
}

std::string why_held(const AccountResult& result) {
  if (const Finding* hold = held_by(result)) return hold->message;
  const bool decided = result.status == ResultStatus::traded || result.status == ResultStatus::no_trade;
  return decided ? "" : "no orders were found that keep every rule";
}

// One model or product after the other, beside what the account follows now.
class Finder {
 public:
  Finder(const UnitBook& unit, const RunResult& run, const RiskBand& band)
      : unit_(unit),
        run_(run),
        band_(band),
        risk_(FactorRisk::of(unit.book.risk, unit.book.securities.size()).value()) {
    const AccountResult& present = result_of(run, unit.account);
    present_why_not_ = why_held(present);
    if (!present_why_not_.empty()) return;
    const AccountAlone alone(unit, run);
    present_target_ = target_of(alone.terms());
    present_volatility_ = std::sqrt(risk_.variance(present_target_));
  }

  [[nodiscard]] ModelMatch match(const inputs::Fit& fit) const;
  [[nodiscard]] const std::optional<double>& volatility() const { return present_volatility_; }
  [[nodiscard]] const std::string& present_why_not() const { return present_why_not_; }

 private:
  const UnitBook& unit_;
  const RunResult& run_;
  RiskBand band_;
  FactorRisk risk_;
  std::string present_why_not_;
  std::vector<ActiveWeight> present_target_;
  std::optional<double> present_volatility_;
};

ModelMatch Finder::match(const inputs::Fit& fit) const {
  ModelMatch match;
  match.fit = fit;
  match.why_not = fit.why_not;
  if (!match.why_not.empty()) return match;
  const auto unit = changed(unit_, {.name = {}, .settings = {}, .model = fit.follows, .requests = {}}, unit_.book);
  if (!unit) {
    match.why_not = unit.failure().message;
    return match;
  }
  const AccountAlone alone(*unit, run_);
  match.result = alone.decide();
  match.why_not = why_held(match.result);
  if (!match.why_not.empty()) return match;
  match.before = alone.before();
  match.parts = alone.after(trades_of(match.result));
  match.year_tax = year_tax_added(match.result);
  match.overlap = overlap_of(alone.terms());
  const std::vector<ActiveWeight> target = target_of(alone.terms());
  match.volatility = std::sqrt(risk_.variance(target));
  if (!present_volatility_) return match;
  match.active = std::sqrt(risk_.variance(difference_of(target, present_target_)));
  match.in_band = band_.has(match.volatility, *present_volatility_);
  return match;
}

auto rank_of(const ModelMatch& match) {
  const bool decided = match.why_not.empty();
  const int group = !decided ? 2 : match.in_band.value_or(true) ? 0 : 1;
  return std::tuple(group, decided ? match.parts.total() : 0.0, !match.fit.product.empty(),
                    std::string_view(match.fit.model), std::string_view(match.fit.asset_class),
                    std::string_view(match.fit.product));
}

std::vector<std::string> followed_in(const std::vector<inputs::Fit>& fits) {
  std::vector<std::string> models;
  for (const inputs::Fit& fit : fits) {
    if (fit.why_not.empty()) models.push_back(fit.follows);
  }
  return models;
}

}  // namespace

bool RiskBand::has(double volatility, double present) const {
  constexpr double hair = 1e-12;  // both ends count, whatever the last digit
  return std::abs(volatility - present) <= (relative ? width * present : width) + hair;
}

Result<RiskBand> read_risk_band(std::string_view text) {
  const auto refused = [&] {
    return Failure{rule::data_number_out_of_range,
                   fmt::format("--risk-band {} is no band: write a part of the present volatility, such as 10%, or a "
                               "difference of volatilities below 1, such as 0.01 for one percentage point",
                               inputs::quotable(text)),
                   {}};
  };
  RiskBand band;
  std::string_view digits = text;
  band.relative = digits.ends_with('%');
  if (band.relative) digits.remove_suffix(1);
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), band.width);
  const bool whole = read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
  if (!whole || !std::isfinite(band.width) || band.width < 0.0 || (!band.relative && band.width >= 1.0)) {
    return refused();
  }
  if (band.relative) band.width /= 100.0;
  return band;
}

std::string text_of(const RiskBand& band) {
  return band.relative ? fmt::format("within {:.6g} % of it", band.width * 100.0)
                       : fmt::format("within {:.6g} percentage points of it", band.width * 100.0);
}

Result<Matches> match_models(const Book& book, const std::vector<inputs::Fit>& fits, const std::string& account_id,
                             const RiskBand& band, int threads, const MatchProgress& progress) {
  const auto unit = unit_book(book, account_id, followed_in(fits));
  if (!unit) return unit.failure();
  const auto run = decide_unit_book(*unit);
  if (!run) return run.failure();
  const AccountResult& present = result_of(*run, unit->account);
  const std::uint32_t followed = model_followed(unit->book, unit->account);
  Matches found;
  found.account_id = account_id;
  found.as_of = book.firm.as_of;
  found.value = present.value;
  found.investable = present.investable;
  found.band = band;
  if (followed < unit->book.models.size()) found.present = unit->book.models[followed].id.text;
  const Finder finder(*unit, *run, band);
  found.volatility = finder.volatility();
  found.present_why_not = finder.present_why_not();
  found.matches.resize(fits.size());
  std::mutex mutex;
  std::size_t ready = 0;
  side_by_side(fits.size(), threads, [&](std::size_t i) {
    found.matches[i] = finder.match(fits[i]);
    found.matches[i].is_present = found.matches[i].why_not.empty() && fits[i].follows == found.present;
    const std::scoped_lock lock(mutex);
    if (progress) progress(++ready, fits.size());
  });
  std::ranges::sort(found.matches, [](const ModelMatch& a, const ModelMatch& b) { return rank_of(a) < rank_of(b); });
  if (!found.matches.empty() && found.matches.front().why_not.empty()) return found;
  const Finding* hold = held_by(present);
  return Failure{hold != nullptr ? hold->rule : rule::model_unknown,
                 fmt::format("no model can be decided for the account: {}", hold != nullptr ? hold->message
                                                                            : found.matches.empty()
                                                                                ? std::string("models.csv has none")
                                                                                : found.matches.front().why_not),
                 {}};
}

namespace {

// What is told of a match, under the names of the CSV: numbers with their decimals.
struct Figure {
  const char* name;
  int decimals;
  std::optional<double> value;
};

std::vector<Figure> figures_of(const Matches& matches, const ModelMatch& match) {
  const AccountResult& result = match.result;
  std::optional<double> apart;
  if (matches.volatility) apart = match.volatility - *matches.volatility;
  return {{"cost", 6, match.parts.total()},
          {"tax", 6, match.parts.tax},
          {"year_tax", 2, match.year_tax},
          {"trading_cost", 6, match.parts.trading},
          {"tracking_error_before", 10, match.before.tracking_error},
          {"tracking_error_after", 10, match.parts.tracking_error},
          {"overlap", 8, match.overlap},
          {"turnover", 8, result.turnover},
          {"volatility", 10, match.volatility},
          {"volatility_apart", 10, apart},
          {"active_risk", 10, match.active},
          {"orders", 0, static_cast<double>(result.orders.size())},
          {"sold", 2, traded(result, Side::sell).to_double()},
          {"gain_short", 2, result.gain_short.to_double()},
          {"gain_long", 2, result.gain_long.to_double()},
          {"cost_before", 6, match.before.total()},
          {"bound", 6, result.bound},
          {"gap_bps", 6, gap_bps(result)}};
}

std::string band_word(const ModelMatch& match) { return !match.in_band ? "" : *match.in_band ? "yes" : "no"; }

}  // namespace

std::string csv_of(const Matches& matches) {
  std::vector<std::string> columns{"rank", "model_id", "asset_class", "product_id", "follows", "present", "in_band"};
  for (const Figure& figure : figures_of(matches, {})) columns.emplace_back(figure.name);
  columns.emplace_back("why_not");
  std::string text;
  inputs::append_csv_cells(text, columns);
  text += '\n';
  for (std::size_t i = 0; i < matches.matches.size(); ++i) {
    const ModelMatch& match = matches.matches[i];
    const bool decided = match.why_not.empty();
    std::vector<std::string> cells{decided ? std::to_string(i + 1) : "",
                                   match.fit.model,
                                   match.fit.asset_class,
                                   match.fit.product,
                                   match.fit.follows,
                                   match.is_present ? "yes" : "no",
                                   band_word(match)};
    for (const Figure& figure : figures_of(matches, match))
      cells.push_back(decided ? decimal(figure.value, figure.decimals) : std::string());
    cells.push_back(match.why_not);
    inputs::append_csv_cells(text, cells);
    text += '\n';
  }
  return text;
}

std::string json_of(const Matches& matches) {
  Json json;
  json["account_id"] = matches.account_id;
  json["as_of"] = matches.as_of.to_string();
  json["value"] = matches.value.to_double();
  json["investable_value"] = matches.investable.to_double();
  json["present"] = {{"follows", matches.present}, {"volatility", reports::number(matches.volatility)}};
  if (!matches.present_why_not.empty()) json["present"]["why_not"] = matches.present_why_not;
  json["risk_band"] = {{"width", matches.band.width}, {"relative", matches.band.relative}};
  json["matches"] = Json::array();
  for (const ModelMatch& match : matches.matches) {
    Json one = {{"model_id", match.fit.model}, {"follows", match.fit.follows}, {"is_present", match.is_present}};
    if (!match.fit.product.empty()) {
      one["asset_class"] = match.fit.asset_class;
      one["product_id"] = match.fit.product;
    }
    if (match.why_not.empty()) {
      one["in_band"] = match.in_band ? Json(*match.in_band) : Json();
      for (const Figure& figure : figures_of(matches, match)) one[figure.name] = reports::number(figure.value);
      one["orders"] = match.result.orders.size();
    } else {
      one["why_not"] = match.why_not;
    }
    json["matches"].push_back(std::move(one));
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
