#include "run/check_report.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "checks/book_facts.h"
#include "checks/checks.h"

namespace lotwright {
namespace {

using Json = nlohmann::ordered_json;

auto identity(const Finding& one) {
  return std::tuple(one.rule, one.subject.id, one.place.file, one.place.line, one.place.column, one.message);
}

const char* name_of(SubjectKind kind) {
  switch (kind) {
    case SubjectKind::book:
      return "book";
    case SubjectKind::firm:
      return "firm";
    case SubjectKind::household:
      return "household";
    case SubjectKind::taxpayer:
      return "taxpayer";
    case SubjectKind::account:
      return "account";
    case SubjectKind::security:
      return "security";
    case SubjectKind::model:
      return "model";
  }
  return "";
}

// Whom it concerns, then the message, which names the place where there is one.
std::string text_of(const Finding& one) {
  const std::string whom = one.subject.id.empty() ? name_of(one.subject.kind)
                                                  : fmt::format("{} {}", name_of(one.subject.kind), one.subject.id);
  return fmt::format("{} {}: {}: {}\n", name_of(one.severity), one.rule, whom, one.message);
}

Json json_of(const Finding& one) {
  return {{"file", one.place.file},
          {"line", one.place.line},
          {"column", one.place.column},
          {"value", one.place.value},
          {"rule", one.rule},
          {"severity", name_of(one.severity)},
          {"subject", name_of(one.subject.kind)},
          {"subject_id", one.subject.id},
          {"observed", one.observed},
          {"limit", one.limit},
          {"message", one.message}};
}

}  // namespace

Result<CheckReport> check_book(const Book& book) {
  const auto risk = FactorRisk::of(book.risk, book.securities.size());
  if (!risk) return risk.failure();
  CheckReport report;
  report.findings = book.findings;
  std::set<decltype(identity(Finding{}))> told;
  for (const Finding& one : book.findings) told.insert(identity(one));
  const BookFacts facts(book);
  for (const DecisionUnit& unit : decision_units(book)) {
    for (const CheckedAccount& account : check(facts, *risk, unit).accounts) {
      ++report.accounts;
      if (account.held) ++report.held;
      for (const Finding& one : account.findings) {
        if (told.insert(identity(one)).second) report.findings.push_back(one);
      }
    }
  }
  return report;
}

std::string text_of(const CheckReport& report) {
  std::string text;
  for (const Finding& one : report.findings) text += text_of(one);
  fmt::format_to(std::back_inserter(text), "{} findings; {} of {} accounts are held\n", report.findings.size(),
                 report.held, report.accounts);
  return text;
}

std::string json_of(const CheckReport& report) {
  Json json = {{"accounts", report.accounts}, {"held", report.held}};
  json["findings"] = Json::array();
  for (const Finding& one : report.findings) json["findings"].push_back(json_of(one));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lotwright
