#include "run/variant.h"

#include <algorithm>
#include <array>

#include "book/rules.h"
#include "inputs/csv_text.h"
#include "inputs/near_names.h"
#include "inputs/readers.h"

namespace lotwright {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(at);
    parts.emplace_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<Failure> set_model(UnitBook& unit, const std::string& id, const Book& whole) {
  const auto id_of = [](const Model& model) { return std::string_view(model.id.text); };
  const auto model = std::ranges::find(unit.book.models, std::string_view(id), id_of);
  if (model == unit.book.models.end()) {
    std::vector<std::string_view> known;
    std::ranges::transform(whole.models, std::back_inserter(known), id_of);
    const std::string_view meant = inputs::nearest(id, known);
    return Failure{rule::model_unknown,
                   "model " + inputs::quotable(id) + " is not in models.csv: " +
                       (meant.empty() ? "name one of its model_id" : "did you mean " + std::string(meant) + "?"),
                   {}};
  }
  if (!model->usable) {
    return Failure{rule::model_unknown,
                   "model " + inputs::quotable(id) + " was rejected when the book was read: lotwright check says why",
                   {}};
  }
  Account& account = unit.book.accounts[unit.account.value];
  account.model = id;
  account.model_index = static_cast<std::uint32_t>(model - unit.book.models.begin());
  forget_model_changes(unit);
  return std::nullopt;
}

bool is_contradiction(const Finding& finding) {
  return finding.rule == rule::data_settings_contradict || finding.rule == rule::data_cash_settings_contradict;
}

bool is_for_the_reader(std::string_view setting) {
  if (setting == "screen_fund_part_max") return false;
  return setting == "model_as_of" || setting.starts_with("mix_") || setting.starts_with("product_") ||
         setting.starts_with("screen_");
}

bool is_read_otherwise(const Policy& was, const Policy& is) {
  return was.mix != is.mix || was.products != is.products || was.screens != is.screens ||
         was.model_as_of != is.model_as_of;
}

// A setting that is almost another is that one miswritten: the list of all is of no use then.
Failure with_near_name(Failure refused, const std::string& name) {
  if (refused.rule != rule::data_setting_unknown) return refused;
  std::vector<std::string_view> known;
  for (const PolicySetting& setting : policy_settings()) known.push_back(setting.name);
  const std::string_view meant = inputs::nearest(name, known);
  if (!meant.empty()) {
    refused.message =
        "there is no setting \"" + inputs::quotable(name) + "\": did you mean " + std::string(meant) + "?";
  }
  return refused;
}

std::optional<Failure> set_settings(UnitBook& unit, const Variant& variant) {
  Account& account = unit.book.accounts[unit.account.value];
  const Policy before = account.effective_policy;
  const std::vector<Failure> present = contradictions_of(before);
  for (const auto& [name, value] : variant.settings) {
    if (auto refused = set_policy(account.effective_policy, name, value)) return with_near_name(*refused, name);
  }
  if (is_read_otherwise(before, account.effective_policy)) {
    return Failure{
        rule::data_setting_value,
        "a mix, products, screens and model_as_of become models and restrictions when a book is read: read it "
        "with them",
        {}};
  }
  const std::vector<Failure> now = contradictions_of(account.effective_policy);
  for (const Failure& breach : now) {
    if (std::ranges::find(present, breach) != present.end()) continue;
    return Failure{breach.rule, "the settings contradict: " + breach.message, {}};
  }
  std::erase_if(unit.book.findings, [&](const Finding& finding) {
    const bool own = finding.subject.kind == SubjectKind::account && finding.subject.id == account.id.text;
    const auto says = [&](const Failure& breach) { return breach.message == finding.observed; };
    return own && is_contradiction(finding) && std::ranges::none_of(now, says);
  });
  return std::nullopt;
}

// The request as a row of requests.csv, read as such: one set of rules for what a request may say.
std::optional<Failure> add_request(UnitBook& unit, const std::string& request, std::size_t number) {
  constexpr std::size_t parts_max = 4;
  constexpr auto parts_told = "write KIND[:AMOUNT[:DUE_ON[:VALUE]]], such as cash_out:5000:2025-07-15";
  std::vector<std::string> parts = split(request, ':');
  if (parts.size() > parts_max) {
    return Failure{
        rule::data_row_malformed, "request " + inputs::quotable(request) + " has too many parts: " + parts_told, {}};
  }
  parts.resize(parts_max);
  std::string text = "request_id,account_id,kind,amount,due_on,value\n";
  const std::array<std::string, 6> cells = {"what-if-" + std::to_string(number),
                                            unit.book.account(unit.account).id.text,
                                            parts[0],
                                            parts[1],
                                            parts[2],
                                            parts[3]};
  inputs::append_csv_cells(text, cells);
  text += '\n';

  inputs::Draft draft;
  draft.book = std::move(unit.book);
  draft.models = inputs::Names<inputs::ModelIndex>(draft.book.models);
  draft.accounts = inputs::Names<AccountIndex>(draft.book.accounts);
  draft.securities = inputs::Names<SecurityIndex>(draft.book.securities);
  inputs::MemorySource source(text);
  inputs::FileReport report;
  inputs::BookFile file(report, source);
  inputs::read_requests(file, draft);
  unit.book = std::move(draft.book);
  if (report.failure) return report.failure;
  if (report.findings.empty()) return std::nullopt;
  const Finding& first = report.findings.front();
  const std::size_t place = first.message.find("line 2: ");  // of a file that there is not
  const std::string message = place == std::string::npos ? first.message : first.message.substr(place + 8);
  return Failure{first.rule, "request " + inputs::quotable(request) + ": " + message + " (" + parts_told + ")", {}};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> settings_for_the_reader(const Variant& variant) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [name, value] : variant.settings) {
    Policy scratch;
    if (is_for_the_reader(name) && !set_policy(scratch, name, value)) found.emplace_back(name, value);
  }
  return found;
}

void forget_model_changes(UnitBook& unit) {
  std::erase_if(unit.book.requests, [&](const Request& request) {
    return request.account == unit.account && request.kind == RequestKind::model_change;
  });
}

Result<Variant> read_variant(std::string_view text) {
  Variant variant;
  const std::size_t colon = text.find(':');
  const bool named = colon != std::string_view::npos && text.substr(0, colon).find('=') == std::string_view::npos;
  const std::string_view changes = named ? text.substr(colon + 1) : text;
  for (const std::string& change : split(changes, ',')) {
    if (change.empty()) continue;
    if (auto refused = add_change(variant, change)) return *refused;
  }
  variant.name = trimmed(named ? text.substr(0, colon) : text);
  if (!variant.empty()) return variant;
  return Failure{rule::data_value_missing,
                 "variant " + inputs::quotable(text) + " changes nothing: write NAME: KEY=VALUE, KEY=VALUE",
                 {}};
}

std::optional<Failure> add_change(Variant& variant, std::string_view change) {
  const std::size_t equals = change.find('=');
  const std::string key(trimmed(change.substr(0, equals)));
  if (equals == std::string_view::npos || key.empty()) {
    return Failure{rule::data_row_malformed,
                   inputs::quotable(change) + " is no KEY=VALUE; KEY is a policy setting, model or request",
                   {}};
  }
  const std::string value(trimmed(change.substr(equals + 1)));
  if (key == "model") {
    variant.model = value;
  } else if (key == "request") {
    variant.requests.push_back(value);
  } else {
    variant.settings.emplace_back(key, value);
  }
  return std::nullopt;
}

std::string text_of(const Variant& variant) {
  std::string text;
  const auto add = [&](const std::string& key, const std::string& value) {
    text += (text.empty() ? "" : ", ") + key + "=" + value;
  };
  for (const auto& [name, value] : variant.settings) add(name, value);
  if (!variant.model.empty()) add("model", variant.model);
  for (const std::string& request : variant.requests) add("request", request);
  return text;
}

Result<UnitBook> changed(const UnitBook& unit, const Variant& variant, const Book& whole) {
  UnitBook copy = unit;
  const auto of_variant = [&](Failure failure) {
    failure.message = "variant \"" + inputs::quotable(variant.name) + "\": " + failure.message;
    return failure;
  };
  if (!variant.model.empty()) {
    if (auto refused = set_model(copy, variant.model, whole)) return of_variant(*std::move(refused));
  }
  if (auto refused = set_settings(copy, variant)) return of_variant(*std::move(refused));
  for (std::size_t i = 0; i < variant.requests.size(); ++i) {
    if (auto refused = add_request(copy, variant.requests[i], i + 1)) return of_variant(*std::move(refused));
  }
  return copy;
}

}  // namespace lotwright
